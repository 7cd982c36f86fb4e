import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { applyCall, call, startOtdsBench } from '../../../test/support/otdsStandIn.ts';
import type { OtdsBench } from '../../../test/support/otdsStandIn.ts';
import type { FaultEffect } from '../../../sandbox/common/types.ts';
import type { Actual, Change } from '../../domain/change.ts';
import type { Person } from '../../domain/person.ts';
import { SystemError } from '../errors.ts';
import type { Applied, ApplyContext, Listed, Target } from '../port.ts';

let bench: OtdsBench;

beforeAll(async () => {
  bench = await startOtdsBench();
});
beforeEach(() => bench.reset());
afterAll(() => bench.close());

const ALL = ['otds:group/**', 'otds:accessrole/*', 'otds:role/*'];
const NOTHING: Actual = { account: 'present', profile: {}, held: [], warnings: [] };
const DISABLE: Change = { op: 'disable', profile: {} };
const ENABLE: Change = { op: 'enable', profile: {} };
const PORTAL = 'otds:accessrole/Access to Media Portal';
const ROLE = 'otds:role/Portal Reviewer';
const LIBRARY = 'otds:group/Media Library Users@staff';
const grant = (entitlement: string): Change => ({ op: 'grant', entitlement });
const revoke = (entitlement: string): Change => ({ op: 'revoke', entitlement });

async function read(who: string | Person, interest = ALL, target: Target = bench.otds.target): Promise<Actual> {
  const person = typeof who === 'string' ? await bench.person(who) : who;
  return target.read({ person, nativeId: person.uuid }, interest, call);
}

async function apply(
  who: string | Person,
  change: Change,
  o: { target?: Target; context?: ApplyContext } = {},
): Promise<Applied> {
  const person = typeof who === 'string' ? await bench.person(who) : who;
  const account = { person, nativeId: person.uuid };
  return (o.target ?? bench.otds.target).apply(account, change, NOTHING, o.context ?? applyCall());
}

async function failure(promise: Promise<unknown>): Promise<SystemError> {
  const error = await promise.then(
    () => undefined,
    (e: unknown) => e,
  );
  if (!(error instanceof SystemError)) throw new Error(`no SystemError: ${String(error)}`);
  return error;
}

const held = (actual: Actual) => actual.held.map((h) => `${h.how} ${h.key}`).sort();
const writes = async () => (await bench.requests()).filter((row) => row.method !== 'GET');

