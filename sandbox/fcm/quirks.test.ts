import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { deviceTokenOf } from '../push/people.ts';
import { TOKENS } from './state.ts';
import type { FcmTrial } from './trial.ts';
import { inboxOf, newestOf, startFcm } from './trial.ts';

let fcm: FcmTrial;
beforeAll(async () => {
  fcm = await startFcm();
});
beforeEach(async () => {
  await fcm.control('POST', '/reset');
  fcm.forget();
});
afterAll(() => fcm.close());

const ANDROID = deviceTokenOf('grace.lee@staff of the tests');
const APPLE = deviceTokenOf('ben.otto@staff of the tests');
const titles = async (token: string) => (await inboxOf(fcm, token)).map((m) => [m.title, m.shown]);

async function phones(): Promise<void> {
  await fcm.act('register', { user: 'grace.lee@staff', token: ANDROID });
  await fcm.act('register', { user: 'ben.otto@staff', token: APPLE, platform: 'ios' });
}

describe('what is refused', () => {
  const violation = async (message: Record<string, unknown>, rest: Record<string, unknown> = {}) => {
    const { status, body } = await fcm.push(message, rest);
    expect([status, body.error.status, JSON.stringify(body).includes('FcmError')]).toEqual([
      400,
      'INVALID_ARGUMENT',
      false,
    ]);
    return body.error.details[0]?.['fieldViolations'];
  };

  test('unknown fields, all told at once, the outer ones without a field', async () => {
    expect(await violation({ notification: { data: {} } }, { to: 'x' })).toEqual([
      {
        field: 'message.notification',
        description: `Invalid JSON payload received. Unknown name "data" at 'message.notification': Cannot find field.`,
      },
      { description: 'Invalid JSON payload received. Unknown name "to": Cannot find field.' },
    ]);
  });

  test.each(['from', 'message_type', 'google.priority', 'gcm.notification.title'])(
    'the reserved data key %s',
    async (key) => {
      expect(await violation({ data: { [key]: 'x' } })).toMatchObject([{ field: 'message.data' }]);
    },
  );

  test.each(['2419201s', '-1s'])('a ttl of %s: it goes from "0s" to four weeks', async (ttl) => {
    expect(await violation({ android: { ttl } })).toMatchObject([{ field: 'message.android.ttl' }]);
    expect((await fcm.push({ android: { ttl: '2419200s' } })).status).toBe(200);
  });

  test('a ttl without its s, an unknown priority', async () => {
    expect(await violation({ android: { ttl: '3600', priority: 'urgent' } })).toMatchObject([
      { description: expect.stringContaining("duration must end with 's'") },
      { description: expect.stringContaining('AndroidMessagePriority), "urgent"') },
    ]);
  });

  test('more than 4096 bytes to a token, 2048 to a topic', async () => {
    expect((await fcm.push({ data: { text: 'x'.repeat(4000) } })).status).toBe(200);
    expect(await violation({ data: { text: 'x'.repeat(4090) } })).toMatchObject([{ field: 'message' }]);
    expect(await violation({ topic: 'a', data: { text: 'x'.repeat(2040) } })).toMatchObject([{ field: 'message' }]);
  });

  test('no recipient, and two', async () => {
    expect(await violation({ token: null })).toMatchObject([{ description: 'Recipient of the message is not set.' }]);
    expect(await violation({ token: TOKENS.live, topic: 'a' })).toMatchObject([
      { description: expect.stringContaining("Cannot set 'topic'") },
    ]);
  });

  test('a condition of six topics, and one that is none', async () => {
    const six = ['a', 'b', 'c', 'd', 'e', 'f'].map((t) => `'${t}' in topics`).join(' || ');
    for (const condition of [six, "'a' in tropics", "('a' in topics"])
      expect(await violation({ condition })).toMatchObject([{ field: 'message.condition' }]);
  });

  test('an unknown query parameter, but not those of every Google API', async () => {
    const { SEND } = await import('./trial.ts');
    expect((await fcm.push({}, {}, { path: `${SEND}?dryRun=1` })).status).toBe(400);
    expect((await fcm.push({}, {}, { path: `${SEND}?alt=json` })).status).toBe(200);
  });

  test('in strict mode a body that is not told to be JSON', async () => {
    const strict = await startFcm({ strict: true });
    const headers = { 'content-type': 'text/plain' };
    expect((await strict.push({}, {}, { headers })).status).toBe(400);
    expect((await fcm.push({}, {}, { headers })).status).toBe(200);
    await strict.close();
  });
});

