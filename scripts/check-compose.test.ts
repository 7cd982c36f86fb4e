import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../src/local/files.ts';
import { checkCompose, parseYaml } from './compose/files.ts';
import { composeOf } from './compose/model.ts';
import { problemsOf } from './compose/rules.ts';

const source = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8');
const example = readFileSync(join(ROOT, 'deploy/.env.example'), 'utf8');

/** The problems of our own file after one edit. */
function after(edit: (text: string) => string, changed = example): string[] {
  const text = edit(source);
  if (changed === example) expect(text).not.toBe(source);
  const { value, problems } = parseYaml('docker-compose.yml', text);
  return [
    ...problems,
    ...problemsOf(composeOf(value), { source: text, example: changed, exists: (path) => !path.includes('nowhere') }),
  ];
}

describe('check of docker-compose.yml', () => {
  test('our own set-up is in order', () => {
    expect(checkCompose(ROOT)).toEqual([]);
  });

  test.each<[string, RegExp, string, RegExp]>([
    [
      'an image without version',
      /temporalio\/ui:[\d.]+/,
      'temporalio/ui',
      /temporal-ui: image temporalio\/ui is not pinned/,
    ],
    ['an image called latest', /postgres:[\d.]+/, 'postgres:latest', /postgresql: image postgres:latest is not pinned/],
    ['a variable as version', /postgres:[\d.]+/, 'postgres:${VERSION}', /is not pinned/],
    [
      'a default password',
      /\$\{POSTGRES_PASSWORD:\?[^}]*\}/,
      '${POSTGRES_PASSWORD:-postgres}',
      /POSTGRES_PASSWORD must be a required variable/,
    ],
    ['a password in clear', /\$\{TEMPORAL_DB_PASSWORD:\?[^}]*\}/, 'temporal', /must be a required variable/],
    ['a password in a URL', /tenure:\$\{TENURE_DB_PASSWORD:\?[^}]*\}@/, 'tenure:tenure@', /password in DATABASE_URL/],
    [
      'a service that is not there',
      /temporal-schema:\n {8}condition/,
      'temporal-scheme:\n        condition',
      /waits for temporal-scheme, which is no service/,
    ],
    [
      'waiting for health where nobody looks',
      /healthcheck:\n {6}test: \['CMD', 'nc', '-z', 'localhost', '7233'\]\n( {6}.*\n){4}/,
      '',
      /temporal has no healthcheck/,
    ],
    ['waiting for the end of what never ends', /restart: on-failure:5/, 'restart: always', /which restarts for ever/],
    [
      'a mounted file that is not there',
      /\.\/deploy\/temporal\/schema\.sh/,
      './deploy/nowhere.sh',
      /nowhere\.sh is mounted and does not exist/,
    ],
    ['a project file mounted writable', /schema\.sh:ro/, 'schema.sh', /mounted writable/],
    ['a volume that is not declared', /- postgresql:\/var/, '- database:/var', /volume database is not declared/],
    ['a port open to the network', /127\.0\.0\.1:8080:8080/, '8080:8080', /port 8080:8080 is open to the network/],
    ['a misspelt key', /stop_grace_period/, 'stop_grace', /"stop_grace" is not looked at/],
    [
      'a variable that nobody explains',
      /TENURE_WATCH:-paused/,
      'TENURE_WATCHING:-paused',
      /TENURE_WATCHING is not explained/,
    ],
    ['broken YAML', /^services:$/m, 'services: [', /docker-compose\.yml: .* at line \d+/],
  ])('finds %s', (_what, what, by, problem) => {
    expect(after((text) => text.replace(what, by)).join('\n')).toMatch(problem);
  });

  test('finds a secret with a value in the example', () => {
    const found = after((text) => text, example.replace('TENURE_CODEC_KEY=', 'TENURE_CODEC_KEY=AAAA'));
    expect(found).toEqual(['deploy/.env.example gives TENURE_CODEC_KEY a value; a secret has none there']);
  });
});
