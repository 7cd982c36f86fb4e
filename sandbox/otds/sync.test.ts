import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { attribute, start } from './harness.ts';
import type { Sandbox } from './harness.ts';

const running: Sandbox[] = [];
afterEach(async () => {
  for (const s of running.splice(0)) await s.close();
});
async function fresh(dataDir?: string): Promise<Sandbox> {
  const s = await start(dataDir);
  running.push(s);
  return s;
}

test('a synchronised partition refuses what its source owns and takes the rest', async () => {
  const s = await fresh();
  const patch = (name: string, value: string) =>
    s.call('PATCH', '/users/femi.adeyemi@field', { values: [{ name, values: [value] }] });
  for (const name of ['title', 'accountDisabled', 'oTExtraAttr2']) {
    const { status, headers } = await patch(name, 'true');
    expect([name, status, headers.get('x-standin-chosen')]).toEqual([name, 400, 'SYNC_PARTITION']);
  }
  expect((await patch('oTExtraAttr9', 'local')).status).toBe(200);
  const whole = (await s.call('GET', '/users/femi.adeyemi@field')).body;
  expect(whole.originUUID).not.toBeNull();
  expect((await s.call('PUT', '/users/femi.adeyemi@field', whole)).status).toBe(200);
  expect((await s.call('POST', '/users', { userPartitionID: 'field', name: 'x' })).status).toBe(400);
  expect((await s.call('POST', '/groups', { userPartitionID: 'field', name: 'x' })).status).toBe(400);
  expect((await s.call('DELETE', '/users/femi.adeyemi@field')).status).toBe(400);
  expect((await s.call('POST', '/groups/Field%20Crew@field/members', { stringList: ['ada.byrne@staff'] })).status).toBe(
    400,
  );
  expect(
    (await s.call('POST', '/users/femi.adeyemi@field/memberof', { stringList: ['Project Aurora@staff'] })).status,
  ).toBe(204);
});

test('edits upstream show after an import: changed, disabled, renamed, left, new, moved between groups', async () => {
  const s = await fresh();
  const act = async (input: object) =>
    expect((await s.control('POST', '/act', { action: 'upstream', ...input })).status).toBe(200);
  const { uuid } = (await s.call('GET', '/users/tara.singh@field')).body;
  await act({ person: 'femi.adeyemi@field', set: { title: 'Producer', oTExtraAttr3: 'APAC' } });
  await act({ person: 'luca.bianchi', disable: true });
  await act({ person: 'tara.singh', set: { login: 'tara.mehta' } });
  await act({ person: 'joe.ramirez', remove: true });
  await act({ person: 'new.hand', create: { mail: 'new.hand@northwind.example', oTExtraAttr0: 'employee' } });
  await act({ group: 'Field Crew', add: 'new.hand' });
  await act({ group: 'Field Crew', drop: 'ana.costa' });
  expect(attribute((await s.call('GET', '/users/femi.adeyemi@field')).body, 'title')).toEqual(['Crew Lead']);
  const imported = await s.call('POST', '/identityproviderprofiles/field/command', { command: 'import' });
  expect([imported.status, imported.text]).toEqual([204, '']);
  expect(attribute((await s.call('GET', '/users/femi.adeyemi@field')).body, 'title')).toEqual(['Producer']);
  expect(attribute((await s.call('GET', '/users/luca.bianchi@field')).body, 'accountDisabled')).toEqual(['true']);
  expect((await s.call('GET', '/users/tara.mehta@field')).body.uuid).toBe(uuid);
  expect((await s.call('GET', '/users/joe.ramirez@field')).status).toBe(404);
  const crew = (await s.call('GET', '/groups/Field%20Crew@field/users')).body.users.map((u) => u.name);
  expect(crew).toContain('new.hand');
  expect(crew).not.toContain('ana.costa');
  const before = (await s.ledger()).length;
  await s.control('POST', '/act', { action: 'import' });
  expect((await s.ledger()).slice(before).flatMap((e) => e.writes)).toEqual([]);
});

test('actions that make no sense are refused with a sentence', async () => {
  const s = await fresh();
  const wrong: [object, RegExp][] = [
    [{ action: 'dance' }, /no action "dance"/],
    [{ action: 'upstream', person: 'femi.adeyemi' }, /exactly one/],
    [{ action: 'upstream', person: 'femi.adeyemi', sets: {} }, /no field "sets"/],
    [{ action: 'upstream', person: 'nobody', disable: true }, /nobody called nobody/],
    [{ action: 'choose', constant: 'PUT_MODE', value: 'maybe' }, /replace or merge/],
  ];
  for (const [input, sentence] of wrong) expect((await s.control('POST', '/act', input)).body.error).toMatch(sentence);
});

