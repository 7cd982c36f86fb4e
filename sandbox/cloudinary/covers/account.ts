import { expect } from '@jest/globals';
import type { Body } from '../trial.ts';
import type { Checks, Recorder } from './recorder.ts';
import { fresh, good, has, list, str } from './recorder.ts';

const A = 'account';
const NOBODY = '/users/ffffffffffffffffffffffffffffff';

async function person(t: Recorder, more: object = {}): Promise<Body> {
  const email = `${fresh('person')}@x.example`;
  return t.done(A, 'POST', '/users', { name: 'New Person', email, role: 'media_library_user', ...more });
}

async function team(t: Recorder): Promise<string> {
  return str((await t.done(A, 'POST', '/user_groups', { name: fresh('team') }))['id']);
}

const users = (body: Body): string[] => list(body['users']).map((user) => str(user['id']));

export const USER_CHECKS: Checks = {
  'GET /users': async (t) => {
    const one = str((await person(t))['id']);
    const two = str((await person(t))['id']);
    for (const spelling of [`ids=${one}&ids=${two}`, `ids=${one},${two}`, `ids[]=${one}&ids[]=${two}`]) {
      const body = await t.get(A, `/users?${spelling}`);
      expect(users(body).sort()).toEqual([one, two].sort());
      has(list(body['users'])[0], 'id', 'name', 'email', 'role', 'pending', 'enabled', 'created_at');
    }
    await t.refused(404, A, 'GET', '/users?sub_account_id=nothing');
  },
  'POST /users': async (t) => {
    const env = await t.environment();
    const made = await person(t, { sub_account_ids: [env.id] });
    has(made, 'id', 'name', 'email', 'role', 'pending', 'enabled', 'all_sub_accounts');
    expect(await t.get(A, `/users/${str(made['id'])}`)).toEqual(made);
    const form = { name: 'By Form', email: `${fresh('form')}@x.example`, 'sub_account_ids[]': [env.id] };
    const other = good(await t.account('POST', '/users', { form }));
    expect(other).toMatchObject({ pending: true, all_sub_accounts: false, role: 'media_library_user' });
    await t.refused(409, A, 'POST', '/users', { name: 'Again', email: str(made['email']).toUpperCase() });
    await t.refused(400, A, 'POST', '/users', { name: 'No mail' });
    await t.refused(404, A, 'POST', '/users', { name: 'X', email: 'x@x.example', sub_account_ids: ['nothing'] });
    await t.special('seatLimit');
    await t.refused(403, A, 'POST', '/users', { name: 'X', email: 'x@x.example' });
  },
  'GET /users/{id}': async (t) => {
    const made = await person(t);
    expect((await t.get(A, `/users/${str(made['id'])}`))['email']).toBe(made['email']);
    await t.refused(404, A, 'GET', NOBODY);
  },
  'PUT /users/{id}': async (t) => {
    const path = `/users/${str((await person(t))['id'])}`;
    expect(await t.done(A, 'PUT', path, { name: 'Other Name', enabled: false })).toMatchObject({ enabled: false });
    expect(good(await t.account('PUT', path, { form: { role: 'reports' } }))['role']).toBe('reports');
    expect(await t.get(A, path)).toMatchObject({ name: 'Other Name', enabled: false, role: 'reports' });
    await t.refused(400, A, 'PUT', path, { role: 'emperor' });
    await t.refused(409, A, 'PUT', path, { email: 'ben.otto@northwind.example' });
    await t.refused(404, A, 'PUT', NOBODY, {});
    const root = await t.user('cloudinary-root@northwind.example');
    await t.refused(403, A, 'PUT', `/users/${root.id}`, { enabled: false });
  },
  'DELETE /users/{id}': async (t) => {
    const path = `/users/${str((await person(t))['id'])}`;
    expect(await t.done(A, 'DELETE', path, {})).toEqual({ message: 'ok' });
    await t.refused(404, A, 'GET', path);
    await t.refused(404, A, 'DELETE', path);
    const root = await t.user('cloudinary-root@northwind.example');
    await t.refused(403, A, 'DELETE', `/users/${root.id}`);
  },
  'GET /users/{id}/groups': async (t) => {
    const ben = await t.user('ben.otto@northwind.example');
    const group = await t.group('Post Production');
    expect(await t.get(A, `/users/${ben.id}/groups`)).toEqual({ groups: [{ id: group.id, name: 'Post Production' }] });
    await t.refused(404, A, 'GET', `${NOBODY}/groups`);
  },
  'GET /users/{id}/sub_accounts': async (t) => {
    const ben = await t.user('ben.otto@northwind.example');
    const { sub_accounts } = await t.get(A, `/users/${ben.id}/sub_accounts`);
    expect(list(sub_accounts)).toMatchObject([{ name: 'Production', cloud_name: 'northwind', enabled: true }]);
    await t.refused(404, A, 'GET', `${NOBODY}/sub_accounts`);
  },
};

