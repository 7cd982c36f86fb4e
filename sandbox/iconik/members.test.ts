import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Item, Trial } from './trial.ts';
import { startTrial } from './trial.ts';

let iconik: Trial;
let ada: Item;
let marketing: Item;
beforeAll(async () => {
  iconik = await startTrial();
});
afterAll(() => iconik.close());
beforeEach(async () => {
  await iconik.control('POST', '/reset');
  ada = await iconik.user('Ada.Byrne@Northwind.example');
  marketing = await iconik.team('Marketing');
});

describe('members', () => {
  test('adding answers the user with teams; twice is the same, and recorded as needless', async () => {
    const path = `users/v1/teams/${marketing.id}/users/${ada.id}/`;
    const added = await iconik.api('POST', path);
    expect([added.status, added.body.teams.includes(marketing.id)]).toEqual([201, true]);
    const membership = { group: 'Marketing', user: ada.email };
    const id = `${marketing.id}/${ada.id}`;
    expect((await iconik.lastEntry()).writes).toEqual([{ object: 'membership', id, before: null, after: membership }]);
    expect((await iconik.api('POST', path)).status).toBe(201);
    expect((await iconik.lastEntry()).writes).toEqual([{ object: 'membership', id, before: {}, after: {} }]);
    expect((await iconik.api('GET', `users/v1/users/${ada.id}/`)).body.teams).toHaveLength(2);
  });

  test('removing is 204, and 404 when there is nothing to remove', async () => {
    const path = `users/v1/teams/${marketing.id}/users/${ada.id}/`;
    expect((await iconik.api('DELETE', path)).status).toBe(404);
    await iconik.api('POST', path);
    const removed = await iconik.api('DELETE', path);
    expect([removed.status, removed.text]).toEqual([204, '']);
    await iconik.api('POST', path);
    await iconik.choose('okOrNoContent', 200);
    const told = await iconik.api('DELETE', path);
    expect([told.status, told.body.teams.includes(marketing.id)]).toEqual([200, false]);
  });

  test('nobody leaves the primary group until another is set', async () => {
    const path = `users/v1/users/${ada.id}/`;
    await iconik.api('POST', `users/v1/teams/${marketing.id}/users/${ada.id}/`);
    const body = { type: 'STANDARD', first_name: 'Ada', primary_group: marketing.id };
    expect((await iconik.api('PATCH', path, { body })).body.primary_group).toBe(marketing.id);
    const refused = await iconik.api('DELETE', `users/v1/teams/${marketing.id}/users/${ada.id}/`);
    expect([refused.status, Object.keys(refused.body.errors)]).toEqual([400, ['primary_group']]);
    const legal = await iconik.team('Legal');
    await iconik.api('PATCH', path, { body: { ...body, primary_group: legal.id } });
    expect((await iconik.api('DELETE', `users/v1/teams/${marketing.id}/users/${ada.id}/`)).status).toBe(204);
    const { teams } = (await iconik.api('GET', path)).body;
    expect([teams.includes(legal.id), teams.includes(marketing.id)]).toEqual([true, false]);
  });

  test('each kind has its own path, and unknown people or groups are not found', async () => {
    const editor = await iconik.roleGroup('Editor');
    const nobody = '4f4c2b0e-0000-4000-8000-000000000000';
    for (const path of [
      `users/v1/teams/${editor.id}/users/${ada.id}/`,
      `users/v1/role_groups/${marketing.id}/users/${ada.id}/`,
      `users/v1/teams/${marketing.id}/users/${nobody}/`,
      `users/v1/teams/${nobody}/users/${ada.id}/`,
    ]) {
      expect([path, (await iconik.api('POST', path)).status]).toEqual([path, 404]);
    }
    expect((await iconik.api('POST', `users/v1/role_groups/${editor.id}/users/${ada.id}/`)).body.role_groups).toEqual([
      editor.id,
    ]);
  });

  test('"Everyone" and "Administrator" are not to be touched', async () => {
    const [everyone, admin] = [await iconik.team('Everyone'), await iconik.roleGroup('Administrator')];
    const body = { name: 'Mine' };
    const ben = await iconik.user('ben.otto@northwind.example');
    for (const [method, path] of [
      ['PATCH', `users/v1/teams/${everyone.id}/`],
      ['DELETE', `users/v1/teams/${everyone.id}/`],
      ['DELETE', `users/v1/teams/${everyone.id}/users/${ben.id}/`],
      ['POST', `users/v1/role_groups/${admin.id}/users/${ada.id}/`],
    ] as const) {
      const answer = await iconik.api(method, path, method === 'PATCH' ? { body } : {});
      expect([path, answer.status]).toEqual([path, 403]);
    }
  });
});