test('fifty writers at once: every reply, every effect and every ledger line fit together', async () => {
  const s = await fresh();
  const group = 'Media Library Users@staff';
  const before = (await s.ledger()).length;
  const work = Array.from({ length: 50 }, async (_, i) => {
    const name = `w${i}`;
    const made = await s.call('POST', '/users', { userPartitionID: 'staff', name });
    const joined = await s.call('POST', `/users/${name}@staff/memberof`, { stringList: [group] });
    const same = await s.call('POST', '/users', { userPartitionID: 'staff', name: 'one' });
    return [made.status, joined.status, same.status];
  });
  const statuses = await Promise.all(work);
  expect(statuses.filter(([made, joined]) => made === 200 && joined === 204).length).toBe(50);
  expect(statuses.filter(([, , same]) => same === 200).length).toBe(1);
  expect((await s.call('GET', `/groups/${group}`)).body.numMembers).toBe(50);
  const entries = (await s.ledger()).slice(before).filter((e) => e.method === 'POST');
  expect(entries.length).toBe(150);
  expect(entries.map((e) => e.seq)).toEqual(entries.map((_, i) => before + 1 + i));
  expect(entries.filter((e) => e.writes.length === 1).length).toBe(101);
  expect(new Set(entries.flatMap((e) => e.writes.map((w) => w.id))).size).toBe(101);
});

test('a restart goes on: people, tickets, tokens and ledger stay, page cookies do not', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'otds-'));
  const first = await fresh(dir);
  await first.call('PATCH', '/users/ada.byrne@staff', { description: 'kept' });
  const form = { grant_type: 'client_credentials', client_id: 'tenure', client_secret: 'otds-sandbox-secret' };
  const { access_token } = (await first.token(form)).body;
  const cookie = (await first.call('GET', '/users?page_size=2')).body.nextPageCookie ?? '';
  const lines = (await first.ledger()).length;
  await first.close();
  const second = await fresh(dir);
  const headers = { OTDSTicket: first.ticket };
  expect((await second.call('GET', '/users/ada.byrne@staff', undefined, headers)).body.description).toBe('kept');
  expect(
    (await second.call('GET', '/currentuser', undefined, { authorization: `Bearer ${access_token}` })).status,
  ).toBe(200);
  expect((await second.call('GET', `/users?next_page_cookie=${encodeURIComponent(cookie)}`)).status).toBe(400);
  expect((await second.ledger()).length).toBeGreaterThan(lines);
  await second.close();
  await rm(dir, { recursive: true });
});

test('a saved state can be put back, whatever happened since; a log-in from before still holds', async () => {
  const s = await fresh();
  const saved = await s.control('GET', '/state');
  await s.call('DELETE', '/users/ada.byrne@staff');
  await s.call('POST', '/groups/Project%20Aurora@staff/members', { stringList: ['ben.otto@staff'] });
  expect((await s.control('PUT', '/state', saved.body)).status).toBe(200);
  expect((await s.call('GET', '/users/ada.byrne@staff')).status).toBe(200);
  expect((await s.control('GET', '/state')).text).toBe(saved.text);
});

test('as a program: one line when ready, own secrets by flag, a clean end on SIGTERM', async () => {
  const child = spawn(process.execPath, ['sandbox/otds/main.ts', '--password', 'Other-1'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  const { system, url } = JSON.parse(line) as { system: string; url: string };
  expect(system).toBe('otds');
  const login = { method: 'POST', body: JSON.stringify({ userName: 'otadmin@otds.admin', password: 'Other-1' }) };
  expect((await fetch(`${url}/otdsws/rest/authentication/credentials`, login)).status).toBe(200);
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
});

test('lost replies and resets: the effect is there or not, and the ledger knows', async () => {
  const s = await fresh();
  const patch = (description: string) => s.call('PATCH', '/users/ada.byrne@staff', { description });
  const stored = async () => (await s.call('GET', '/users/ada.byrne@staff')).body.description;
  await s.plan({ kind: 'lostReply' }, { method: 'PATCH', path: '/otdsws/rest/users/*', caller: 'otadmin@otds.admin' });
  await expect(patch('done')).rejects.toThrow();
  expect(await stored()).toBe('done');
  await s.plan({ kind: 'reset' }, { method: 'PATCH' });
  await expect(patch('not done')).rejects.toThrow();
  expect(await stored()).toBe('done');
  await s.plan({ kind: 'status', status: 503, headers: { 'Retry-After': '2' } }, { method: 'PATCH' });
  const refused = await patch('not done');
  expect([refused.status, refused.headers.get('retry-after'), refused.body.errorDetails]).toEqual([503, '2', null]);
  await s.control('POST', '/clock', { advance: 60 });
  await patch('newest');
  await s.plan({ kind: 'stale', ms: 30_000 }, { path: '/otdsws/rest/users/ada.byrne@staff' });
  expect(await stored()).toBe('done');
  expect(await stored()).toBe('newest');
  const lines = (await s.ledger())
    .filter((e) => e.method === 'PATCH')
    .map((e) => [e.status, e.writes.length, e.replied]);
  expect(lines).toEqual([
    [200, 1, false],
    [null, 0, false],
    [503, 0, true],
    [200, 1, true],
  ]);
});
