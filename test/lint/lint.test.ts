import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from '@jest/globals';
import type { Planted, Said } from './plant.ts';

const ARROWS = '@typescript-eslint/no-restricted-imports';
const SANDBOX = 'no-restricted-imports';

type Case = readonly [what: string, file: string, lines: string, rule: string];

const CAUGHT: readonly Case[] = [
  ['domain imports a system', 'src/domain/due.ts', `import '../systems/port.ts';`, ARROWS],
  ['domain imports a library', 'src/domain/due.ts', `import 'zod';`, ARROWS],
  ['domain imports a type of the ledger', 'src/domain/due.ts', `import type {} from '../ledger/types.ts';`, ARROWS],
  ['domain hands on what a system exports', 'src/domain/due.ts', `export * from '../systems/port.ts';`, ARROWS],
  [
    'domain imports at run time',
    'src/domain/due.ts',
    `export const x = () => import('../log.ts');`,
    'no-restricted-syntax',
  ],
  ['policy imports the engine', 'src/policy/cel.ts', `import '../provisioning/converge.ts';`, ARROWS],
  ['ledger imports an activity', 'src/ledger/index.ts', `import '../activities/create.ts';`, ARROWS],
  ['a system imports an activity', 'src/systems/pace.ts', `import '../activities/create.ts';`, ARROWS],
  [
    'a system of two folders imports an activity',
    'src/systems/otds/paging.ts',
    `import '../../activities/create.ts';`,
    ARROWS,
  ],
  ['a system imports Temporal', 'src/systems/pace.ts', `import '@temporalio/activity';`, ARROWS],
  ['the engine imports a workflow', 'src/provisioning/links.ts', `import '../workflows/index.ts';`, ARROWS],
  ['the engine imports Temporal', 'src/provisioning/links.ts', `import '@temporalio/common';`, ARROWS],
  ['the engine imports code of an activity', 'src/provisioning/links.ts', `import '../activities/otds.ts';`, ARROWS],
  ['an activity imports a workflow', 'src/activities/start.ts', `import '../workflows/index.ts';`, ARROWS],
  ['an activity imports a worker', 'src/activities/start.ts', `import '../workers/create.ts';`, ARROWS],
  ['a workflow imports an activity', 'src/workflows/provide.ts', `import '../activities/otds.ts';`, ARROWS],
  ['a workflow imports the engine', 'src/workflows/provide.ts', `import '../provisioning/resolve.ts';`, ARROWS],
  [
    'a workflow imports a Node module',
    'src/workflows/provide.ts',
    `import { readFileSync as x } from 'node:fs';`,
    ARROWS,
  ],
  ['a workflow imports a Node module by its old name', 'src/workflows/provide.ts', `import 'crypto';`, ARROWS],
  ['a workflow imports zod', 'src/workflows/provide.ts', `import { z } from 'zod';`, ARROWS],
  ['a workflow imports YAML', 'src/workflows/provide.ts', `import 'yaml';`, ARROWS],
  [
    'a workflow imports zod at run time',
    'src/workflows/provide.ts',
    `export const x = () => import('zod');`,
    'no-restricted-syntax',
  ],
  [
    'a workflow reads the process',
    'src/workflows/provide.ts',
    `export const x = process.pid;`,
    'no-restricted-globals',
  ],
  ['a stand-in imports src', 'sandbox/otds/dn.ts', `import '../../src/domain/due.ts';`, SANDBOX],
  ['a stand-in imports a type of src', 'sandbox/otds/dn.ts', `import type {} from '../../src/domain/due.ts';`, SANDBOX],
  [
    'a stand-in imports src at run time',
    'sandbox/otds/dn.ts',
    `export const x = () => import('../../src/log.ts');`,
    'no-restricted-syntax',
  ],
  ['src imports a stand-in', 'src/systems/pace.ts', `import '../../sandbox/otds/dn.ts';`, SANDBOX],
  ['src imports a test', 'src/workers/create.ts', `import '../../test/support/until.ts';`, SANDBOX],
  ['the oracle of chaos imports src', 'test/chaos/oracle.ts', `import '../../src/domain/due.ts';`, SANDBOX],
  ['a promise floats in src', 'src/systems/pace.ts', `Promise.resolve(1);`, '@typescript-eslint/no-floating-promises'],
  [
    'a promise floats in a workflow',
    'src/workflows/provide.ts',
    `export const x = (run: Lifecycle) => { run.converge(); };`,
    '@typescript-eslint/no-floating-promises',
  ],
  [
    'a promise floats in a test',
    'test/support/until.ts',
    `until('x', async () => true);`,
    '@typescript-eslint/no-floating-promises',
  ],
  [
    'an update validator is async',
    'src/workflows/handlers.ts',
    `setHandler(decideUpdate, () => new Promise<DecideAnswer>(() => {}), { validator: async (input: DecideInput) => checkDecision(input) });`,
    '@typescript-eslint/no-misused-promises',
  ],
  [
    'the environment is read',
    'src/ledger/index.ts',
    `export const x = process.env['PATH'];`,
    'no-restricted-properties',
  ],
  [
    'the environment is taken apart',
    'src/workers/create.ts',
    `export const { env } = process;`,
    'no-restricted-properties',
  ],
  ['the environment is imported', 'src/workers/create.ts', `import { env } from 'node:process';`, SANDBOX],
  ['something is printed past the logger', 'src/systems/pace.ts', `console.log('x');`, 'no-console'],
  ['a default export', 'src/domain/due.ts', `export default 1;`, 'no-restricted-exports'],
  ['any', 'src/domain/due.ts', `export const x = (y: any) => void y;`, '@typescript-eslint/no-explicit-any'],
];

