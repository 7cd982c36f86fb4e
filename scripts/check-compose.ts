/** Checks `docker-compose.yml` and what belongs to it without an engine; and with `docker compose config`, where that is there. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../src/local/files.ts';
import { checkCompose } from './compose/files.ts';

/** Docker's own reading of the file, with a value for every variable. Undefined: there is no compose plug-in here. */
function askDocker(): string[] | undefined {
  if (spawnSync('docker', ['compose', 'version'], { stdio: 'ignore' }).status !== 0) return undefined;
  const example = readFileSync(join(ROOT, 'deploy/.env.example'), 'utf8');
  const names = Array.from(example.matchAll(/^([A-Z0-9_]+)=/gm), ([, name = '']) => name);
  const env = { ...process.env, ...Object.fromEntries(names.map((name) => [name, 'checked'])) };
  const seen = spawnSync('docker', ['compose', '-f', join(ROOT, 'docker-compose.yml'), 'config', '--quiet'], {
    env,
    encoding: 'utf8',
  });
  return seen.status === 0 ? [] : [`docker compose config: ${seen.stderr.trim()}`];
}

const docker = askDocker();
const problems = [...checkCompose(ROOT), ...(docker ?? [])];
for (const problem of problems) process.stderr.write(`${problem}\n`);
if (problems.length === 0) {
  const how =
    docker === undefined ? 'without Docker, which has no compose plug-in here' : 'also by `docker compose config`';
  process.stdout.write(`docker-compose.yml and its files are in order (${how}).\n`);
}
process.exit(problems.length === 0 ? 0 : 1);
