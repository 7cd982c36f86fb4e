import { expect } from '@jest/globals';
import type { Body } from '../trial.ts';
import type { Checks, Recorder } from './recorder.ts';
import { fresh, has, list, str } from './recorder.ts';

const E = 'environment';

async function folder(t: Recorder, path = fresh('folder')): Promise<Body> {
  return t.done(E, 'POST', `/folders/${path.split('/').map(encodeURIComponent).join('/')}`, {});
}

const paths = (body: Body): string[] => list(body['folders']).map((one) => str(one['path']));

export const FOLDER_CHECKS: Checks = {
  'GET /folders': async (t) => {
    const { path } = await folder(t);
    const body = await t.get(E, '/folders?max_results=2000');
    has(body, 'folders', 'next_cursor', 'total_count');
    expect(paths(body)).toContain(path);
    const first = await t.get(E, '/folders?max_results=2');
    const second = await t.get(E, `/folders?max_results=2&next_cursor=${str(first['next_cursor'])}`);
    expect(paths(body).slice(0, 4)).toEqual([...paths(first), ...paths(second)]);
  },
  'POST /folders/search': async (t) => {
    const body = { expression: 'path:Marketing/*', sort_by: [{ path: 'desc' }], max_results: 2 };
    const found = await t.done(E, 'POST', '/folders/search', body);
    expect(paths(found)).toEqual(['Marketing/EMEA', 'Marketing/Campaigns']);
    expect(found['total_count']).toBe(4);
    await t.refused(400, E, 'POST', '/folders/search', { expression: '(' });
  },
  'GET /folders/search': async (t) => {
    expect(paths(await t.get(E, '/folders/search?expression=name=Rights'))).toEqual(['Legal/Rights']);
  },
  'GET /folders/{path*}': async (t) => {
    const { path } = await folder(t, `${fresh('A b')}/${fresh('ü')}`);
    const parent = str(path).split('/')[0] ?? '';
    expect(paths(await t.get(E, `/folders/${encodeURIComponent(parent)}`))).toEqual([path]);
    await t.refused(404, E, 'GET', '/folders/No/Where');
  },
  'POST /folders/{path*}': async (t) => {
    const made = await folder(t, `${fresh('deep')}/er`);
    expect(made['success']).toBe(true);
    has(made, 'name', 'path', 'external_id');
    expect(await t.done(E, 'PUT', '/folders/by_id', { id: made['external_id'] })).toMatchObject({ path: made['path'] });
    await t.refused(409, E, 'POST', `/folders/${str(made['path'])}`);
    await t.refused(400, E, 'POST', '/folders/a%3Fb');
  },
  'PUT /folders/{path*}': async (t) => {
    const made = await folder(t);
    const to = `Finished/${fresh('moved')}`;
    const body = await t.done(E, 'PUT', `/folders/${str(made['path'])}`, { to_folder: to });
    expect(body).toEqual({
      from: { name: made['name'], path: made['path'] },
      to: { name: to.split('/')[1], path: to },
    });
    expect(await t.done(E, 'PUT', '/folders/by_path', { path: to })).toMatchObject({
      external_id: made['external_id'],
    });
    await t.refused(400, E, 'PUT', '/folders/Legal', {});
    await t.refused(404, E, 'PUT', '/folders/No/Where', { to_folder: 'X' });
    await t.refused(409, E, 'PUT', `/folders/${to}`, { to_folder: 'Legal' });
  },
  'DELETE /folders/{path*}': async (t) => {
    const { path } = await folder(t);
    expect(await t.done(E, 'DELETE', `/folders/${str(path)}`)).toEqual({ deleted: [path] });
    await t.refused(404, E, 'DELETE', `/folders/${str(path)}`);
    await t.refused(400, E, 'DELETE', '/folders/Marketing');
  },
  'PUT /folder_operations/rename': async (t) => {
    const made = await folder(t);
    const to = fresh('renamed');
    const body = await t.done(E, 'PUT', '/folder_operations/rename', { path: made['path'], to_path: to });
    has(body, 'moved', 'rejected', 'failed');
    expect(await t.done(E, 'PUT', '/folders/by_id', { id: made['external_id'] })).toMatchObject({ path: to });
    await t.refused(400, E, 'PUT', '/folder_operations/rename', { path: to });
    await t.refused(404, E, 'PUT', '/folder_operations/rename', { path: 'No', to_path: 'X' });
  },
  'PUT /folders/by_path': async (t) => {
    const body = await t.done(E, 'PUT', '/folders/by_path', { path: 'marketing/emea', case_sensitive: false });
    expect(body).toMatchObject({ path: 'Marketing/EMEA' });
    expect(list(body['ancestors']).map((one) => one['path'])).toEqual(['Marketing']);
    await t.refused(404, E, 'PUT', '/folders/by_path', { path: 'marketing/emea' });
    await t.refused(400, E, 'PUT', '/folders/by_path', {});
  },
  'PUT /folders/by_id': async (t) => {
    const id = await t.folder('Legal/Rights');
    has(await t.done(E, 'PUT', '/folders/by_id', { id }), 'name', 'path', 'external_id', 'created_at', 'ancestors');
    await t.refused(404, E, 'PUT', '/folders/by_id', { id: 'nothing' });
    await t.refused(400, E, 'PUT', '/folders/by_id', {});
  },
  'PUT /folders/descendants': async (t) => {
    const id = await t.folder('Legal');
    expect(paths(await t.done(E, 'PUT', '/folders/descendants', { id, inclusive: true }))).toEqual([
      'Legal',
      'Legal/Rights',
    ]);
    expect(paths(await t.done(E, 'PUT', '/folders/descendants', { id }))).toEqual(['Legal/Rights']);
    await t.refused(404, E, 'PUT', '/folders/descendants', { id: 'nothing' });
    await t.refused(400, E, 'PUT', '/folders/descendants', {});
  },
};

