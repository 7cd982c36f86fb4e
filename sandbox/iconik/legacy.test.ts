import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Trial } from './trial.ts';
import { startTrial } from './trial.ts';

let iconik: Trial;
beforeAll(async () => {
  iconik = await startTrial();
});
afterAll(() => iconik.close());
beforeEach(async () => {
  await iconik.control('POST', '/reset');
  await iconik.act('accessModel', { model: 'legacy' });
});

describe('a domain that was not migrated', () => {
  test('says so, has no teams and role groups, and shows all as groups without a type', async () => {
    const me = await iconik.api('GET', 'users/v1/users/current/');
    expect(me.body.has_domain_been_migrated_to_simplified_acls).toBe(false);
    for (const path of ['users/v1/teams/', 'users/v1/role_groups/']) {
      const list = await iconik.api('GET', path);
      expect([list.status, list.body.objects, list.headers.get('x-standin-chosen')]).toEqual([
        200,
        [],
        'legacyTeamsList',
      ]);
      expect((await iconik.api('POST', path, { body: { name: 'New' } })).status).toBe(400);
    }
    const groups = (await iconik.api('GET', 'users/v1/groups/?per_page=100')).body.objects;
    expect(new Set(groups.map((group) => group.group_type))).toEqual(new Set([null]));
    expect(groups.map((group) => group.name)).toEqual(expect.arrayContaining(['Marketing', 'Editor']));
  });

  test('groups carry roles and ACLs alike', async () => {
    const body = { name: 'Cutters', roles: ['can_write_assets'] };
    const made = (await iconik.api('POST', 'users/v1/groups/', { body })).body;
    expect([made.roles, made.group_type]).toEqual([['can_write_assets'], null]);
    const ada = await iconik.find('users/v1/users/', 'email', 'Ada.Byrne@Northwind.example');
    const added = await iconik.api('POST', `users/v1/groups/${made.id}/users/${ada.id}/`);
    expect([added.status, added.body.groups.includes(made.id)]).toEqual([201, true]);
    expect(added.body).not.toHaveProperty('teams');
    const roles = await iconik.api('GET', `users/v1/users/${ada.id}/roles/`);
    expect(roles.body.objects).toContain('can_write_assets');
    const root = await iconik.root('Legal');
    const row = `acls/v1/groups/${made.id}/acl/collections/${root.id}/`;
    expect((await iconik.api('PUT', row, { body: { permissions: ['read'] } })).status).toBe(201);
    const as = await iconik.credentialsOf(ada.email);
    expect((await iconik.api('GET', `assets/v1/collections/${root.id}/`, { as })).status).toBe(200);
    expect((await iconik.api('DELETE', `users/v1/groups/${made.id}/users/${ada.id}/`)).status).toBe(204);
    expect((await iconik.api('GET', `assets/v1/collections/${root.id}/`, { as })).status).toBe(403);
  });

  test('users read without teams; migrating back brings the kinds again', async () => {
    const ben = await iconik.find('users/v1/users/', 'email', 'ben.otto@northwind.example');
    const legacy = (await iconik.api('GET', `users/v1/users/${ben.id}/`)).body;
    expect([legacy.teams, legacy.role_groups, legacy.groups.length]).toEqual([[], [], 5]);
    await iconik.act('accessModel', { model: 'simplified' });
    const migrated = (await iconik.api('GET', `users/v1/users/${ben.id}/`)).body;
    expect([migrated.teams.length, migrated.role_groups.length, migrated.groups.length]).toEqual([4, 1, 5]);
  });
});