export const GROUP_CHECKS: Checks = {
  'GET /user_groups': async (t) => {
    const id = await team(t);
    expect(list((await t.get(A, '/user_groups'))['user_groups']).map((g) => g['id'])).toContain(id);
    const more = list((await t.get(A, '/user_groups?extended_details=true'))['user_groups']);
    has(more[0], 'id', 'name', 'users', 'created_at', 'updated_at');
  },
  'POST /user_groups': async (t) => {
    const name = fresh('Ü team');
    const made = await t.done(A, 'POST', '/user_groups', { name });
    expect(await t.get(A, `/user_groups/${str(made['id'])}`)).toEqual({ id: made['id'], name });
    await t.refused(409, A, 'POST', '/user_groups', { name });
    await t.refused(400, A, 'POST', '/user_groups', {});
  },
  'GET /user_groups/{group_id}': async (t) => {
    const { id } = await t.group('Legal');
    const full = await t.get(A, `/user_groups/${id}?extended_details=true`);
    expect(list(full['users']).map((user) => user['email'])).toContain('chiara.rossi@northwind.example');
    await t.refused(404, A, 'GET', '/user_groups/nothing');
  },
  'PUT /user_groups/{group_id}': async (t) => {
    const path = `/user_groups/${await team(t)}`;
    const name = fresh('renamed');
    good(await t.account('PUT', path, { form: { name } }));
    expect((await t.get(A, path))['name']).toBe(name);
    expect((await t.done(A, 'PUT', path, { name: `${name}!` }))['name']).toBe(`${name}!`);
    await t.refused(409, A, 'PUT', path, { name: 'Legal' });
    await t.refused(404, A, 'PUT', '/user_groups/nothing', { name: 'x' });
    await t.refused(400, A, 'PUT', path, {});
  },
  'DELETE /user_groups/{group_id}': async (t) => {
    const path = `/user_groups/${await team(t)}`;
    expect(await t.done(A, 'DELETE', path)).toEqual({ ok: true, message: 'ok' });
    await t.refused(404, A, 'GET', path);
    await t.refused(404, A, 'DELETE', path);
  },
  'GET /user_groups/{group_id}/users': async (t) => {
    const { id } = await t.group('Contractors');
    const body = await t.get(A, `/user_groups/${id}/users`);
    expect(list(body['users'])).toMatchObject([{ email: 'lena.fischer@northwind.example' }]);
    await t.refused(404, A, 'GET', '/user_groups/nothing/users');
  },
  'POST /user_groups/{group_id}/users/{user_id}': async (t) => {
    const group = await team(t);
    const [one, two] = [str((await person(t))['id']), str((await person(t))['id'])];
    await t.done(A, 'POST', `/user_groups/${group}/users/${one}`);
    const body = good(await t.account('POST', `/user_groups/${group}/users/${two}`, { form: {} }));
    expect(users(body)).toEqual([one, two]);
    expect(users(await t.get(A, `/user_groups/${group}/users`))).toEqual([one, two]);
    await t.refused(404, A, 'POST', `/user_groups/${group}/users/nobody`);
  },
  'DELETE /user_groups/{group_id}/users/{user_id}': async (t) => {
    const group = await team(t);
    const one = str((await person(t))['id']);
    await t.done(A, 'POST', `/user_groups/${group}/users/${one}`);
    expect(await t.done(A, 'DELETE', `/user_groups/${group}/users/${one}`, {})).toEqual({ users: [] });
    expect(await t.get(A, `/users/${one}/groups`)).toEqual({ groups: [] });
    await t.refused(404, A, 'DELETE', `/user_groups/nothing/users/${one}`);
  },
};

