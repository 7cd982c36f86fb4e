import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  ACCESS_ROLE,
  APAC,
  DESIGNER,
  EMEA,
  EVERY_ROLE,
  PERSON_PASSWORD,
  REVIEWER,
  startExstreamBench,
  type ExstreamBench,
} from '../../../test/support/exstreamStandIn.ts';
import { applyCall, call, OTDS_CLIENT_SECRET } from '../../../test/support/otdsStandIn.ts';
import type { Change } from '../../domain/change.ts';

let bench: ExstreamBench;
beforeAll(async () => void (bench = await startExstreamBench()));
beforeEach(async () => await bench.reset());
afterAll(async () => await bench.close());

const ADA = 'ada.byrne@staff';
const HANNAH = 'hannah.klein@staff';
const open: Change = { op: 'enable', profile: {} };
const close: Change = { op: 'disable', profile: {} };
const grant = (entitlement: string): Change => ({ op: 'grant', entitlement });
const revoke = (entitlement: string): Change => ({ op: 'revoke', entitlement });
const keys = async (who: string) => (await bench.read(who)).held.map(({ key, how }) => `${key} ${how}`);

test('a person is let in, gets a role, moves to another, leaves and comes back', async () => {
  expect(await bench.read(HANNAH)).toEqual({
    account: 'disabled',
    nativeId: (await bench.otds.person(HANNAH)).uuid,
    profile: {},
    held: [],
    warnings: [],
  });
  expect(await bench.apply(HANNAH, open, grant(DESIGNER))).toEqual([
    { outcome: 'done', nativeId: expect.any(String) },
    { outcome: 'done' },
  ]);
  expect(await bench.read(HANNAH)).toMatchObject({ account: 'present', held: [{ key: DESIGNER, how: 'direct' }] });
  expect(await bench.members('Designers@exstream.role')).toEqual([HANNAH]);

  await bench.apply(HANNAH, grant(REVIEWER), revoke(DESIGNER));
  expect(await keys(HANNAH)).toEqual([`${REVIEWER} direct`]);

  await bench.apply(HANNAH, close, revoke(REVIEWER));
  expect(await bench.read(HANNAH)).toMatchObject({ account: 'disabled', held: [] });
  expect(await bench.members('Reviewers@exstream.role')).toEqual([]);

  await bench.apply(HANNAH, open, grant(DESIGNER));
  expect(await bench.read(HANNAH)).toMatchObject({ account: 'present', held: [{ key: DESIGNER }] });
});

test('what the person’s own token may do follows: let in, one domain, nothing else; rights taken away end with the token', async () => {
  await bench.otds.admin('PUT', `/users/${HANNAH}/password`, { newPassword: PERSON_PASSWORD });
  expect(await bench.token(HANNAH)).toBeUndefined();
  await bench.apply(HANNAH, open, grant(DESIGNER));
  const token = (await bench.token(HANNAH)) ?? '';
  const may = async (domain: string) =>
    (await bench.design('GET', `/resources/${encodeURIComponent(domain)}`, { token })).status;
  expect([await may('Development'), await may('Production'), await may('Regional EMEA')]).toEqual([200, 403, 403]);

  await bench.apply(HANNAH, close, revoke(DESIGNER));
  expect(await bench.read(HANNAH)).toMatchObject({ account: 'disabled', held: [] });
  // The old token keeps what it carries: the proof says so.
  expect(await may('Development')).toBe(200);
  expect(bench.system.target.describe().proofLimits[0]).toContain('up to 60 minutes later');
  await bench.control('POST', '/clock', { advance: 3_601 });
  expect(await may('Development')).toBe(401);
  expect(await bench.token(HANNAH)).toBeUndefined();
});

