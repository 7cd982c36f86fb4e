import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { isObject } from '../common/fields.ts';
import type { Entry, Json } from '../common/types.ts';
import { CLIENT, list, seg, startRecorder, str } from './covers/recorder.ts';
import type { Answer, Body, Recorder } from './covers/recorder.ts';

/** The control address: faults on each route group, the ledger, state and restart, and the strict switch. */
let t: Recorder;
beforeAll(async () => {
  t = await startRecorder();
});
beforeEach(() => t.reset());
afterAll(() => t.standIn.close());

/** Waits until every planned fault has struck. */
const spent = () => t.until('/faults', ({ faults }) => list(faults).every((f) => f['spent'] === true));

type Group = [name: string, read: string, method: string, path: string, body: object];
const REST = '/otdsws/rest';
const SCIM = '/otdsws/scim/staff';
const MEMBERS = { users: [{ name: 'ada.byrne@staff', location: '' }] };
/** One read and one write of each route group; the write makes something that the read then shows as `qqmark`. */
const GROUPS: Group[] = [
  ['users', `${REST}/users?where_filter=qqmark`, 'POST', `${REST}/users`, { userPartitionID: 'staff', name: 'qqmark' }],
  ['groups', `${REST}/groups?where_filter=qqmark`, 'POST', `${REST}/groups`, { userPartitionID: 'staff', name: 'qqmark' }],
  ['memberships', `${REST}/groups/Legal%20Review@staff/users`, 'POST', `${REST}/users/qqmark@staff/memberof`, { stringList: ['Legal Review@staff'] }],
  ['roles', `${REST}/roles`, 'POST', `${REST}/roles`, { userPartitionID: 'staff', name: 'qqmark' }],
  ['access roles', `${REST}/accessroles/Access%20to%20Media%20Portal`, 'PUT', `${REST}/accessroles/Access%20to%20Media%20Portal/attributes`, { attributes: [{ name: 'qqmark', values: [] }] }],
  ['partitions', `${REST}/partitions/qqmark`, 'POST', `${REST}/partitions`, { name: 'qqmark' }],
  ['organizational units', `${REST}/orgunits`, 'POST', `${REST}/orgunits`, { userPartitionID: 'staff', name: 'qqmark' }],
  ['profiles', `${REST}/partitions/qqmark`, 'POST', `${REST}/identityproviderprofiles`, { profileName: 'qqmark' }],
  ['resources', `${REST}/resources`, 'POST', `${REST}/resources`, { resourceName: 'qqmark' }],
  ['OAuth clients', `${REST}/oauthclients/qqmark`, 'POST', `${REST}/oauthclients`, { id: 'qqmark' }],
  ['system configuration', `${REST}/systemconfig/whitelist`, 'PUT', `${REST}/systemconfig/whitelist`, { stringList: ['qqmark'] }],
  ['licences', `${REST}/licensemanagement/licenses/assignedlicenses`, 'POST', `${REST}/licensemanagement/licenses`, { name: 'qqmark' }],
  ['tenants', '/otdsws/tenants', 'POST', '/otdsws/tenants', { id: 'qqmark' }],
  ['v1', `${REST}/users?where_filter=qqmark`, 'POST', '/otdsws/v1/users', { user_partition_id: 'staff', name: 'qqmark' }],
  ['SCIM users', `${SCIM}/Users?filter=${seg('userName eq "qqmark"')}`, 'POST', `${SCIM}/Users`, { userName: 'qqmark' }],
  ['SCIM groups', `${SCIM}/Groups`, 'POST', `${SCIM}/Groups`, { displayName: 'qqmark' }],
]; // prettier-ignore

