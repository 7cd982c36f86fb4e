import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { notificationSignature } from './sign.ts';
import { SECRETS } from './seed.ts';
import type { Body, Trial } from './trial.ts';
import { startTrial } from './trial.ts';

/** Triggers, the signature rule, webhooks that are really called, and the poll queue. */
let t: Trial;
const servers: Server[] = [];
beforeAll(async () => {
  t = await startTrial();
});
afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
  await t.control('POST', '/reset');
});
afterAll(() => t.close());

type Message = {
  receipt_handle: string;
  batch_id: string;
  signed_payload: string;
  signature: string;
  timestamp: string;
  payload: Body;
};

async function trigger(uri: string, event = 'upload'): Promise<void> {
  const body = { uri, event_type: event, uri_type: uri.startsWith('poll') ? 'poll' : 'webhook' };
  expect((await t.env('POST', '/triggers', { body })).status).toBe(201);
}

async function poll(query: string): Promise<Message[]> {
  return ((await t.queue('GET', `/messages?wait_seconds=0&${query}`)).body['messages'] ?? []) as unknown as Message[];
}

const upload = (more: object = {}) => t.env('POST', '/image/upload', { body: { file: 'data:text/plain,hi', ...more } });
const digest = (m: Message, secret: string, name = 'sha1'): string =>
  createHash(name)
    .update(Buffer.from(m.signed_payload, 'base64url').toString('utf8') + m.timestamp + secret)
    .digest('hex');

describe('the signature rule', () => {
  test('the two vectors of the contract', () => {
    expect(notificationSignature('sha1', '{}', '0', 'abcd')).toBe('00574db1799c4ef0ba621fadeb78ce9893f00084');
    expect(notificationSignature('sha256', '{}', '0', 'abcd')).toBe(
      'ec8379676d5243bf263f9a407881409936cf66898a9add407bdda5927281cb65',
    );
  });

  test('signed with the key dedicated to webhooks, else the oldest enabled; SHA-256 when the account is set so', async () => {
    await trigger('poll://s');
    await upload();
    const [first] = await poll('channel=s');
    expect(first && digest(first, SECRETS.apiSecret)).toBe(first?.signature);
    expect(first?.payload['signature_key']).toBe(SECRETS.apiKey);
    const env = await t.environment();
    const path = `/sub_accounts/${env.id}/access_keys`;
    const made = (await t.account('POST', path, { body: { name: 'hooks' } })).body;
    await t.account('PUT', `${path}/${String(made['api_key'])}`, { body: { dedicated_for: 'webhooks' } });
    await t.act('settings', { digest: 'sha256' });
    await upload();
    const [second] = await poll('channel=s');
    expect(second?.payload['signature_key']).toBe(made['api_key']);
    expect(second && digest(second, String(made['api_secret']), 'sha256')).toBe(second?.signature);
  });
});

describe('the poll queue', () => {
  test('messages that are not acknowledged return; acknowledged ones do not; an old handle is not_found', async () => {
    await trigger('poll://a/b');
    await upload({ public_id: 'p' });
    const [first] = await poll('channel=a/b&visibility_timeout=30');
    expect(first?.payload).toMatchObject({ notification_type: 'upload', public_id: 'p' });
    expect(await poll('channel=a/b')).toEqual([]);
    await t.control('POST', '/clock', { advance: 31 });
    const [again] = await poll('channel=a/b');
    expect(again?.signed_payload).toBe(first?.signed_payload);
    const ack = (handle = ''): Promise<Body> =>
      t.queue('POST', '/messages/ack', { body: { receipt_handles: [handle] } }).then((answer) => answer.body);
    expect(await ack(first?.receipt_handle)).toMatchObject({ results: [{ status: 'not_found' }] });
    expect(await ack(again?.receipt_handle)).toMatchObject({ results: [{ status: 'acked' }] });
    await t.control('POST', '/clock', { advance: 31 });
    expect(await poll('channel=a/b')).toEqual([]);
  });

  test('a poll waits until something comes', async () => {
    await trigger('poll://wait');
    const waiting = t.queue('GET', '/messages?channel=wait&wait_seconds=20');
    const poll1 = await Promise.race([waiting.then(() => 'answered'), t.env('GET', '/ping').then(() => 'waiting')]);
    expect(poll1).toBe('waiting');
    await upload();
    expect(((await waiting).body['messages'] as object[]).length).toBe(1);
  });

  test('poll://* is read by batch_id; nothing is kept longer than 24 h', async () => {
    await trigger('poll://*');
    const { body } = await upload({ async: true });
    expect(body).toMatchObject({ status: 'pending' });
    expect(await poll(`batch_id=${String(body['batch_id'])}`)).toHaveLength(1);
    await t.control('POST', '/clock', { advance: 25 * 3600 });
    expect(await poll(`batch_id=${String(body['batch_id'])}`)).toEqual([]);
  });

  test.each([
    ['eventLost', 0],
    ['eventDoubled', 2],
    ['eventForged', 2],
    ['eventLate', 0],
  ])('%s: %d messages at once', async (name, count) => {
    await trigger('poll://f');
    await t.special(name, { method: 'POST' });
    await upload();
    const messages = await poll('channel=f&max_messages=5');
    expect(messages).toHaveLength(count);
    const good = messages.filter((m) => digest(m, SECRETS.apiSecret) === m.signature);
    expect(good).toHaveLength(name === 'eventForged' ? 1 : count);
    await t.control('POST', '/clock', { advance: 61 });
    if (name === 'eventLate') expect(await poll('channel=f')).toHaveLength(1);
  });

  test('eventReordered: the newer comes first', async () => {
    await trigger('poll://r');
    await upload({ public_id: 'first' });
    await t.special('eventReordered', { method: 'POST' });
    await upload({ public_id: 'second' });
    expect((await poll('channel=r')).map((m) => m.payload['public_id'])).toEqual(['second', 'first']);
  });
});

