import { describe, expect, test } from '@jest/globals';
import { EnvError, readEnv } from './env.ts';

const key = Buffer.alloc(32, 7).toString('base64');

function problems(source: NodeJS.ProcessEnv): readonly string[] {
  try {
    readEnv(source);
    return [];
  } catch (error) {
    if (error instanceof EnvError) return error.problems;
    throw error;
  }
}

describe('the environment', () => {
  test('empty is fine: everything has a default or is absent', () => {
    expect(readEnv({})).toEqual({
      configFile: undefined,
      local: undefined,
      databaseUrl: undefined,
      codec: undefined,
      metricsPort: undefined,
      watch: undefined,
      logLevel: 'info',
    });
  });

  test('codec keys with their ids', () => {
    const env = readEnv({
      TENURE_CODEC_KEY: key,
      TENURE_CODEC_KEY_ID: 'k2',
      TENURE_CODEC_OLD_KEYS: `k1:${key}, k0:${key}`,
    });
    expect(env.codec?.current.id).toBe('k2');
    expect(env.codec?.current.key).toHaveLength(32);
    expect(env.codec?.old.map((old) => old.id)).toEqual(['k1', 'k0']);
  });

  test('every mistake at once, each with what to do, none with the key', () => {
    const short = Buffer.alloc(16, 9).toString('base64');
    const found = problems({
      TENURE_CODEC_KEY: short,
      TENURE_METRICS_PORT: '99999',
      TENURE_WATCH: 'off',
      TENURE_LOG_LEVEL: 'loud',
    });
    expect(found).toHaveLength(4);
    expect(found[0]).toContain('openssl rand -base64 32');
    expect(found.join()).not.toContain(short);
  });

  test('two keys with one id, old keys without a current one', () => {
    expect(problems({ TENURE_CODEC_KEY: key, TENURE_CODEC_OLD_KEYS: `k1:${key}` })).toEqual([
      expect.stringContaining('same id'),
    ]);
    expect(problems({ TENURE_CODEC_OLD_KEYS: `k1:${key}` })).toEqual([
      expect.stringContaining('TENURE_CODEC_KEY is not'),
    ]);
    expect(problems({ TENURE_CODEC_KEY: key, TENURE_CODEC_OLD_KEYS: key })).toEqual([
      expect.stringContaining('id:base64'),
    ]);
  });
});