describe.each(GROUPS)('faults on %s', (name, readPath, method, path, given) => {
  let body = given;
  beforeEach(async () => {
    if (name === 'memberships') await t.done('POST', '/users', { userPartitionID: 'staff', name: 'qqmark' });
    if (name !== 'licences') return;
    const { resourceID } = await t.get('/resources/Media%20Portal');
    body = { ...given, values: [{ name: 'oTLicenseResource', values: [resourceID] }] };
  });
  const write = () => t.send(method, path, { body });
  /** Without what a list repeats of the question. */
  const done = async () => {
    const { text } = await t.send('GET', readPath);
    return text.replace(/"(requestedFilter|error|detail|location)":"[^"]*"/g, '').includes('qqmark');
  };

  test('status, html, reset and hang do nothing; the next call works', async () => {
    await t.plan({ kind: 'status', status: 503, headers: { 'Retry-After': '2' } }, { method });
    const answer = await write();
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2']);
    expect(Object.keys(answer.body)[0]).toBe(path.includes('/scim/') ? 'schemas' : 'status');
    await t.plan({ kind: 'html' }, { method });
    expect((await write()).text).toContain('<!DOCTYPE html>');
    await t.plan({ kind: 'reset' }, { method });
    await expect(write()).rejects.toThrow();
    await t.plan({ kind: 'hang' }, { method });
    const gone = new AbortController();
    const hanging = fetch(`${t.standIn.url}${path}`, { method, signal: gone.signal });
    await spent();
    gone.abort();
    await expect(hanging).rejects.toThrow();
    expect(await done()).toBe(false);
    expect((await write()).status).toBeLessThan(300);
    expect(await done()).toBe(true);
  });

  test('lostReply and truncate do it; delay is late; stale reads are of the past', async () => {
    await t.control('POST', '/clock', { advance: 10 });
    await t.plan({ kind: 'lostReply' }, { method });
    await expect(write()).rejects.toThrow();
    const entry = (await t.entries()).at(-1);
    expect(entry).toMatchObject({ replied: false, fault: { kind: 'lostReply' } });
    expect(entry?.writes.length).toBeGreaterThan(0);
    expect(await done()).toBe(true);
    await t.plan({ kind: 'stale', ms: 5000 }, { method: 'GET' });
    expect(await done()).toBe(false);
    await t.plan({ kind: 'truncate', bytes: 3 }, { method: 'GET' });
    await expect(done()).rejects.toThrow();
    await t.plan({ kind: 'delay', ms: 20 }, { method: 'GET' });
    const began = performance.now();
    expect(await done()).toBe(true);
    expect(performance.now() - began).toBeGreaterThanOrEqual(18);
  });
});

test('faults match a caller by name, skip some and draw by chance', async () => {
  const fault = { kind: 'status', status: 500 };
  await t.plan(fault, { caller: 'tenure@OAuthClients' });
  expect((await t.rest('GET', '/currentuser')).status).toBe(200);
  const headers = { authorization: `Bearer ${t.bearer}` };
  expect((await t.rest('GET', '/currentuser', { as: null, headers })).status).toBe(500);
  await t.control('POST', '/faults', { skip: 1, times: 1, fault });
  const seen = [];
  for (let i = 0; i < 3; i++) seen.push((await t.rest('GET', '/currentuser')).status);
  expect(seen).toEqual([200, 500, 200]);
});

/** Replays the effects of the ledger on what was there before. */
function replay(before: Body, entries: Entry[], object: string): Record<string, Body> {
  const rows = structuredClone(before) as Record<string, Body>;
  for (const write of entries.flatMap((entry) => entry.writes).filter((one) => one.object === object)) {
    if (write.after === null) delete rows[write.id];
    else rows[write.id] = { ...rows[write.id], ...(write.after as Body) };
  }
  return rows;
}

/** Users as the ledger tells of them. */
function told(users: Json | undefined): Record<string, Body> {
  const rows = Object.entries(isObject(users) ? users : {});
  return Object.fromEntries(
    rows.map(([uuid, u]) => {
      const { name, description, attributes } = u as { name: string; description: string | null; attributes: Body };
      return [uuid, { name, description, ...attributes }];
    }),
  );
}