describe('reading', () => {
  test('what is held directly, and what comes through groups', async () => {
    expect(await read('dmitri.volkov@staff')).toEqual({
      account: 'present',
      nativeId: (await bench.person('dmitri.volkov@staff')).uuid,
      profile: {},
      held: [
        { key: 'otds:group/Media Admins@staff', how: 'direct' },
        { key: 'otds:group/Dept IT@staff', how: 'direct' },
        { key: 'otds:group/All Staff@staff', how: 'group' },
        { key: PORTAL, how: 'group' },
      ],
      warnings: [],
    });
    expect(held(await read('kofi.mensah@staff', ['otds:accessrole/**']))).toEqual([`direct ${PORTAL}`]);
  });

  test('only of the kinds and names that interest', async () => {
    const dmitri = await bench.person('dmitri.volkov@staff');
    await bench.requests();
    expect(held(await read(dmitri, ['iconik:team/*', 'otds:role/Portal Reviewer']))).toEqual([]);
    expect((await bench.requests()).some((row) => /memberof|accessroles/.test(row.path))).toBe(false);
    expect(held(await read(dmitri, [PORTAL]))).toEqual([`group ${PORTAL}`]);
    expect(held(await read(dmitri, ['otds:group/Media Admins@staff']))).toEqual([
      'direct otds:group/Media Admins@staff',
    ]);
    expect(held(await read(dmitri, ['otds:**']))).toHaveLength(4);
    expect(held(await read(dmitri, ['otds:accessrole/No such']))).toEqual([]);
  });

  test('an access role given to a partition, or to a unit', async () => {
    const add = (body: object) => bench.admin('POST', '/accessroles/Access%20to%20Media%20Portal/members', body);
    await add({
      organizationalUnits: [
        { name: 'users', location: 'orgunit=users,partition=staff,dc=identity,dc=opentext,dc=net' },
      ],
    });
    const ada = await read('ada.byrne@staff');
    expect(held(ada)).not.toContain(`inherited ${PORTAL}`);
    expect(ada.warnings.join()).toMatch(/organisational units/);
    await add({ userPartitions: [{ name: 'staff', location: '' }] });
    expect(held(await read('ada.byrne@staff'))).toContain(`inherited ${PORTAL}`);
  });

  test('disabled, locked, absent', async () => {
    expect((await read('tom.weber@staff')).account).toBe('disabled');
    const ada = await bench.person('ada.byrne@staff');
    await bench.admin('PATCH', '/users/ada.byrne@staff', { values: [{ name: 'accountLockedOut', values: ['true'] }] });
    expect(await read(ada)).toMatchObject({ account: 'present', warnings: [expect.stringMatching(/locked out/)] });
    await bench.admin('DELETE', '/users/ada.byrne@staff');
    expect(await read(ada)).toEqual({ account: 'absent', profile: {}, held: [], warnings: [] });
    expect(await bench.otds.target.find(ada, call)).toEqual([]);
  });

  test('an account that was renamed is found by its uuid', async () => {
    const ada = await bench.person('ada.byrne@staff');
    const state = await bench.control('GET', '/state');
    const users = state['users'] as Record<string, { name: string }>; // the stand-in's own state
    const user = users[ada.uuid];
    if (user) user.name = 'ada.lovelace';
    await bench.control('PUT', '/state', state);
    expect(await bench.otds.target.find(ada, call)).toEqual([
      { nativeId: ada.uuid, how: 'id', label: 'ada.lovelace@staff' },
    ]);
    expect((await apply(ada, DISABLE)).outcome).toBe('done');
    expect(await bench.person('ada.lovelace@staff')).toMatchObject({ uuid: ada.uuid, state: 'disabled' });
  });

  test('everybody, page by page', async () => {
    const { target } = bench.client({}, { choices: { pageSize: 10 } });
    const found: Listed[] = [];
    let next: string | undefined;
    do {
      const page = await target.list(next, [], call);
      found.push(...page.items);
      next = page.next;
    } while (next !== undefined);
    expect(found).toHaveLength(59);
    expect(found.find((a) => a.label === 'tom.weber@staff')?.actual.account).toBe('disabled');
    expect(found.find((a) => a.label === 'femi.adeyemi@field')?.actual.account).toBe('present');
  });
});

