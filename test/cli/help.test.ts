import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { tenure } from './cli.ts';

const COMMANDS = 'doctor person plan changes pairs holds drift adopt policy temporal sandbox'.split(' ');
let empty: string;

beforeAll(() => {
  empty = mkdtempSync(join(tmpdir(), 'tenure-help-'));
});
afterAll(() => {
  rmSync(empty, { recursive: true });
});

describe('help', () => {
  test('lists every command, where it looks, and the exit codes', async () => {
    const { code, out } = await tenure({}, '--help');
    expect(code).toBe(0);
    for (const command of COMMANDS) expect(out).toMatch(new RegExp(`^ {2}${command} `, 'm'));
    expect(out).toContain('Exit codes: 0 done; 1 something is wrong');
  });

  test.each(['doctor', 'person', 'plan', 'changes', 'pairs', 'holds', 'drift', 'adopt', 'policy check'])(
    '%s shows its options and an example',
    async (command) => {
      const { code, out } = await tenure({}, ...command.split(' '), '--help');
      expect(code).toBe(0);
      expect(out).toContain('--json');
      expect(out).toContain('--data <dir>');
      expect(out).toMatch(new RegExp(`Examples:\\n {2}\\$ tenure ${command}`));
    },
  );
});

describe('a wrong command line is code 2 and a hint', () => {
  test.each([
    [['persn', 'x'], 'Did you mean person?'],
    [['pairs', '--unprovd'], 'Did you mean --unproved?'],
    [['person'], "missing required argument 'who'"],
    [['policy', 'chek'], 'Did you mean check?'],
  ])('%j', async (args, hint) => {
    const { code, out, err } = await tenure({}, ...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(hint);
  });
});

describe('with no system anywhere', () => {
  test('a named folder without one is a sentence that says how to start', async () => {
    const { code, err } = await tenure({}, 'pairs', '--data', empty);
    expect(code).toBe(1);
    expect(err).toMatch(
      /^There is no local system in .*: start one with npm start -- --data DIR, or name another with --data\.\n$/,
    );
    expect((await tenure({}, '--data', empty, 'pairs')).err).toBe(err);
  });

  test('a broken local.json too', async () => {
    writeFileSync(join(empty, 'local.json'), '{}');
    const { code, err } = await tenure({}, 'doctor', '--data', empty);
    expect(code).toBe(1);
    expect(err).toContain('start the local system again: npm start.');
    rmSync(join(empty, 'local.json'));
  });
});

describe('tenure policy check --offline', () => {
  const check = (file: string) => tenure({}, 'policy', 'check', file, '--offline', '--json');

  test('the worked example is good', async () => {
    const { code, out } = await tenure({}, 'policy', 'check', '--offline');
    expect(code).toBe(0);
    expect(out).toMatch(
      /policy\.yaml is good: version \d+, \d+ rules, digest [0-9a-f]{12}; names were checked for their form only \(asked not to\)\.\n$/,
    );
  });

  test('a mistake has line, column and code 1', async () => {
    const file = join(empty, 'policy.yaml');
    writeFileSync(
      file,
      'version: 1\nmanaged: [ iconik:team/* ]\nrules:\n  - name: x\n    when: "true"\n    grant: [ iconik:teem/Marketing ]\n',
    );
    const { code, json } = await check(file);
    expect(code).toBe(1);
    expect(json()).toMatchObject({
      ok: false,
      problems: expect.arrayContaining([expect.objectContaining({ line: 6 })]),
    });
    expect((await tenure({}, 'policy', 'check', file, '--offline')).out).toMatch(
      /policy\.yaml:6:\d+: .*\n.* has .* would be refused/s,
    );
  });

  test('a file that is not there is a sentence', async () => {
    expect(await tenure({}, 'policy', 'check', join(empty, 'none.yaml'), '--offline')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^There is no file .*none\.yaml\.\n$/),
    });
  });
});
