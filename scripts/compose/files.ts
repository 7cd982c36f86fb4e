import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { SEARCH_ATTRIBUTES } from '../../src/local/temporalServer.ts';
import { composeOf } from './model.ts';
import { problemsOf } from './rules.ts';

/** Parses YAML with merge keys (`<<`). The problems name line and column. */
export function parseYaml(file: string, source: string): { value: unknown; problems: string[] } {
  const document = parseDocument(source, { merge: true, prettyErrors: true });
  const problems = [...document.errors, ...document.warnings].map(
    ({ message }) => `${file}: ${message.split('\n')[0]}`,
  );
  return { value: problems.length > 0 ? undefined : document.toJS(), problems };
}

function shellScripts(root: string): string[] {
  return ['deploy/postgresql/roles.sh', 'deploy/temporal/schema.sh', 'deploy/temporal/namespace.sh'].flatMap((file) => {
    const seen = spawnSync('sh', ['-n', join(root, file)], { encoding: 'utf8' });
    return seen.status === 0 ? [] : [`${file} is no shell script: ${seen.stderr.trim()}`];
  });
}

function searchAttributes(root: string): string[] {
  const script = readFileSync(join(root, 'deploy/temporal/namespace.sh'), 'utf8');
  const created = Array.from(script.matchAll(/^attribute (\w+) (\w+)$/gm), ([, name, type]) => `${name} ${type}`);
  const wanted = Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => `${name} ${type}`);
  return [
    ...wanted
      .filter((one) => !created.includes(one))
      .map((one) => `deploy/temporal/namespace.sh does not create ${one}`),
    ...created
      .filter((one) => !wanted.includes(one))
      .map((one) => `deploy/temporal/namespace.sh creates ${one}, which Tenure does not use`),
  ];
}

function dynamicConfig(root: string): string[] {
  const file = 'deploy/temporal/dynamicconfig.yaml';
  const { value, problems } = parseYaml(file, readFileSync(join(root, file), 'utf8'));
  if (problems.length > 0) return problems;
  return Object.entries(value as Record<string, unknown>) // a YAML map
    .filter(
      ([, entries]) =>
        !Array.isArray(entries) ||
        !entries.every(
          (entry: unknown) => typeof entry === 'object' && entry !== null && 'value' in entry && 'constraints' in entry,
        ),
    )
    .map(([key]) => `${file}: ${key} must be a list of {value, constraints}`);
}

function dockerfile(root: string): string[] {
  const file = 'deploy/Dockerfile';
  const lines = readFileSync(join(root, file), 'utf8').split('\n');
  return lines.flatMap((line) => {
    const [word, ...rest] = line.trim().split(/\s+/);
    if (word === 'FROM' && !/:[\w.-]*\d/.test(rest[0] ?? '')) return [`${file}: ${line.trim()} is not pinned`];
    if (word !== 'COPY') return [];
    return rest
      .slice(0, -1)
      .filter((path) => !existsSync(join(root, path)))
      .map((path) => `${file} copies ${path}, which does not exist`);
  });
}

/** Every problem of `docker-compose.yml` and of what belongs to it; none: an empty list. */
export function checkCompose(root: string): string[] {
  const source = readFileSync(join(root, 'docker-compose.yml'), 'utf8');
  const { value, problems } = parseYaml('docker-compose.yml', source);
  if (problems.length > 0) return problems;
  const example = readFileSync(join(root, 'deploy/.env.example'), 'utf8');
  const around = { source, example, exists: (path: string) => existsSync(join(root, path)) };
  return [
    ...problemsOf(composeOf(value), around).map((problem) => `docker-compose.yml: ${problem}`),
    ...shellScripts(root),
    ...searchAttributes(root),
    ...dynamicConfig(root),
    ...dockerfile(root),
  ];
}