describe('the group that carries a role', () => {
  test('gets it where it lacks it, once, by the client of its own domain', async () => {
    await bench.requests();
    await bench.apply(HANNAH, grant(EMEA), grant(APAC));
    await bench.apply(ADA, grant(EMEA));
    const posts = (await bench.requests()).filter(({ method }) => method === 'POST');
    expect(posts.map(({ caller, status }) => `${caller} ${status}`)).toEqual([
      'tenure-emea@OAuthClients 200',
      'tenure-apac@OAuthClients 200',
    ]);
    expect(await keys(HANNAH)).toEqual([`${APAC} direct`, `${EMEA} direct`]);
    expect(await bench.groupRoles()).toEqual(
      expect.arrayContaining(['Authors EMEA@exstream.role: bcauser@Regional EMEA']),
    );
  });

  test('keeps it when the last one leaves, and a grant after that writes no row', async () => {
    await bench.apply(HANNAH, grant(EMEA), revoke(EMEA));
    expect(await bench.groupRoles()).toContain('Authors EMEA@exstream.role: bcauser@Regional EMEA');
    await bench.requests();
    await bench.apply(ADA, grant(EMEA));
    expect((await bench.requests()).filter(({ method }) => method !== 'GET')).toEqual([]);
  });

  test('does not get it while others are inside, who would have it too', async () => {
    await bench.otds.admin('POST', `/users/${ADA}/memberof`, { stringList: ['Authors EMEA@exstream.role'] });
    await expect(bench.apply(HANNAH, grant(EMEA))).rejects.toMatchObject({
      code: 'EXSTREAM_GROUP_IN_USE',
      retryable: false,
    });
    expect(await bench.groupRoles()).not.toContain('Authors EMEA@exstream.role: bcauser@Regional EMEA');
    expect(await bench.apply(ADA, grant(EMEA))).toEqual([{ outcome: 'done' }]);
    expect(await bench.apply(HANNAH, grant(EMEA))).toEqual([{ outcome: 'done' }]);
  });

  test('is not touched where Tenure may not: the grant is refused and nobody enters the group', async () => {
    const { target } = bench.client({ manageGroupRoles: false });
    const person = await bench.otds.person(HANNAH);
    const account = { person, nativeId: person.uuid };
    const actual = await target.read(account, EVERY_ROLE, call);
    await expect(target.apply(account, grant(EMEA), actual, applyCall())).rejects.toMatchObject({
      code: 'EXSTREAM_NO_GROUP_ROLE',
      retryable: false,
    });
    expect(await bench.members('Authors EMEA@exstream.role')).toEqual([]);
  });

  test('another region’s client is refused by Exstream, and nobody enters the group', async () => {
    const { domains } = bench.config;
    const mixed = { ...domains, 'Regional APAC': domains['Regional EMEA'] ?? {} };
    const { target } = bench.client({ domains: mixed });
    const person = await bench.otds.person(HANNAH);
    const account = { person, nativeId: person.uuid };
    const actual = await target.read(account, [EMEA], call);
    await expect(target.apply(account, grant(APAC), actual, applyCall())).rejects.toMatchObject({
      code: 'EXSTREAM_FORBIDDEN',
      status: 403,
    });
    expect(await bench.members('Authors APAC@exstream.role')).toEqual([]);
  });

  test.each([200, 409])('somebody giving it the role at the same moment is no error (%i)', async (status) => {
    await bench.choose('GROUPROLE_DUPLICATE', status);
    // What was ten minutes ago is the shop without the row, and not the seed, which has it.
    await bench.control('POST', '/clock', { advance: 1_200 });
    const row = { group: 'authors emea@exstream.role', roleName: 'bcauser', domain: { id: 'Regional EMEA' } };
    await bench.design('POST', '/group-roles', { body: row });
    // Our reads before the write, after those of the plan, still show what was before.
    const path = '*/group-roles/Regional%20EMEA';
    await bench.fault({ match: { method: 'GET', path }, skip: 1, times: 2, fault: { kind: 'stale', ms: 600_000 } });
    await bench.requests();
    expect(await bench.apply(HANNAH, grant(EMEA))).toEqual([{ outcome: 'done' }]);
    expect((await bench.requests()).filter(({ method }) => method === 'POST').map((one) => one.status)).toEqual([
      status,
    ]);
    expect((await bench.groupRoles()).filter((one) => one.includes('bcauser@Regional EMEA'))).toHaveLength(1);
    // The row names the group in another case, which is no other group.
    expect(await keys(HANNAH)).toEqual([`${EMEA} direct`]);
  });
});

