/** `node scripts/run.mjs scripts/schemas.ts`: writes the JSON Schemas that editors use for config/*.yaml. `--check` only compares. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { jsonSchemas } from '../src/policy/jsonSchemas.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const check = process.argv.includes('--check');
let stale = 0;
for (const [file, schema] of Object.entries(jsonSchemas())) {
  const path = `${root}${file}`;
  const text = await format(JSON.stringify(schema), { ...(await resolveConfig(path)), parser: 'json' });
  if (check) {
    if (readText(path) === text) continue;
    stale++;
    process.stderr.write(`${file} is not up to date: run node scripts/run.mjs scripts/schemas.ts\n`);
  } else {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    process.stdout.write(`${file} written\n`);
  }
}
process.exitCode = stale > 0 ? 1 : 0;

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