test('the ledger is right under 50 concurrent writers', async () => {
  const team = 'Legal Review@staff';
  const before = told((await t.control('GET', '/state'))['users']);
  const since = (await t.entries()).length;
  const writer = async (i: number): Promise<Answer[]> => {
    const name = `w${i % 25}`; // each login twice: one of the two is refused
    const made = await t.rest('POST', '/users', { body: { userPartitionID: 'staff', name } });
    const path = `/users/${name}@staff`;
    const verb = i % 3 === 0 ? '/memberof/deletionset' : '/memberof';
    const values = [{ name: 'title', values: [`T${i}`] }];
    return [
      made,
      ...(await Promise.all([
        t.rest('POST', `${path}${verb}`, { body: { stringList: [team] } }),
        t.rest('PATCH', path, { body: { values } }),
        t.send('GET', `${SCIM}/Users?filter=${seg(`userName eq "${name}"`)}`),
        i % 10 === 9
          ? t.rest('DELETE', path)
          : t.rest('PUT', `${path}/password`, { body: { newPassword: `Pass-word-${i}` } }),
      ])),
    ];
  };
  const answers = (await Promise.all(Array.from({ length: 50 }, (_, i) => writer(i)))).flat();
  expect(answers.filter((a) => a.status >= 500)).toEqual([]);
  const entries = (await t.entries()).slice(since);
  expect(entries.map((e) => e.seq)).toEqual(entries.map((_, i) => since + 1 + i));
  expect(entries.length).toBe(answers.length);
  const state = await t.control('GET', '/state');
  const kept = (rows: Record<string, Body>) =>
    Object.fromEntries(
      Object.entries(rows).map(([id, { name, title }]) => [id, { name, title: title ?? null }] as const),
    );
  expect(kept(replay(before, entries, 'user'))).toEqual(kept(told(state['users'])));
  const group = Object.values(state['groups'] as Record<string, Body>).find((g) => g['name'] === 'Legal Review');
  const uuid = str(group?.['uuid']);
  const members = (state['members'] as Record<string, { users: string[] }>)[uuid]?.users ?? [];
  const inside = new Set<string>();
  for (const w of entries.flatMap((e) => e.writes).filter((one) => one.object === 'membership'))
    if (w.after === null) inside.delete(w.id);
    else inside.add(w.id);
  expect(
    members
      .map((m) => `${uuid}/${m}`)
      .filter((id) => inside.has(id))
      .sort(),
  ).toEqual([...inside].sort());
  const refused = entries.filter((e) => (e.status ?? 0) >= 400);
  expect(refused.length).toBe(answers.filter((a) => a.status >= 400).length);
  expect(refused.flatMap((e) => e.writes)).toEqual([]);
});

