import { expect } from '@jest/globals';
import type { Body, Item } from '../trial.ts';
import type { Checks, Recorder } from './recorder.ts';
import { NOBODY, fresh, ids, under } from './recorder.ts';

const L = 'acls/v1/acl/collections/';
const PROPAGATING = 'acls/v1/acl/_propagating_collections/';

const acl = (t: Recorder, key: string): Promise<Body> => t.get(`${L}${key}/`);

async function place(t: Recorder): Promise<{ key: string; team: Item; user: Item }> {
  return { key: (await t.collection()).id, team: await t.team('Legal'), user: await t.person() };
}

const groupRows = async (t: Recorder, key: string): Promise<string[][]> =>
  (await acl(t, key)).groups_acl.map((row) => [row.group_id, ...row.permissions]);

export const ACL_CHECKS: Checks = under('/API/acls/v1', {
  'GET /acl/{type}/{key}/': async (t) => {
    const { key, user } = await place(t);
    await t.send(201, 'PUT', `acls/v1/users/${user.id}/acl/collections/${key}/`, { permissions: ['read'] });
    await t.send(204, 'DELETE', `users/v1/users/${user.id}/`);
    expect((await acl(t, key)).users_acl).toEqual([{ user_id: user.id, permissions: ['read'] }]);
    expect((await t.get(`${L}${key}/?exclude_deleted=true`)).users_acl).toEqual([]);
    await t.send(400, 'GET', `acls/v1/acl/nonsense/${key}/`);
    await t.asService(403, 'GET', `${L}${key}/`);
  },
  'GET /acl/{type}/{key}/permissions/': async (t) => {
    const { key } = await place(t);
    expect((await t.get(`${L}${key}/permissions/`)).permissions).toEqual(['read', 'write', 'delete', 'change-acl']);
    expect((await t.asService(200, 'GET', `${L}${key}/permissions/`)).permissions).toEqual([]);
  },
  'GET /acl/{type}/{key}/{permission}/': async (t) => {
    const { key } = await place(t);
    expect(await t.get(`${L}${key}/change-acl/`)).toEqual({});
    await t.asService(403, 'GET', `${L}${key}/read/`);
  },
  'POST /acl/{type}/{permission}/': async (t) => {
    const [{ key }, legal] = [await place(t), await t.root('Legal')];
    const body = { object_keys: [key, legal.id] };
    const told = await t.asService(200, 'POST', `${L}read/`, body);
    expect(told).toEqual({ access_granted: [legal.id], access_denied: [key] });
    await t.send(400, 'POST', `${L}read/`, { object_keys: 'all' });
  },
  'POST /acl/': async (t) => {
    const [{ key }, legal] = [await place(t), await t.root('Legal')];
    const object = { object_keys: [key, legal.id], object_type: 'collections', permissions: ['read', 'write'] };
    const told = await t.asService(200, 'POST', 'acls/v1/acl/', { objects: [object] });
    expect(told).toEqual({ access_granted: [legal.id], access_denied: [key] });
    await t.send(400, 'POST', 'acls/v1/acl/', { objects: [] });
  },
  'PUT /acl/{type}/': async (t) => {
    const { key, team, user } = await place(t);
    const body = {
      object_keys: [key],
      group_ids: [team.id],
      user_ids: [user.id],
      permissions: ['read'],
      mode: 'APPEND',
    };
    expect(await t.send(200, 'PUT', L, body)).toEqual({ updated_object_keys: [key] });
    expect((await acl(t, key)).users_acl).toEqual([{ user_id: user.id, permissions: ['read'] }]);
    await t.send(400, 'PUT', L, { ...body, permissions: ['see'] });
    await t.asService(403, 'PUT', L, body);
  },
  'PUT /acl/{type}/bulk/': async (t) => {
    const { key, team } = await place(t);
    const object = { object_keys: [key], group_ids: [team.id], permissions: ['read', 'write'] };
    expect(await t.send(200, 'PUT', `${L}bulk/`, { objects: [object] })).toEqual([{ updated_object_keys: [key] }]);
    expect(await groupRows(t, key)).toEqual([[team.id, 'read', 'write']]);
    await t.send(400, 'PUT', `${L}bulk/`, { objects: Array.from({ length: 101 }, () => object) });
  },
  'DELETE /acl/{type}/': async (t) => {
    const { key, team, user } = await place(t);
    const body = { object_keys: [key], group_ids: [team.id], user_ids: [user.id] };
    await t.either('okOrNoContent', 200, 204, async (status) => {
      await t.send(200, 'PUT', L, { ...body, permissions: ['read'] });
      await t.send(status, 'DELETE', L, body);
      expect(await groupRows(t, key)).toEqual([]);
    });
    await t.send(400, 'DELETE', L, { ...body, object_keys: [NOBODY] });
    await t.asService(403, 'DELETE', L, body);
  },
  'PUT /acl/{type}/content/': async (t) => {
    const { key, team, user } = await place(t);
    const child = await t.collection(key);
    const include = { object_ids: [key], include_assets: true, include_collections: true };
    const body = { ...include, permissions: ['read'], group_ids: [team.id], user_ids: [user.id], mode: 'OVERWRITE' };
    await t.send(202, 'PUT', `${L}content/`, body);
    expect(await groupRows(t, child.id)).toEqual([]);
    await t.settle();
    expect(await groupRows(t, child.id)).toEqual([[team.id, 'read']]);
    await t.send(400, 'PUT', `${L}content/`, { ...body, include_assets: undefined });
    await t.asService(403, 'PUT', `${L}content/`, body);
    await t.send(501, 'PUT', 'acls/v1/acl/assets/content/', body);
  },
  'DELETE /acl/{type}/content/': async (t) => {
    const { key, team, user } = await place(t);
    const child = await t.collection(key);
    const include = { object_ids: [key], include_assets: true, include_collections: true };
    const body = { ...include, group_ids: [team.id], user_ids: [user.id] };
    await t.either('okOrNoContent', 200, 204, async (status) => {
      await t.send(202, 'PUT', `${L}content/`, { ...body, permissions: ['read'] });
      await t.settle();
      await t.send(status, 'DELETE', `${L}content/`, body);
      expect(await groupRows(t, child.id)).toHaveLength(1);
      await t.settle();
      expect(await groupRows(t, child.id)).toEqual([]);
    });
    await t.send(501, 'DELETE', 'acls/v1/acl/assets/content/', body);
  },
  'PUT /acl/_propagating_collections/': async (t) => {
    const { key, team, user } = await place(t);
    const body = { object_keys: [key], group_ids: [team.id], user_ids: [user.id], permissions: ['read'] };
    expect(await t.send(200, 'PUT', PROPAGATING, body)).toEqual({ updated_object_keys: [key] });
    expect((await acl(t, key)).propagating_groups_acl).toMatchObject([{ group_id: team.id, object_key: key }]);
    await t.settle();
    expect((await acl(t, (await t.collection(key)).id)).inherited_users_acl).toMatchObject([{ user_id: user.id }]);
    await t.send(400, 'PUT', PROPAGATING, { ...body, object_keys: [] });
    await t.asService(403, 'PUT', PROPAGATING, body);
  },
  'DELETE /acl/_propagating_collections/': async (t) => {
    const { key, team, user } = await place(t);
    const body = { object_keys: [key], group_ids: [team.id], user_ids: [user.id] };
    await t.send(200, 'PUT', PROPAGATING, { ...body, permissions: ['read'] });
    await t.send(204, 'DELETE', PROPAGATING, body);
    expect((await acl(t, key)).propagating_groups_acl).toEqual([]);
  },
});