test('an OTDS client that administers just the partition of the carrying groups gives and takes roles; the door needs more and says so', async () => {
  await bench.otds.admin('POST', '/oauthclients', { id: 'tenure-groups', secret: OTDS_CLIENT_SECRET });
  await bench.otds.act('editAdministrators', { partition: 'exstream.role', add: 'tenure-groups@OAuthClients' });
  const otds = { ...bench.config.otds, clientId: 'tenure-groups', clientSecret: 'env:CLIENT' };
  const { target } = bench.client({ otds });
  const person = await bench.otds.person(HANNAH);
  const account = { person, nativeId: person.uuid };
  const actual = await target.read(account, EVERY_ROLE, call);
  for (const change of [grant(DESIGNER), revoke(DESIGNER)])
    expect(await target.apply(account, change, actual, applyCall())).toEqual({ outcome: 'done' });
  await expect(target.apply(account, open, actual, applyCall())).rejects.toMatchObject({
    code: 'EXSTREAM_OTDS_FORBIDDEN',
    system: 'exstream',
  });
});

describe('what is read', () => {
  test('a right by a group that is not ours is told, and is not ours to take', async () => {
    expect(await keys(ADA)).toEqual([
      'exstream:role/bcauser@Development group',
      'exstream:role/bcauser@Production group',
    ]);
    const row = { group: 'Marketing Editors@staff', roleName: 'bcauser', domain: { id: 'Regional EMEA' } };
    await bench.design('POST', '/group-roles', { body: row });
    expect(await keys(ADA)).toContain(`${EMEA} group`);
    await bench.apply(ADA, grant(EMEA));
    expect((await keys(ADA)).filter((key) => key.startsWith(EMEA))).toEqual([`${EMEA} direct`]);
    await bench.apply(ADA, revoke(EMEA));
    expect(await keys(ADA)).toContain(`${EMEA} group`);
  });

  test('membership alone is no right where the group has no role, nor is the role of a group inside the carrying one', async () => {
    await bench.otds.admin('POST', `/users/${HANNAH}/memberof`, { stringList: ['Authors EMEA@exstream.role'] });
    expect(await bench.read(HANNAH)).toMatchObject({
      held: [],
      warnings: [expect.stringContaining('Authors EMEA@exstream.role is to carry')],
    });
    const designers = encodeURIComponent('Designers@exstream.role');
    await bench.otds.admin('POST', `/groups/${designers}/members`, { stringList: ['Legal Review@staff'] });
    expect((await keys('chiara.rossi@staff')).filter((key) => key.startsWith(DESIGNER))).toEqual([]);
  });

  test('only domains that matter are asked about', async () => {
    await bench.requests();
    await bench.read(ADA, [EMEA]);
    expect((await bench.requests()).map(({ path }) => path)).toEqual(['/design/api/v1/group-roles/Regional%20EMEA']);
    await bench.read(ADA, ['iconik:team/*']);
    expect(await bench.requests()).toEqual([]);
  });

  test('a role that permits nothing, and permissions that are not shown, are told', async () => {
    await bench.apply(HANNAH, grant(DESIGNER));
    await bench.choose('SEMI_PUBLIC_PERMISSIONS', 404);
    expect((await bench.read(HANNAH)).warnings).toEqual([expect.stringContaining('rests on the group-role alone')]);
    await bench.choose('SEMI_PUBLIC_PERMISSIONS', 'served');
    const state = await bench.control('GET', '/state');
    await bench.control('PUT', '/state', { ...state, rolePermissions: {} });
    const after = await bench.client().target.read({ person: await bench.otds.person(HANNAH) }, EVERY_ROLE, call);
    expect(after.warnings).toEqual([expect.stringContaining('permits nothing')]);
  });

  test('a policy that manages what access is kept in is warned of', async () => {
    const { warnings } = await bench.read(HANNAH, [...EVERY_ROLE, 'otds:group/*', `otds:accessrole/${ACCESS_ROLE}`]);
    expect(warnings).toHaveLength(5);
    expect(warnings[0]).toMatch(/take it out of managed/);
    expect((await bench.read(HANNAH, [...EVERY_ROLE, 'otds:group/Media*'])).warnings).toEqual([]);
  });
});