describe('the account', () => {
  test('disable and enable, and again', async () => {
    for (const [change, state] of [
      [DISABLE, 'disabled'],
      [DISABLE, 'disabled'],
      [ENABLE, 'present'],
      [ENABLE, 'present'],
    ] as const) {
      expect(await apply('ada.byrne@staff', change)).toEqual({ outcome: 'done' });
      expect((await read('ada.byrne@staff')).account).toBe(state);
    }
  });

  test('a login that somebody else took over is left alone', async () => {
    const old = await bench.person('ada.byrne@staff');
    await bench.admin('DELETE', '/users/ada.byrne@staff');
    await bench.admin('POST', '/users', { userPartitionID: 'staff', name: 'ada.byrne' });
    await bench.requests();
    expect(await apply(old, DISABLE)).toEqual({ outcome: 'done' });
    expect(await apply(old, { op: 'delete', profile: {} })).toEqual({ outcome: 'done' });
    expect((await failure(apply(old, ENABLE))).code).toBe('OTDS_NOT_FOUND');
    expect(await writes()).toEqual([]);
    expect((await bench.person('ada.byrne@staff')).state).toBe('active');
  });

  test('in a synchronised partition the source is told, not OTDS', async () => {
    const femi = await bench.person('femi.adeyemi@field');
    await bench.requests();
    for (const change of [
      DISABLE,
      ENABLE,
      { op: 'delete', profile: {} },
      { op: 'update', profile: { oTExtraAttr9: 'x' } },
    ] as const) {
      expect(await apply(femi, change)).toEqual({ outcome: 'upstream' });
    }
    expect(await apply(femi, revoke('otds:group/Field Crew@field'))).toEqual({ outcome: 'upstream' });
    expect(await bench.requests()).toEqual([]);
    expect(await apply(femi, grant(LIBRARY))).toEqual({ outcome: 'done' });
    expect(held(await read(femi))).toContain(`direct ${LIBRARY}`);
    expect(await apply(femi, revoke(LIBRARY))).toEqual({ outcome: 'done' });
  });

  test.each(['replace', 'merge'])('where PATCH is refused, the whole object is put back (PUT %ss)', async (mode) => {
    await bench.choose('PUT_MODE', mode);
    await bench.fault({ match: { method: 'PATCH' }, fault: { kind: 'special', name: 'patchRefused' } });
    const before = await bench.admin('GET', '/users/ada.byrne@staff');
    expect(await apply('ada.byrne@staff', DISABLE)).toEqual({ outcome: 'done' });
    const after = await bench.admin('GET', '/users/ada.byrne@staff');
    const comparable = (user: Record<string, unknown>) =>
      Object.fromEntries(
        (user['values'] as { name: string; values: string[] }[])
          .filter(({ name }) => !['modifyTimestamp', 'accountDisabled'].includes(name))
          .map(({ name, values }) => [name, values]),
      );
    expect(comparable(after)).toEqual(comparable(before));
    expect((await read('ada.byrne@staff')).account).toBe('disabled');
  });

  test('a PUT that OTDS accepts and does not keep is no success', async () => {
    await bench.fault({ match: { method: 'PATCH' }, fault: { kind: 'special', name: 'patchRefused' } });
    await bench.fault({ match: { method: 'PUT' }, fault: { kind: 'status', status: 200, body: {} } });
    expect(await failure(apply('ada.byrne@staff', DISABLE))).toMatchObject({ code: 'OTDS_NOT_KEPT', retryable: true });
  });

  test('never created; deleted only when asked, and once is enough', async () => {
    const ada = await bench.person('ada.byrne@staff');
    expect(await failure(apply(ada, { op: 'create', profile: {} }))).toMatchObject({
      code: 'OTDS_NO_CREATION',
      retryable: false,
    });
    expect(await apply(ada, { op: 'delete', profile: {} })).toEqual({ outcome: 'done' });
    expect(await apply(ada, { op: 'delete', profile: {} })).toEqual({ outcome: 'done' });
    expect(await apply(ada, revoke(LIBRARY))).toEqual({ outcome: 'done' });
  });

  test('writes attributes that no field is read from, and no others', async () => {
    expect(bench.otds.target.describe().profile).toEqual([
      'oTExtraAttr6',
      'oTExtraAttr7',
      'oTExtraAttr8',
      'oTExtraAttr9',
    ]);
    expect(await apply('ada.byrne@staff', { op: 'update', profile: { oTExtraAttr9: 'seen' } })).toEqual({
      outcome: 'done',
    });
    expect((await read('ada.byrne@staff')).profile).toEqual({ oTExtraAttr9: 'seen' });
    await bench.requests();
    for (const name of ['oTExtraAttr0', 'userPassword', 'accountDisabled']) {
      expect((await failure(apply('ada.byrne@staff', { op: 'update', profile: { [name]: 'x' } }))).code).toBe(
        'OTDS_UNSUPPORTED',
      );
    }
    expect(await writes()).toEqual([]);
  });
});