describe('state', () => {
  test('is the same after each reset but for log-ins, and a saved one can be put back', async () => {
    const steady = async () => {
      const { tickets: _t, tokens: _o, auditRecords: _a, users, ...rest } = await t.control('GET', '/state');
      return { ...rest, users: told(users) };
    };
    const before = await steady();
    await t.done('PUT', '/systemconfig/whitelist', { stringList: ['http://x.example'] }, 204);
    const saved = await t.control('GET', '/state');
    await t.reset();
    expect(await steady()).toEqual(before);
    await t.control('PUT', '/state', saved);
    await t.logIn();
    expect(await t.get('/systemconfig/whitelist')).toEqual({ stringList: ['http://x.example'] });
  });

  test('outlives a restart: licences, configuration, refresh tokens and the push queue, which goes on', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'otds-control-'));
    const first = await startRecorder({ dataDir });
    await first.done('PUT', '/systemconfig/passwordpolicy', { minimumNumberOfCharacters: 11 }, 204);
    const { url } = first.standIn;
    const parameters = [
      { name: 'baseURL', value: `${t.standIn.url}/otdsws/scim/partners` },
      { name: 'oauthTokenURL', value: `${t.standIn.url}/otdsws/oauth2/token` },
      { name: 'clientID', value: CLIENT.client_id },
      { name: 'clientSecret', value: CLIENT.client_secret },
    ];
    expect(url).not.toBe(t.standIn.url);
    await first.choose('PUSH_DELAY_MS', 3_600_000);
    await first.done('POST', '/resources', {
      resourceName: 'Down',
      connectorid: 'SCIM',
      connectionParamInfo: parameters,
    });
    const members = `/accessroles/${seg('Access to Down')}/members`;
    await first.done('POST', members, MEMBERS, 204);
    await first.standIn.close();
    const second = await startRecorder({ dataDir });
    expect(await second.get('/systemconfig/passwordpolicy')).toMatchObject({ minimumNumberOfCharacters: 11 });
    expect(Object.keys(await second.control('GET', '/state/push-queue'))).toHaveLength(1);
    await second.control('POST', '/clock', { advance: 3601 });
    await second.settled();
    expect((await t.get('/users/ada.byrne@partners'))['originUUID']).not.toBeNull();
    await second.standIn.close();
    await rm(dataDir, { recursive: true });
  });

  test('saved before a part was served, it is filled in at the start', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'otds-control-'));
    await (await startRecorder({ dataDir })).standIn.close();
    const file = join(dataDir, 'otds.json');
    const saved = JSON.parse(await readFile(file, 'utf8')) as { state: Body };
    for (const name of ['licenses', 'systemConfig', 'pushQueue', 'tenants']) delete saved.state[name];
    saved.state['choices'] = { PUT_MODE: 'merge' };
    await writeFile(file, JSON.stringify(saved));
    const again = await startRecorder({ dataDir });
    expect(await again.get('/systemconfig/whitelist')).toEqual({ stringList: [] });
    expect(await again.control('GET', '/state/choices')).toMatchObject({ PUT_MODE: 'merge', CREATE_STATUS: '200' });
    await again.standIn.close();
    await rm(dataDir, { recursive: true });
  });
});

describe('--strict', () => {
  let strict: Recorder;
  beforeAll(async () => {
    strict = await startRecorder({ strict: true });
  });
  afterAll(() => strict.standIn.close());

  test.each([
    ['field', 'PATCH', `${REST}/users/ada.byrne@staff`, { body: { disabled: true } }],
    [
      'field inside values',
      'PATCH',
      `${REST}/users/ada.byrne@staff`,
      { body: { values: [{ name: 'title', value: 'x' }] } },
    ],
    [
      'field of a form',
      'POST',
      '/otdsws/oauth2/token',
      { form: { grant_type: 'client_credentials', ...CLIENT, x: '1' } },
    ],
    ['parameter', 'GET', `${REST}/users?limit=5`, {}],
    ['header', 'GET', `${REST}/users`, { headers: { 'If-Modified-Since': 'x' } }],
    [
      'header that promises',
      'PATCH',
      `${REST}/users/ada.byrne@staff`,
      { body: {}, headers: { 'Idempotency-Key': '1' } },
    ],
    ['SCIM field', 'POST', `${SCIM}/Users`, { body: { userName: 'strict', password: 'x' } }],
  ])('an unknown %s is a 400 in the shape of that part, and fine without the switch', async (_, method, path, o) => {
    const answer = await strict.send(method, path, o);
    const fields = path.includes('/scim/') ? ['schemas', 'status', 'detail'] : ['status', 'error', 'errorDetails'];
    expect([answer.status, Object.keys(answer.body)]).toEqual([400, fields]);
    expect(answer.headers.get('x-standin-chosen')).toContain('STRICT');
    expect((await t.send(method, path, o)).status).toBeLessThan(300);
  });
});

test.each([
  ['fly', {}],
  ['upstream', { person: 'nobody', disable: true }],
  ['choose', { constant: 'NOTHING', value: 1 }],
  ['editAdministrators', { partition: 'none' }],
  ['twin', { person: 'nobody@staff', partition: 'partners' }],
  ['twin', { person: 'ada.byrne@staff', partition: 'staff' }],
])('%s with wrong input is refused with a sentence', async (action, more) => {
  await expect(t.act(action, more)).rejects.toThrow(/40[04] .*\.\W*$/);
});
