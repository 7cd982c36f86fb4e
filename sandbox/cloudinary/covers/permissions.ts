import { expect } from '@jest/globals';
import type { Body } from '../trial.ts';
import type { Checks, Recorder } from './recorder.ts';
import { fresh, good, has, list, str } from './recorder.ts';

const P = 'permissions';
const VIEWER = 'cld::role::folder::viewer';
const ML = 'cld::role::prodenv::ml_user';

async function customRole(t: Recorder, more: object = {}): Promise<Body> {
  const wanted = { name: fresh('Role'), permission_type: 'global', scope_type: 'prodenv', ...more };
  return (await t.done(P, 'POST', '/roles', wanted, 201))['data'] as Body;
}

async function held(t: Recorder, id: string, type = 'global'): Promise<Body[]> {
  return list(
    (await t.get(P, `/principal_roles?principal_type=user&principal_id=${id}&permission_type=${type}`))['data'],
  );
}

const PERMIT = (folder: string): string =>
  `permit(principal == Cloudinary::APIKey::"161803398874989", action == Cloudinary::Action::"read", resource is Cloudinary::Folder) when {resource.ancestor_ids.contains("${folder}")};`;

async function customPolicy(t: Recorder): Promise<Body> {
  const env = await t.environment();
  const wanted = { name: fresh('p'), policy_statement: PERMIT(fresh('f')), scope_type: 'prodenv', scope_id: env.id };
  return (await t.done(P, 'POST', '/policies/custom', wanted, 201))['data'] as Body;
}

