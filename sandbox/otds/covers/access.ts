import { expect } from '@jest/globals';
import { CLIENT, fresh, good, has, list, names, newUser, part, seg, str } from './recorder.ts';
import type { Body, Checks, Recorder } from './recorder.ts';

async function resource(t: Recorder, more: object = {}): Promise<{ made: Body; path: string; role: string }> {
  const resourceName = fresh('Product');
  const made = await t.done('POST', '/resources', { resourceName, displayName: 'P', description: 'd', ...more });
  const path = `/resources/${seg(resourceName)}`;
  return { made, path, role: `/accessroles/${seg(`Access to ${resourceName}`)}` };
}

async function members(t: Recorder, role: string): Promise<Body> {
  return part((await t.get(role))['accessRoleMembers']);
}

export const ACCESS_CHECKS: Checks = {
  'GET /otdsws/rest/accessroles': async (t) => {
    expect(names((await t.get('/accessroles'))['accessRoles'])).toContain('Access to Media Portal');
  },
  'GET /otdsws/rest/accessroles/{name}': async (t) => {
    const body = await t.get('/accessroles/Access%20to%20Media%20Portal');
    has(body, 'id', 'name', 'description', 'status', 'accessRoleMembers', 'resources', 'attributeList');
    has(body['accessRoleMembers'], 'userPartitions', 'organizationalUnits', 'groups', 'users', 'roles');
    has(list(part(body['accessRoleMembers'])['users'])[0], 'name', 'displayName', 'userPartition', 'location');
    await t.refused(404, 'GET', '/accessroles/none');
  },
  'PUT /otdsws/rest/accessroles/{name}': async (t) => {
    const { role } = await resource(t);
    await t.done('POST', `${role}/members`, { users: [{ name: 'ada.byrne@staff', location: '' }] }, 204);
    const whole = await t.get(role);
    await t.done('PUT', role, { ...whole, accessRoleMembers: { users: [] } }, 204);
    expect((await members(t, role))['users']).toEqual([]);
    await t.refused(400, 'PUT', role, { description: 'x' });
    await t.refused(404, 'PUT', '/accessroles/none', {});
  },
  'POST /otdsws/rest/accessroles/{name}/members': async (t) => {
    const { role } = await resource(t);
    const location = str((await t.get('/groups/Media%20Admins@staff'))['location']);
    const body = {
      users: [{ name: 'ada.byrne', location: '' }],
      groups: [{ name: 'Media Admins', location }],
      userPartitions: [{ name: 'partners', location: '' }],
    };
    await t.done('POST', `${role}/members`, body, 204);
    const now = await members(t, role);
    expect([list(now['users'])[0]?.['displayName'], names(now['groups']), names(now['userPartitions'])]).toEqual([
      'ada.byrne@staff',
      ['Media Admins@staff'],
      ['partners'],
    ]);
    await t.refused(404, 'POST', `${role}/members`, { users: [{ name: 'nobody@staff', location: '' }] });
  },
  'POST /otdsws/rest/accessroles/{name}/members/deletionset': async (t) => {
    const { role } = await resource(t);
    const body = { users: [{ name: 'ada.byrne@staff', location: '' }] };
    await t.done('POST', `${role}/members`, body, 204);
    await t.refused(404, 'POST', `${role}/members/deletionset`, body);
    await t.choose('ACCESS_ROLE_DELETIONSET', '204');
    await t.done('POST', `${role}/members/deletionset`, body, 204);
    await t.choose('ACCESS_ROLE_DELETIONSET', '404');
    expect((await members(t, role))['users']).toEqual([]);
  },
  'PUT /otdsws/rest/accessroles/{name}/attributes': async (t) => {
    const { role } = await resource(t);
    const attributes = [{ name: 'pushAllGroups', values: ['True'] }];
    await t.done('PUT', `${role}/attributes`, { attributes }, 204);
    expect((await t.get(role))['attributeList']).toEqual(attributes);
    await t.refused(400, 'PUT', `${role}/attributes`, {});
  },
};