describe('what the phone shows', () => {
  test('both spellings of a field in one message, priority in any case', async () => {
    await phones();
    const android = { priority: 'high', collapse_key: 'k', notification: { tag: 't', title: 'Own title' } };
    const message = {
      token: ANDROID,
      android,
      fcmOptions: { analytics_label: 'x' },
      notification: { title: 'T', body: 'B' },
    };
    expect((await fcm.push(message)).status).toBe(200);
    expect(await newestOf(fcm, ANDROID)).toMatchObject({
      title: 'Own title',
      body: 'B',
      priority: 'high',
      collapse: 'k',
      tag: 't',
    });
    await fcm.push({ token: ANDROID, android: { priority: 'Normal' } });
    expect(await newestOf(fcm, ANDROID)).toMatchObject({ priority: 'normal' });
  });

  test('a tag (Android) or apns-collapse-id (Apple) replaces what is shown; a collapse_key does not', async () => {
    await phones();
    for (const title of ['1', '2']) {
      await fcm.push({ token: ANDROID, notification: { title }, android: { collapse_key: 'k' } });
      await fcm.push({ token: ANDROID, notification: { title: `t${title}` }, android: { notification: { tag: 'n' } } });
      await fcm.push({ token: APPLE, notification: { title }, apns: { headers: { 'apns-collapse-id': 'n' } } });
    }
    expect(await titles(ANDROID)).toEqual([
      ['1', true],
      ['t1', false],
      ['2', true],
      ['t2', true],
    ]);
    expect(await titles(APPLE)).toEqual([
      ['1', false],
      ['2', true],
    ]);
  });

  test('while a phone is offline a collapse_key replaces what waits, four keys at most', async () => {
    await phones();
    await fcm.act('online', { phone: ANDROID, online: false });
    for (const key of ['a', 'b', 'a', 'c', 'd', 'e'])
      await fcm.push({ token: ANDROID, notification: { title: key }, android: { collapse_key: key } });
    expect(await titles(ANDROID)).toEqual([]);
    await fcm.act('online', { phone: ANDROID, online: true });
    expect((await titles(ANDROID)).map(([title]) => title)).toEqual(['a', 'c', 'd', 'e']);
  });

  test('what outlives its ttl is not shown; a ttl of "0s" is now or never', async () => {
    await phones();
    await fcm.act('online', { phone: ANDROID, online: false });
    for (const ttl of ['0s', '60s', '3600s'])
      await fcm.push({ token: ANDROID, notification: { title: ttl }, android: { ttl } });
    await fcm.advance(61);
    await fcm.act('online', { phone: ANDROID, online: true });
    expect(await titles(ANDROID)).toEqual([['3600s', true]]);
  });

  test('a topic and a condition reach those who subscribed', async () => {
    await phones();
    await fcm.act('subscribe', { phone: ANDROID, topic: 'drill' });
    await fcm.act('subscribe', { phone: APPLE, topic: 'news' });
    await fcm.push({ topic: '/topics/drill', notification: { title: 'drill' } });
    await fcm.push({ condition: "'news' in topics && !('drill' in topics)", notification: { title: 'news' } });
    await fcm.push({
      condition: "'x' in topics && ('news' in topics || 'drill' in topics)",
      notification: { title: 'none' },
    });
    expect([await titles(ANDROID), await titles(APPLE)]).toEqual([[['drill', true]], [['news', true]]]);
    expect((await fcm.push({ topic: 'empty' })).status).toBe(200);
  });

  test.each([
    ['neverDelivered', []],
    ['deliveredTwice', ['x', 'x']],
    ['deliveredLate', []],
  ])('%s: accepted all the same', async (name, expected) => {
    await fcm.special(name);
    expect((await fcm.push({ notification: { title: 'x' }, android: { ttl: '60s' } })).status).toBe(200);
    expect((await titles(TOKENS.live)).map(([title]) => title)).toEqual(expected);
    await fcm.advance(62); // after its life
    expect(await titles(TOKENS.live)).toHaveLength(name === 'deliveredLate' ? 1 : expected.length);
  });

  test('a removed app is UNREGISTERED from then on', async () => {
    await fcm.act('uninstall', { phone: 'grace.lee@staff' });
    const { status } = await fcm.push({ token: deviceTokenOf('grace.lee@staff') });
    expect(status).toBe(404);
  });

  test('a well-formed token that was never issued is a choice', async () => {
    const unknown = { token: deviceTokenOf('nobody') };
    const first = await fcm.push(unknown);
    expect([first.status, first.headers.get('x-standin-chosen')]).toEqual([400, 'FCM_UNKNOWN_TOKEN']);
    await fcm.choose('FCM_UNKNOWN_TOKEN', 404);
    expect((await fcm.push(unknown)).status).toBe(404);
  });
});