describe('teams and role groups', () => {
  test('a team has no roles, a role group has; name is needed on every write', async () => {
    const body = { name: 'Night Shift', external_id: 'otds:night@staff', roles: ['can_read_assets'] };
    const team = await iconik.api('POST', 'users/v1/teams/', { body });
    expect([team.status, team.body.group_type]).toEqual([201, 'TEAM']);
    expect(team.body).not.toHaveProperty('roles');
    const role = await iconik.api('POST', 'users/v1/role_groups/', { body });
    expect([role.body.roles, role.body.group_type]).toEqual([['can_read_assets'], 'ROLE_GROUP']);
    const unnamed = await iconik.api('PATCH', `users/v1/teams/${team.body.id}/`, { body: { description: 'x' } });
    expect([unnamed.status, Object.keys(unnamed.body.errors)]).toEqual([400, ['name']]);
    const found = await iconik.api('GET', 'users/v1/teams/?name=night*');
    expect(found.body.objects).toEqual([team.body]);
  });

  test('groups of a migrated domain: teams show with their type, a new one is an orphan', async () => {
    const orphan = await iconik.api('POST', 'users/v1/groups/', { body: { name: 'Old way' } });
    expect([orphan.status, orphan.body.group_type]).toEqual([201, null]);
    expect(orphan.headers.get('x-standin-chosen')).toContain('orphanGroup');
    const basic = await iconik.api('GET', 'users/v1/groups/basic/');
    expect(basic.body.objects.map((group) => group.name)).toEqual(['Old way']);
    const teams = await iconik.api('GET', 'users/v1/groups/?name=Marketing');
    expect(teams.body.objects.map((group) => group.group_type)).toEqual(['TEAM']);
    const everything = await iconik.api('GET', 'users/v1/groups/all/basic/?per_page=100');
    expect(everything.body.objects.map((group) => group.name)).toEqual(expect.arrayContaining(['Editor', 'Legal']));
  });

  test('deleting a team takes its members out and moves their primary group', async () => {
    const chiara = await iconik.user('chiara.rossi@northwind.example');
    const [legal, everyone] = [await iconik.team('Legal'), await iconik.team('Everyone')];
    expect(chiara.primary_group).toBe(legal.id);
    expect((await iconik.api('DELETE', `users/v1/teams/${legal.id}/`)).status).toBe(204);
    const after = (await iconik.api('GET', `users/v1/users/${chiara.id}/`)).body;
    expect([after.primary_group, after.teams.includes(legal.id)]).toEqual([everyone.id, false]);
    expect((await iconik.api('GET', `users/v1/teams/${legal.id}/`)).status).toBe(404);
  });

  test('mappings of identity-provider groups are read by us and written by others', async () => {
    const body = { name: 'idp-legal', group_id: (await iconik.team('Legal')).id };
    expect((await iconik.api('POST', 'users/v1/groups/mappings/', { body })).status).toBe(403);
    expect((await iconik.owner('POST', 'users/v1/groups/mappings/', body)).status).toBe(201);
    expect((await iconik.owner('POST', 'users/v1/groups/mappings/', body)).status).toBe(409);
    expect((await iconik.api('GET', 'users/v1/groups/mappings/idp-legal/')).body).toMatchObject(body);
    expect((await iconik.owner('DELETE', 'users/v1/groups/mappings/idp-legal/')).status).toBe(204);
  });
});
