/** `via: scim` against the stand-in's SCIM server: what is written by it, what stays with REST, and that REST sees it. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { failure } from '../../../test/directory/suite.ts';
import { applyCall, call, startOtdsBench, type OtdsBench } from '../../../test/support/otdsStandIn.ts';
import type { Actual, Change } from '../../domain/change.ts';
import type { Person } from '../../domain/person.ts';
import type { OtdsDeps } from './otds.ts';

const ADA = 'ada.byrne@staff';
const USERS = 'otds:group/Media Library Users@staff';

let bench: OtdsBench;
beforeAll(async () => {
  bench = await startOtdsBench();
});
beforeEach(async () => {
  await bench.reset();
  await writes();
});
afterAll(() => bench.close());

const byScim = (deps: Partial<OtdsDeps> = {}) =>
  bench.client({ user: '', clientId: 'tenure', clientSecret: 'env:OTHER', via: 'scim' }, deps).target;
const fromLdap = () => byScim({ directory: 'ldap' });

async function done(person: Person, change: Change, target = byScim()): Promise<Actual> {
  const before = await target.read({ person }, ['otds:group/*'], call);
  expect(await target.apply({ person }, change, before, applyCall())).toMatchObject({ outcome: 'done' });
  return await target.read({ person }, ['otds:group/*'], call);
}

let seen = 0;
/** Method and path of every write of the OAuth client since the last look. */
async function writes(): Promise<string[]> {
  const page = await bench.control('GET', `/ledger?since=${seen}&limit=100000`);
  seen = Number(page['next']);
  const rows = page['entries'] as { method: string; path: string; caller: string }[]; // the control contract's ledger
  return rows
    .filter(
      ({ method, path, caller }) => method !== 'GET' && caller === 'tenure@OAuthClients' && !path.endsWith('/token'),
    )
    .map(({ method, path }) => `${method} ${decodeURIComponent(path).replace(/[0-9a-f-]{36}/, '{id}')}`);
}

/** Somebody of another directory, with a uuid that OTDS has never heard of. */
const newcomer = (login: string, partition = 'staff'): Person => ({
  uuid: '6f9619ff-8b86-d011-b42d-00c04fc964ff',
  login,
  partition,
  who: `${login}@${partition}`,
  state: 'active',
  type: 'employee',
  groups: [],
  fields: {},
  attributes: {},
  ownedUpstream: false,
});

describe('writes by SCIM', () => {
  test('disable and enable', async () => {
    const ada = await bench.person(ADA);
    expect(await done(ada, { op: 'disable', profile: {} })).toMatchObject({ account: 'disabled' });
    expect(await done(ada, { op: 'enable', profile: {} })).toMatchObject({ account: 'present' });
    expect(await writes()).toEqual(Array(2).fill('PATCH /otdsws/scim/staff/Users/{id}'));
  });

  test('members of a group, the others left alone; what is there already is done', async () => {
    const ada = await bench.person(ADA);
    const grant: Change = { op: 'grant', entitlement: 'otds:group/Legal Review@staff' };
    const revoke: Change = { op: 'revoke', entitlement: 'otds:group/Legal Review@staff' };
    const others = (await bench.otds.directory.membersOf('Legal Review@staff', call)).length;
    for (const change of [grant, grant])
      expect((await done(ada, change)).held).toContainEqual({ key: grant.entitlement, how: 'direct' });
    expect(await bench.otds.directory.membersOf('Legal Review@staff', call)).toHaveLength(others + 1);
    for (const change of [revoke, revoke])
      expect((await done(ada, change)).held.map(({ key }) => key)).not.toContain(grant.entitlement);
    expect(await bench.otds.directory.membersOf('Legal Review@staff', call)).toHaveLength(others);
    expect(new Set(await writes())).toEqual(new Set(['PATCH /otdsws/scim/staff/Groups/{id}']));
  });

  test.each(['q"uote', 'back\\slash', 'x,ou=y', 'ünï cödé'])(
    'a login and group that are hard to filter: %j',
    async (name) => {
      await bench.admin('POST', '/users', { userPartitionID: 'staff', name });
      await bench.admin('POST', '/groups', { userPartitionID: 'staff', name });
      const person = await bench.person(`${name}@staff`);
      const key = `otds:group/${name}@staff`;
      expect((await done(person, { op: 'grant', entitlement: key })).held).toEqual([{ key, how: 'direct' }]);
    },
  );

  test('people of another directory are created, found by login, and updated', async () => {
    const target = fromLdap();
    const person = newcomer('nina.new');
    const profile = {
      displayName: 'Nina New',
      givenName: 'Nina',
      sn: 'New',
      mail: 'nina@northwind.example',
      oTDepartment: 'Legal',
    };
    const made = await done(person, { op: 'create', profile }, target);
    expect(made).toMatchObject({ account: 'present', profile });
    const seen = await bench.person('nina.new@staff');
    expect(seen).toMatchObject({ state: 'active', fields: { email: profile.mail, department: 'Legal' } });
    // externalId is the uuid that the person has in the other directory: from now on that counts.
    expect(await target.find(person, call)).toEqual([{ nativeId: seen.uuid, how: 'id', label: 'nina.new@staff' }]);
    expect(await done(person, { op: 'update', profile: { sn: 'Newton', oTExtraAttr9: 'x' } }, target)).toMatchObject({
      profile: { ...profile, sn: 'Newton', oTExtraAttr9: 'x' },
    });
    expect(await writes()).toEqual([
      'POST /otdsws/scim/staff/Users',
      'PATCH /otdsws/scim/staff/Users/{id}',
      'PATCH /otdsws/rest/users/nina.new@staff',
    ]);
  });

  test('whoever is there already is taken, not made twice, also when the reply was lost', async () => {
    const target = fromLdap();
    const person = newcomer('nina.new');
    await bench.fault({ match: { path: '*/scim/*', method: 'POST' }, times: 1, fault: { kind: 'lostReply' } });
    const nothing: Actual = { account: 'absent', profile: {}, held: [], warnings: [] };
    const first = await target.apply({ person }, { op: 'create', profile: {} }, nothing, applyCall());
    expect(first.outcome).toMatch(/unknown|done/);
    const again = await target.apply({ person }, { op: 'create', profile: {} }, nothing, applyCall());
    expect(again).toEqual({ outcome: 'done', nativeId: (await bench.person('nina.new@staff')).uuid });
    expect((await writes()).filter((write) => write.startsWith('POST'))).toHaveLength(1);
  });
});

