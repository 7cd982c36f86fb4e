import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { start } from './harness.ts';
import type { Sandbox } from './harness.ts';

let s: Sandbox;
beforeAll(async () => {
  s = await start();
});
afterAll(() => s.close());
beforeEach(async () => {
  await s.control('POST', '/reset');
  s.ticket = (await s.login('otadmin@otds.admin', 'otds-sandbox')).body.ticket;
});

const AURORA = 'Project Aurora@staff';
const groupsOf = async (ref: string) =>
  (await s.call('GET', `/users/${ref}/memberof`)).body.groups.map((g) => g.id).sort();
const stamps = async (ref: string) =>
  JSON.stringify((await s.call('GET', `/users/${ref}?attrsAsKeys=true`)).body.attributes['modifyTimestamp']);

describe('groups', () => {
  test('adding and removing from either side; replies are empty; no timestamp moves', async () => {
    const before = await stamps('ben.otto@staff');
    await s.control('POST', '/clock', { advance: 5 });
    const added = await s.call('POST', '/users/ben.otto@staff/memberof', { stringList: [AURORA] });
    expect([added.status, added.text]).toEqual([204, '']);
    expect(await groupsOf('ben.otto@staff')).toEqual(['Dept Post@staff', 'Post Production@staff', AURORA]);
    const { location, numMembers } = (await s.call('GET', `/groups/${AURORA}`)).body;
    expect(numMembers).toBe(6);
    const { location: ben } = (await s.call('GET', '/users/ben.otto@staff')).body;
    await s.call('POST', `/groups/${encodeURIComponent(location)}/members/deletionset`, { stringList: [ben] });
    expect(await groupsOf('ben.otto@staff')).not.toContain(AURORA);
    await s.call('POST', '/groups/Project%20Aurora/members', { stringList: ['ben.otto'] });
    await s.call('POST', '/users/ben.otto@staff/memberof/deletionset', { stringList: [location] });
    expect(await groupsOf('ben.otto@staff')).not.toContain(AURORA);
    expect(await stamps('ben.otto@staff')).toBe(before);
  });

  test('repeats succeed and stand in the ledger with before equal to after', async () => {
    for (let i = 0; i < 2; i++) await s.call('POST', '/users/ben.otto@staff/memberof', { stringList: [AURORA] });
    const crew = (await s.call('GET', `/groups/${AURORA}/users`)).body.users;
    expect(crew.filter((u) => u.id === 'ben.otto@staff').length).toBe(1);
    for (let i = 0; i < 2; i++)
      await s.call('POST', `/groups/${AURORA}/members/deletionset`, { stringList: ['ben.otto@staff'] });
    const writes = (await s.ledger()).flatMap((e) => e.writes).slice(-4);
    const row = { group: AURORA, member: 'ben.otto@staff', kind: 'users' };
    expect(writes.map((w) => [w.object, w.before, w.after])).toEqual([
      ['membership', null, row],
      ['membership', row, row],
      ['membership', row, null],
      ['membership', null, null],
    ]);
  });

  test('one unknown entry refuses all of them; a group cannot contain itself', async () => {
    const { status } = await s.call('POST', '/users/ben.otto@staff/memberof', { stringList: [AURORA, 'None@staff'] });
    expect([status, (await groupsOf('ben.otto@staff')).includes(AURORA)]).toEqual([404, false]);
    expect((await s.call('POST', '/groups/Dept%20Post/groups', { stringList: ['All Staff'] })).status).toBe(400);
    expect((await s.call('POST', '/users/ben.otto@staff/memberof', { stringList: 'x' })).status).toBe(400);
  });

  test('nested groups: memberof is direct, the control address shows what came by which group', async () => {
    expect(await groupsOf('ada.byrne@staff')).toEqual(['Dept Marketing@staff', 'Marketing Editors@staff']);
    expect((await s.call('GET', '/groups/Dept%20Marketing/memberof')).body.groups.map((g) => g.id)).toEqual([
      'All Staff@staff',
    ]);
    const all = (await s.call('GET', '/groups/All%20Staff/members?page_size=3')).body;
    expect([all.users, all.groups.length, all.actualPageSize, typeof all.nextPageCookie]).toEqual([[], 3, 3, 'string']);
    const { body } = await s.control('GET', '/state/access/ada.byrne@staff');
    expect(body.groups).toContainEqual({
      name: 'All Staff@staff',
      how: 'group',
      via: 'Dept Marketing@staff',
    });
  });

  test('create, change and delete a group; its members lose it', async () => {
    const made = await s.call('POST', '/groups', { userPartitionID: 'staff', name: 'R&D / Labs', description: 'x' });
    expect(made.body).toMatchObject({ id: 'R&D / Labs@staff', numMembers: 0, objectClass: 'oTGroup' });
    const ref = encodeURIComponent('R&D / Labs@staff');
    expect((await s.call('PATCH', `/groups/${ref}`, { description: 'y' })).body.description).toBe('y');
    expect((await s.call('GET', `/groups/${ref}?attrsAsKeys=True`)).body.values).toBeNull();
    expect((await s.call('GET', `/groups/${ref}?attrsAsKeys=True`)).body.attributes).not.toHaveProperty(
      'modifyTimestamp',
    );
    await s.call('POST', '/users/ben.otto@staff/memberof', { stringList: [made.body.location] });
    expect((await s.call('DELETE', `/groups/${ref}`)).status).toBe(204);
    expect(await groupsOf('ben.otto@staff')).toEqual(['Dept Post@staff', 'Post Production@staff']);
  });

  test('a deletionset can be turned off', async () => {
    await s.control('POST', '/act', { action: 'choose', constant: 'GROUP_DELETIONSET', value: '404' });
    const { status, headers } = await s.call('POST', `/groups/${AURORA}/members/deletionset`, {
      stringList: ['alex.kim@staff'],
    });
    expect([status, headers.get('x-standin-chosen')]).toEqual([404, 'GROUP_DELETIONSET, NOT_SERVED']);
    expect(Object.keys((await s.call('GET', '/openapi.json')).body.paths)).not.toContain(
      '/groups/{ref}/members/deletionset',
    );
  });
});

