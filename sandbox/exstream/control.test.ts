import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Entry } from '../common/types.ts';
import type { Answer, Trial } from './trial.ts';
import { DAS, DEV, ORC, PROD, endTrials, startTrial } from './trial.ts';

/** control.md: faults on each route group, the ledger, the state, choices. */

let t: Trial;
beforeEach(async () => {
  t = await startTrial();
});
afterEach(endTrials);

/** One read of each route group. */
const GROUPS: [string, string][] = [
  ['probe', `${DAS}/version`],
  ['current user', `${DAS}/authentication/current-user`],
  ['roles', `${DAS}/roles`],
  ['group-roles', `${DAS}/group-roles`],
  ['permissions', `${DAS}/permissions/${PROD}/resources`],
  ['domains', `${DAS}/domains`],
  ['resources', `${DAS}/resources/${PROD}`],
  ['imports', `${DAS}/import/logs`],
  ['runtime', `${ORC}/runtime/${PROD}/jobs`],
  ['schedules', `${ORC}/cron-jobs/${PROD}`],
  ['configuration', `${ORC}/configuration/${PROD}`],
  ['flow models', `${ORC}/flow-models/${PROD}/published`],
];

describe('faults', () => {
  test.each(GROUPS)('on %s', async (_group, path) => {
    await t.token('tenure');
    const get = (): Promise<Answer> => t.raw('GET', path);
    const match = { path };
    await t.fault({ kind: 'status', status: 503, headers: { 'Retry-After': '1' } }, match);
    const busy = await get();
    expect([busy.status, busy.headers.get('retry-after')]).toEqual([503, '1']);
    if (path.startsWith(ORC)) expect(busy.body).toMatchObject({ status: 'error', data: [{ statusCode: '503' }] });
    else expect(busy.body).toMatchObject({ status: 503, path, errorCode: 900_500 });
    await t.fault({ kind: 'html', status: 200 }, match);
    expect((await get()).text).toContain('<!DOCTYPE html>');
    await t.fault({ kind: 'status', status: 200, body: '' }, match);
    expect((await get()).text).toBe('');
    await t.fault({ kind: 'reset' }, match);
    await expect(get()).rejects.toThrow();
    await t.fault({ kind: 'truncate', bytes: 5 }, match);
    await expect(get()).rejects.toThrow();
    await t.special('tokenExpiry', match);
    expect((await get()).status).toBe(401);
    t.forget();
    expect((await get()).status).toBe(200);
  });

  test('lostReply: the effect is there and was not told', async () => {
    await t.token('tenure');
    await t.fault({ kind: 'lostReply' }, { method: 'POST', path: `${DAS}/group-roles` });
    const body = { group: 'Lost@staff', roleName: 'readonly', domain: { id: DEV } };
    await expect(t.das('POST', '/group-roles', { body })).rejects.toThrow();
    expect((await t.das('GET', `/group-roles/${DEV}`)).body.data.some((row) => row.group === 'Lost@staff')).toBe(true);
    const entries = await t.ledger();
    expect(entries.at(-2)).toMatchObject({
      replied: false,
      status: 200,
      caller: 'tenure@OAuthClients',
      writes: [{ object: 'groupRole', before: null }],
    });
  });

  test('a reset before a submit makes nothing, after it one render', async () => {
    await t.asset(PROD, 'Welcome Letter');
    const submits = { method: 'POST', path: '*/generate' };
    await t.fault({ kind: 'reset' }, submits);
    await expect(t.submit('Welcome Letter', 'WelcomeDriver')).rejects.toThrow();
    expect(await t.control('GET', '/state/renders')).toEqual({});
    await t.fault({ kind: 'lostReply' }, submits);
    await expect(t.submit('Welcome Letter', 'WelcomeDriver')).rejects.toThrow();
    const renders = Object.values(await t.control<Record<string, { count: number }>>('GET', '/state/renders'));
    expect(renders.map((one) => one.count)).toEqual([1]);
  });

  test('special faults: the error body of the wrong service, the inner 401', async () => {
    await t.special('wrongErrorBody');
    expect((await t.das('GET', '/nothing')).body).toMatchObject({ status: 'error', data: [{ statusCode: '404' }] });
    await t.asset(PROD, 'Welcome Letter');
    await t.special('inner401', { path: '*/generate' });
    expect((await t.submit('Welcome Letter', 'WelcomeDriver')).body.data[0]).toMatchObject({ statusCode: '401' });
  });

  test('a caller can be matched', async () => {
    await t.token('ada.byrne@staff');
    await t.token('tenure');
    await t.control('POST', '/faults', {
      match: { caller: 'ada.byrne@staff' },
      fault: { kind: 'status', status: 500 },
    });
    expect((await t.das('GET', '/domains', { as: 'ada.byrne@staff' })).status).toBe(500);
    expect((await t.das('GET', '/domains')).status).toBe(200);
  });
});