export const ROLE_CHECKS: Checks = {
  'GET /roles': async (t) => {
    const query = `permission_type=content&scope_type=prodenv&management_type=system&policy_parameters=${encodeURIComponent('["folder_id"]')}`;
    const roles = list((await t.get(P, `/roles?${query}`))['data']);
    expect(roles.map((role) => role['id'])).toEqual(
      ['viewer', 'contributor', 'editor', 'manager'].map((name) => `cld::role::folder::${name}`),
    );
    has(roles[0], 'id', 'name', 'management_type', 'permission_type', 'scope_type', 'created_at', 'updated_at');
    expect(roles[0]?.['policy_parameters']).toEqual(['folder_id']);
    await t.refused(400, P, 'GET', '/roles');
  },
  'POST /roles': async (t) => {
    const made = await customRole(t, {
      id: fresh('own_id'),
      system_policy_ids: ['cld::policy::global::assets::moderate'],
    });
    has(made, 'id', 'name', 'policies');
    expect((await t.get(P, `/roles/${str(made['id'])}`))['data']).toEqual(made);
    const again = { name: made['name'], permission_type: 'global', scope_type: 'prodenv' };
    await t.refused(409, P, 'POST', '/roles', again);
    await t.refused(400, P, 'POST', '/roles', { name: 'x' });
    await t.choose('customRoles', 'not enabled');
    await t.refused(403, P, 'POST', '/roles', { ...again, name: 'Other' });
    await t.choose('customRoles', 'enabled');
  },
  'GET /roles/{role_id}': async (t) => {
    const { data } = await t.get(P, `/roles/${encodeURIComponent(VIEWER)}`);
    expect(data).toMatchObject({ id: VIEWER, management_type: 'system', policy_parameters: ['folder_id'] });
    await t.refused(404, P, 'GET', '/roles/nothing');
  },
  'PUT /roles/{role_id}': async (t) => {
    const made = await customRole(t, { description: 'first' });
    const path = `/roles/${str(made['id'])}`;
    const name = fresh('Renamed');
    await t.done(P, 'PUT', path, { name });
    expect((await t.get(P, path))['data']).toMatchObject({ name, description: null, policies: [] });
    await t.refused(400, P, 'PUT', path, { description: 'x' });
    await t.refused(404, P, 'PUT', '/roles/nothing', { name: 'x' });
    await t.refused(409, P, 'PUT', path, { name: 'Campaign reviewer' });
    await t.refused(403, P, 'PUT', `/roles/${VIEWER}`, { name: 'x' });
  },
  'DELETE /roles/{role_id}': async (t) => {
    const id = str((await customRole(t))['id']);
    const env = await t.environment();
    const ben = await t.user('ben.otto@northwind.example');
    const principals = [{ principal_type: 'user', principal_id: ben.id, scope_id: env.id }];
    await t.done(P, 'PUT', `/roles/${id}/principals`, { operation: 'add', principals });
    await t.refused(409, P, 'DELETE', `/roles/${id}`);
    await t.refused(204, P, 'DELETE', `/roles/${id}?force=true`);
    expect((await held(t, ben.id)).map((role) => role['id'])).not.toContain(id);
    await t.refused(404, P, 'DELETE', `/roles/${id}`);
    await t.refused(403, P, 'DELETE', `/roles/${VIEWER}`);
  },
  'GET /roles/{role_id}/principals': async (t) => {
    const folder = await t.folder('Marketing');
    const path = `/roles/cld::role::folder::contributor/principals`;
    const group = await t.group('Marketing');
    const plain = { data: [{ id: group.id, type: 'group' }] };
    expect(await t.get(P, `${path}?folder_id=${folder}`)).toEqual(plain);
    expect(await t.get(P, `${path}?param_key[]=folder_id&param_value[]=${folder}`)).toEqual(plain);
    const [row] = list((await t.get(P, `${path}?folder_id=${folder}&verbose=true`))['data']);
    has(row, 'role_id', 'policy_parameters', 'scope_type', 'scope_id');
    await t.refused(404, P, 'GET', '/roles/nothing/principals');
  },
  'PUT /roles/{role_id}/principals': async (t) => {
    const [env, ben, folder] = [
      await t.environment(),
      await t.user('ben.otto@northwind.example'),
      await t.folder('Finished'),
    ];
    const path = `/roles/${encodeURIComponent(VIEWER)}/principals`;
    const one = {
      principal_type: 'user',
      principal_id: ben.id,
      scope_id: env.id,
      policy_parameters: { folder_id: folder },
    };
    const answer = await t.permissions('PUT', path, { body: { operation: 'add', principals: [one] } });
    expect([answer.status, answer.text]).toEqual([200, '']);
    expect((await held(t, ben.id, 'content')).map((role) => role['policy_parameters'])).toContainEqual({
      folder_id: folder,
    });
    good(await t.permissions('PUT', path, { body: { operation: 'remove', principals: [one] } }));
    expect(await held(t, ben.id, 'content')).toEqual([]);
    await t.refused(400, P, 'PUT', path, { operation: 'subtract', principals: [one] });
    await t.refused(404, P, 'PUT', path, { operation: 'add', principals: [{ ...one, principal_id: 'nobody' }] });
    await t.refused(404, P, 'PUT', '/roles/nothing/principals', { operation: 'add', principals: [one] });
  },
  'GET /principal_roles': async (t) => {
    const group = await t.group('Legal');
    const { data } = await t.get(
      P,
      `/principal_roles?principal_type=group&principal_id=${group.id}&permission_type=content`,
    );
    const [role] = list(data);
    expect(role).toMatchObject({ id: VIEWER, policy_parameters: { folder_id: await t.folder('Legal') } });
    has(role, 'scope_id', 'scope_type', 'management_type');
    await t.refused(400, P, 'GET', '/principal_roles?principal_type=group');
    await t.refused(404, P, 'GET', '/principal_roles?principal_type=group&principal_id=x&permission_type=global');
  },
  'PUT /principal_roles': async (t) => {
    const [env, ben] = [await t.environment(), await t.user('ben.otto@northwind.example')];
    const principal = { type: 'user', id: ben.id };
    const body = { operation: 'add', principal, roles: [{ id: ML, scope_id: env.id }] };
    const answer = await t.permissions('PUT', '/principal_roles', { body });
    expect([answer.status, answer.text]).toEqual([200, '']);
    expect((await held(t, ben.id)).map((role) => role['id'])).toEqual([ML]);
    good(await t.permissions('PUT', '/principal_roles', { body: { ...body, operation: 'remove' } }));
    expect(await held(t, ben.id)).toEqual([]);
    await t.refused(400, P, 'PUT', '/principal_roles', { operation: 'add', roles: [] });
    await t.refused(404, P, 'PUT', '/principal_roles', { ...body, roles: [{ id: 'nothing' }] });
  },
  'GET /principal_roles/inspect': async (t) => {
    const [env, folder, group] = [await t.environment(), await t.folder('Legal'), await t.group('Legal')];
    const all = await t.get(P, `/principal_roles/inspect?scope_type=prodenv&scope_id=${env.id}&folder_id=${folder}`);
    const { principals } = all['data'] as Body;
    expect(list(principals).map((one) => [one['type'], one['id']])).toContainEqual(['group', group.id]);
    const one = await t.get(
      P,
      `/principal_roles/inspect?scope_type=prodenv&principal_type=group&principal_id=${group.id}`,
    );
    expect(list((one['data'] as Body)['principals'])).toHaveLength(1);
    await t.refused(400, P, 'GET', '/principal_roles/inspect');
    await t.refused(404, P, 'GET', '/principal_roles/inspect?scope_type=prodenv&scope_id=nothing');
  },
  'POST /principal_roles/inspect': async (t) => {
    const [folder, group, ben] = [
      await t.folder('Legal'),
      await t.group('Legal'),
      await t.user('ben.otto@northwind.example'),
    ];
    const principals = [
      { type: 'group', id: group.id },
      { type: 'user', id: ben.id },
    ];
    const body = { scope_type: 'prodenv', principals, policy_parameters: { folder_id: folder } };
    const { data } = await t.done(P, 'POST', '/principal_roles/inspect', body);
    expect(list((data as Body)['principals'])).toMatchObject([
      { type: 'group', id: group.id, roles: [{ id: VIEWER }] },
    ]);
    await t.refused(400, P, 'POST', '/principal_roles/inspect', { scope_type: 'prodenv' });
    await t.refused(404, P, 'POST', '/principal_roles/inspect', { ...body, scope_id: 'nothing' });
  },
};