describe('what stays as it was', () => {
  test('access roles and memberships across partitions are written by REST', async () => {
    const lena = await bench.person('lena.fischer@contractors');
    await done(lena, { op: 'grant', entitlement: USERS });
    expect(await writes()).toEqual([expect.stringMatching(/^POST \/otdsws\/rest\/users\/.*memberof$/)]);
  });

  test('a synchronised partition is never written', async () => {
    const femi = await bench.person('femi.adeyemi@field');
    const before = await byScim().read({ person: femi }, [], call);
    expect(await byScim().apply({ person: femi }, { op: 'disable', profile: {} }, before, applyCall())).toEqual({
      outcome: 'upstream',
    });
    const made = await fromLdap().apply(
      { person: newcomer('x', 'field') },
      { op: 'create', profile: {} },
      before,
      applyCall(),
    );
    expect(made).toEqual({ outcome: 'upstream' });
    expect(await writes()).toEqual([]);
  });

  test('nobody is created where OTDS is the directory, or by REST', async () => {
    const person = newcomer('nina.new');
    const nothing: Actual = { account: 'absent', profile: {}, held: [], warnings: [] };
    for (const target of [byScim(), bench.client({}, { directory: 'ldap' }).target]) {
      const error = await failure(target.apply({ person }, { op: 'create', profile: {} }, nothing, applyCall()));
      expect(error).toMatchObject({ code: 'OTDS_NO_CREATION', retryable: false });
    }
    expect(await writes()).toEqual([]);
  });
});

describe('people of another directory, by REST too', () => {
  test('are found by login, and by the link after a rename', async () => {
    const target = bench.client({}, { directory: 'ldap' }).target;
    const { uuid } = await bench.person(ADA);
    const ada = newcomer('ada.byrne');
    expect(await target.find(ada, call)).toEqual([{ nativeId: uuid, how: 'login', label: ADA }]);
    expect(await target.read({ person: ada }, [], call)).toMatchObject({ account: 'present', nativeId: uuid });
    const renamed = newcomer('ada.married');
    expect(await target.find(renamed, call)).toEqual([]);
    expect(await target.read({ person: renamed, nativeId: uuid }, [], call)).toMatchObject({ nativeId: uuid });
    expect(await target.read({ person: renamed }, [], call)).toMatchObject({ account: 'absent' });
  });

  test('a list names them by login alone, for drift', async () => {
    const target = bench.client({}, { directory: 'ldap' }).target;
    const { items } = await target.list(undefined, [], call);
    expect(items.find(({ label }) => label === ADA)?.keys).toEqual({ login: ADA });
  });
});