async function cloud(t: Recorder): Promise<Body> {
  const name = fresh('cloud');
  return t.done(A, 'POST', '/sub_accounts', { name, cloud_name: name });
}

const KEYS = ['name', 'api_key', 'api_secret', 'created_at', 'updated_at', 'enabled', 'root'];

export const ENVIRONMENT_CHECKS: Checks = {
  'GET /sub_accounts': async (t) => {
    const made = await cloud(t);
    const id = str(made['id']);
    for (const q of [
      `ids=${id}`,
      `cloud_names=${str(made['cloud_name'])}`,
      `prefix=${str(made['name']).toUpperCase()}&enabled=true`,
    ])
      expect(list((await t.get(A, `/sub_accounts?${q}`))['sub_accounts'])).toMatchObject([{ id }]);
    await t.refused(400, A, 'GET', '/sub_accounts?enabled=perhaps');
  },
  'POST /sub_accounts': async (t) => {
    const base = await t.environment();
    const name = fresh('Cloud');
    const made = await t.done(A, 'POST', '/sub_accounts', {
      name,
      custom_attributes: { a: 1 },
      base_sub_account_id: base.id,
    });
    has(made, 'cloud_name', 'name', 'enabled', 'id', 'api_access_keys', 'created_at', 'updated_at');
    const [key] = list(made['api_access_keys']);
    has(key, 'key', 'secret', 'enabled');
    const as = `${str(key?.['key'])}:${str(key?.['secret'])}`;
    expect((await fetchPing(t, str(made['cloud_name']), as)).status).toBe(200);
    await t.refused(409, A, 'POST', '/sub_accounts', { name, cloud_name: 'NORTHWIND' });
    await t.refused(400, A, 'POST', '/sub_accounts', { name, cloud_name: 'a b' });
    await t.refused(404, A, 'POST', '/sub_accounts', { name, base_sub_account_id: 'nothing' });
  },
  'GET /sub_accounts/{id}': async (t) => {
    const made = await cloud(t);
    expect(await t.get(A, `/sub_accounts/${str(made['id'])}`)).toEqual(made);
    await t.refused(404, A, 'GET', '/sub_accounts/nothing');
  },
  'PUT /sub_accounts/{id}': async (t) => {
    const made = await cloud(t);
    const path = `/sub_accounts/${str(made['id'])}`;
    const name = fresh('renamed');
    expect(await t.done(A, 'PUT', path, { name, cloud_name: name, enabled: false })).toMatchObject({ name });
    expect(await t.get(A, path)).toMatchObject({ name, cloud_name: name, enabled: false });
    await t.refused(409, A, 'PUT', path, { cloud_name: 'northwind' });
    await t.refused(400, A, 'PUT', path, { cloud_name: '?' });
    await t.refused(404, A, 'PUT', '/sub_accounts/nothing', {});
    await t.act('settings', { cloud: name, assetsElsewhere: 1000 });
    await t.refused(403, A, 'PUT', path, { cloud_name: fresh('too-late') });
  },
  'DELETE /sub_accounts/{id}': async (t) => {
    const made = await cloud(t);
    const path = `/sub_accounts/${str(made['id'])}`;
    await t.act('settings', { cloud: str(made['cloud_name']), assetsElsewhere: 1000 });
    await t.refused(403, A, 'DELETE', path);
    await t.act('settings', { cloud: str(made['cloud_name']), assetsElsewhere: 999 });
    expect(await t.done(A, 'DELETE', path)).toEqual({ message: 'ok' });
    await t.refused(404, A, 'GET', path);
    await t.refused(404, A, 'DELETE', path);
  },
  'GET /billing_usage': async (t) => {
    const answer = await t.account('GET', '/billing_usage?year=2026');
    expect(answer.status).toBe(200);
    expect(Array.isArray(answer.body)).toBe(true);
  },
  'GET /sub_accounts/{id}/access_keys': async (t) => {
    const path = `/sub_accounts/${str((await cloud(t))['id'])}/access_keys`;
    const first = await t.get(A, path);
    expect(Object.keys(first)).toEqual(['access_keys', 'total']);
    expect(Object.keys(list(first['access_keys'])[0] ?? {})).toEqual(KEYS);
    for (const name of ['b', 'a', 'c']) await t.done(A, 'POST', path, { name });
    const page = await t.get(A, `${path}?page=1&page_size=2&sort_by=name&sort_order=desc`);
    expect(list(page['access_keys']).map((key) => key['name'])).toEqual(['c', 'b']);
    expect(page['total']).toBe(4);
    await t.refused(404, A, 'GET', '/sub_accounts/nothing/access_keys');
  },
  'POST /sub_accounts/{id}/access_keys': async (t) => {
    const path = `/sub_accounts/${str((await cloud(t))['id'])}/access_keys`;
    const made = await t.done(A, 'POST', path, { name: 'sync', enabled: false });
    expect(Object.keys(made)).toEqual(KEYS);
    expect(list((await t.get(A, path))['access_keys'])).toContainEqual(made);
    await t.refused(404, A, 'POST', '/sub_accounts/nothing/access_keys', {});
  },
  'PUT /sub_accounts/{id}/access_keys/{key}': async (t) => {
    const path = `/sub_accounts/${str((await cloud(t))['id'])}/access_keys`;
    const key = str((await t.done(A, 'POST', path, { name: 'hooks' }))['api_key']);
    const changed = await t.done(A, 'PUT', `${path}/${key}`, { name: 'hooks 2', dedicated_for: 'webhooks' });
    expect(Object.keys(changed)).toEqual([...KEYS.slice(0, 6), 'dedicated_for', 'root']);
    expect(list((await t.get(A, path))['access_keys']).find((k) => k['name'] === 'hooks 2')).toEqual(changed);
    await t.refused(404, A, 'PUT', `${path}/nothing`, {});
    await t.refused(400, A, 'PUT', `${path}/${key}`, { dedicated_for: 'lunch' });
  },
  'DELETE /sub_accounts/{id}/access_keys/{key}': async (t) => {
    const path = `/sub_accounts/${str((await cloud(t))['id'])}/access_keys`;
    const key = str((await t.done(A, 'POST', path, { name: 'short' }))['api_key']);
    expect(await t.done(A, 'DELETE', `${path}/${key}`)).toEqual({ message: 'ok' });
    expect((await t.get(A, path))['total']).toBe(1);
    await t.refused(404, A, 'DELETE', `${path}/${key}`);
  },
  'DELETE /sub_accounts/{id}/access_keys': async (t) => {
    const path = `/sub_accounts/${str((await cloud(t))['id'])}/access_keys`;
    for (const name of ['q', 'f', 'j']) await t.done(A, 'POST', path, { name });
    await t.done(A, 'DELETE', `${path}?name=q`);
    good(await t.account('DELETE', path, { form: { name: 'f' } }));
    expect(await t.done(A, 'DELETE', path, { name: 'j' })).toEqual({ message: 'ok' });
    expect((await t.get(A, path))['total']).toBe(1);
    await t.refused(404, A, 'DELETE', `${path}?name=q`);
    await t.refused(400, A, 'DELETE', path, {});
  },
};

function fetchPing(t: Recorder, cloudName: string, as: string): Promise<Response> {
  const headers = { authorization: `Basic ${Buffer.from(as).toString('base64')}` };
  return fetch(`${t.url}/v1_1/${cloudName}/ping`, { headers });
}
