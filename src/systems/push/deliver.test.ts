import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Person } from '../../domain/person.ts';
import { deviceTokenOf } from '../../../sandbox/push/people.ts';
import { TOKENS } from '../../../sandbox/fcm/state.ts';
import { until } from '../../../sandbox/push/trial.ts';
import {
  call,
  dying,
  member,
  messageAbout,
  startPushBench,
  type PushBench,
} from '../../../test/support/pushStandIns.ts';

let bench: PushBench;
const ada: Person = member('ada.byrne@staff');
const mail = 'ada.byrne@northwind.example';
beforeAll(async () => {
  bench = await startPushBench();
});
beforeEach(async () => {
  await bench.reset();
  await bench.ledger.devices.forget(ada.uuid);
});
afterAll(() => bench.close());

const message = () => messageAbout(ada);
const lostReply = { kind: 'lostReply' } as const;
const refused = { kind: 'status', status: 503, headers: { 'retry-after': '7' } } as const;
describe.each(['fcm', 'opentext_notifications', 'otag'] as const)('push by %s', (driver) => {
  const standIn = driver === 'opentext_notifications' ? 'notifications' : driver;
  const received = async () => (await bench.inbox(standIn, ada.who)).length;
  beforeEach(async () => {
    if (driver !== 'otag') await bench.register(ada, driver);
  });

  test('reaches the phone of the recipient, with title and text, and is called accepted, not delivered', async () => {
    const { messenger } = bench.push({ channels: [driver] });
    const said = message();
    expect(await messenger.tell(said, ada, call)).toEqual([{ channel: driver, state: 'accepted' }]);
    const [shown] = await until(
      () => bench.inbox(standIn, ada.who),
      (inbox) => inbox.length > 0,
    );
    expect(shown).toMatchObject({ title: said.title, body: said.text });
    expect(shown?.nid).toMatch(/^[0-9a-f]{32}$/);
  });

  test('goes out once, however often it is told under one key', async () => {
    const { messenger } = bench.push({ channels: [driver] });
    const said = message();
    for (let i = 0; i < 3; i++)
      expect(await messenger.tell(said, ada, call)).toMatchObject([{ channel: driver, state: 'accepted' }]);
    await Promise.all([messenger.tell(message(), ada, call), messenger.tell(message(), ada, call)]);
    expect(await bench.sends(standIn)).toHaveLength(3);
  });

  test('is not sent again after its reply was lost: unknown, once received', async () => {
    const { messenger } = bench.push({ channels: [driver] });
    await messenger.tell(message(), ada, call); // the access token is there
    await bench[standIn].plan(lostReply, { method: 'POST' });
    const said = message();
    for (let i = 0; i < 2; i++)
      expect(await messenger.tell(said, ada, call)).toEqual([expect.objectContaining({ state: 'unknown' })]);
    expect(await bench.sends(standIn)).toHaveLength(2);
    expect(await until(received, (n) => n > 1)).toBe(2);
  });

  test('killed after its intent: nobody can know, so that it is not sent', async () => {
    const said = message();
    const killed = bench.push({ channels: [driver] }, { notices: dying('beforeSend', bench.ledger.notices) });
    await expect(killed.messenger.tell(said, ada, call)).rejects.toThrow('killed');
    const { messenger } = bench.push({ channels: [driver] });
    expect(await messenger.tell(said, ada, call)).toEqual([
      { channel: driver, state: 'unknown', code: 'PUSH_INTERRUPTED' },
    ]);
    expect(await bench.sends(standIn)).toEqual([]);
  });

  test('killed after its send: not sent again', async () => {
    const said = message();
    const killed = bench.push({ channels: [driver] }, { notices: dying('afterSend', bench.ledger.notices) });
    await expect(killed.messenger.tell(said, ada, call)).rejects.toThrow('killed');
    const { messenger } = bench.push({ channels: [driver] });
    expect(await messenger.tell(said, ada, call)).toEqual([expect.objectContaining({ state: 'unknown' })]);
    expect(await bench.sends(standIn)).toHaveLength(1);
  });

  test('a definite "not now" is told as retryable with its time, and a later call sends it, once', async () => {
    const { messenger } = bench.push({ channels: [driver] });
    const said = message();
    await messenger.tell(message(), ada, call); // the access token is there
    await bench[standIn].plan(refused, { method: 'POST' });
    await expect(messenger.tell(said, ada, call)).rejects.toMatchObject({
      retryable: true,
      code: expect.stringMatching(/_UNAVAILABLE$/),
      retryAt: expect.any(String),
    });
    expect(await messenger.tell(said, ada, call)).toEqual([{ channel: driver, state: 'accepted' }]);
    expect(await until(received, (n) => n > 1)).toBe(2);
  });

  test('a page of HTML is no answer, whatever its status', async () => {
    const { messenger } = bench.push({ channels: [driver] });
    await messenger.tell(message(), ada, call);
    for (const status of [200, 502] as const) {
      await bench[standIn].plan({ kind: 'html', status }, { method: 'POST' });
      expect(await messenger.tell(message(), ada, call)).toEqual([expect.objectContaining({ state: 'unknown' })]);
    }
  });

  test('with pushText: title the screen shows no more than the title', async () => {
    const { messenger } = bench.push({ channels: [driver], pushText: 'title' });
    await messenger.tell(message(), ada, call);
    const [shown] = await until(
      () => bench.inbox(standIn, ada.who),
      (inbox) => inbox.length > 0,
    );
    expect(shown?.title).toBe('Access has changed');
    expect(JSON.stringify(shown)).not.toContain('Marketing');
  });

  test('no token, key or address in the log', async () => {
    const { messenger } = bench.push({ channels: [driver] });
    await messenger.tell(message(), ada, call);
    const secrets = [...bench.secrets.values(), deviceTokenOf(ada.who), mail, 'Bearer', 'PRIVATE KEY'];
    expect(bench.logged()).toContain('request');
    expect(secrets.filter((secret) => bench.logged().includes(secret))).toEqual([]);
  });
});

