import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openBench, type Bench } from '../../test/support/ledger.ts';
import { createLedger, type PostgresLedger } from './index.ts';
import type { SealKeys } from './sealing.ts';

const key = (id: string, byte: number) => ({ id, key: new Uint8Array(32).fill(byte) });
const present: SealKeys = { current: key('k1', 1), old: [] };
const ada = 'uuid-ada';
const token = 'a-device-token-that-nobody-may-read';

let bench: Bench;
const opened: PostgresLedger[] = [];
/** Another process with those keys. */
const withKeys = (sealKeys: SealKeys | undefined): PostgresLedger['devices'] => {
  const ledger = createLedger({ url: bench.url, sealKeys });
  opened.push(ledger);
  return ledger.devices;
};
let devices: PostgresLedger['devices'];
beforeAll(async () => {
  bench = await openBench();
  devices = withKeys(present);
});
beforeEach(() => bench.sql('delete from tenure.device'));
afterAll(async () => {
  await Promise.all(opened.map((ledger) => ledger.close()));
  await bench.close();
});

const register = (over: Partial<Parameters<typeof devices.register>[0]> = {}) =>
  devices.register({ person: ada, driver: 'fcm', platform: 'android', token, ...over });

describe('the device registry', () => {
  test('gives the token back to who sends, and to nobody who reads the tables', async () => {
    await register();
    expect(await devices.tokensOf(ada, 'fcm')).toEqual([{ id: expect.any(String), token }]);
    expect(await devices.tokensOf(ada, 'opentext_notifications')).toEqual([]);
    const rows = await bench.sql('select * from tenure.device');
    expect(JSON.stringify([rows, await devices.devicesOf(ada)])).not.toContain(token);
  });

  test('a device that registers again counts as seen, once; with another person it is taken from the first', async () => {
    await register();
    await bench.sql("update tenure.device set seen_at = now() - interval '61 days'");
    expect(await devices.devicesOf(ada)).toMatchObject([{ stale: true }]);
    await register();
    expect(await devices.devicesOf(ada)).toMatchObject([{ stale: false }]);
    await register({ person: 'uuid-ben' });
    expect(await devices.devicesOf(ada)).toEqual([]);
    expect(await devices.tokensOf('uuid-ben', 'fcm')).toMatchObject([{ token }]);
  });

  test('one that was not seen for 60 days is kept, and nothing is sent to it', async () => {
    await register();
    await bench.sql("update tenure.device set seen_at = now() - interval '61 days'");
    expect(await devices.tokensOf(ada, 'fcm')).toEqual([]);
    expect(await devices.devicesOf(ada)).toHaveLength(1);
  });

  test('after a change of keys the old one still opens; without it the device is there and unreadable', async () => {
    await register();
    const next = key('k2', 2);
    expect(await withKeys({ current: next, old: [present.current] }).tokensOf(ada, 'fcm')).toMatchObject([{ token }]);
    const lost = withKeys({ current: next, old: [] });
    expect(await lost.tokensOf(ada, 'fcm')).toEqual([]);
    expect(await lost.devicesOf(ada)).toHaveLength(1);
  });

  test('a sealed token moved to another row opens nowhere', async () => {
    await register();
    await register({ person: 'uuid-ben', token: 'another' });
    await bench.sql("update tenure.device set sealed = (select sealed from tenure.device where person = 'uuid-ben')");
    expect(await devices.tokensOf(ada, 'fcm')).toEqual([]);
  });

  test('a process without a key registers nothing and says why', async () => {
    const unsealed = withKeys(undefined);
    await expect(unsealed.register({ person: ada, driver: 'fcm', platform: 'ios', token })).rejects.toThrow(
      'TENURE_CODEC_KEY',
    );
    await register();
    expect(await unsealed.tokensOf(ada, 'fcm')).toEqual([]);
    await unsealed.forget(ada);
    expect(await devices.devicesOf(ada)).toEqual([]);
  });
});

describe('sends of a notice', () => {
  const send = { key: 'n', channel: 'fcm', part: 'd' };
  const about = { person: ada, recipient: 'ada.byrne@staff' };
  beforeEach(() => bench.sql('delete from tenure.notice_send'));

  test('of many attempts at once one may send', async () => {
    const said = await Promise.all(
      [bench.a, bench.b, bench.a, bench.b].map(({ notices }) => notices.intend(send, about)),
    );
    expect(said.filter(Boolean)).toHaveLength(1);
  });

  test('what was certainly not sent may be intended again; what is final may not', async () => {
    const { notices } = bench.a;
    await notices.intend(send, about);
    await notices.settle(send, { state: 'waiting', code: 'FCM_UNAVAILABLE' });
    expect(await notices.intend(send, about)).toBe(true);
    await notices.settle(send, { state: 'accepted', ref: 'r' });
    expect(await notices.intend(send, about)).toBe(false);
    expect(await notices.sends('n')).toEqual([{ channel: 'fcm', part: 'd', state: 'accepted', ref: 'r' }]);
  });

  test('the word of the attempt that sent it outweighs "unknown", never the other way round', async () => {
    const { notices } = bench.a;
    await notices.intend(send, about);
    await notices.settle(send, { state: 'unknown', code: 'PUSH_INTERRUPTED' });
    await notices.settle(send, { state: 'accepted', ref: 'r' });
    await notices.settle(send, { state: 'unknown' });
    expect(await notices.sends('n')).toMatchObject([{ state: 'accepted', ref: 'r' }]);
  });
});
