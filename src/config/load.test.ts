import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ConfigError, loadConfig, secret } from './load.ts';

const SHIPPED = fileURLToPath(new URL('../../config/tenure.yaml', import.meta.url));
const ENV = {
  OTDS_URL: 'http://127.0.0.1:21010',
  OTDS_USER: 'tenure',
  OTDS_PASSWORD: 'pw-in-env',
  ICONIK_URL: 'http://127.0.0.1:21020',
  ICONIK_APP_ID: 'app',
  ICONIK_AUTH_TOKEN: 'token-in-env',
  TENURE_SYSTEMS: 'otds,iconik',
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tenure-config-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const GOOD = `version: 1
systems:
  otds:
    url: http://127.0.0.1:1
    user: u
    password: env:P
    partitions: [ staff ]
  iconik:
    url: \${env:ICONIK_URL:-http://127.0.0.1:2}
    appId: a
    authToken: env:T
    fallbackTeam: Former Members
`;
function load(text: string, env: NodeJS.ProcessEnv = { P: 'p', T: 't' }) {
  const file = join(folder, 'tenure.yaml');
  writeFileSync(file, text);
  return loadConfig(file, { env });
}
function problems(text: string, env?: NodeJS.ProcessEnv): string[] {
  try {
    load(text, env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError)
      return error.problems.map(
        (p) => `${p.line}:${p.column}: ${p.message}${p.suggestion ? ` [${p.suggestion}]` : ''}`,
      );
    throw error;
  }
}

describe('a good file', () => {
  test('the shipped one, with the local system in the environment', () => {
    const config = loadConfig(SHIPPED, { env: ENV });
    expect(config.systems.otds).toMatchObject({
      url: ENV.OTDS_URL,
      user: 'tenure',
      mode: 'enforce',
      synchronised: ['field'],
      attributes: { endAt: 'oTExtraAttr2' },
    });
    expect(config.systems.otds).not.toHaveProperty('clientId');
    expect(config.policyFile).toMatch(/config\/policy\.yaml$/);
    expect(JSON.stringify(config)).not.toMatch(/pw-in-env|token-in-env/);
  });

  test('client credentials where the environment has them', () => {
    const config = loadConfig(SHIPPED, { env: { ...ENV, OTDS_CLIENT_ID: 'tenure', OTDS_CLIENT_SECRET: 's' } });
    expect(config.systems.otds.clientId).toBe('tenure');
  });

  test('defaults', () => {
    expect(load(GOOD)).toMatchObject({
      policyFile: join(folder, 'policy.yaml'),
      systems: {
        otds: { mode: 'observe', limits: { requestMs: 10_000 }, attributes: { department: 'oTDepartment' } },
        iconik: { url: 'http://127.0.0.1:2', mode: 'observe' },
      },
      engine: { leaseMs: 30_000 },
      watch: { leavers: { count: 10 } },
    });
  });

  test('the environment replaces numbers, modes and the policy file', () => {
    const config = load(GOOD, {
      P: 'p',
      T: 't',
      TENURE_ENGINE_LEASE_MS: '1500',
      TENURE_WATCH_LEAVERS_COUNT: '0',
      TENURE_ICONIK_MODE: 'adopt',
      TENURE_POLICY: '/x/p.yaml',
    });
    expect(config).toMatchObject({
      engine: { leaseMs: 1500 },
      watch: { leavers: { count: 0 } },
      systems: { iconik: { mode: 'adopt' } },
      policyFile: '/x/p.yaml',
    });
  });
});

describe('every mistake has its place and a sentence', () => {
  test.each([
    ['unknown key', 'partitions:', 'partition:', '7:5: Unknown key "partition" in systems.otds.', '[partitions]'],
    [
      'unknown mode',
      '    user: u',
      '    mode: enforced\n    user: u',
      '5:11: systems.otds.mode is "enforced"; it must be one of observe, adopt, enforce.',
      '[enforce]',
    ],
    [
      'url with a path',
      'http://127.0.0.1:1',
      'http://127.0.0.1:1/otdsws',
      '4:10: systems.otds.url: must be an origin',
      '',
    ],
    ['a secret in the file', 'env:P', 'hunter2', '6:15: systems.otds.password: must say where the secret is', ''],
    ['no way to log in', '    user: u\n', '', '4:5: Say how to log in', ''],
    [
      'synchronised elsewhere',
      'partitions: [ staff ]',
      'partitions: [ staff ]\n    synchronised: [ field ]',
      '8:21: "field" is not among the partitions.',
      '',
    ],
    [
      'fallback team that carries access',
      'Former Members',
      'Everyone',
      '12:19: "Everyone" is a team iconik looks after itself',
      '',
    ],
    ['bad number', 'version: 1', 'version: 1\nengine: { leaseMs: 1.5 }', '2:20: engine.leaseMs', ''],
    [
      'variable that is not set',
      'http://127.0.0.1:1',
      '${env:NOWHERE}',
      '4:10: The environment variable NOWHERE is not set.',
      '',
    ],
  ])('%s', (_name, from, to, expected, suggestion) => {
    const found = problems(GOOD.replace(from, () => to));
    expect(found.join('\n')).toContain(expected);
    expect(found.join('\n')).toContain(suggestion);
    expect(found.join('\n')).not.toContain('hunter2');
  });

  test('secrets that are missing, and overrides that are no numbers', () => {
    expect(problems(GOOD, { P: 'p' })).toEqual([
      expect.stringContaining('11:16: The environment variable T is not set'),
    ]);
    expect(problems(GOOD, { P: 'p', T: 't', TENURE_WATCH_EVERY_MS: 'often' })).toEqual([
      expect.stringContaining('TENURE_WATCH_EVERY_MS is "often"'),
    ]);
  });

  test('a file that is not there', () => {
    expect(() => loadConfig(join(folder, 'none.yaml'), { env: {} })).toThrow(/TENURE_CONFIG/);
  });
});

describe('secrets', () => {
  test('from the environment and from a file, read when asked', () => {
    const file = join(folder, 'secret');
    writeFileSync(file, 'from file\n');
    expect([secret('env:S', { S: 'from env' }), secret(`file:${file}`)]).toEqual(['from env', 'from file']);
    writeFileSync(file, 'rotated\n');
    expect(secret(`file:${file}`)).toBe('rotated');
  });

  test('missing, empty or given as they are: refused without the value', () => {
    expect(() => secret('env:S', {})).toThrow('The environment variable S is not set');
    expect(() => secret(`file:${folder}/none`)).toThrow('cannot be read');
    expect(() => secret('hunter2')).toThrow(/^A secret must be given as env:NAME or file:\/path\.$/);
  });
});

describe('TENURE_SYSTEMS', () => {
  const named = (names: string, env: NodeJS.ProcessEnv = {}) => ({ P: 'p', TENURE_SYSTEMS: names, ...env });

  test('leaves the other blocks out, and what they would need of the environment', () => {
    const text = GOOD.replace('${env:ICONIK_URL:-http://127.0.0.1:2}', '${env:ICONIK_URL}');
    expect(problems(text, named(' '))).toHaveLength(1);
    expect(Object.keys(load(text, named('otds')).systems)).toEqual(['otds']);
    expect(Object.keys(load(GOOD, named('iconik, otds', { T: 't' })).systems)).toEqual(['otds', 'iconik']);
  });

  test('refuses a name without a block, and to go without OTDS', () => {
    expect(problems(GOOD, named('otds,icnik'))).toEqual([
      '3:3: TENURE_SYSTEMS names icnik, which is no system of Tenure; it may name otds, iconik.',
    ]);
    expect(problems(GOOD, named('iconik'))).toEqual([
      '3:3: TENURE_SYSTEMS leaves out otds, which Tenure always needs.',
    ]);
    const alone = GOOD.slice(0, GOOD.indexOf('  iconik:'));
    expect(problems(alone, named('otds,iconik'))).toEqual([
      '3:3: TENURE_SYSTEMS names iconik, which has no block in systems:; it may name otds.',
    ]);
  });
});
