import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';

const script = fileURLToPath(new URL('../../src/workers/main.ts', import.meta.url));
const systems = {
  OTDS_URL: 'http://127.0.0.1:9',
  OTDS_USER: 'u',
  OTDS_PASSWORD: 'p',
  ICONIK_URL: 'http://127.0.0.1:9',
  ICONIK_APP_ID: 'a',
  ICONIK_AUTH_TOKEN: 't',
  TENURE_SYSTEMS: 'otds,iconik',
};

async function worker(env: NodeJS.ProcessEnv, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, ...args], {
    env,
    cwd: '/',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (part: Buffer) => (out += part.toString()));
  child.stderr.on('data', (part: Buffer) => (err += part.toString()));
  const code = await new Promise<number>((resolve) => child.once('close', (status) => resolve(status ?? -1)));
  return { code, out, err };
}

describe('a worker with a bad configuration ends with a sentence per mistake', () => {
  // TENURE_LOCAL names nothing here: a local system that runs beside the tests must not answer for them.
  test.each([
    [
      'a system that is not named',
      { ...systems, OTDS_URL: '' },
      /tenure\.yaml:\d+:\d+: The environment variable OTDS_URL is not set\.\n$/,
    ],
    [
      'a secret that is missing',
      { ...systems, DATABASE_URL: 'postgres://127.0.0.1:9/x', ICONIK_AUTH_TOKEN: '' },
      /ICONIK_AUTH_TOKEN is not set/,
    ],
    [
      'no codec key',
      { ...systems, DATABASE_URL: 'postgres://127.0.0.1:9/x' },
      /^No codec key: set TENURE_CODEC_KEY to 32 bytes in base64/,
    ],
    [
      'a codec key too short',
      { ...systems, TENURE_CODEC_KEY: 'c2hvcnQ=' },
      /^TENURE_CODEC_KEY holds a key of 5 bytes; it must be 32 bytes/,
    ],
    [
      'a local system that is not there',
      { TENURE_LOCAL: '/nowhere/local.json' },
      /^There is no local system in \/nowhere/,
    ],
  ])('%s', async (_, env, sentence) => {
    const { code, out, err } = await worker({ DATABASE_URL: 'postgres://127.0.0.1:9/x', ...env });
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(sentence);
    expect(err).not.toMatch(/^ +at /m);
  });

  test('a wrong flag', async () => {
    const { code, err } = await worker(systems, '--queue', 'tenure');
    expect(code).toBe(1);
    expect(err).toContain('--queue');
  });

  test('--help tells the queues', async () => {
    const { code, out } = await worker({}, '--help');
    expect(code).toBe(0);
    expect(out).toContain('--queues LIST');
  });
});
