import { expect } from '@jest/globals';
import type { Body } from '../trial.ts';
import type { Checks, Recorder } from './recorder.ts';
import { NOBODY, fresh, ids, under } from './recorder.ts';

const C = 'assets/v1/collections/';

const form = (parent_id: string): Record<string, unknown> => ({
  title: fresh('Collection'),
  parent_id,
  is_root: false,
  external_id: fresh('otds'),
  storage_id: 'main',
  category: 'work',
  status: 'HIDDEN',
});

const edit =
  (method: string) =>
  async (t: Recorder): Promise<void> => {
    const [one, parent, other] = [await t.collection(), await t.collection(), await t.collection()];
    const sent = form(parent.id);
    await t.send(200, method, `${C}${one.id}/?change_parent_mode=move`, sent);
    expect(await t.get(`${C}${one.id}/`)).toMatchObject({ ...sent, in_collections: [parent.id] });
    await t.send(200, method, `${C}${one.id}/?change_parent_mode=copy`, { title: 'x', parent_id: other.id });
    expect(await t.get(`${C}${one.id}/`)).toMatchObject({ in_collections: [parent.id, other.id] });
    await t.send(400, method, `${C}${one.id}/`, { category: 'no title' });
    await t.asService(403, method, `${C}${one.id}/`, { title: 'x' });
    await t.send(404, method, `${C}${NOBODY}/`, { title: 'x' });
  };

/** Deletes in the background, and waits for it. */
async function bin(t: Recorder, id: string, status = 202): Promise<void> {
  await t.send(status, 'DELETE', `${C}${id}/`);
  await t.settle();
}

export const COLLECTION_CHECKS: Checks = under('/API', {
  'GET /assets/v1/collections/': async (t) => {
    const one = await t.collection();
    const all = await t.get(`${C}?page=1&per_page=500&sort=date_created,desc&is_root=true&status=ACTIVE`);
    expect(ids(all)).toContain(one.id);
    await t.send(404, 'GET', `${C}?page=99`);
  },
  'POST /assets/v1/collections/': async (t) => {
    const parent = await t.collection();
    const [templates, everyone] = [await t.get('acls/v1/acl/templates/'), await t.team('Everyone')];
    const sent = form(parent.id);
    const off = 'apply_default_acls=false&apply_collection_acls=false&restrict_collection_acls=true';
    const made = await t.send(201, 'POST', `${C}?${off}&apply_acl_template_id=${templates.objects[0]?.id}`, sent);
    expect(await t.get(`${C}${made.id}/`)).toMatchObject({ ...sent, is_root: false });
    const { groups_acl } = await t.get(`acls/v1/acl/collections/${made.id}/`);
    expect(groups_acl).toEqual([{ group_id: everyone.id, permissions: ['read'] }]);
    await t.send(400, 'POST', C, { external_id: 'no title' });
    await t.asService(403, 'POST', C, sent);
  },
  'GET /assets/v1/collections/{id}/': async (t) => {
    const one = await t.collection();
    expect(await t.get(`${C}${one.id}/`)).toMatchObject({ title: one.title, parents: [] });
    await t.asService(403, 'GET', `${C}${one.id}/`);
    await t.send(404, 'GET', `${C}${NOBODY}/`);
  },
  'PATCH /assets/v1/collections/{id}/': edit('PATCH'),
  'PUT /assets/v1/collections/{id}/': edit('PUT'),
  'DELETE /assets/v1/collections/{id}/': async (t) => {
    await t.either('acceptedOrNoContent', 204, 202, async (status) => {
      const one = await t.collection();
      await bin(t, one.id, status);
      expect((await t.get(`${C}${one.id}/`)).status).toBe('DELETED');
    });
    const hidden = await t.collection();
    const as = await t.credentialsOf('dmitri.volkov@northwind.example');
    expect((await t.api('DELETE', `${C}${hidden.id}/`, { as })).status).toBe(403);
    await t.send(404, 'DELETE', `${C}${NOBODY}/`);
  },
  'PUT /assets/v1/collections/{id}/restore/': async (t) => {
    const one = await t.collection();
    await bin(t, one.id);
    await t.send(202, 'PUT', `${C}${one.id}/restore/`);
    expect((await t.get(`${C}${one.id}/`)).status).toBe('ACTIVE');
    await t.send(404, 'PUT', `${C}${NOBODY}/restore/`);
  },
  'DELETE /assets/v1/collections/{id}/purge/': async (t) => {
    await t.either('acceptedOrNoContent', 204, 202, async (status) => {
      const one = await t.collection();
      await bin(t, one.id, status);
      await t.send(status, 'DELETE', `${C}${one.id}/purge/`);
      await t.send(404, 'DELETE', `${C}${one.id}/purge/`);
    });
    const full = await t.root('Legal');
    expect((await t.send(403, 'DELETE', `${C}${full.id}/purge/`)).errors).toEqual(['Collection is not empty']);
  },
  'GET /assets/v1/collections/{id}/contents/': async (t) => {
    const one = await t.collection();
    const child = await t.collection(one.id);
    const asked = 'object_types=collections&page=1&per_page=5&sort=title,asc';
    expect(ids(await t.get(`${C}${one.id}/contents/?${asked}`))).toEqual([child.id]);
    expect(ids(await t.get(`${C}${one.id}/contents/?object_types=assets`))).toEqual([]);
    await t.send(404, 'GET', `${C}${NOBODY}/contents/`);
  },
  'POST /assets/v1/collections/{id}/contents/': async (t) => {
    const [one, other] = [await t.collection(), await t.collection()];
    const body = { object_id: other.id, object_type: 'collections' };
    await t.send(201, 'POST', `${C}${one.id}/contents/`, body);
    expect(ids(await t.get(`${C}${one.id}/contents/`))).toEqual([other.id]);
    await t.send(400, 'POST', `${C}${one.id}/contents/`, { ...body, object_id: one.id });
    await t.send(404, 'POST', `${C}${one.id}/contents/`, { ...body, object_id: NOBODY });
  },
  'DELETE /assets/v1/collections/{id}/contents/{type}/{oid}/': async (t) => {
    const one = await t.collection();
    const child = await t.collection(one.id);
    await t.send(204, 'DELETE', `${C}${one.id}/contents/collections/${child.id}/`);
    expect(ids(await t.get(`${C}${one.id}/contents/`))).toEqual([]);
    await t.send(404, 'DELETE', `${C}${one.id}/contents/collections/${child.id}/`);
  },
  'GET /assets/v1/collections/{id}/ancestors/': async (t) => {
    const one = await t.collection();
    const below = await t.collection((await t.collection(one.id)).id);
    expect(ids(await t.get(`${C}${below.id}/ancestors/`))).toEqual([one.id, below.parents[0]]);
    await t.send(404, 'GET', `${C}${NOBODY}/ancestors/`);
  },
  'POST /search/v1/search/': async (t) => {
    const one = await t.collection();
    const body = { doc_types: ['collections'], query: one.title };
    expect(ids(await t.send(200, 'POST', 'search/v1/search/?page=1&per_page=5', body))).toEqual([one.id]);
  },
});