describe('memberships', () => {
  test.each([LIBRARY, ROLE, PORTAL])('%s: given and taken, each twice', async (entitlement) => {
    for (const op of ['grant', 'grant', 'revoke', 'revoke'] as const) {
      expect(await apply('søren.åkesson@staff', { op, entitlement })).toEqual({ outcome: 'done' });
      expect(held(await read('søren.åkesson@staff')).includes(`direct ${entitlement}`)).toBe(op === 'grant');
    }
  });

  test.each(['ivy@acme@partners', 'sam.reyes@contractors'])('%s and nobody of a similar name', async (who) => {
    for (const entitlement of [LIBRARY, ROLE, PORTAL]) {
      await apply(who, grant(entitlement));
      expect(held(await read(who))).toContain(`direct ${entitlement}`);
      expect(held(await read('sam.reyes@staff'))).not.toContain(`direct ${entitlement}`);
      await apply('sam.reyes@staff', revoke(entitlement));
      expect(held(await read(who))).toContain(`direct ${entitlement}`);
    }
  });

  test('what does not exist cannot be given, and need not be taken', async () => {
    for (const entitlement of [
      'otds:group/Nope@staff',
      'otds:group/media library users@staff',
      'otds:group/Nope',
      'otds:role/Nope',
      'otds:accessrole/Nope',
    ]) {
      expect(await failure(apply('ada.byrne@staff', grant(entitlement)))).toMatchObject({
        code: 'OTDS_NOT_FOUND',
        retryable: false,
      });
      expect(await apply('ada.byrne@staff', revoke(entitlement))).toEqual({ outcome: 'done' });
    }
    expect((await failure(apply('ada.byrne@staff', grant('otds:folder/x')))).code).toBe('OTDS_UNSUPPORTED');
  });

  test.each(['USER_DELETIONSET', 'GROUP_DELETIONSET'])('taken also where %s is not served', async (constant) => {
    await bench.choose(constant, '404');
    expect(await apply('ada.byrne@staff', revoke('otds:group/Marketing Editors@staff'))).toEqual({ outcome: 'done' });
    expect(held(await read('ada.byrne@staff'))).not.toContain('direct otds:group/Marketing Editors@staff');
  });

  test('where no way of taking is served, says so for good', async () => {
    await bench.choose('USER_DELETIONSET', '404');
    await bench.choose('GROUP_DELETIONSET', '404');
    const error = await failure(apply('ada.byrne@staff', revoke('otds:group/Marketing Editors@staff')));
    expect(error).toMatchObject({ code: 'OTDS_UNSUPPORTED', retryable: false });
  });

  test('a refusal of what is there already is a success', async () => {
    await apply('ada.byrne@staff', grant(LIBRARY));
    const body = { status: 90409, error: 'Duplicate', errorDetails: null };
    await bench.fault({ match: { method: 'POST', path: '*/memberof' }, fault: { kind: 'status', status: 400, body } });
    expect(await apply('ada.byrne@staff', grant(LIBRARY))).toEqual({ outcome: 'done' });
    expect((await failure(apply('ben.otto@staff', grant(LIBRARY)))).code).toBe('OTDS_BAD_REQUEST');
  });

  test.each(['a/b', 'x\\y', 'q?#&%2F', 'A @ B', '..'])('group with the hostile name %j', async (name) => {
    await bench.admin('POST', '/groups', { userPartitionID: 'staff', name });
    const entitlement = `otds:group/${name}@staff`;
    expect(await apply('ada.byrne@staff', grant(entitlement))).toEqual({ outcome: 'done' });
    expect(held(await read('ada.byrne@staff'))).toContain(`direct ${entitlement}`);
    expect(await apply('ada.byrne@staff', revoke(entitlement))).toEqual({ outcome: 'done' });
    expect(held(await read('ada.byrne@staff'))).not.toContain(`direct ${entitlement}`);
  });

  test('an access role whose name no address can carry', async () => {
    expect(await failure(apply('ada.byrne@staff', grant('otds:accessrole/..')))).toMatchObject({
      code: 'OTDS_UNSENDABLE',
      retryable: false,
    });
  });
});

