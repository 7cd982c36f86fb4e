import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  applyCall,
  call,
  personWith,
  startIconikBench,
  type IconikBench,
} from '../../../test/support/iconikStandIn.ts';
import type { Actual, Change } from '../../domain/change.ts';
import type { Target } from '../port.ts';

let bench: IconikBench;
beforeAll(async () => void (bench = await startIconikBench()));
beforeEach(async () => await bench.reset());
afterAll(async () => await bench.close());

const interest = ['iconik:team/*', 'iconik:roles/*', 'iconik:collection/Legal#read', 'iconik:share/*'];
const person = personWith('noor.haddad@northwind.example');
const profile = { email: 'noor.haddad@northwind.example', first_name: 'Noor', last_name: 'Haddad', type: 'STANDARD' };
const grant = (entitlement: string): Change => ({ op: 'grant', entitlement });

/** Makes each change from one read, as a plan is made, and reads again. */
async function round(target: Target, nativeId: string, changes: readonly Change[]): Promise<Actual> {
  const account = { person, nativeId };
  const before = await target.read(account, interest, call);
  for (const change of changes)
    expect(await target.apply(account, change, before, applyCall)).toEqual({ outcome: 'done' });
  return await target.read(account, interest, call);
}

async function revokeAll(target: Target, nativeId: string): Promise<Actual> {
  const { held } = await target.read({ person, nativeId }, interest, call);
  const direct = held.filter((h) => h.how === 'direct').map((h): Change => ({ op: 'revoke', entitlement: h.key }));
  return await round(target, nativeId, direct);
}

/** Where the contract leaves it open, iconik may behave in either way; the same life must come out. */
const worlds: Record<string, string | number>[] = [
  {},
  {
    okOrNoContent: 200,
    acceptedOrNoContent: 204,
    removeNonMember: 204,
    duplicateEmailStatus: 409,
    missingUserAclRow: 200,
  },
  {
    newUserStatus: 'INACTIVE',
    defaultPrimaryGroup: 'none',
    userGroupsField: 'legacyOnly',
    addMemberTwice: 409,
    userAfterDelete: 200,
  },
  {
    removePrimaryGroup: 409,
    patchGroups: 'merge',
    pageBeyondEnd: 200,
    unknownGranteeSingle: 400,
    propagatingDelete: 200,
  },
];

describe.each(worlds)('in a world with %j', (world) => {
  test('a person joins, moves, leaves and comes back', async () => {
    for (const [constant, value] of Object.entries(world)) await bench.choose(constant, value);
    const { target } = bench.system;
    const nobody: Actual = { account: 'absent', profile: {}, held: [], warnings: [] };
    const { nativeId = '' } = await target.apply({ person }, { op: 'create', profile }, nobody, applyCall);
    const joined = await round(target, nativeId, [
      { op: 'enable', profile: {} },
      grant('iconik:team/Marketing'),
      grant('iconik:roles/Reviewer'),
      grant('iconik:collection/Legal#read'),
    ]);
    expect(joined).toMatchObject({ account: 'present', profile });
    expect(joined.held.filter((h) => h.how === 'direct').map((h) => h.key)).toEqual([
      'iconik:collection/Legal#read',
      'iconik:roles/Reviewer',
      'iconik:team/Marketing',
    ]);

    const moved = await round(target, nativeId, [
      grant('iconik:team/Legal'),
      { op: 'revoke', entitlement: 'iconik:team/Marketing' },
    ]);
    expect(moved.held.map((h) => h.key)).toEqual(
      expect.arrayContaining(['iconik:team/Legal', 'iconik:roles/Reviewer']),
    );
    expect(moved.held.map((h) => h.key)).not.toContain('iconik:team/Marketing');

    await bench.act({ action: 'share', as: profile.email, collection: 'Legal' });
    expect(await round(target, nativeId, [{ op: 'disable', profile: {} }])).toMatchObject({
      account: 'disabled',
      blocked: false,
    });
    expect((await revokeAll(target, nativeId)).held.filter((h) => h.how === 'direct')).toEqual([]);

    const back = await round(target, nativeId, [{ op: 'enable', profile: {} }, grant('iconik:team/Post EMEA')]);
    expect(back.account).toBe('present');
    expect(back.held.filter((h) => h.how === 'direct').map((h) => h.key)).toEqual(['iconik:team/Post EMEA']);
  });
});