const EDITOR = 'cld::role::folder::editor';
const SYNC = '161803398874989';

export const INVITE_CHECKS: Checks = {
  'GET /folder_operations/invite/{folder_id}': async (t) => {
    const path = `/folder_operations/invite/${await t.folder('Marketing/EMEA')}`;
    const body = await t.get(E, `${path}?permitted_roles=true`);
    const [marketing, emea] = [await t.folder('Marketing'), await t.folder('Marketing/EMEA')];
    const rows = list(body['shared_with']).map((row) => [
      row['type'],
      row['folder_id'],
      list(row['roles'])[0]?.['inherited'],
    ]);
    expect(rows).toEqual(
      expect.arrayContaining([
        ['group', marketing, true],
        ['user', emea, false],
      ]),
    );
    has(list(body['permitted_roles'])[0], 'id', 'name', 'description');
    await t.refused(404, E, 'GET', '/folder_operations/invite/nothing');
    await t.refused(400, E, 'GET', `${path}?permitted_roles=perhaps`);
    await t.act('settings', { mode: 'legacy' });
    await t.refused(403, E, 'GET', path);
    await t.act('settings', { mode: 'roles' });
  },
  'POST /folder_operations/invite/{folder_id}': async (t) => {
    const id = await t.folder('Finished');
    const path = `/folder_operations/invite/${id}`;
    const [ben, legal] = [await t.user('ben.otto@northwind.example'), await t.group('Legal')];
    for (const principal of [
      { type: 'user', id: ben.id },
      { type: 'group', id: legal.id },
      { type: 'apiKey', id: SYNC },
    ]) {
      const body = { principal, operation: 'add', roles: [EDITOR] };
      expect(await t.done(E, 'POST', path, body)).toEqual({ success: true });
      const row = { ...principal, folder_id: id, roles: [{ id: EDITOR, inherited: false }] };
      const shared = async (): Promise<Body[]> => list((await t.get(E, path))['shared_with']);
      expect(await shared()).toEqual(expect.arrayContaining([expect.objectContaining({ ...principal })]));
      expect((await shared()).find((one) => one['id'] === principal.id)).toMatchObject(row);
      await t.done(E, 'POST', path, { ...body, operation: 'remove' });
      expect((await shared()).some((one) => one['id'] === principal.id)).toBe(false);
    }
    const principal = { type: 'user', id: ben.id };
    await t.refused(400, E, 'POST', path, { principal, operation: 'add', roles: [] });
    await t.refused(400, E, 'POST', path, { principal, operation: 'add', roles: Array(11).fill(EDITOR) });
    await t.refused(404, E, 'POST', path, { principal: { type: 'user', id: 'x' }, operation: 'add', roles: [EDITOR] });
    const as = await keyOf(t);
    const forbidden = await t.env('POST', path, { as, body: { principal, operation: 'add', roles: [EDITOR] } });
    expect(forbidden.status).toBe(403);
  },
};

/** The key without rights of the seed, as `key:secret`. */
async function keyOf(t: Recorder): Promise<string> {
  const env = await t.environment();
  const { access_keys } = await t.get('account', `/sub_accounts/${env.id}/access_keys`);
  const key = list(access_keys).find((one) => one['api_key'] === SYNC);
  return `${SYNC}:${str(key?.['api_secret'])}`;
}
