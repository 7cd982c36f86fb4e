import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Answer, Body, Item, Trial } from './trial.ts';
import { startTrial } from './trial.ts';

let iconik: Trial;
let root: Item;
let legal: Item;
let chiara: Item;
beforeAll(async () => {
  iconik = await startTrial();
});
afterAll(() => iconik.close());
beforeEach(async () => {
  await iconik.control('POST', '/reset');
  root = await workspace('Aurora dailies', null);
  legal = await iconik.team('Legal');
  chiara = await iconik.user('chiara.rossi@northwind.example');
});

const PROPAGATING = 'acls/v1/acl/_propagating_collections/';
const LIST = 'acls/v1/acl/collections/';
const NOBODY = '4f4c2b0e-0000-4000-8000-000000000000';

async function workspace(title: string, parent_id: string | null): Promise<Item> {
  const made = await iconik.api('POST', 'assets/v1/collections/?apply_default_acls=false', {
    body: { title, parent_id },
  });
  if (made.status !== 201) throw new Error(made.text);
  return made.body;
}

async function acl(key: string): Promise<Body> {
  return (await iconik.api('GET', `acls/v1/acl/collections/${key}/`)).body;
}

const EMPTY = {
  users_acl: [],
  groups_acl: [],
  propagating_users_acl: [],
  propagating_groups_acl: [],
  inherited_users_acl: [],
  inherited_groups_acl: [],
};

function put(path: string, more: object): Promise<Answer> {
  return iconik.api('PUT', path, { body: { object_keys: [root.id], group_ids: [legal.id], ...more } });
}

describe('propagation', () => {
  test('a propagating row is inherited below, now and later, until it is removed', async () => {
    const child = await workspace('Day 1', root.id);
    const set = await put(PROPAGATING, { user_ids: [], permissions: ['write', 'read'] });
    expect([set.status, set.body.updated_object_keys]).toEqual([200, [root.id]]);
    const row = { group_id: legal.id, permissions: ['read', 'write'], object_key: root.id, object_type: 'collections' };
    expect(await acl(root.id)).toEqual({ ...EMPTY, propagating_groups_acl: [row] });
    expect(await acl(child.id)).toEqual(EMPTY);
    await iconik.settle();
    expect(await acl(child.id)).toEqual({ ...EMPTY, inherited_groups_acl: [row] });
    const grandchild = await workspace('Take 1', child.id);
    expect((await acl(grandchild.id)).inherited_groups_acl).toEqual([row]);

    const body = { object_keys: [root.id], group_ids: [legal.id], user_ids: [] };
    expect((await iconik.api('DELETE', PROPAGATING, { body })).status).toBe(204);
    expect((await acl(root.id)).propagating_groups_acl).toEqual([]);
    expect((await acl(grandchild.id)).inherited_groups_acl).toEqual([row]);
    await iconik.settle();
    expect((await acl(grandchild.id)).inherited_groups_acl).toEqual([]);
  });

  test('a collection that moves inherits from where it lies', async () => {
    const child = await workspace('Day 1', root.id);
    const other = await workspace('Elsewhere', null);
    await put(PROPAGATING, { permissions: ['read'] });
    await iconik.settle();
    expect((await acl(child.id)).inherited_groups_acl).toHaveLength(1);
    await iconik.api('PATCH', `assets/v1/collections/${child.id}/`, { body: { title: 'Day 1', parent_id: other.id } });
    expect((await acl(child.id)).inherited_groups_acl).toEqual([]);
    const loop = await iconik.api('PATCH', `assets/v1/collections/${other.id}/`, {
      body: { title: 'x', parent_id: child.id },
    });
    expect(loop.status).toBe(400);
  });

  test('a domain takes only so many propagating rows', async () => {
    await iconik.choose('propagatingMax', 3);
    const refused = await put(PROPAGATING, { permissions: ['read'] });
    expect([refused.status, refused.headers.get('x-standin-chosen')]).toEqual([400, 'propagatingLimit']);
  });

  test('a content copy is made of direct rows, which stay when the source goes', async () => {
    const child = await workspace('Day 1', root.id);
    await put(LIST, { permissions: ['read'] });
    const body = { object_ids: [root.id], include_assets: true, include_collections: true, group_ids: [legal.id] };
    const copied = await iconik.api('PUT', `${LIST}content/`, { body: { ...body, permissions: ['read'] } });
    expect(copied.status).toBe(202);
    await iconik.settle();
    await iconik.api('DELETE', LIST, { body: { object_keys: [root.id], group_ids: [legal.id] } });
    expect((await acl(root.id)).groups_acl).toEqual([]);
    expect((await acl(child.id)).groups_acl).toEqual([{ group_id: legal.id, permissions: ['read'] }]);
    expect((await iconik.api('DELETE', `${LIST}content/`, { body })).status).toBe(204);
    await iconik.settle();
    expect(await acl(child.id)).toEqual(EMPTY);
    expect(
      (await iconik.api('PUT', 'acls/v1/acl/assets/content/', { body: { ...body, permissions: ['read'] } })).status,
    ).toBe(501);
  });
});