export const RESOURCE_CHECKS: Checks = {
  'GET /otdsws/rest/resources': async (t) => {
    const { resources } = await t.get('/resources');
    expect(list(resources).map((r) => r['resourceName'])).toContain('Media Portal');
  },
  'POST /otdsws/rest/resources': async (t) => {
    const { made, path } = await resource(t, { pcCreatePermissionAllowed: 'true', allowImpersonation: true });
    has(made, 'id', 'resourceID', 'resourceDN', 'resourceState', 'accessRoleList', 'userSynchronizationState');
    expect(made).toMatchObject({ pcCreatePermissionAllowed: true, resourceState: 0 });
    expect(await t.get(path)).toEqual(made);
    await t.get(`/users/${str(made['resourceID'])}@otds.admin`);
    const id = { resourceID: fresh('4d5e1f0a'), secretKey: 'bm9ydGh3aW5kLW1lZGlhLQ==' };
    expect((await resource(t, id)).made).toMatchObject({ resourceID: id.resourceID, resourceState: 1 });
    await t.refused(400, 'POST', '/resources', { resourceName: made['resourceName'] });
    await t.refused(400, 'POST', '/resources', { resourceName: fresh('Product'), resourceID: 'x' });
  },
  'GET /otdsws/rest/resources/{name}': async (t) => {
    const { made } = await resource(t);
    expect((await t.get(`/resources/${seg(str(made['resourceDN']))}`))['id']).toBe(made['id']);
    await t.refused(404, 'GET', '/resources/none');
  },
  'PUT /otdsws/rest/resources/{name}': async (t) => {
    const { made, path } = await resource(t);
    await t.done('PUT', path, { ...made, logoutURL: 'http://x.example/out', pcDeletePermissionAllowed: 'False' });
    expect(await t.get(path)).toMatchObject({ logoutURL: 'http://x.example/out', pcDeletePermissionAllowed: false });
    await t.refused(404, 'PUT', '/resources/none', {});
  },
  'POST /otdsws/rest/resources/{name}/activate': async (t) => {
    const { made, path } = await resource(t);
    has(await t.done('POST', `/resources/${str(made['resourceID'])}/activate`, {}), 'resourceName', 'resourceState');
    expect((await t.get(path))['resourceState']).toBe(1);
    await t.refused(404, 'POST', '/resources/none/activate', {});
  },
  'PUT /otdsws/rest/resources/{name}/status': async (t) => {
    const { path } = await resource(t);
    const body = { isActivated: true, isAuthenticationEnabled: true, isSynchronizationEnabled: true };
    await t.done('PUT', `${path}/status`, body, 204);
    expect(await t.get(path)).toMatchObject({ resourceState: 1, userSynchronizationState: true });
    await t.refused(404, 'PUT', '/resources/none/status', body);
  },
  'PUT /otdsws/rest/resources/{name}/impersonation': async (t) => {
    const { path } = await resource(t);
    await t.done('PUT', `${path}/impersonation`, { allowImpersonation: true, impersonateList: ['a'] }, 204);
    expect(await t.get(path)).toMatchObject({ allowImpersonation: true, impersonateList: ['a'] });
  },
};

async function client(t: Recorder): Promise<{ made: Body; id: string; path: string }> {
  const id = fresh('client');
  const made = await t.done('POST', '/oauthclients', { id, name: id, description: 'd', accessTokenLifeTime: 120 });
  return { made, id, path: `/oauthclients/${id}` };
}

export const CLIENT_CHECKS: Checks = {
  'POST /otdsws/rest/oauthclients': async (t) => {
    const { made, id } = await client(t);
    has(made, 'id', 'secret', 'redirectURLs', 'confidential', 'allowRefreshToken', 'authScopes', 'uuid', 'location');
    const form = { grant_type: 'client_credentials', client_id: id, client_secret: str(made['secret']) };
    const { body } = good(await t.send('POST', '/otdsws/oauth2/token', { form, as: null }));
    expect(body['expires_in']).toBe(120);
    await t.refused(400, 'POST', '/oauthclients', { id });
  },
  'GET /otdsws/rest/oauthclients/{name}': async (t) => {
    const { path, id } = await client(t);
    expect(await t.get(path)).toMatchObject({ id, name: id, secret: null, accessTokenLifeTime: 120 });
    await t.refused(404, 'GET', '/oauthclients/none');
  },
  'PATCH /otdsws/rest/oauthclients/{name}': async (t) => {
    const { path, id } = await client(t);
    has(await t.done('PATCH', path, { authScopes: ['partners'], secret: 'new-secret' }), 'id');
    expect(await t.get(path)).toMatchObject({ authScopes: ['partners'] });
    const user = await newUser(t, { userPassword: 'Long-enough-1' });
    const login = { grant_type: 'password', username: str(user['id']), password: 'Long-enough-1' };
    const form = { ...login, client_id: id, client_secret: 'new-secret' };
    expect(good(await t.send('POST', '/otdsws/oauth2/token', { form, as: null }), 400).body['error']).toBe(
      'invalid_grant',
    );
    good(await t.send('POST', '/otdsws/oauth2/token', { form: { ...login, ...CLIENT }, as: null }));
    await t.refused(404, 'PATCH', '/oauthclients/none', {});
  },
  'PUT /otdsws/rest/oauthclients/{name}/impersonation': async (t) => {
    const { path } = await client(t);
    await t.done('PUT', `${path}/impersonation`, { allowImpersonation: true, impersonateList: [] }, 204);
    expect(await t.get(path)).toMatchObject({ allowImpersonation: true, impersonateList: [] });
    await t.refused(404, 'PUT', '/oauthclients/none/impersonation', {});
  },
};
