import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Entry, Json } from '../common/types.ts';
import { SECRETS, seed } from './seed.ts';
import { cloudinaryStandIn } from './standIn.ts';
import type { Answer, Body, Plane, Trial } from './trial.ts';
import { startTrial } from './trial.ts';
import { abandoned } from '../common/abandoned.ts';

/** The control address: faults on each route group, the ledger, state and restart, and the strict switch. */
let t: Trial;
beforeAll(async () => {
  t = await startTrial();
});
afterEach(() => t.control('POST', '/reset'));
afterAll(() => t.close());

type Group = [name: string, plane: Plane, read: string, method: string, path: string, body: object];
/** One read and one write of each route group; the write makes something that the read then shows. */
const GROUPS: Group[] = [
  ['users', 'account', '/users', 'POST', '/users', { name: 'A B', email: 'mark@x.example' }],
  ['groups', 'account', '/user_groups', 'POST', '/user_groups', { name: 'mark' }],
  ['environments', 'account', '/sub_accounts', 'POST', '/sub_accounts', { name: 'mark' }],
  [
    'roles',
    'permissions',
    '/roles?permission_type=global',
    'POST',
    '/roles',
    { name: 'mark', permission_type: 'global', scope_type: 'prodenv' },
  ],
  [
    'policies',
    'permissions',
    '/policies/custom',
    'POST',
    '/policies/custom',
    { name: 'mark', policy_statement: 'permit(principal, action, resource);', scope_type: 'account' },
  ],
  ['folders', 'environment', '/folders', 'POST', '/folders/mark', {}],
  [
    'assets',
    'environment',
    '/resources/image/upload?prefix=mark',
    'POST',
    '/image/upload',
    { file: 'data:,x', public_id: 'mark' },
  ],
  [
    'bulk',
    'environment',
    '/tags/image?prefix=mark',
    'POST',
    '/image/tags',
    { public_ids: ['sample'], command: 'add', tags: 'mark' },
  ],
  [
    'metadata fields',
    'environment',
    '/metadata_fields',
    'POST',
    '/metadata_fields',
    { external_id: 'mark', label: 'mark', type: 'string' },
  ],
  [
    'metadata rules',
    'environment',
    '/metadata_rules',
    'POST',
    '/metadata_rules',
    {
      metadata_field_id: 'approved_by',
      name: 'mark',
      condition: { metadata_field_id: 'approved_by', populated: true },
      result: { hide: true },
    },
  ],
  [
    'triggers',
    'environment',
    '/triggers',
    'POST',
    '/triggers',
    { uri: 'poll://mark', event_type: 'upload', uri_type: 'poll' },
  ],
];

describe.each(GROUPS)('faults on %s', (_, plane, readPath, method, path, body) => {
  const plan = (fault: object, match: object = { method }) => t.control('POST', '/faults', { match, times: 1, fault });
  const write = () => t.send(plane, method, path, { body });
  const done = async (): Promise<boolean> => (await t.send(plane, 'GET', readPath)).text.includes('mark');

  test('status, html, reset and hang do nothing; the next call works', async () => {
    await plan({ kind: 'status', status: 503 });
    const answer = await write();
    expect([answer.status, typeof answer.body['error']]).toEqual([503, 'object']);
    await plan({ kind: 'status', status: 429, headers: { 'X-FeatureRateLimit-Remaining': '0' } });
    expect((await write()).headers.get('x-featureratelimit-remaining')).toBe('0');
    await plan({ kind: 'html' });
    expect((await write()).text).toContain('<!DOCTYPE html>');
    await plan({ kind: 'reset' });
    await expect(write()).rejects.toThrow();
    await plan({ kind: 'hang' });
    const ended = await abandoned(t.controlUrl, (signal) => fetch(t.pathOf(plane, path), { method, signal }));
    expect(ended).toMatchObject({ name: 'AbortError' });
    expect(await done()).toBe(false);
    expect((await write()).status).toBeLessThan(300);
    expect(await done()).toBe(true);
  });

  test('lostReply and truncate do it; delay is late; stale reads are of the past', async () => {
    await t.control('POST', '/clock', { advance: 10 });
    await plan({ kind: 'lostReply' });
    await expect(write()).rejects.toThrow();
    const entry = (await t.entries()).at(-1);
    expect(entry).toMatchObject({ replied: false, fault: { kind: 'lostReply' } });
    expect(entry?.writes.length).toBeGreaterThan(0);
    expect(await done()).toBe(true);
    await plan({ kind: 'stale', ms: 5000 }, { method: 'GET' });
    expect(await done()).toBe(false);
    await plan({ kind: 'truncate', bytes: 3 }, { method: 'GET' });
    await expect(done()).rejects.toThrow();
    await plan({ kind: 'delay', ms: 20 }, { method: 'GET' });
    const began = performance.now();
    expect(await done()).toBe(true);
    expect(performance.now() - began).toBeGreaterThanOrEqual(18);
  });
});