describe('an access role is shared', () => {
  test('changed only under its lock; everybody else stays in', async () => {
    const shared: string[] = [];
    await apply('ada.byrne@staff', grant(PORTAL), { context: applyCall(shared) });
    await apply('kofi.mensah@staff', revoke(PORTAL), { context: applyCall(shared) });
    expect(shared).toEqual([PORTAL, PORTAL]);
    expect(held(await read('ada.byrne@staff'))).toContain(`direct ${PORTAL}`);
    expect(held(await read('kofi.mensah@staff'))).not.toContain(`direct ${PORTAL}`);
    expect(held(await read('dmitri.volkov@staff'))).toContain(`group ${PORTAL}`);
  });

  test("another's PUT that undid ours is seen, and ours is done anew", async () => {
    const path = '*/accessroles/*';
    await bench.fault({ match: { method: 'PUT', path }, times: 2, fault: { kind: 'status', status: 200, body: '' } });
    expect(await apply('kofi.mensah@staff', revoke(PORTAL))).toEqual({ outcome: 'done' });
    expect(held(await read('kofi.mensah@staff'))).not.toContain(`direct ${PORTAL}`);
    expect((await writes()).map((row) => row.method)).toEqual(['PUT', 'PUT', 'PUT']);
  });

  test('who keeps losing gives up for this time', async () => {
    const path = '*/accessroles/*';
    await bench.fault({ match: { method: 'PUT', path }, fault: { kind: 'status', status: 200, body: '' } });
    expect(await failure(apply('kofi.mensah@staff', revoke(PORTAL)))).toMatchObject({
      code: 'OTDS_SHARED_CHANGED',
      retryable: true,
    });
    expect(await writes()).toHaveLength(3);
  });

  test('an answered PUT stands although the look afterwards fails', async () => {
    await bench.fault({
      match: { method: 'GET', path: '*/accessroles/*' },
      skip: 1,
      fault: { kind: 'status', status: 503 },
    });
    expect(await apply('kofi.mensah@staff', revoke(PORTAL))).toEqual({ outcome: 'done' });
  });
});

describe('a write whose answer is lost', () => {
  const lost: [string, FaultEffect, string][] = [
    ['lost reply', { kind: 'lostReply' }, 'OTDS_RESET'],
    ['reset before', { kind: 'reset' }, 'OTDS_RESET'],
    ['half an answer', { kind: 'truncate', bytes: 20 }, 'OTDS_RESET'],
    ['a proxy page', { kind: 'html', status: 200 }, 'OTDS_GARBLED'],
    ['a proxy error', { kind: 'html', status: 502 }, 'OTDS_GARBLED'],
    ['a server error', { kind: 'status', status: 500 }, 'OTDS_UNAVAILABLE'],
    ['an empty 404', { kind: 'status', status: 404, body: '' }, 'OTDS_GARBLED'],
  ];

  test.each(lost)('%s: unknown, and tried once only', async (_name, fault, code) => {
    for (const [change, path, who] of [
      [DISABLE, '*/users/*', 'ada.byrne@staff'],
      [grant(LIBRARY), '*/memberof', 'ada.byrne@staff'],
      [grant(PORTAL), '*/accessroles/*/members', 'ada.byrne@staff'],
      [revoke(PORTAL), '*/accessroles/*', 'kofi.mensah@staff'],
    ] as const) {
      const method = change.op === 'disable' ? 'PATCH' : change.op === 'grant' ? 'POST' : 'PUT';
      await bench.fault({ match: { method, path }, times: 1, fault });
      await bench.requests();
      expect(await apply(who, change)).toEqual({ outcome: 'unknown', code });
      expect(await writes()).toHaveLength(1);
    }
  });

  test('the effect of a lost reply shows in the next read', async () => {
    await bench.fault({ match: { method: 'PATCH' }, times: 1, fault: { kind: 'lostReply' } });
    expect((await apply('ada.byrne@staff', DISABLE)).outcome).toBe('unknown');
    expect((await read('ada.byrne@staff')).account).toBe('disabled');
  });

  test('no answer at all: unknown at the limit', async () => {
    const { target } = bench.client({ limits: { ...bench.config.limits, requestMs: 800 } });
    const ada = await bench.person('ada.byrne@staff');
    await bench.fault({ match: { method: 'PATCH' }, fault: { kind: 'hang' } });
    expect(await apply(ada, DISABLE, { target })).toEqual({ outcome: 'unknown', code: 'OTDS_TIMEOUT' });
  });

  test('all requests of one change together end within the declared limit', async () => {
    const { target } = bench.client(
      { limits: { ...bench.config.limits, requestMs: 1200 } },
      { choices: { applyRequests: 1 } },
    );
    const ada = await bench.person('ada.byrne@staff');
    await read(ada, [], target); // logged in
    await bench.fault({ match: { method: 'GET' }, times: 1, fault: { kind: 'delay', ms: 700 } });
    await bench.fault({ match: { method: 'PATCH' }, fault: { kind: 'delay', ms: 700 } });
    expect(target.describe().requestLimitMs).toBe(1200);
    expect(await apply(ada, DISABLE, { target })).toEqual({ outcome: 'unknown', code: 'OTDS_TIMEOUT' });
  });

  test('cancelled before the write was sent: definitely not done', async () => {
    const caller = new AbortController();
    const ada = await bench.person('ada.byrne@staff');
    await bench.fault({ match: { method: 'GET' }, fault: { kind: 'hang' } });
    const change = apply(ada, DISABLE, { context: { ...applyCall(), signal: caller.signal } });
    caller.abort();
    expect(await failure(change)).toMatchObject({ code: 'OTDS_ABORTED', retryable: true });
    expect(await writes()).toEqual([]);
  });

  test('OTDS is not there: definitely not done', async () => {
    const gone = await startOtdsBench();
    await gone.close();
    const { target } = bench.client({ url: gone.config.url });
    expect(await failure(apply('ada.byrne@staff', DISABLE, { target }))).toMatchObject({
      code: 'OTDS_UNREACHABLE',
      retryable: true,
    });
  });
});

