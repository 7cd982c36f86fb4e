import { expect } from '@jest/globals';
import type { Body } from '../trial.ts';
import type { Checks, Recorder } from './recorder.ts';
import { NOBODY, fresh, ids, under } from './recorder.ts';

const ALLOW = {
  allow_download: false,
  allow_comments: true,
  allow_approving_comments: false,
  allow_setting_approve_status: true,
};
const FORM = {
  ...ALLOW,
  expires: '2028-01-01T00:00:00.000+00:00',
  title: 'Cut',
  message: 'Please look',
  password: 'secret',
  allow_upload: true,
  allow_download_proxy: true,
  allow_view_versions: true,
  allow_view_transcriptions: true,
  allow_custom_actions: true,
  allow_user_search_for_mentions: true,
  show_watermark: true,
  is_approval: true,
  project_id: null,
  metadata_views: [],
  upload_storage_id: null,
};
const { password: _, metadata_views: __, upload_storage_id: ___, ...SHOWN } = FORM;

/** The shares of a collection that is new. */
const place = async (t: Recorder): Promise<string> => `assets/v1/collections/${(await t.collection()).id}/shares/`;

const share = (t: Recorder, path: string, emails = ['guest@festival.example']): Promise<Body> =>
  t.send(202, 'POST', path, { ...ALLOW, emails });

async function one(t: Recorder): Promise<{ path: string; id: string; list: string }> {
  const list = await place(t);
  const { id } = await share(t, list);
  return { path: `${list}${id}/`, id, list };
}

const nowhere = `assets/v1/collections/${NOBODY}/shares/`;
const missing = (list: string): string => `${list}${NOBODY}/`;

async function filtered(t: Recorder, path: string): Promise<void> {
  const { id, list } = await one(t);
  const me = await t.get('users/v1/users/current/');
  const object = list.split('/')[3];
  const asked = `owner_id=${me.id}&object_type=collections&object_id=${object}&ids=${id}&title=&member_id=&query=festival`;
  const rest = 'expires=2026-01-01;*&date_created=2026-01-01;*&sort=date_created,asc&page=1&per_page=10';
  const { objects } = await t.get(`${path}?${asked}&${rest}`);
  expect(objects).toMatchObject([{ id, users: [{ email: 'guest@festival.example', access_count: 0 }] }]);
  await t.send(404, 'GET', `${path}?page=99`);
}

const OBJECT = '/{o}/{oid}/shares/';