describe('access roles', () => {
  const ROLE = '/accessroles/Access%20to%20Media%20Portal';

  test('members are added by name or location; a PUT of the whole without one removes it and keeps the rest', async () => {
    const { location } = (await s.call('GET', '/users/chiara.rossi@staff')).body;
    const added = await s.call('POST', `${ROLE}/members`, {
      users: [
        { name: 'ada.byrne@staff', location: '' },
        { name: 'x', location },
      ],
      groups: [{ name: 'Legal Review', location: '' }],
      userPartitions: [{ name: 'partners', location: '' }],
    });
    expect([added.status, added.text]).toEqual([204, '']);
    const { body } = await s.call('GET', ROLE);
    expect(Object.keys(body.accessRoleMembers).sort()).toEqual([
      'groups',
      'organizationalUnits',
      'roles',
      'userPartitions',
      'users',
    ]);
    expect(body.accessRoleMembers['users']?.map((u) => u.displayName)).toEqual([
      'kofi.mensah@staff',
      'ada.byrne@staff',
      'chiara.rossi@staff',
    ]);
    expect(body.accessRoleMembers['userPartitions']).toMatchObject([{ name: 'partners', userPartition: 'partners' }]);
    const users = body.accessRoleMembers['users']?.filter((u) => u.name !== 'ada.byrne@staff') ?? [];
    const put = await s.call('PUT', ROLE, { ...body, accessRoleMembers: { ...body.accessRoleMembers, users } });
    expect(put.status).toBeLessThan(300);
    const after = (await s.call('GET', ROLE)).body.accessRoleMembers;
    expect(after['users']?.map((u) => u.name)).toEqual(['kofi.mensah@staff', 'chiara.rossi@staff']);
    expect(after['groups']?.map((g) => g.name)).toEqual(['Media Admins@staff', 'Legal Review@staff']);
    const put_ = (await s.ledger()).findLast((e) => e.method === 'PUT');
    expect(put_?.writes).toEqual([
      expect.objectContaining({
        object: 'accessRoleMember',
        before: { accessRole: 'Access to Media Portal', kind: 'users', member: 'ada.byrne@staff' },
        after: null,
      }),
    ]);
  });

  test('attributes are set by themselves; removal by deletionset is not there unless chosen; PUT without members is refused', async () => {
    await s.call('PUT', `${ROLE}/attributes`, { attributes: [{ name: 'pushAllGroups', values: ['True'] }] });
    expect((await s.call('GET', ROLE)).body.attributeList).toEqual([{ name: 'pushAllGroups', values: ['True'] }]);
    expect(
      (await s.call('POST', `${ROLE}/members/deletionset`, { users: [{ name: 'kofi.mensah@staff', location: '' }] }))
        .status,
    ).toBe(404);
    expect((await s.call('PUT', ROLE, { name: 'x' })).status).toBe(400);
    expect((await s.call('GET', '/accessroles/None')).status).toBe(404);
  });

  test('a deleted user leaves groups and access roles, and the ledger says so', async () => {
    await s.call('DELETE', '/users/kofi.mensah@staff');
    expect((await s.call('GET', ROLE)).body.accessRoleMembers['users']).toEqual([]);
    const { writes } = (await s.ledger()).findLast((e) => e.method === 'DELETE') ?? { writes: [] };
    expect(writes.map((w) => w.object).sort()).toEqual(['accessRoleMember', 'membership', 'membership', 'user']);
  });
});