describe('groups that SAML claims govern', () => {
  test('are written with a warning that it will not last, or left to the identity provider', async () => {
    await bench.governBySaml('Legal');
    const id = await bench.idOf('victor.lang@northwind.example');
    const warned = await bench.read(id);
    expect(warned.warnings).toEqual([expect.stringMatching(/^SAML claims govern "Legal"/)]);
    const ada = await bench.idOf('ada.byrne@northwind.example');
    expect((await bench.read(ada)).warnings).toEqual([]);
    expect((await bench.read(ada, ['iconik:team/Legal'])).warnings).toHaveLength(1);

    const strict = bench.client({ choices: { samlGroups: 'refuse' } }).target;
    await bench.writes();
    for (const [nativeId, op] of [
      [id, 'revoke'],
      [ada, 'grant'],
    ] as const)
      expect(
        await strict.apply({ person, nativeId }, { op, entitlement: 'iconik:team/Legal' }, warned, applyCall),
      ).toEqual({ outcome: 'upstream', code: 'ICONIK_SAML_GROUP' });
    expect(await bench.writes()).toEqual([]);
    await round(bench.system.target, id, [{ op: 'revoke', entitlement: 'iconik:team/Legal' }]);
    expect((await bench.read(id)).held.map((h) => h.key)).not.toContain('iconik:team/Legal');
  });
});

describe('somebody else at work between our read and our write', () => {
  test.each([404, 204])('a member already removed (%i) counts as removed', async (status) => {
    await bench.choose('removeNonMember', status);
    const id = await bench.idOf('ben.otto@northwind.example');
    await bench.read(id);
    await bench.fault({ match: { method: 'DELETE' }, times: 1, fault: { kind: 'lostReply' } });
    const revoke: Change = { op: 'revoke', entitlement: 'iconik:team/Post Americas' };
    expect(await bench.apply(id, revoke)).toEqual([{ outcome: 'unknown', code: 'ICONIK_RESET' }]);
    // The next try still sees the state from before.
    await bench.fault({
      match: { method: 'GET', path: `/API/users/v1/users/${id}/` },
      skip: 1,
      times: 1,
      fault: { kind: 'stale', ms: 600_000 },
    });
    await bench.writes();
    expect(await bench.apply(id, revoke)).toEqual([{ outcome: 'done' }]);
    expect((await bench.writes()).map((w) => w.status)).toEqual([status]);
  });

  test('a 404 for a member who is still there is tried again', async () => {
    const id = await bench.idOf('ben.otto@northwind.example');
    await bench.fault({ match: { method: 'DELETE' }, times: 1, fault: { kind: 'status', status: 404 } });
    await expect(bench.apply(id, { op: 'revoke', entitlement: 'iconik:team/Post Americas' })).rejects.toMatchObject({
      code: 'ICONIK_NOT_REMOVED',
      retryable: true,
    });
  });

  test('a user deleted under our hands is told from a team that is', async () => {
    const id = await bench.idOf('ada.byrne@northwind.example');
    await bench.fault({ match: { method: 'POST' }, times: 1, fault: { kind: 'status', status: 404 } });
    await expect(bench.apply(id, grant('iconik:team/Legal'))).rejects.toMatchObject({ code: 'ICONIK_UNKNOWN_TEAM' });
    await bench.fault({ match: { method: 'PUT' }, times: 1, fault: { kind: 'status', status: 404 } });
    await expect(bench.apply(id, grant('iconik:collection/Legal#read'))).rejects.toMatchObject({
      code: 'ICONIK_UNKNOWN_COLLECTION',
    });
  });

  test('many reads at once answer each for itself', async () => {
    const mails = ['ben.otto', 'chiara.rossi', 'emily.carter', 'tom.weber', 'victor.lang', 'dmitri.volkov'];
    const ids = await Promise.all(mails.map(async (mail) => await bench.idOf(`${mail}@northwind.example`)));
    const fresh = bench.client({}).target;
    const reads = await Promise.all(
      [...ids, ...ids].map(async (nativeId) => await fresh.read({ person, nativeId }, ['iconik:**'], call)),
    );
    expect(reads.map((actual) => actual.profile['email'])).toEqual(
      [...mails, ...mails].map((mail) => `${mail}@northwind.example`),
    );
    expect(reads[0]).toEqual(reads[6]);
  });
});