const P = 'assets/v1/projects/';
const project = (t: Recorder): Promise<Body> => t.send(201, 'POST', P, { name: fresh('Project') });

/** `collection_parent_id` and `collection_id` are for the creation; a change may send them back. */
const editProject =
  (method: string) =>
  async (t: Recorder): Promise<void> => {
    const { id, collection_id } = await project(t);
    const sent = { name: fresh('Renamed'), storage_id: 'main', status: 'ACTIVE', collection_id };
    await t.send(200, method, `${P}${id}/`, { ...sent, collection_parent_id: null });
    expect(await t.get(`${P}${id}/`)).toMatchObject(sent);
    await t.send(400, method, `${P}${id}/`, { storage_id: 'main' });
    await t.send(404, method, `${P}${NOBODY}/`, sent);
  };

async function member(t: Recorder): Promise<{ path: string; user: string; project: string }> {
  const [{ id }, user] = [await project(t), await t.person()];
  await t.send(201, 'POST', `${P}${id}/members/`, { id: user.id });
  return { path: `${P}${id}/members/`, user: user.id, project: id };
}

export const PROJECT_CHECKS: Checks = under('/API/assets/v1', {
  'GET /projects/': async (t) => {
    const one = await project(t);
    expect(ids(await t.get(`${P}?page=1&per_page=100&sort=name,asc`))).toContain(one.id);
    await t.send(404, 'GET', `${P}?page=99`);
  },
  'POST /projects/': async (t) => {
    const parent = await t.collection();
    const made = await t.send(201, 'POST', P, {
      name: fresh('P'),
      collection_parent_id: parent.id,
      storage_id: 'main',
    });
    expect(await t.get(`${C}${made.collection_id}/`)).toMatchObject({ parent_id: parent.id, project_id: made.id });
    const onto = await t.send(201, 'POST', P, { name: fresh('P'), collection_id: parent.id, status: 'ACTIVE' });
    expect(await t.get(`${C}${parent.id}/`)).toMatchObject({ project_id: onto.id });
    await t.send(400, 'POST', P, { name: 'x', collection_id: NOBODY });
  },
  'GET /projects/{id}/': async (t) => {
    const one = await project(t);
    expect(await t.get(`${P}${one.id}/`)).toEqual(one);
    await t.send(404, 'GET', `${P}${NOBODY}/`);
  },
  'PATCH /projects/{id}/': editProject('PATCH'),
  'PUT /projects/{id}/': editProject('PUT'),
  'DELETE /projects/{id}/': async (t) => {
    await t.either('acceptedOrNoContent', 204, 202, async (status) => {
      const one = await project(t);
      await t.send(status, 'DELETE', `${P}${one.id}/`);
      await t.send(404, 'DELETE', `${P}${one.id}/`);
    });
  },
  'GET /projects/{id}/members/': async (t) => {
    const { path, user } = await member(t);
    expect(ids(await t.get(path))).toEqual([user]);
    await t.send(404, 'GET', `${P}${NOBODY}/members/`);
  },
  'POST /projects/{id}/members/': async (t) => {
    const { path, user, project: project_id } = await member(t);
    expect(await t.get(`${path}${user}/`)).toMatchObject({ id: user, project_id });
    await t.send(400, 'POST', path, { id: NOBODY });
    await t.send(404, 'POST', `${P}${NOBODY}/members/`, { id: user });
  },
  'GET /projects/{id}/members/{member}/': async (t) => {
    const { path, user } = await member(t);
    expect(await t.get(`${path}${user}/`)).toMatchObject({ id: user });
    await t.send(404, 'GET', `${path}${NOBODY}/`);
  },
  'DELETE /projects/{id}/members/{member}/': async (t) => {
    const { path, user } = await member(t);
    await t.send(204, 'DELETE', `${path}${user}/`);
    await t.send(404, 'DELETE', `${path}${user}/`);
    expect(ids(await t.get(path))).toEqual([]);
  },
});