describe('the door', () => {
  const edit = async (kind: string, member: object) => {
    const role = await bench.otds.admin('GET', `/accessroles/${encodeURIComponent(ACCESS_ROLE)}`);
    const members = role['accessRoleMembers'] as Record<string, object[]>;
    const accessRoleMembers = { ...members, [kind]: [...(members[kind] ?? []), member] };
    await bench.otds.admin('PUT', `/accessroles/${encodeURIComponent(ACCESS_ROLE)}`, { ...role, accessRoleMembers });
  };
  const byPartition = () => edit('userPartitions', { name: 'staff' });

  test('an access role that lets in a partition needs no entry, and only OTDS closes it', async () => {
    await byPartition();
    expect((await bench.read(HANNAH)).account).toBe('present');
    await bench.otds.requests();
    await bench.apply(HANNAH, open);
    await expect(bench.apply(HANNAH, close)).rejects.toMatchObject({ code: 'EXSTREAM_HELD_OPEN', retryable: false });
    expect((await bench.otds.requests()).filter(({ method }) => method !== 'GET')).toEqual([]);
    await bench.otds.admin('PATCH', `/users/${HANNAH}`, {
      userPartitionID: 'staff',
      values: [{ name: 'accountDisabled', values: ['true'] }],
    });
    expect((await bench.read(HANNAH)).account).toBe('disabled');
    expect(await bench.apply(HANNAH, close)).toEqual([{ outcome: 'done' }]);
    await expect(bench.apply(HANNAH, open)).rejects.toMatchObject({ code: 'EXSTREAM_OTDS_CLOSED', retryable: true });
  });

  test('an entry by name is taken away although OTDS keeps the person out already', async () => {
    await bench.apply(HANNAH, open);
    await bench.otds.admin('PATCH', `/users/${HANNAH}`, {
      userPartitionID: 'staff',
      values: [{ name: 'accountDisabled', values: ['true'] }],
    });
    expect((await bench.read(HANNAH)).account).toBe('present');
    await bench.apply(HANNAH, close);
    expect((await bench.read(HANNAH)).account).toBe('disabled');
  });

  test('a group that is let in counts, nested too', async () => {
    const group = await bench.otds.admin('GET', `/groups/${encodeURIComponent('All Staff@staff')}`);
    await edit('groups', { name: 'All Staff@staff', location: group['location'] });
    expect((await bench.read('peter.novak@staff')).account).toBe('present');
    expect((await bench.read('lena.fischer@contractors')).account).toBe('disabled');
  });

  test('entries are written under the lock of the access role', async () => {
    const shared: string[] = [];
    const person = await bench.otds.person(HANNAH);
    const account = { person, nativeId: person.uuid };
    const actual = await bench.system.target.read(account, EVERY_ROLE, call);
    for (const change of [open, grant(EMEA), close])
      await bench.system.target.apply(account, change, actual, applyCall(shared));
    const lock = `otds:accessrole/${ACCESS_ROLE}`;
    expect(shared).toEqual([lock, 'exstream:grouprole/bcauser@Regional EMEA', lock]);
  });

  test('somebody OTDS does not have is nobody here, and is not made', async () => {
    const person = { ...(await bench.otds.person(HANNAH)), uuid: 'a-uuid-that-is-gone', who: 'gone@staff' };
    const actual = await bench.system.target.read({ person }, EVERY_ROLE, call);
    expect(actual).toEqual({ account: 'absent', profile: {}, held: [], warnings: [] });
    const make = bench.system.target.apply({ person }, { op: 'create', profile: {} }, actual, applyCall());
    await expect(make).rejects.toMatchObject({ code: 'EXSTREAM_NO_PERSON', retryable: false });
    expect(await bench.system.target.apply({ person }, close, actual, applyCall())).toEqual({ outcome: 'done' });
  });
});
