import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Credentials } from './seed.ts';
import type { Trial } from './trial.ts';
import { startTrial } from './trial.ts';

let iconik: Trial;
let ben: Credentials;
beforeAll(async () => {
  iconik = await startTrial();
});
afterAll(() => iconik.close());
beforeEach(async () => {
  await iconik.control('POST', '/reset');
  ben = await iconik.credentialsOf('ben.otto@northwind.example');
});

async function titles(as: Credentials, query = ''): Promise<string[]> {
  const { body } = await iconik.api('GET', `assets/v1/collections/?per_page=500&sort=title,asc&${query}`, { as });
  return body.objects.map((collection) => collection.title);
}

describe('what an ordinary person reaches', () => {
  test('the workspaces of the teams, and nothing else', async () => {
    expect(await titles(ben, 'is_root=true')).toEqual(['Post Americas', 'Post Production', 'Unit Trailers']);
    const [post, legal] = [await iconik.root('Post Production'), await iconik.root('Legal')];
    expect((await iconik.api('GET', `assets/v1/collections/${post.id}/`, { as: ben })).body.permissions).toEqual([
      'read',
      'write',
    ]);
    expect((await iconik.api('GET', `assets/v1/collections/${legal.id}/`, { as: ben })).status).toBe(403);
    const body = { object_keys: [post.id, legal.id] };
    const roles = await iconik.api('POST', 'acls/v1/acl/collections/read/', { as: ben, body });
    expect(roles.status).toBe(403); // can_read_acls
    const own = await iconik.api('GET', `acls/v1/acl/collections/${legal.id}/permissions/`, { as: ben });
    expect([own.status, own.body.permissions]).toEqual([200, []]);
  });

  test('follows the teams: out of the team, out of its collections and what lies below', async () => {
    const root = await iconik.root('Post Americas');
    const contents = `assets/v1/collections/${root.id}/contents/`;
    expect((await iconik.api('GET', contents, { as: ben })).body.objects.map((one) => one.title).sort()).toEqual([
      'Finished',
      'Work in Progress',
    ]);
    await iconik.act('edit', { user: 'ben.otto@northwind.example', group: 'Post Americas', present: false });
    expect((await iconik.api('GET', contents, { as: ben })).status).toBe(403);
    expect(await titles(ben, 'is_root=true')).toEqual(['Post Production', 'Unit Trailers']);
  });

  test('creators hold everything on what they made, domain owners on all', async () => {
    const made = await iconik.api('POST', 'assets/v1/collections/?apply_default_acls=false', {
      as: ben,
      body: { title: 'Mine' },
    });
    expect(made.body.permissions).toEqual(['read', 'write', 'delete', 'change-acl']);
    const service = await iconik.api('GET', `assets/v1/collections/${made.body.id}/`);
    expect(service.status).toBe(403);
    expect((await iconik.owner('GET', `assets/v1/collections/${made.body.id}/`)).status).toBe(200);
  });

  test('rows are changed with change-acl only', async () => {
    const made = await iconik.api('POST', 'assets/v1/collections/?apply_default_acls=false', {
      as: ben,
      body: { title: 'Mine' },
    });
    const legal = await iconik.team('Legal');
    const body = { object_keys: [made.body.id], group_ids: [legal.id], permissions: ['read'] };
    expect((await iconik.api('PUT', 'acls/v1/acl/collections/', { body })).status).toBe(403);
    const ours = await iconik.root('Legal');
    const mixed = { ...body, object_keys: [made.body.id, ours.id] };
    expect((await iconik.api('PUT', 'acls/v1/acl/collections/', { body: mixed })).body.updated_object_keys).toEqual([
      ours.id,
    ]);
  });

  test('which of several objects one may read', async () => {
    const made = await iconik.owner('POST', 'assets/v1/collections/?apply_default_acls=false', { title: 'Hidden' });
    const legal = await iconik.root('Legal');
    const body = { object_keys: [made.body.id, legal.id] };
    const one = await iconik.api('POST', 'acls/v1/acl/collections/read/', { body });
    expect(one.body).toEqual({ access_granted: [legal.id], access_denied: [made.body.id] });
    const objects = [{ ...body, object_type: 'collections', permissions: ['read', 'delete'] }];
    const many = await iconik.api('POST', 'acls/v1/acl/', { body: { objects } });
    expect(many.body).toEqual({ access_granted: [], access_denied: [made.body.id, legal.id] });
  });
});

