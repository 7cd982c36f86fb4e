import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Short } from './quirkKit.ts';
import { LIST, PERSON, U, short } from './quirkKit.ts';
import type { Item, Trial } from './trial.ts';
import { startTrial } from './trial.ts';

/** The oddities of sections 2 to 12, each by its name; section 13 is in quirks.test.ts. */
let iconik: Trial;
let legal: Item;
let ben: Item;
let own: Short['own'];
let status: Short['status'];
let user: Short['user'];
let acl: Short['acl'];
let collection: Short['collection'];
beforeAll(async () => {
  iconik = await startTrial();
  ({ own, status, user, acl, collection } = short(iconik));
});
afterAll(() => iconik.close());
beforeEach(async () => {
  await iconik.control('POST', '/reset');
  legal = await iconik.team('Legal');
  ben = await iconik.user('ben.otto@northwind.example');
});

describe('oddities of the other sections', () => {
  test('a team id goes wherever the ACL service says group_id, a role group id does not', async () => {
    const { id } = await collection();
    const editor = await iconik.roleGroup('Editor');
    const body = { object_keys: [id], permissions: ['read'] };
    expect(await status('PUT', LIST, { ...body, group_ids: [legal.id] })).toBe(200);
    expect(await status('PUT', LIST, { ...body, group_ids: [editor.id] })).toBe(400);
  });

  test('a migrated legacy group becomes a team with its ACL rows, and a role group with its roles', async () => {
    await iconik.act('accessModel', { model: 'legacy' });
    const group = (await own('POST', 'users/v1/groups/', { name: 'Cutters', roles: ['can_read_assets'] })).body;
    await own('POST', `users/v1/groups/${group.id}/users/${ben.id}/`);
    const { id } = await collection();
    await own('PUT', LIST, { object_keys: [id], permissions: ['read'], group_ids: [group.id] });
    await iconik.act('accessModel', { model: 'simplified' });
    expect((await own('GET', `users/v1/teams/${group.id}/`)).body).not.toHaveProperty('roles');
    const role = await iconik.roleGroup('Cutters');
    expect(role.roles).toEqual(['can_read_assets']);
    expect(await user(ben.id)).toMatchObject({
      teams: expect.arrayContaining([group.id]),
      role_groups: expect.arrayContaining([role.id]),
    });
    expect((await acl(id)).groups_acl).toEqual([{ group_id: group.id, permissions: ['read'] }]);
  });

  test('a group that was there before a migration may also be left as it is', async () => {
    await iconik.choose('migration', 'as they are');
    await iconik.act('accessModel', { model: 'legacy' });
    const group = (await own('POST', 'users/v1/groups/', { name: 'Cutters' })).body;
    await iconik.act('accessModel', { model: 'simplified' });
    expect(await status('GET', `users/v1/teams/${group.id}/`)).toBe(404);
  });

  test('list items lack teams and role groups; PATCH answers without teams; `name` is needed on every write', async () => {
    expect((await own('GET', U)).body.objects[0]).not.toHaveProperty('teams');
    const patched = await own('PATCH', `${U}${ben.id}/`, { type: 'STANDARD' });
    expect(patched.body).not.toHaveProperty('teams');
    expect(await status('PATCH', `users/v1/teams/${legal.id}/`, { description: 'x' })).toBe(400);
  });

  test('a domain owner must be POWER, and a role group deleted drops people to the defaults of their type', async () => {
    expect(await status('POST', U, { ...PERSON, is_admin: true })).toBe(400);
    for (const id of (await user(ben.id)).role_groups) await own('DELETE', `users/v1/role_groups/${id}/`);
    expect((await own('GET', `${U}${ben.id}/roles/`)).body.objects).toEqual(['can_read_collections']);
  });

  test('bulk ACL answers a bare array; a list PUT OVERWRITEs by default, APPEND adds', async () => {
    const { id } = await collection();
    const one = { object_keys: [id], group_ids: [legal.id], permissions: ['read', 'write'] };
    expect((await own('PUT', `${LIST}bulk/`, { objects: [one] })).text).toBe(`[{"updated_object_keys":["${id}"]}]`);
    await own('PUT', LIST, { ...one, permissions: ['delete'], mode: 'APPEND' });
    expect((await acl(id)).groups_acl[0]?.permissions).toEqual(['read', 'write', 'delete']);
    await own('PUT', LIST, { ...one, permissions: ['read'] });
    expect((await acl(id)).groups_acl[0]?.permissions).toEqual(['read']);
  });

  test('a content copy outlives its source, and DELETE content takes the copies away', async () => {
    const { id } = await collection();
    const child = await collection(id);
    const include = { object_ids: [id], include_assets: true, include_collections: true, group_ids: [legal.id] };
    await own('PUT', LIST, { object_keys: [id], group_ids: [legal.id], permissions: ['read'] });
    await own('PUT', `${LIST}content/`, { ...include, permissions: ['read'] });
    await iconik.settle();
    await own('DELETE', LIST, { object_keys: [id], group_ids: [legal.id] });
    expect((await acl(child.id)).groups_acl).toHaveLength(1);
    await own('DELETE', `${LIST}content/`, include);
    await iconik.settle();
    expect((await acl(child.id)).groups_acl).toEqual([]);
  });

  test('default ACLs leak access unless switched off at creation', async () => {
    const open = (await own('POST', 'assets/v1/collections/', { title: 'Open' })).body;
    expect((await acl(open.id)).groups_acl).toHaveLength(1);
    expect((await acl((await collection()).id)).groups_acl).toEqual([]);
  });

  test('next_url is a path relative to the host, null at the end; un-paged lists have objects only', async () => {
    const { next_url, pages } = (await own('GET', `${U}?per_page=10`)).body;
    expect(next_url).toMatch(/^\/API\/users\/v1\/users\/\?/);
    expect((await own('GET', `${U}?per_page=10&page=${pages}`)).body.next_url).toBeNull();
    for (const path of ['notifications/v1/webhooks/', 'acls/v1/acl/templates/']) {
      expect(Object.keys((await own('GET', path)).body)).toEqual(['objects']);
    }
  });

  test('dates have +00:00 and ids are UUIDs, share ids too', async () => {
    const [share] = (await own('GET', 'assets/v1/shares/all/')).body.objects;
    expect(share?.id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    for (const path of [U, 'users/v1/teams/', 'assets/v1/collections/']) {
      for (const one of (await own('GET', path)).body.objects) expect(one.date_created).toMatch(/\+00:00$/);
    }
  });
});