test('faults match a caller by plane and fingerprint', async () => {
  await t.account('GET', '/users');
  const { caller } = await t.lastEntry();
  expect(caller).toMatch(/^account:[0-9a-f]{12}$/);
  await t.control('POST', '/faults', { match: { caller }, times: 1, fault: { kind: 'status', status: 500 } });
  expect((await t.env('GET', '/ping')).status).toBe(200);
  expect((await t.account('GET', '/users')).status).toBe(500);
});

test('noContent answers 204 where 200 was due', async () => {
  await t.special('noContent', { method: 'PUT' });
  const ben = await t.user('ben.otto@northwind.example');
  expect((await t.account('PUT', `/users/${ben.id}`, { body: { name: 'B' } })).status).toBe(204);
  expect((await t.user('ben.otto@northwind.example')).name).toBe('B');
});

/** Replays the effects of the ledger on what was there before. */
function replay(before: Record<string, Record<string, Body>>, entries: Entry[], object: string, into: string): object {
  const rows: Record<string, Body> = structuredClone(before[into] ?? {});
  for (const write of entries.flatMap((entry) => entry.writes).filter((one) => one.object === object)) {
    if (write.after === null) delete rows[write.id];
    else rows[write.id] = { ...rows[write.id], ...(write.after as Body) };
  }
  return rows;
}

const plain = (rows: object): Json =>
  JSON.parse(JSON.stringify(rows, (k, v: Json) => (k === 'updated_at' ? undefined : v))) as Json;

test('the ledger is right under 50 concurrent writers', async () => {
  const before = await t.control<Record<string, Record<string, Body>>>('GET', '/state');
  const since = (await t.lastEntry()).seq;
  const group = await t.group('Project Aurora');
  const env = await t.environment();
  const folder = await t.folder('Finished');
  const writer = async (i: number): Promise<Answer[]> => {
    const email = `w${i % 25}@x.example`; // each address twice: one of the two is refused
    const made = await t.account('POST', '/users', { body: { name: `W ${i}`, email, sub_account_ids: [env.id] } });
    const id = String(made.body['id'] ?? (await t.user(email)).id);
    const roles = [{ id: 'cld::role::folder::viewer', scope_id: env.id, policy_parameters: { folder_id: folder } }];
    const grant = { operation: i % 5 === 0 ? 'remove' : 'add', principal: { type: 'user', id }, roles };
    return Promise.all([
      Promise.resolve(made),
      t.account(i % 3 === 0 ? 'DELETE' : 'POST', `/user_groups/${group.id}/users/${id}`),
      t.permissions('PUT', '/principal_roles', { body: grant }),
      t.account('PUT', `/users/${id}`, { body: { enabled: i % 2 === 0 } }),
      t.env('POST', '/image/tags', { body: { public_ids: ['sample'], command: 'add', tags: `t${i}` } }),
    ]);
  };
  const answers = (await Promise.all(Array.from({ length: 50 }, (_, i) => writer(i)))).flat();
  expect(answers.filter((answer) => answer.status === 409)).toHaveLength(25);
  const entries = (await t.entries()).filter((entry) => entry.seq > since);
  const after = await t.control<Record<string, Record<string, Body>>>('GET', '/state');
  for (const [object, into] of [
    ['user', 'users'],
    ['assignment', 'assignments'],
    ['asset', 'assets'],
  ] as const)
    expect(plain(replay(before, entries, object, into))).toEqual(plain(after[into] ?? {}));
  const members = Object.keys(replay({ held: {} }, entries, 'membership', 'held')).map((key) => key.split('/')[1]);
  const listed = after['groups']?.[group.id]?.['users'] as string[];
  expect(listed.filter((id) => members.includes(id)).sort()).toEqual(members.sort());
  const refused = entries.filter((entry) => entry.status === 409);
  expect(refused.flatMap((entry) => entry.writes)).toEqual([]);
});

test('secrets show as set in the ledger, and in clear in the state', async () => {
  const env = await t.environment();
  const { body } = await t.account('POST', `/sub_accounts/${env.id}/access_keys`, { body: { name: 'k' } });
  expect((await t.lastEntry()).writes[0]?.after).toMatchObject({ name: 'k', api_secret: 'set' });
  const ledger = JSON.stringify(await t.entries());
  expect(ledger).not.toContain(String(body['api_secret']));
  expect(JSON.stringify(await t.control('GET', '/state/keys'))).toContain(String(body['api_secret']));
});