describe('payloads', () => {
  test('a decision tells of moderation, its end, metadata and access control', async () => {
    await trigger('poll://all', 'all');
    const hero = (await t.env('GET', '/resources/image/upload/campaign-hero')).body;
    const change = {
      moderation_status: 'approved',
      metadata: { approved_by: 'Ada' },
      access_control: [{ access_type: 'anonymous' }],
    };
    await t.env('PUT', `/resources/${String(hero['asset_id'])}`, { body: change });
    const payloads = (await poll('channel=all')).map((m) => m.payload);
    const of = (type: string): Body | undefined => payloads.find((one) => one['notification_type'] === type);
    const asset_id = hero['asset_id'];
    expect(of('moderation')).toMatchObject({
      asset_id,
      public_id: 'campaign-hero',
      moderation_status: 'approved',
      moderation_kind: 'manual',
    });
    expect(of('moderation_summary')).toMatchObject({ moderation_status: 'approved' });
    const metadata = {
      previous_metadata: { review_status: 'in_review' },
      new_metadata: { approved_by: 'Ada', review_status: 'in_review' },
    };
    expect(of('resource_metadata_changed')).toMatchObject({
      resources: { 'campaign-hero': { asset_id, ...metadata } },
    });
    const access = {
      previous_access_control: [{ access_type: 'token' }],
      new_access_control: [{ access_type: 'anonymous' }],
    };
    expect(of('access_control_changed')).toMatchObject({ resources: [{ asset_id, ...access }] });
    for (const one of payloads)
      expect(Object.keys(one)).toEqual(
        expect.arrayContaining(['timestamp', 'request_id', 'notification_context', 'signature_key']),
      );
  });

  test('folders tell of themselves', async () => {
    await trigger('poll://folders', 'create_folder');
    await trigger('poll://folders', 'move_or_rename_asset_folder');
    await trigger('poll://folders', 'delete_folder');
    await t.env('POST', '/folders/New');
    await t.env('PUT', '/folders/New', { body: { to_folder: 'Old' } });
    await t.env('DELETE', '/folders/Old');
    const types = (await poll('channel=folders')).map((m) => m.payload['notification_type']);
    expect(types).toEqual(['create_folder', 'move_or_rename_asset_folder', 'delete_folder']);
  });
});

describe('webhooks', () => {
  test('are posted with timestamp and signature, and three times again while the answer is not 200', async () => {
    const got: { headers: Record<string, unknown>; body: string }[] = [];
    let wake = (): void => undefined;
    const server = createServer((req, res) => {
      let body = '';
      req.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
      req.on('end', () => {
        got.push({ headers: req.headers, body });
        res.writeHead(got.length < 3 ? 503 : 200).end();
        wake();
      });
    }).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const calls = (n: number): Promise<void> =>
      new Promise((resolve) => {
        wake = () => (got.length >= n ? resolve() : undefined);
        wake();
      });
    await trigger(`http://127.0.0.1:${port}/hook`);
    await upload({ public_id: 'hooked' });
    await calls(1);
    const noted = async (n: number): Promise<void> => {
      while (Object.keys(await t.control('GET', '/state/deliveries')).length < n);
    };
    await noted(1);
    await t.control('POST', '/clock', { advance: 181 });
    await calls(2);
    await noted(2);
    await t.control('POST', '/clock', { advance: 361 });
    await calls(3);
    await noted(3);
    await t.control('POST', '/clock', { advance: 3600 });
    const [first, second] = got;
    expect(second?.body).toBe(first?.body);
    const timestamp = String(first?.headers['x-cld-timestamp']);
    const wanted = createHash('sha1').update(`${first?.body}${timestamp}${SECRETS.apiSecret}`).digest('hex');
    expect(first?.headers['x-cld-signature']).toBe(wanted);
    const deliveries = Object.values(
      await t.control<Record<string, { attempt: number; status: number }>>('GET', '/state/deliveries'),
    );
    expect(deliveries.map((one) => [one.attempt, one.status]).sort()).toEqual([
      [1, 503],
      [2, 503],
      [3, 200],
    ]);
    expect(got).toHaveLength(3);
  });

  test('others than those on this machine are in the outbox only', async () => {
    await trigger('https://hooks.example/a');
    await upload();
    const { messages } = await t.control<{ messages: Body[] }>('GET', '/outbox?to=https://hooks.example/a');
    expect(messages).toMatchObject([{ kind: 'webhook', payload: { notification_type: 'upload' } }]);
  });
});
