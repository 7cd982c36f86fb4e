import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Person } from '../../domain/person.ts';
import { until } from '../../../sandbox/push/trial.ts';
import {
  byClient,
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
const number = '0034600000001';
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

describe('text and mail', () => {
  test('a mail has the title as its subject and says everything; a text is one job of its own', async () => {
    const { messenger } = bench.push({ channels: ['sms', 'email'], over: 'all' });
    const said = message();
    expect(await messenger.tell(said, ada, call)).toEqual([
      { channel: 'sms', state: 'accepted' },
      { channel: 'email', state: 'accepted' },
    ]);
    const [letter] = await until(
      () => bench.letters(mail),
      (all) => all.length > 0,
    );
    expect(letter).toEqual({ subject: said.title, text: said.text });
    const [text] = await until(
      () => bench.letters(number),
      (all) => all.length > 0,
    );
    expect(text?.text).toBe(`${said.title}: ${said.text}`);
  });

  test.each([
    [true, 'accepted', 2],
    [false, 'unknown', 1],
  ] as const)(
    'lost reply, message_id recognised %s: %s, received once',
    async (messageIdIsIdempotent, state, requests) => {
      const { messenger } = bench.push({ channels: ['email'], notifications: { messageIdIsIdempotent } });
      await bench.notifications.plan(lostReply, { method: 'POST' });
      const said = message();
      expect((await messenger.tell(said, ada, call)).map((one) => one.state)).toEqual([state]);
      expect((await messenger.tell(said, ada, call)).map((one) => one.state)).toEqual([state]);
      expect(await bench.sends('notifications')).toHaveLength(requests);
      expect(
        await until(
          () => bench.letters(mail),
          (all) => all.length > 0,
        ),
      ).toHaveLength(1);
    },
  );

  test.each(['beforeSend', 'afterSend'] as const)(
    'killed %s, message_id recognised: sent by the next attempt, received once',
    async (at) => {
      const config = { channels: ['sms'], notifications: { messageIdIsIdempotent: true } };
      const said = message();
      const killed = bench.push(config, { notices: dying(at, bench.ledger.notices) });
      await expect(killed.messenger.tell(said, ada, call)).rejects.toThrow('killed');
      expect(await bench.push(config).messenger.tell(said, ada, call)).toEqual([{ channel: 'sms', state: 'accepted' }]);
      expect(
        await until(
          () => bench.letters(number),
          (all) => all.length > 0,
        ),
      ).toHaveLength(1);
    },
  );

  test('OAuth client credentials: a token that ran out is renewed once', async () => {
    const { messenger } = bench.push({ channels: ['email'], notifications: byClient(bench) });
    expect(await messenger.tell(message(), ada, call)).toEqual([{ channel: 'email', state: 'accepted' }]);
    await bench.notifications.special('expiredBearer', { path: '*emails' });
    expect(await messenger.tell(message(), ada, call)).toEqual([{ channel: 'email', state: 'accepted' }]);
  });

  test('wrong credentials send nothing and say so', async () => {
    bench.secrets.set('env:NOTIFICATIONS_PASSWORD', 'wrong-one');
    const { messenger } = bench.push({ channels: ['email'] });
    await expect(messenger.tell(message(), ada, call)).rejects.toMatchObject({
      code: 'NOTIFICATIONS_CREDENTIALS',
      status: 401,
    });
    expect(await bench.letters(mail)).toEqual([]);
  });
});

describe('several channels', () => {
  test('the next one is taken where the one before reaches nobody', async () => {
    const { messenger } = bench.push({ channels: ['fcm', 'email'] });
    expect(await messenger.tell(message(), ada, call)).toEqual([
      { channel: 'fcm', state: 'no_device' },
      { channel: 'email', state: 'accepted' },
    ]);
  });

  test('and where it is down; once that is accepted, the first one is not tried again', async () => {
    await bench.register(ada, 'fcm');
    const { messenger } = bench.push({ channels: ['fcm', 'email'] });
    await bench.fcm.control('POST', '/faults', { match: { path: '*messages:send' }, fault: refused });
    const said = message();
    expect(await messenger.tell(said, ada, call)).toEqual([
      { channel: 'fcm', state: 'later', code: 'FCM_UNAVAILABLE' },
      { channel: 'email', state: 'accepted' },
    ]);
  });

  test('nobody reached at all is told as it is', async () => {
    const nobody = { ...ada, fields: {}, attributes: {} };
    const { messenger } = bench.push({ channels: ['fcm', 'sms', 'email'] });
    expect((await messenger.tell(message(), nobody, call)).map(({ state }) => state)).toEqual([
      'no_device',
      'no_address',
      'no_address',
    ]);
  });
});