describe('semi-public calls', () => {
  test.each([404, 403])('answer %s all together, or by group', async (status) => {
    await t.choose('SEMI_PUBLIC_CRON_JOBS', status);
    expect((await t.orc('GET', `/cron-jobs/${PROD}`)).status).toBe(status);
    expect((await t.das('GET', '/group-roles')).status).toBe(200);
    await t.choose('SEMI_PUBLIC', status);
    for (const [name, path] of GROUPS) {
      const open = ['probe', 'domains', 'resources', 'imports'].includes(name);
      expect([name, (await t.raw('GET', path)).status]).toEqual([name, open ? 200 : status]);
    }
  });
});

/** What the ledger's effects on one kind of object come to. */
function replayed(entries: Entry[], object: string): Map<string, Record<string, unknown>> {
  const rows = new Map<string, Record<string, unknown>>();
  for (const write of entries.flatMap((entry) => entry.writes).filter((one) => one.object === object)) {
    if (write.after === null) rows.delete(write.id);
    else rows.set(write.id, { ...rows.get(write.id), ...(write.after as Record<string, unknown>) });
  }
  return rows;
}

test('the ledger is right under 50 concurrent writers', async () => {
  const as = 'tenantadmin@exstream.role';
  await t.token(as);
  const base = await t.control<Record<string, object>>('GET', '/state/groupRoles');
  const writer = async (n: number): Promise<number[]> => {
    const body = { group: `Group ${n % 20}@staff`, roleName: n % 2 ? 'readonly' : 'reviewer', domain: { id: DEV } };
    const post = await t.das('POST', '/group-roles', { as, body });
    const remove = n % 3 === 0 ? [await t.das('DELETE', '/group-roles', { as, body })] : [];
    return [post, ...remove].map((reply) => reply.status);
  };
  const since = (await t.ledger()).length;
  const statuses = await Promise.all(Array.from({ length: 50 }, (_, n) => writer(n)));
  const entries = (await t.ledger()).slice(since);
  expect(entries).toHaveLength(statuses.flat().length);
  expect(entries.map((entry) => entry.status).toSorted()).toEqual(statuses.flat().toSorted());
  const state = await t.control<Record<string, object>>('GET', '/state/groupRoles');
  for (const key of Object.keys(base)) delete state[key];
  expect(Object.fromEntries([...replayed(entries, 'groupRole')].toSorted())).toEqual(
    Object.fromEntries(Object.entries(state).toSorted()),
  );
});

test('the ledger is right for runs that are submitted, released and stopped at once', async () => {
  const { id } = await t.asset(PROD, 'Welcome Letter');
  const headers = { communicationId: id, driverDataSource: 'WelcomeDriver' };
  const run = async (n: number): Promise<number> => {
    const service = n % 2 ? 'held-letters' : 'generate';
    return (await t.orc('POST', `/inputs/ondemand/${PROD}/${service}`, { body: { letter: n % 7 }, headers })).status;
  };
  await Promise.all(Array.from({ length: 30 }, (_, n) => run(n)));
  const heldRuns = (await t.orc('GET', `/runtime/${PROD}/flow-instances?filter=statuses:holding`)).body.data;
  const verbs = heldRuns.flatMap((one, n) =>
    ['release', n % 3 ? 'release' : 'stop'].map((verb) => `flow-instances/${one.id}/${verb}`),
  );
  const ended = await Promise.all(verbs.map((path) => t.orc('POST', `/runtime/${PROD}/${path}`)));
  expect(ended.filter((reply) => reply.status === 200)).toHaveLength(heldRuns.length);
  const entries = await t.ledger();
  for (const [object, collection] of Object.entries({
    job: 'jobs',
    flowInstance: 'flowInstances',
    flowStep: 'flowSteps',
    render: 'renders',
  })) {
    const rows = await t.control<Record<string, Record<string, unknown>>>('GET', `/state/${collection}`);
    for (const row of Object.values(rows)) delete row['steps']; // told by the steps themselves
    expect(Object.fromEntries(replayed(entries, object))).toEqual(rows);
  }
});