/** What comes near and is meant: types where no code follows them, the arrows downwards. */
const CLEAN: readonly (readonly [what: string, file: string, lines: string])[] = [
  ['domain imports domain', 'src/domain/due.ts', `export * from './change.ts';`],
  [
    'a workflow imports types of activities',
    'src/workflows/provide.ts',
    `export type * from '../activities/types.ts';`,
  ],
  ['a workflow imports domain', 'src/workflows/provide.ts', `export * from '../domain/change.ts';`],
  ['a system imports domain', 'src/systems/pace.ts', `export * from '../domain/change.ts';`],
  ['the engine imports a system’s port', 'src/provisioning/links.ts', `export * from '../systems/errors.ts';`],
  [
    'an update validator is synchronous',
    'src/workflows/handlers.ts',
    `setHandler(decideUpdate, () => new Promise<DecideAnswer>(() => {}), { validator: (input: DecideInput) => checkDecision(input) });`,
  ],
  ['src/config reads the environment', 'src/config/env.ts', `export const x = process.env['PATH'];`],
  ['a promise is waited for', 'src/systems/pace.ts', `await Promise.resolve(1);`],
];

/** What the linter says of each line, by file and line. All lines of one file at once: each look at a file costs a second. */
let said: Map<string, string[]>;
const key = (file: string, line: string): string => `${file}\n${line}`;

beforeAll(async () => {
  const files = [...new Set([...CAUGHT, ...CLEAN].map(([, file]) => file))];
  const planted = files.map((file): Planted => {
    const here = [...CAUGHT, ...CLEAN].filter((one) => one[1] === file);
    return { file, lines: here.map(([, , line]) => line) };
  });
  const answers = await run(planted);
  said = new Map(
    planted.flatMap(({ file, lines }, i) => lines.map((line, n) => [key(file, line), answers[i]?.[n] ?? []] as const)),
  );
}, 120_000);

async function run(planted: Planted[]): Promise<Said[]> {
  const script = fileURLToPath(new URL('./plant.ts', import.meta.url));
  return await new Promise((resolve, reject) => {
    const child = execFile(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', script],
      (error, out, err) =>
        error ? reject(new Error(`The linter did not run: ${err}`)) : resolve(JSON.parse(out) as Said[]), // plant.ts wrote it
    );
    child.stdin?.end(JSON.stringify(planted));
  });
}

test.each(CAUGHT)('%s: caught', (_what, file, line, rule) => {
  expect(said.get(key(file, line))).toContain(rule);
});

test.each(CLEAN)('%s: allowed', (_what, file, line) => {
  expect(said.get(key(file, line))).toEqual([]);
});
