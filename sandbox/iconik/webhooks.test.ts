import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Item, Trial } from './trial.ts';
import { startTrial } from './trial.ts';
import { webhookQuery } from './rules/webhookQuery.ts';

/** Webhooks that are really called on this machine, with the shared secret, retries and silence after failures. */
let iconik: Trial;
const servers: Server[] = [];
beforeAll(async () => {
  iconik = await startTrial();
});
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  await iconik.control('POST', '/reset');
});
afterAll(() => iconik.close());

const W = 'notifications/v1/webhooks/';
const C = 'assets/v1/collections/';

type Told = { realm: string; operation: string; object_type: string; object_id: string; user_id: string | null };
type Got = Told & { data: Record<string, unknown>; date_created: string; secret: string | undefined };

/** A consumer on a free port; answers the given statuses in turn, then 200. */
async function consumer(...statuses: number[]): Promise<{ url: string; got: Got[] }> {
  const got: Got[] = [];
  const server = createServer((message, res) => {
    let text = '';
    message.on('data', (part: Buffer) => (text += part.toString('utf8')));
    message.on('end', () => {
      const secret = message.headers['x-secret'];
      got.push({ ...(JSON.parse(text) as Got), secret: typeof secret === 'string' ? secret : undefined });
      res.writeHead(statuses.shift() ?? 200).end();
    });
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, got };
}

async function hook(url: string, more: object = {}): Promise<string> {
  const body = { event_type: 'collections', status: 'ENABLED', url, headers: { 'X-Secret': 'shared' }, ...more };
  const made = await iconik.owner('POST', W, body);
  expect(made.status).toBe(201);
  return made.body.id;
}

async function collection(parent_id: string | null = null): Promise<Item> {
  const body = { title: 'Dailies', parent_id };
  return (await iconik.owner('POST', `${C}?apply_default_acls=false`, body)).body;
}

/** Tries so far, by what came of them. */
async function tries(count: number): Promise<(number | null)[]> {
  for (;;) {
    const all = await iconik.control<Record<string, { status: number | null; at: string }>>('GET', '/state/deliveries');
    const told = Object.values(all).sort((a, b) => (a.at < b.at ? -1 : 1));
    if (told.length >= count) return told.map((one) => one.status);
  }
}

const state = async (id: string): Promise<Item & Record<string, unknown>> =>
  (await iconik.owner('GET', `${W}${id}/`)).body;
const kinds = (got: Told[]): string[] => got.map((one) => `${one.realm} ${one.operation}`);

describe('what is told', () => {
  test('a collection from its creation to its purge, who did it, and the shared secret', async () => {
    const { url, got } = await consumer();
    await hook(url);
    const one = await collection();
    await iconik.owner('PATCH', `${C}${one.id}/`, { title: 'Renamed' });
    await iconik.owner('DELETE', `${C}${one.id}/`);
    await iconik.settle();
    await iconik.owner('PUT', `${C}${one.id}/restore/`);
    await iconik.owner('DELETE', `${C}${one.id}/purge/`);
    await tries(5);
    expect(kinds(got).sort()).toEqual(
      ['create', 'update', 'delete', 'restore', 'purge'].map((operation) => `entity ${operation}`).sort(),
    );
    const me = (await iconik.owner('GET', 'users/v1/users/current/')).body.id;
    const [first] = got.filter((event) => event.operation === 'create');
    expect(first).toMatchObject({ object_type: 'collections', object_id: one.id, user_id: me, secret: 'shared' });
    expect(first?.data['title']).toBe('Dailies');
    expect(first?.date_created).toMatch(/\+00:00$/);
  });

  test('ACL rows, own and propagating, without data; a needless repeat is not told', async () => {
    const { url, got } = await consumer();
    await hook(url, { realm: 'acls' });
    const [root, legal] = [await collection(), await iconik.team('Legal')];
    const body = { object_keys: [root.id], group_ids: [legal.id], permissions: ['read'] };
    await iconik.owner('PUT', 'acls/v1/acl/collections/', body);
    await iconik.owner('PUT', 'acls/v1/acl/collections/', body);
    await iconik.owner('PUT', 'acls/v1/acl/collections/', { ...body, permissions: ['read', 'write'] });
    await iconik.owner('PUT', 'acls/v1/acl/_propagating_collections/', body);
    await iconik.owner('DELETE', 'acls/v1/acl/collections/', body);
    await tries(4);
    expect(kinds(got).sort()).toEqual(['acls create', 'acls create', 'acls delete', 'acls update']);
    expect(got.map((one) => [one.object_id, one.data])).toEqual(got.map(() => [root.id, {}]));
  });

  test('contents and assets; edits by hand too, with who made them', async () => {
    const { url, got } = await consumer();
    await hook(url, { realm: 'contents' });
    await hook(url, { event_type: 'assets', operation: 'download' });
    const ben = await iconik.user('ben.otto@northwind.example');
    const { id } = await iconik.act('upload', { as: ben.email, collection: 'Marketing', title: 'Cut 3' });
    await iconik.act('asset', { as: ben.email, asset: id ?? '', operation: 'DOWNLOAD' });
    const root = await iconik.root('Marketing');
    await iconik.owner('DELETE', `${C}${root.id}/contents/assets/${id}/`);
    await tries(3);
    expect(kinds(got).sort()).toEqual(['contents create', 'contents delete', 'entity download']);
    expect(got.find((one) => one.operation === 'download')?.user_id).toBe(ben.id);
  });

  test('only what realm, operation, object and query ask for; users and groups have no events', async () => {
    const { url, got } = await consumer();
    const [one, other] = [await collection(), await collection()];
    await hook(url, { realm: 'entity', operation: 'update', object_id: one.id, query: 'data.title=/^Re/' });
    for (const id of [one.id, other.id]) {
      for (const title of ['Renamed', 'Other']) await iconik.owner('PATCH', `${C}${id}/`, { title });
    }
    await iconik.owner('POST', 'users/v1/teams/', { name: 'Night Shift' });
    await tries(1);
    expect(got.map((event) => [event.object_id, event.data['title']])).toEqual([[one.id, 'Renamed']]);
  });

  test('an address elsewhere is in the outbox only', async () => {
    await hook('https://hooks.example/iconik');
    await collection();
    const path = '/outbox?to=https://hooks.example/iconik';
    const { messages } = await iconik.control<{ messages: { payload: Told; headers: object }[] }>('GET', path);
    expect(messages.map((one) => [kinds([one.payload]), one.headers])).toEqual([
      [['entity create'], { 'X-Secret': 'shared' }],
    ]);
    expect(await iconik.control('GET', '/state/deliveries')).toEqual({});
    expect(JSON.stringify(await iconik.control('GET', '/ledger'))).not.toContain('"shared"');
  });
});

describe('failures', () => {
  test('three tries, after 1 s and 5 s of the stand-in’s clock; a later success is enough', async () => {
    const { url, got } = await consumer(500, 503);
    const id = await hook(url);
    await collection();
    expect(await tries(1)).toEqual([500]);
    await iconik.control('POST', '/clock', { advance: 1 });
    expect(await tries(2)).toEqual([500, 503]);
    await iconik.control('POST', '/clock', { advance: 5 });
    expect(await tries(3)).toEqual([500, 503, 200]);
    expect(new Set(got.map((one) => one.object_id)).size).toBe(1);
    expect(await state(id)).toMatchObject({ status: 'ENABLED', first_failed_at: null });
  });

  test('three failed deliveries make it FAILING and silent, until a PUT enables it', async () => {
    await iconik.choose('webhookTries', 'one');
    const { url, got } = await consumer(500, 500, 500);
    const id = await hook(url);
    for (let i = 1; i <= 3; i++) {
      await collection();
      await tries(i);
    }
    const failing = await state(id);
    expect(failing).toMatchObject({ status: 'FAILING', last_error: 'HTTP status 500' });
    expect(failing['first_failed_at']).toEqual(expect.any(String));
    expect(JSON.parse(String(failing['last_payload']))).toMatchObject({ operation: 'create' });
    await collection();
    expect(got).toHaveLength(3);
    await iconik.owner('PUT', `${W}${id}/`, { event_type: 'collections', status: 'ENABLED', url });
    await collection();
    expect(await tries(4)).toEqual([500, 500, 500, 200]);
    expect(await state(id)).toMatchObject({ status: 'ENABLED', last_error: null });
  });

  test('nobody there is a failure too, and the retry survives a saved state', async () => {
    const id = await hook('http://127.0.0.1:9/');
    await collection();
    expect(await tries(1)).toEqual([null]);
    const saved = await iconik.control<object>('GET', '/state');
    await iconik.control('POST', '/reset');
    await iconik.control('PUT', '/state', saved);
    await iconik.control('POST', '/clock', { advance: 4 });
    await iconik.owner('GET', 'users/v1/users/current/'); // the first request sets late work going
    expect(await tries(2)).toEqual([null, null]);
    await iconik.owner('DELETE', `${W}${id}/`);
    await iconik.control('POST', '/clock', { advance: 10 });
    expect(await tries(2)).toHaveLength(2);
  });
});

describe('specials', () => {
  test.each([
    ['webhookLost', 0],
    ['webhookDoubled', 2],
  ])('%s: %i deliveries of one event', async (name, count) => {
    const { url, got } = await consumer();
    await hook(url);
    await iconik.special(name);
    await collection();
    const { id } = await collection();
    await tries(count + 1);
    expect(got.filter((one) => one.object_id !== id)).toHaveLength(count);
  });

  test('webhookReordered: an event comes after the next one', async () => {
    const { url, got } = await consumer();
    await hook(url);
    await iconik.special('webhookReordered');
    const [first, second] = [await collection(), await collection()];
    await tries(1);
    await iconik.control('POST', '/clock', { advance: 2 });
    await tries(2);
    expect(got.map((one) => one.object_id)).toEqual([second.id, first.id]);
  });
});

describe('the query language', () => {
  const event = { operation: 'update', data: { size: 7, status: 'CLOSED', is_archived: false, owner: null } };
  test.each([
    ['operation="update"', true],
    ['operation!="update"', false],
    ['data.size>6 AND data.size<=7', true],
    ['data.size<7 OR data.size>=8', false],
    ['data.is_archived=false AND data.size>0 (data.status="CLOSED" OR data.status="DELETED")', true],
    ['data.owner!=null', false],
    ['data.nothing=null', true],
    ['data.status=/^CLO/', true],
    ['data.status!=/SED$/', false],
    ['data.status>"BLOCKED"', true],
    ['data.size>"6"', false],
    ['NOT operation="update"', null],
    ['(operation="update"', null],
    ['operation="update" OR', null],
    ['operation=/(/', null],
    ['', null],
  ])('%s is %s', (query, expected) => {
    if (expected === null) expect(() => webhookQuery(query)).toThrow('Not a valid query');
    else expect(webhookQuery(query)(event)).toBe(expected);
  });
});