describe('the state', () => {
  test('is the same each time, can be put back, and grows with the company', async () => {
    const first = await t.control('GET', '/state');
    await t.das('POST', '/roles', { body: { name: 'passing' } });
    await t.control('POST', '/reset');
    expect(await t.control('GET', '/state')).toEqual(first);
    t.forget();
    await t.das('POST', '/roles', { body: { name: 'kept' } });
    const saved = await t.control<object>('GET', '/state');
    await t.control('POST', '/reset');
    await t.control('PUT', '/state', saved);
    expect(await t.control('GET', '/state')).toEqual(saved);
    expect((await t.das('GET', '/roles?filter.searchString=kept')).body.page.totalElements).toBe(1);
    await t.control('POST', '/reset', { people: 300 });
    expect(Object.keys(await t.control<object>('GET', '/state/people')).length).toBe(303);
  });

  test('outlives a restart on the same folder', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'exstream-'));
    const first = await startTrial({ dataDir });
    await first.das('POST', '/roles', { body: { name: 'night shift' } });
    await first.submit('Welcome Letter', 'WelcomeDriver', { service: 'held-letters' });
    await first.close();
    const second = await startTrial({ dataDir });
    expect((await second.das('GET', '/roles?filter.searchString=night')).body.page.totalElements).toBe(1);
    const [instance] = (await second.orc('GET', `/runtime/${PROD}/flow-instances`)).body.data;
    expect((await second.orc('POST', `/runtime/${PROD}/flow-instances/${instance?.id}/release`)).status).toBe(200);
    await endTrials();
    await rm(dataDir, { recursive: true });
  });

  test('secrets show only as "set" in the ledger', async () => {
    await t.token('tenure');
    const text = JSON.stringify(await t.ledger());
    expect(text).not.toContain(await t.token('tenure'));
    expect(text).not.toContain('exstream-sandbox-secret');
  });

  test('access rows are marked direct or by group', async () => {
    const rows = Object.values(
      await t.control<Record<string, { grantee: string; role: string; domain: string; mark: string }>>(
        'GET',
        '/state/access',
      ),
    );
    expect(rows).toContainEqual({ grantee: 'Legal Review@staff', domain: PROD, role: 'reviewer', mark: 'direct' });
    expect(rows).toContainEqual({
      grantee: 'chiara.rossi@staff',
      domain: PROD,
      role: 'reviewer',
      mark: 'by group',
      via: 'Legal Review@staff',
    });
  });
});

describe('choices and actions', () => {
  test.each([
    ['GROUPROLE_DUPLICATE', 409, 'POST', [200, 409]],
    ['GROUPROLE_ABSENT', 200, 'DELETE', [404, 200]],
  ])('%s', async (constant, value, method, statuses) => {
    const body = {
      group: 'LEGAL review@staff',
      roleName: method === 'POST' ? 'reviewer' : 'readonly',
      domain: { id: PROD },
    };
    const before = (await t.das('GET', '/group-roles')).body.data.length;
    const seen = [(await t.das(method, '/group-roles', { body })).status];
    await t.choose(constant, value);
    const reply = await t.das(method, '/group-roles', { body });
    expect([...seen, reply.status]).toEqual(statuses);
    expect(reply.headers.get('x-standin-chosen')).toContain(constant);
    expect((await t.das('GET', '/group-roles')).body.data.length).toBe(before);
  });

  test('GROUP_FORM, ROLE_IN_USE, NO_PERMISSION and STATUS_OK have alternatives', async () => {
    const body = { group: 'Nobody Knows@staff', roleName: 'readonly', domain: { id: DEV } };
    await t.choose('GROUP_FORM', 'known');
    expect((await t.das('POST', '/group-roles', { body })).status).toBe(400);
    const [reviewer] = (await t.das('GET', '/roles?filter.searchString=reviewer')).body.data;
    expect((await t.das('DELETE', `/roles/${reviewer?.id}`)).status).toBe(409);
    await t.choose('ROLE_IN_USE', 200);
    expect((await t.das('DELETE', `/roles/${reviewer?.id}`)).status).toBe(200);
    expect((await t.das('GET', '/group-roles')).body.data.some((row) => row.roleName === 'reviewer')).toBe(false);
    await t.choose('NO_PERMISSION', 404);
    expect((await t.das('POST', '/roles', { as: 'ben.otto@staff', body: { name: 'x' } })).status).toBe(404);
    await t.choose('STATUS_OK', 'ok');
    expect((await t.das('GET', '/import/logs')).body.status).toBe('ok');
  });

  test.each([
    ['fly', {}],
    ['choose', { constant: 'nothing', value: 1 }],
    ['choose', { constant: 'BAD_MOVE', value: 200 }],
    ['move', { resource: 'Trailer Notice', state: 'GONE' }],
    ['lock', { resource: 'none', locked: true }],
    ['membership', { person: 'nobody@staff', group: 'g', present: true }],
    ['edit', { resource: 'Trailer Notice' }],
  ])('%s with wrong input is refused with a sentence', async (action, rest) => {
    await expect(t.act(action, rest)).rejects.toThrow(/40[04] .*\.\W*$/);
  });

  test('what people do by hand is in the ledger as theirs', async () => {
    await t.act('move', {
      as: 'grace.lee@staff',
      resource: 'Rights Clearance Letter',
      state: 'APPROVED',
      comment: 'by hand',
    });
    expect(await t.lastEntry()).toMatchObject({
      caller: 'control:grace.lee@staff',
      writes: [{ object: 'resource', before: { state: 'REVIEW' }, after: { state: 'APPROVED' } }],
    });
    await t.act('lock', { as: 'ada.byrne@staff', resource: 'Welcome Letter', locked: true });
    expect(await t.asset(PROD, 'Welcome Letter')).toMatchObject({ lockedBy: 'ada.byrne@staff' });
    expect(await t.act('expireTokens')).toEqual({ expired: 2 }); // the token and its refresh token
  });
});
