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

  test('key k of system s is S_K for every system there is; control is for nobody, and what the caller has of these is not passed on', () => {
    const cloudinary = {
      url: 'http://127.0.0.1:21030',
      accountId: 'i',
      apiKey: 'k',
      control: 'http://127.0.0.1:21031',
    };
    const fcm = { url: 'http://127.0.0.1:21052', serviceAccountFile: '/f', limits: { perSecond: 1 } };
    const file = join(folder, 'more.json');
    writeFileSync(file, JSON.stringify({ ...local, cloudinary, fcm }));
    const caller = { CLOUDINARY_URL: 'cloudinary://mine', CLOUDINARY_CLOUD: 'mine', ICONIK_X: 'y', FTP_PROXY: 'p' };
    const { env } = surroundings(undefined, { TENURE_LOCAL: file, TENURE_SYSTEMS: 'otds', ...caller });
    expect(env).toMatchObject({
      CLOUDINARY_URL: cloudinary.url,
      CLOUDINARY_ACCOUNT_ID: 'i',
      CLOUDINARY_API_KEY: 'k',
      FCM_SERVICE_ACCOUNT_FILE: '/f',
      FTP_PROXY: 'p',
    });
    const names = Object.keys(env).filter((name) =>
      /CONTROL|CLOUDINARY_CLOUD|ICONIK_X|LIMITS|TENURE_SYSTEMS/.test(name),
    );
    expect(names).toEqual([]);
  });

  test('one that was started with a part of the systems names those that Tenure knows', () => {
    const file = join(folder, 'part.json');
    const { iconik: _, ...rest } = local;
    writeFileSync(file, JSON.stringify({ ...rest, only: ['fcm', 'otag', 'otds', 'nobody-knows-it'] }));
    const { env } = surroundings(undefined, { TENURE_LOCAL: file, ICONIK_URL: 'https://production' });
    expect(env['TENURE_SYSTEMS']).toBe('otds,push');
    expect(env).not.toHaveProperty('ICONIK_URL');
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