describe('a definite no', () => {
  test.each([
    [403, {}, { code: 'OTDS_FORBIDDEN', retryable: false, status: 403 }],
    [400, {}, { code: 'OTDS_BAD_REQUEST', retryable: false, status: 400 }],
    [409, {}, { code: 'OTDS_CONFLICT', retryable: false, status: 409 }],
    [429, { 'Retry-After': '30' }, { code: 'OTDS_RATE_LIMITED', retryable: true, retryAt: expect.any(String) }],
    [401, {}, { code: 'OTDS_CREDENTIAL_REFUSED', retryable: true }],
  ])('%i', async (status, headers, expected) => {
    await bench.fault({ match: { method: 'PATCH' }, fault: { kind: 'status', status, headers } });
    expect(await failure(apply('ada.byrne@staff', DISABLE))).toMatchObject(expected);
  });

  test('an administrator of another partition may not', async () => {
    await bench.admin('POST', '/users', { userPartitionID: 'staff', name: 'small', userPassword: 'Small-S3cret1' });
    await bench.act('editAdministrators', { partition: 'contractors', add: 'small@staff' });
    const { target, directory } = bench.client({ user: 'small@staff' }, { secret: () => 'Small-S3cret1' });
    expect((await failure(apply('ada.byrne@staff', DISABLE, { target }))).code).toBe('OTDS_FORBIDDEN');
    expect(await apply('lena.fischer@contractors', DISABLE, { target })).toEqual({ outcome: 'done' });
    expect((await directory.probe(call)).problems.join()).toMatch(/no administrator/);
  });

  test('a ticket that ran out before the write: a new one, and the write once', async () => {
    const ada = await bench.person('ada.byrne@staff');
    await bench.requests();
    await bench.fault({ match: { method: 'PATCH' }, times: 1, fault: { kind: 'special', name: 'ticketExpiry' } });
    expect(await apply(ada, DISABLE)).toEqual({ outcome: 'done' });
    expect((await writes()).map((row) => [row.status, row.writes.length])).toEqual([
      [400, 0],
      [200, 1],
    ]);
  });
});

test('says what a proof cannot cover, and what each kind means', () => {
  const said = bench.otds.target.describe();
  expect(Object.keys(said.kinds).sort()).toEqual(['accessrole', 'group', 'role']);
  expect(said.proofLimits.join()).toMatch(/[Tt]ickets/);
});