type Kind = 'users' | 'groups' | 'shares';
const FIELD = { users: 'user_id', groups: 'group_id', shares: 'share_id' } as const;

/** A share to give rows to. */
async function share(t: Recorder): Promise<string> {
  const { id } = await t.act('share', { as: 'ben.otto@northwind.example', collection: 'Post Production' });
  return id ?? '';
}

async function rowPath(t: Recorder, kind: Kind): Promise<{ path: string; key: string; id: string }> {
  const { key, team, user } = await place(t);
  const id = kind === 'users' ? user.id : kind === 'groups' ? team.id : await share(t);
  return { path: `acls/v1/${kind}/${id}/acl/collections/${key}/`, key, id };
}

function rows(kind: Kind): Checks {
  const path = `/${kind}/{id}/acl/{type}/{key}/`;
  const first = kind === 'shares' ? 'POST' : 'PUT';
  const put =
    (method: string) =>
    async (t: Recorder): Promise<void> => {
      const row = await rowPath(t, kind);
      await t.send(201, first, row.path, { permissions: ['read', 'write'] });
      if (method === 'PUT') await t.send(200, 'PUT', row.path, { permissions: ['read'] });
      const held = method === 'PUT' ? ['read'] : ['read', 'write'];
      expect(await t.get(row.path)).toMatchObject({ [FIELD[kind]]: row.id, permissions: held });
      await t.send(400, method, row.path, { permissions: ['see'] });
      await t.asService(403, method, row.path, { permissions: ['read'] });
      const nobody = `acls/v1/${kind}/${NOBODY}/acl/collections/${row.key}/`;
      await t.send(404, method, nobody, { permissions: ['read'] });
    };
  return {
    [`GET ${path}`]: async (t) => {
      const row = await rowPath(t, kind);
      await t.send(404, 'GET', row.path);
      await t.send(201, first, row.path, { permissions: ['read'] });
      expect(await t.get(row.path)).toMatchObject({ object_key: row.key, object_type: 'collections' });
    },
    [`PUT ${path}`]: put('PUT'),
    ...(kind === 'shares' ? { [`POST ${path}`]: put('POST') } : {}),
    [`DELETE ${path}`]: async (t) => {
      const row = await rowPath(t, kind);
      await t.send(201, first, row.path, { permissions: ['read'] });
      await t.asService(403, 'DELETE', row.path);
      await t.send(204, 'DELETE', row.path);
      await t.send(404, 'GET', row.path);
      await t.send(404, 'DELETE', row.path);
    },
    [`GET ${path}{permission}/`]: async (t) => {
      const row = await rowPath(t, kind);
      await t.send(201, first, row.path, { permissions: ['read'] });
      await t.get(`${row.path}read/`);
      await t.send(403, 'GET', `${row.path}write/`);
    },
  };
}