describe('devices', () => {
  test('whose app is gone, or that belong to another project, are forgotten; the others get the notice', async () => {
    for (const token of [TOKENS.gone, TOKENS.foreign, 'no-token-at-all', TOKENS.live])
      await bench.register(ada, 'fcm', token);
    const { messenger } = bench.push({});
    expect(await messenger.tell(message(), ada, call)).toEqual([{ channel: 'fcm', state: 'accepted' }]);
    const left = await bench.ledger.devices.tokensOf(ada.uuid, 'fcm');
    expect(left.map(({ token }) => token)).toEqual([TOKENS.live]);
  });

  test('a project whose Apple credentials are broken keeps the device and says what is wrong', async () => {
    await bench.register(ada, 'fcm', TOKENS.noApns);
    const { messenger } = bench.push({});
    expect(await messenger.tell(message(), ada, call)).toEqual([
      { channel: 'fcm', state: 'rejected', code: 'FCM_PLATFORM_CREDENTIALS' },
    ]);
    expect(await bench.ledger.devices.devicesOf(ada.uuid)).toHaveLength(1);
  });

  test('a lost reply of one device does not send to the other again', async () => {
    await bench.register(ada, 'fcm');
    await bench.register(ada, 'fcm', deviceTokenOf('mei.chen@staff'));
    const { messenger } = bench.push({});
    await messenger.tell(message(), ada, call);
    await bench.sends('fcm');
    await bench.fcm.plan(lostReply, { path: '*messages:send' }, 1);
    const said = message();
    for (let i = 0; i < 2; i++)
      expect(await messenger.tell(said, ada, call)).toMatchObject([{ channel: 'fcm', state: 'accepted' }]);
    expect(await bench.sends('fcm')).toHaveLength(2);
    expect((await bench.ledger.notices.sends(said.key)).map(({ state }) => state).sort()).toEqual([
      'accepted',
      'unknown',
    ]);
  });

  test('quota and inner errors of FCM are tried again, and a device shows one notice', async () => {
    await bench.register(ada, 'fcm');
    const { messenger } = bench.push({});
    const said = message();
    for (const name of ['quotaExceeded', 'internal', 'unavailableSilent']) {
      await bench.fcm.special(name);
      await expect(messenger.tell(said, ada, call)).rejects.toMatchObject({
        retryable: true,
        retryAt: expect.any(String),
      });
    }
    expect(await messenger.tell(said, ada, call)).toEqual([{ channel: 'fcm', state: 'accepted' }]);
    expect((await bench.inbox('fcm', ada.who)).filter(({ shown }) => shown)).toHaveLength(1);
  });

  test('an access token that ran out is renewed, once, and the notice goes out once', async () => {
    await bench.register(ada, 'fcm');
    const { messenger } = bench.push({});
    await messenger.tell(message(), ada, call);
    await bench.fcm.act('expireBearers');
    expect(await messenger.tell(message(), ada, call)).toEqual([{ channel: 'fcm', state: 'accepted' }]);
    expect(await bench.inbox('fcm', ada.who)).toHaveLength(2);
  });
});

describe('AppWorks Gateway', () => {
  test('a success that reaches nobody is "accepted" and nothing stronger', async () => {
    const { messenger } = bench.push({ channels: ['otag'] });
    await bench.otag.special('reachesNobody');
    expect(await messenger.tell(message(), ada, call)).toEqual([{ channel: 'otag', state: 'accepted' }]);
    expect(await bench.inbox('otag', ada.who)).toEqual([]);
  });

  test('without the REST path (16.5) the next channel is taken', async () => {
    const { messenger } = bench.push({ channels: ['otag', 'email'] });
    await bench.otag.choose('OTAG_165', 404);
    expect(await messenger.tell(message(), ada, call)).toEqual([
      { channel: 'otag', state: 'rejected', code: 'OTAG_UNSUPPORTED' },
      { channel: 'email', state: 'accepted' },
    ]);
  });
});

test('cancelled within two seconds although the provider hangs; the send stays unknown', async () => {
  await bench.register(ada, 'fcm');
  const { messenger } = bench.push({});
  await messenger.tell(message(), ada, call);
  await bench.fcm.plan({ kind: 'hang' }, { path: '*messages:send' });
  const stop = new AbortController();
  const said = message();
  const telling = messenger.tell(said, ada, { signal: stop.signal });
  await until(
    () => bench.fcm.ledger(),
    (entries) => entries.at(-1)?.status === null,
  );
  stop.abort();
  expect(await telling).toEqual([{ channel: 'fcm', state: 'unknown', code: 'FCM_LOST' }]);
});