export const POLICY_CHECKS: Checks = {
  'GET /policies/system': async (t) => {
    const policies = list((await t.get(P, '/policies/system?permission_type=content&scope_type=prodenv'))['data']);
    expect(policies.map((policy) => policy['id'])).toContain('cld::policy::content::folder::view_download');
    has(policies[0], 'id', 'name', 'policy_statement', 'scope_type', 'created_at');
  },
  'GET /policies/custom': async (t) => {
    const made = await customPolicy(t);
    const { data } = await t.get(P, '/policies/custom?scope_type=prodenv&enabled=true');
    expect(list(data)).toContainEqual(made);
  },
  'POST /policies/custom': async (t) => {
    const made = await customPolicy(t);
    expect((await t.get(P, `/policies/custom/${str(made['id'])}`))['data']).toEqual(made);
    const { name, policy_statement, scope_type, scope_id } = made;
    await t.refused(409, P, 'POST', '/policies/custom', { name, policy_statement, scope_type, scope_id });
    await t.refused(400, P, 'POST', '/policies/custom', { name, policy_statement: 'permit', scope_type });
  },
  'GET /policies/custom/{policy_id}': async (t) => {
    const made = await customPolicy(t);
    has((await t.get(P, `/policies/custom/${str(made['id'])}`))['data'], 'id', 'enabled', 'policy_statement', 'name');
    await t.refused(404, P, 'GET', '/policies/custom/nothing');
  },
  'PUT /policies/custom/{policy_id}': async (t) => {
    const { id, name, policy_statement, scope_type, scope_id } = await customPolicy(t);
    const path = `/policies/custom/${str(id)}`;
    const same = { name, policy_statement, scope_type, scope_id, enabled: true };
    await t.refused(409, P, 'PUT', path, same);
    await t.done(P, 'PUT', path, { ...same, enabled: false });
    expect((await t.get(P, path))['data']).toMatchObject({ enabled: false });
    await t.refused(400, P, 'PUT', path, { name });
    await t.refused(404, P, 'PUT', '/policies/custom/nothing', same);
  },
  'DELETE /policies/custom/{policy_id}': async (t) => {
    const path = `/policies/custom/${str((await customPolicy(t))['id'])}`;
    await t.refused(204, P, 'DELETE', path);
    await t.refused(404, P, 'GET', path);
    await t.refused(404, P, 'DELETE', path);
  },
  'GET /policies/effective': async (t) => {
    const [env, group] = [await t.environment(), await t.group('Legal')];
    const path = `/policies/effective?scope_type=prodenv&scope_id=${env.id}&principal_type=group&principal_id=${group.id}`;
    const data = (await t.get(P, path))['data'] as Body;
    has(data, 'principals', 'custom_policies');
    const [one] = list(data['principals']);
    expect(one).toMatchObject({ principal_type: 'group', principal_id: group.id });
    expect(JSON.stringify(one)).toContain(await t.folder('Legal'));
    await t.refused(404, P, 'GET', '/policies/effective?principal_type=user&principal_id=nobody');
  },
};

export const PUBLIC_CHECKS: Checks = {
  'GET /catalog': async (t) => {
    const { catalog } = await t.get('public', '/catalog');
    has(catalog, 'system_policies', 'system_roles');
  },
  'GET /schema': async (t) => {
    const { schema } = await t.get('public', '/schema');
    has((schema as Body)['Cloudinary'], 'actions', 'entityTypes');
  },
  'POST /validate': async (t) => {
    expect(await t.done('public', 'POST', '/validate', { policy: PERMIT('x') })).toEqual({ valid: true, errors: [] });
    const bad = await t.done('public', 'POST', '/validate', { policy: PERMIT('x').replace('APIKey', 'APIKy') });
    expect(bad).toEqual({
      valid: false,
      errors: [{ cedar_code: 'ACCOUNTS_00002', cedar_message: 'invalid_principal' }],
    });
    await t.refused(400, 'public', 'POST', '/validate', {});
  },
};
