import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { surroundings } from './local.ts';

const local = {
  temporal: {
    address: '127.0.0.1:21000',
    namespace: 'default',
    ui: 'http://127.0.0.1:21001',
    codec: 'http://127.0.0.1:21002',
  },
  ledger: 'postgres://tenure@/postgres',
  otds: {
    url: 'http://127.0.0.1:21010',
    user: 'u',
    password: 'p',
    partition: 'otds.admin',
    clientId: 'c',
    clientSecret: 's',
    control: 'http://127.0.0.1:21011',
  },
  iconik: { url: 'http://127.0.0.1:21020', appId: 'a', authToken: 't', control: 'http://127.0.0.1:21021' },
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tenure-local-'));
  writeFileSync(join(folder, 'local.json'), JSON.stringify(local));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('where a command finds its systems', () => {
  test('a named local system gives everything; nothing of the caller’s is mixed in', () => {
    const found = surroundings(folder, {
      OTDS_URL: 'https://production',
      TEMPORAL_API_KEY: 'x',
      TEMPORAL_CLI_PATH: '/cli',
      HOME: '/h',
    });
    expect(found.data).toBe(folder);
    expect(found.env).toMatchObject({
      OTDS_URL: local.otds.url,
      DATABASE_URL: local.ledger,
      ICONIK_AUTH_TOKEN: 't',
      TEMPORAL_CLI_PATH: '/cli',
      HOME: '/h',
    });
    expect(found.env).not.toHaveProperty('TEMPORAL_API_KEY');
  });

  test('TENURE_LOCAL names one too', () => {
    expect(surroundings(undefined, { TENURE_LOCAL: join(folder, 'local.json') }).local?.ledger).toBe(local.ledger);
  });

  test('its own codec key goes before the caller’s; where it keeps none, the caller’s stays', () => {
    const caller = { TENURE_CODEC_KEY: 'theirs', TENURE_CODEC_OLD_KEYS: 'o:x' };
    expect(surroundings(folder, caller).env).toMatchObject(caller);
    writeFileSync(join(folder, 'secrets.env'), '# local\nTENURE_CODEC_KEY=a=b=\nTENURE_CODEC_KEY_ID=local\nOTHER=1\n');
    const { env } = surroundings(folder, caller);
    expect(env).toMatchObject({ TENURE_CODEC_KEY: 'a=b=', TENURE_CODEC_KEY_ID: 'local' });
    expect(env).not.toHaveProperty('TENURE_CODEC_OLD_KEYS');
    expect(env).not.toHaveProperty('OTHER');
  });

  test('else the environment', () => {
    const env = { OTDS_URL: 'https://production' };
    expect(surroundings(undefined, env)).toEqual({ env, local: undefined, data: undefined });
  });

  test('a named one that is not there, or is broken, is a sentence', () => {
    expect(() => surroundings(join(folder, 'none'), {})).toThrow(/There is no local system in .*none: start one/);
    writeFileSync(join(folder, 'broken.json'), '{"temporal":{}}');
    expect(() => surroundings(undefined, { TENURE_LOCAL: join(folder, 'broken.json') })).toThrow(
      /incomplete \(temporal\.address.*npm start\.$/,
    );
    writeFileSync(join(folder, 'broken.json'), '{');
    expect(() => surroundings(undefined, { TENURE_LOCAL: join(folder, 'broken.json') })).toThrow(
      /cannot be read as JSON/,
    );
  });
});