describe('direct rows', () => {
  test('a list PUT overwrites that grantee’s row or adds to it; a list DELETE takes a JSON body', async () => {
    await put(LIST, { user_ids: [chiara.id], permissions: ['read', 'write'] });
    await put(LIST, { permissions: ['read', 'delete'], mode: 'APPEND' });
    expect((await acl(root.id)).groups_acl).toEqual([{ group_id: legal.id, permissions: ['read', 'write', 'delete'] }]);
    await put(LIST, { permissions: ['read'] });
    expect((await acl(root.id)).groups_acl).toEqual([{ group_id: legal.id, permissions: ['read'] }]);
    expect((await acl(root.id)).users_acl).toEqual([{ user_id: chiara.id, permissions: ['read', 'write'] }]);
    const body = { object_keys: [root.id], group_ids: [legal.id], user_ids: [chiara.id] };
    expect((await iconik.api('DELETE', LIST, { body })).status).toBe(204);
    expect((await iconik.lastEntry()).writes.map((write) => [write.object, write.after])).toEqual([
      ['acl', null],
      ['acl', null],
    ]);
    expect(await acl(root.id)).toEqual(EMPTY);
  });

  test('one row: 201 when new, 200 when replaced, 204 when removed, 404 when there is none', async () => {
    for (const path of [
      `acls/v1/groups/${legal.id}/acl/collections/${root.id}/`,
      `acls/v1/users/${chiara.id}/acl/collections/${root.id}/`,
    ]) {
      expect((await iconik.api('GET', path)).status).toBe(404);
      const first = await iconik.api('PUT', path, { body: { permissions: ['read', 'write'] } });
      const second = await iconik.api('PUT', path, { body: { permissions: ['read'] } });
      expect([first.status, second.status, second.body.permissions]).toEqual([201, 200, ['read']]);
      expect((await iconik.api('GET', `${path}read/`)).status).toBe(200);
      expect((await iconik.api('GET', `${path}write/`)).status).toBe(403);
      expect((await iconik.api('DELETE', path)).status).toBe(204);
      expect((await iconik.api('DELETE', path)).status).toBe(404);
    }
  });

  test('unknown grantees, permissions and objects, empty and too long lists are refused', async () => {
    const row = `acls/v1/groups/${NOBODY}/acl/collections/${root.id}/`;
    expect((await iconik.api('PUT', row, { body: { permissions: ['read'] } })).status).toBe(404);
    expect((await put(LIST, { group_ids: [NOBODY], permissions: ['read'] })).status).toBe(400);
    expect((await put(LIST, { permissions: [] })).body.errors).toHaveProperty('permissions');
    expect((await put(LIST, { permissions: ['see'] })).body.errors).toHaveProperty('permissions');
    expect((await put(LIST, { object_keys: [NOBODY], permissions: ['read'] })).status).toBe(400);
    const many = Array.from({ length: 501 }, (_, i) => `${i}`);
    expect((await put(LIST, { object_keys: many, permissions: ['read'] })).headers.get('x-standin-chosen')).toBe(
      'listLimitStatus',
    );
    const editor = await iconik.roleGroup('Editor');
    expect((await put(LIST, { group_ids: [editor.id], permissions: ['read'] })).status).toBe(400);
    expect(await acl(NOBODY)).toEqual(EMPTY);
  });

  test('bulk answers a bare array, one entry for each object', async () => {
    const other = await workspace('Elsewhere', null);
    const objects = [root.id, other.id].map((key) => ({
      object_keys: [key],
      permissions: ['read'],
      group_ids: [legal.id],
    }));
    const answer = await iconik.api('PUT', `${LIST}bulk/`, { body: { objects } });
    expect(JSON.parse(answer.text)).toEqual([{ updated_object_keys: [root.id] }, { updated_object_keys: [other.id] }]);
  });

  test('a template is copied once; default ACLs leak unless switched off', async () => {
    const leaking = await iconik.api('POST', 'assets/v1/collections/', { body: { title: 'Open' } });
    const everyone = await iconik.team('Everyone');
    expect((await acl(leaking.body.id)).groups_acl).toEqual([{ group_id: everyone.id, permissions: ['read'] }]);
    const templates = await iconik.owner('GET', 'acls/v1/acl/templates/');
    const [template] = templates.body.objects;
    const path = `acls/v1/acl/templates/${template?.id}/collections/${root.id}/`;
    expect((await iconik.api('POST', path)).status).toBe(200);
    expect((await acl(root.id)).groups_acl).toHaveLength(1);
    expect((await iconik.api('GET', 'acls/v1/acl/templates/')).status).toBe(403);
  });
});