export const SHARE_CHECKS: Checks = under('/API/assets/v1', {
  [`POST ${OBJECT}`]: async (t) => {
    const path = await place(t);
    const made = await t.send(202, 'POST', path, { ...FORM, emails: ['guest@festival.example'] });
    expect(made).toMatchObject({ ...SHOWN, has_password: true, url: null });
    const read = await t.get(`${path}${made.id}/`);
    expect(read.users.map((user) => user.email)).toEqual(['guest@festival.example']);
    await t.send(400, 'POST', path, ALLOW);
    await t.asService(403, 'POST', path, { ...ALLOW, emails: ['a@x.example'] });
  },
  [`POST ${OBJECT}url/`]: async (t) => {
    const path = await place(t);
    const made = await t.send(200, 'POST', `${path}url/`, FORM);
    expect(made).toMatchObject({ ...SHOWN, url: expect.stringContaining('/share/') });
    expect(await t.get(`${path}${made.id}/`)).toMatchObject({ title: 'Cut' });
    await t.send(400, 'POST', `${path}url/`, { ...ALLOW, allow_comments: 'yes' });
    await t.asService(403, 'POST', `${path}url/`, ALLOW);
  },
  [`GET ${OBJECT}`]: async (t) => {
    const { list, id } = await one(t);
    const { id: other } = await share(t, list);
    const [first, second] = [id, other].sort();
    expect(ids(await t.get(list))).toEqual([first, second]);
    expect(ids(await t.get(`${list}?per_page=1&last_id=${first}`))).toEqual([second]);
    await t.send(404, 'GET', nowhere);
  },
  [`GET ${OBJECT}all/`]: async (t) => {
    const parent = await t.collection();
    const above = await share(t, `assets/v1/collections/${parent.id}/shares/`);
    const child = await t.collection(parent.id);
    const path = `assets/v1/collections/${child.id}/shares/all/?page=1&per_page=10&sort=title,asc`;
    expect(ids(await t.get(path))).toEqual([above.id]);
    await t.send(404, 'GET', `${nowhere}all/`);
  },
  [`GET ${OBJECT}{sid}/`]: async (t) => {
    const { path, id, list } = await one(t);
    expect(await t.get(path)).toMatchObject({ id, ...ALLOW });
    await t.send(404, 'GET', missing(list));
  },
  [`PUT ${OBJECT}{sid}/`]: async (t) => {
    const { path, list } = await one(t);
    await t.send(200, 'PUT', path, FORM);
    expect(await t.get(path)).toMatchObject(SHOWN);
    await t.send(400, 'PUT', path, { expires: '2099-01-01T00:00:00+00:00' });
    await t.send(404, 'PUT', missing(list), FORM);
  },
  [`DELETE ${OBJECT}{sid}/`]: async (t) => {
    const { path } = await one(t);
    await t.send(204, 'DELETE', path);
    await t.send(404, 'GET', path);
    await t.send(404, 'DELETE', path);
  },
  'GET /shares/': (t) => filtered(t, 'assets/v1/shares/'),
  'GET /shares/all/': (t) => filtered(t, 'assets/v1/shares/all/'),
  'DELETE /shares/bulk/': async (t) => {
    const { path, id } = await one(t);
    await t.send(204, 'DELETE', 'assets/v1/shares/bulk/', { share_ids: [id] });
    await t.send(404, 'GET', path);
    await t.send(404, 'DELETE', 'assets/v1/shares/bulk/', { share_ids: [id] });
    await t.send(400, 'DELETE', 'assets/v1/shares/bulk/', { share_ids: [] });
    const others = (await t.get('assets/v1/shares/all/?title=Rough*')).objects.map((each) => each.id);
    await t.send(403, 'DELETE', 'assets/v1/shares/bulk/', { share_ids: others });
  },
  'DELETE /shares/bulk/all/': async (t) => {
    const others = (await t.get('assets/v1/shares/all/?title=Rough*')).objects.map((each) => each.id);
    await t.send(204, 'DELETE', 'assets/v1/shares/bulk/all/', { share_ids: others });
    expect((await t.get('assets/v1/shares/all/')).objects).toEqual([]);
    await t.send(404, 'DELETE', 'assets/v1/shares/bulk/all/', { share_ids: others });
    await t.send(400, 'DELETE', 'assets/v1/shares/bulk/all/', {});
  },
});

async function guest(t: Recorder): Promise<{ users: string; path: string; id: string }> {
  const { path } = await one(t);
  const { id } = await t.send(201, 'POST', `${path}users/`, { email: `${fresh('guest')}@festival.example` });
  return { users: `${path}users/`, path: `${path}users/${id}/`, id };
}

const editGuest =
  (method: string) =>
  async (t: Recorder): Promise<void> => {
    const { path, users } = await guest(t);
    await t.send(200, method, path, { email: 'changed@festival.example', password: 'secret' });
    expect(await t.get(path)).toMatchObject({ email: 'changed@festival.example' });
    await t.send(404, method, `${users}${NOBODY}/`, { email: 'x@festival.example' });
  };

export const SHARE_USER_CHECKS: Checks = under('/API/assets/v1/{o}/{oid}/shares/{sid}', {
  'GET /users/': async (t) => {
    const { users } = await guest(t);
    const all = ids(await t.get(users));
    expect(ids(await t.get(`${users}?per_page=1&last_id=${all[0]}`))).toEqual([all[1]]);
    await t.send(404, 'GET', `${nowhere}${NOBODY}/users/`);
  },
  'POST /users/': async (t) => {
    const { users } = await guest(t);
    const inside = { email: 'ben.otto@northwind.example', password: 'secret' };
    const { id } = await t.send(201, 'POST', users, inside);
    const ben = await t.user('ben.otto@northwind.example');
    expect(await t.get(`${users}${id}/`)).toMatchObject({ email: ben.email, internal_user_id: ben.id });
    await t.send(400, 'POST', users, { email: 'nobody' });
    await t.send(404, 'POST', `${nowhere}${NOBODY}/users/`, inside);
  },
  'GET /users/{suid}/': async (t) => {
    const { path, users, id } = await guest(t);
    expect(await t.get(path)).toMatchObject({ id, access_count: 0, internal_user_id: null });
    await t.send(404, 'GET', `${users}${NOBODY}/`);
  },
  'PUT /users/{suid}/': editGuest('PUT'),
  'PATCH /users/{suid}/': editGuest('PATCH'),
  'DELETE /users/{suid}/': async (t) => {
    await t.either('okOrNoContent', 200, 204, async (status) => {
      const { path } = await guest(t);
      await t.send(status, 'DELETE', path);
      await t.send(404, 'DELETE', path);
    });
  },
});