export const ROW_CHECKS: Checks = under('/API/acls/v1', {
  ...rows('users'),
  ...rows('groups'),
  ...rows('shares'),
  'PUT /shares/{id}/acl/{type}/': async (t) => {
    const [id, { key }] = [await share(t), await place(t)];
    const body = { object_keys: [key], permissions: ['read'] };
    await t.send(200, 'PUT', `acls/v1/shares/${id}/acl/collections/`, body);
    expect(await t.get(`acls/v1/shares/${id}/acl/collections/${key}/`)).toMatchObject({ permissions: ['read'] });
    await t.send(400, 'PUT', `acls/v1/shares/${id}/acl/collections/`, { ...body, permissions: [] });
    await t.send(404, 'PUT', `acls/v1/shares/${NOBODY}/acl/collections/`, body);
  },
  'GET /shares/{type}/{key}/': async (t) => {
    const row = await rowPath(t, 'shares');
    await t.send(201, 'POST', row.path, { permissions: ['read'] });
    const { objects } = await t.get(`acls/v1/shares/collections/${row.key}/?page=1&per_page=5&sort=`);
    expect(objects).toMatchObject([{ share_id: row.id, permissions: ['read'] }]);
  },
});

const T = 'acls/v1/acl/templates/';
const template = (t: Recorder): Promise<Body> => t.send(201, 'POST', T, { name: fresh('Template') });

const editTemplate =
  (method: string) =>
  async (t: Recorder): Promise<void> => {
    const { id } = await template(t);
    const name = fresh('Renamed');
    await t.send(200, method, `${T}${id}/`, { name });
    expect(await t.get(`${T}${id}/`)).toMatchObject({ id, name });
    await t.send(400, method, `${T}${id}/`, {});
    await t.send(404, method, `${T}${NOBODY}/`, { name });
  };

export const TEMPLATE_CHECKS: Checks = under('/API/acls/v1/acl', {
  'GET /templates/': async (t) => {
    const { id } = await template(t);
    expect(ids(await t.get(T))).toContain(id);
  },
  'POST /templates/': async (t) => {
    const made = await template(t);
    expect(await t.get(`${T}${made.id}/`)).toEqual(made);
    await t.send(400, 'POST', T, {});
  },
  'GET /templates/{tid}/': async (t) => {
    const made = await template(t);
    expect(await t.get(`${T}${made.id}/`)).toEqual(made);
    await t.send(404, 'GET', `${T}${NOBODY}/`);
  },
  'PATCH /templates/{tid}/': editTemplate('PATCH'),
  'PUT /templates/{tid}/': editTemplate('PUT'),
  'DELETE /templates/{tid}/': async (t) => {
    const { id } = await template(t);
    await t.send(204, 'DELETE', `${T}${id}/`);
    await t.send(404, 'DELETE', `${T}${id}/`);
    expect(ids(await t.get(T))).not.toContain(id);
  },
  'POST /templates/{tid}/{type}/{key}/': async (t) => {
    const [{ key }, everyone] = [await place(t), await t.team('Everyone')];
    const seeded = (await t.get(T)).objects.find((one) => one.name === 'Everyone reads');
    await t.send(200, 'POST', `${T}${seeded?.id}/collections/${key}/`);
    expect(await groupRows(t, key)).toEqual([[everyone.id, 'read']]);
    await t.send(404, 'POST', `${T}${NOBODY}/collections/${key}/`);
    await t.asService(403, 'POST', `${T}${seeded?.id}/collections/${key}/`);
  },
});