describe('collections', () => {
  test('ancestors, contents and a second parent', async () => {
    const [root, other] = [await iconik.root('Legal'), await iconik.root('Legal EMEA')];
    const path = 'assets/v1/collections/';
    const child = (await iconik.api('POST', path, { body: { title: 'Contracts', parent_id: root.id } })).body;
    const deep = (await iconik.api('POST', path, { body: { title: '2026', parent_id: child.id } })).body;
    const above = await iconik.api('GET', `${path}${deep.id}/ancestors/`);
    expect(above.body.objects.map((one) => one.title)).toEqual(['Legal', 'Contracts']);
    const body = { object_id: child.id, object_type: 'collections' };
    expect((await iconik.api('POST', `${path}${other.id}/contents/`, { body })).status).toBe(201);
    const acl = await iconik.api('GET', `acls/v1/acl/collections/${deep.id}/`);
    const [legal, emea] = [await iconik.team('Legal'), await iconik.team('Legal EMEA')];
    const inherited = acl.body.inherited_groups_acl.map((row) => row.group_id);
    expect(new Set(inherited)).toEqual(new Set([legal.id, emea.id]));
    expect((await iconik.api('DELETE', `${path}${other.id}/contents/collections/${child.id}/`)).status).toBe(204);
    expect((await iconik.api('GET', `acls/v1/acl/collections/${deep.id}/`)).body.inherited_groups_acl).toHaveLength(1);
  });

  test('deleting is done in the background and can be taken back', async () => {
    const made = (await iconik.api('POST', 'assets/v1/collections/', { body: { title: 'Short-lived' } })).body;
    const path = `assets/v1/collections/${made.id}/`;
    expect((await iconik.api('DELETE', path)).status).toBe(403);
    expect((await iconik.owner('DELETE', path)).status).toBe(202);
    expect((await iconik.api('GET', path)).body.status).toBe('ACTIVE');
    await iconik.settle();
    expect((await iconik.api('GET', path)).body.status).toBe('DELETED');
    expect((await iconik.api('PUT', `${path}restore/`)).status).toBe(202);
    expect((await iconik.api('GET', path)).body.status).toBe('ACTIVE');
    expect((await iconik.owner('DELETE', `${path}purge/`)).status).toBe(202);
    expect((await iconik.api('GET', path)).status).toBe(404);
  });

  test('project members are recorded and gain nothing, unless chosen otherwise', async () => {
    const ada = await iconik.user('Ada.Byrne@Northwind.example');
    const as = await iconik.credentialsOf(ada.email);
    const project = (await iconik.owner('POST', 'assets/v1/projects/', { name: 'Aurora' })).body;
    const members = `assets/v1/projects/${project.id}/members/`;
    expect((await iconik.owner('POST', members, { id: ada.id })).status).toBe(201);
    expect((await iconik.owner('POST', members, { id: project.id })).status).toBe(400);
    expect((await iconik.owner('GET', members)).body.objects.map((one) => one.id)).toEqual([ada.id]);
    expect(await titles(as)).toEqual([]);
    await iconik.choose('projectMember', 'grants');
    expect(await titles(as)).toEqual(['Aurora']);
    expect((await iconik.owner('DELETE', `${members}${ada.id}/`)).status).toBe(204);
    expect(await titles(as)).toEqual([]);
  });
});