describe('state', () => {
  test('is the same after each reset, and a saved one can be put back', async () => {
    const before = await t.control('GET', '/state');
    await t.env('POST', '/folders/Passing');
    const saved = await t.control('GET', '/state');
    await t.control('POST', '/reset');
    expect(await t.control('GET', '/state')).toEqual(before);
    await t.control('PUT', '/state', saved);
    expect((await t.env('GET', '/folders/Passing')).status).toBe(200);
  });

  test('outlives a restart on the same folder, with other secrets too', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'cloudinary-'));
    const first = await startTrial({ dataDir });
    await first.env('POST', '/folders/Kept');
    await first.close();
    const second = await startTrial({ dataDir });
    expect((await second.env('GET', '/folders/Kept')).status).toBe(200);
    await second.close();
    await rm(dataDir, { recursive: true });
    const def = cloudinaryStandIn({ secrets: { ...SECRETS, apiKey: '123456789012345', apiSecret: 's' } });
    const state = seed({});
    def.callerOf?.({ method: 'GET', path: '/', headers: {} } as never, state, new Date());
    const root = Object.values(state.keys).find((key) => key.name === 'Root' && key.api_key === '123456789012345');
    expect(root?.api_secret).toBe('s');
    expect(state.keys[SECRETS.apiKey]).toBeUndefined();
  });

  test('a generated company of 5,000 answers a page of users quickly', async () => {
    await t.control('POST', '/reset', { people: 5000 });
    const page = () => t.account('GET', '/users?page=3&page_size=100&sort_by=created_at&sort_order=asc');
    await page();
    const began = performance.now();
    expect(((await page()).body['users'] as object[]).length).toBe(100);
    expect(performance.now() - began).toBeLessThan(100);
  });
});

describe('--strict', () => {
  let strict: Trial;
  beforeAll(async () => {
    strict = await startTrial({ strict: true });
  });
  afterAll(() => strict.close());

  test.each([
    ['field', 'account', 'POST', '/users', { body: { name: 'A', email: 'a@x.example', expires: 'soon' } }],
    ['parameter', 'account', 'GET', '/users?nonsense=1', {}],
    ['header', 'environment', 'GET', '/ping', { headers: { 'Idempotency-Key': '1' } }],
    ['ETag', 'environment', 'PUT', '/folders/by_id', { body: { id: 'x' }, headers: { 'If-Match': '"1"' } }],
  ] as const)(
    'an unknown %s is a 400 in the v1 shape, and fine without the switch',
    async (_, plane, method, path, o) => {
      const answer = await strict.send(plane, method, path, o);
      expect([answer.status, Object.keys(answer.body)]).toEqual([400, ['error']]);
      expect(answer.headers.get('x-standin-chosen')).toContain('strictRefusal');
      expect((await t.send(plane, method, path, o)).status).not.toBe(400);
    },
  );

  test('in v2 it is the vendor’s shape there', async () => {
    const answer = await strict.permissions('GET', '/roles?permission_type=global&nonsense=1');
    expect(answer.body).toMatchObject({ error: { category: 'user_error', code: 'ACCOUNTS_00005' } });
  });
});

test.each([
  ['fly', {}],
  ['edit', { user: 'ben.otto@northwind.example', set: { wings: 2 } }],
  ['edit', { user: 'nobody@northwind.example', set: {} }],
  ['settings', { mode: 'new' }],
  ['choose', { constant: 'nothing', value: 1 }],
  ['choose', { constant: 'knownEmail', value: 500 }],
  ['upload', { folder: 'Legal' }],
])('%s with wrong input is refused with a sentence', async (action, rest) => {
  await expect(t.act(action, rest)).rejects.toThrow(/40[04] .*\.\W*$/);
});

test('edits by hand are in the ledger as somebody’s', async () => {
  const as = 'omar.haddad@northwind.example';
  const user = 'ben.otto@northwind.example';
  await t.act('edit', { as, user, group: 'Legal', present: true });
  expect(await t.lastEntry()).toMatchObject({
    caller: `control:${as}`,
    method: 'ACT',
    writes: [{ object: 'membership' }],
  });
  await t.act('edit', { user, role: 'cld::role::folder::editor', folder: 'Finished', present: true });
  await t.act('edit', { user, set: { role: 'reports' } });
  await t.act('edit', { folder: 'By/Hand' });
  await t.act('upload', { public_id: 'by-hand', folder: 'By/Hand', moderation: 'manual' });
  expect((await t.env('GET', '/resources/image/upload/by-hand')).body['asset_folder']).toBe('By/Hand');
  const rows = await t.control<{ folder: string }[]>('GET', `/state/access/${user}`);
  expect(rows.map((row) => row.folder)).toContain('Finished');
});
