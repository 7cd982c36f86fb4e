import { expect } from '@jest/globals';
import { attribute, fresh, has, list, names, newGroup, newUser, part, seg, str } from './recorder.ts';
import type { Body, Checks, Recorder } from './recorder.ts';

const ref = (of: Body): string => seg(`${str(of['name'])}@${str(of['userPartitionID'])}`);
const AURORA = 'Project Aurora@staff';
const PAGE = ['actualPageSize', 'requestedPageSize', 'nextPageCookie'];

/** Every page of a list, followed by its cookies, as names. */
async function all(t: Recorder, path: string, field: string): Promise<string[]> {
  const found: string[] = [];
  for (let cookie: string | null = ''; cookie !== null;) {
    const mark = path.includes('?') ? '&' : '?';
    const body: Body = await t.get(
      `${path}${mark}page_size=7${cookie === '' ? '' : `&next_page_cookie=${seg(cookie)}`}`,
    );
    has(body, ...PAGE);
    found.push(...names(body[field]));
    cookie = body['nextPageCookie'] as string | null;
  }
  return found;
}

async function memberships(t: Recorder, of: Body, kind: string): Promise<string[]> {
  return all(t, `/${kind}/${ref(of)}/memberof`, 'groups');
}

export const USER_CHECKS: Checks = {
  'GET /otdsws/rest/users': async (t) => {
    const found = await all(t, '/users?where_partition_name=staff', 'users');
    expect(new Set(found).size).toBe(found.length);
    expect(found).toContain('ada.byrne');
    const some = await t.get('/users?where_filter=ada&where_state=enabled&attrsAsKeys=True');
    expect(list(some['users'])[0]).toMatchObject({ values: [], attributes: { mail: ['ada.byrne@northwind.example'] } });
    await t.refused(404, 'GET', '/users?where_partition_name=none');
    await t.refused(400, 'GET', '/users?next_page_cookie=none');
  },
  'POST /otdsws/rest/users': async (t) => {
    const made = await newUser(t, { description: 'new', values: [{ name: 'mail', values: ['n@x.example'] }] });
    has(made, 'userPartitionID', 'name', 'location', 'id', 'description', 'objectClass', 'uuid', 'originUUID', 'urlId');
    has(made, 'urlLocation', 'customAttributes', 'values');
    expect(await t.get(`/users/${ref(made)}`)).toEqual(made);
    await t.refused(400, 'POST', '/users', { userPartitionID: 'staff', name: str(made['name']).toUpperCase() });
    await t.refused(404, 'POST', '/users', { userPartitionID: 'none', name: 'x' });
  },
  'GET /otdsws/rest/users/{ref}': async (t) => {
    const made = await newUser(t);
    for (const one of [ref(made), seg(str(made['name'])), seg(str(made['location']))])
      expect((await t.get(`/users/${one}?attrs=*`))['uuid']).toBe(made['uuid']);
    await t.refused(404, 'GET', '/users/nobody@staff');
  },
  'PATCH /otdsws/rest/users/{ref}': async (t) => {
    const made = await newUser(t);
    const values = [{ name: 'accountDisabled', values: ['True'] }];
    has(await t.done('PATCH', `/users/${ref(made)}`, { userPartitionID: 'staff', values }), 'id', 'values');
    await t.done('PATCH', `/users/${ref(made)}`, { userPartitionID: 'staff', description: 'left' });
    const now = await t.get(`/users/${ref(made)}`);
    expect([now['description'], attribute(now, 'accountDisabled')]).toEqual(['left', ['true']]);
    await t.refused(404, 'PATCH', '/users/nobody@staff', {});
    await t.refused(400, 'PATCH', '/users/femi.adeyemi@field', { values });
    await t.plan({ kind: 'special', name: 'patchRefused' });
    await t.refused(405, 'PATCH', `/users/${ref(made)}`, {});
  },
  'PUT /otdsws/rest/users/{ref}': async (t) => {
    const made = await newUser(t, { values: [{ name: 'title', values: ['Cutter'] }] });
    await t.done('PUT', `/users/${ref(made)}`, { ...made, description: 'whole' });
    const now = await t.get(`/users/${ref(made)}`);
    expect([now['description'], attribute(now, 'title')]).toEqual(['whole', ['Cutter']]);
    await t.refused(404, 'PUT', '/users/nobody@staff', {});
  },
  'DELETE /otdsws/rest/users/{ref}': async (t) => {
    const made = await newUser(t);
    await t.done('DELETE', `/users/${ref(made)}`, undefined, 204);
    await t.refused(404, 'GET', `/users/${ref(made)}`);
    await t.refused(404, 'DELETE', `/users/${ref(made)}`);
    await t.refused(400, 'DELETE', '/users/femi.adeyemi@field');
  },
  'PUT /otdsws/rest/users/{ref}/password': async (t) => {
    const made = await newUser(t);
    const login = { userName: `${str(made['name'])}@staff`, password: 'Long-enough-1' };
    const path = `/users/${ref(made)}/password`;
    expect(await t.done('PUT', path, { newPassword: login.password, oldPassword: null }, 204)).toEqual({});
    await t.done('POST', '/authentication/credentials', login);
    await t.refused(400, 'PUT', path, { newPassword: 'short' });
    await t.refused(404, 'PUT', '/users/nobody@staff/password', { newPassword: 'Long-enough-2' });
  },
  'GET /otdsws/rest/users/{ref}/memberof': async (t) => {
    const made = await newUser(t);
    for (let i = 0; i < 9; i++)
      await t.done('POST', `/users/${ref(made)}/memberof`, { stringList: [(await newGroup(t))['id']] }, 204);
    expect(await memberships(t, made, 'users')).toHaveLength(9);
    await t.refused(404, 'GET', '/users/nobody@staff/memberof');
  },
  'POST /otdsws/rest/users/{ref}/memberof': async (t) => {
    const made = await newUser(t);
    const { location } = await newGroup(t);
    await t.done('POST', `/users/${ref(made)}/memberof`, { stringList: [AURORA, location] }, 204);
    expect(await memberships(t, made, 'users')).toContain('Project Aurora');
    await t.refused(404, 'POST', `/users/${ref(made)}/memberof`, { stringList: ['none@staff'] });
    await t.refused(400, 'POST', `/users/${ref(made)}/memberof`, { stringList: 'x' });
  },
  'POST /otdsws/rest/users/{ref}/memberof/deletionset': async (t) => {
    const made = await newUser(t);
    await t.done('POST', `/users/${ref(made)}/memberof`, { stringList: [AURORA] }, 204);
    await t.done('POST', `/users/${ref(made)}/memberof/deletionset`, { stringList: [AURORA] }, 204);
    expect(await memberships(t, made, 'users')).toEqual([]);
    await t.choose('USER_DELETIONSET', '404');
    await t.refused(404, 'POST', `/users/${ref(made)}/memberof/deletionset`, { stringList: [AURORA] });
    await t.choose('USER_DELETIONSET', '204');
  },
  'GET /otdsws/rest/users/{ref}/roles': async (t) => {
    const made = await newUser(t);
    expect(list((await t.get(`/users/${ref(made)}/roles`))['roles'])).toEqual([]);
    await t.refused(404, 'GET', '/users/nobody@staff/roles');
  },
  'POST /otdsws/rest/users/{ref}/roles': async (t) => {
    const made = await newUser(t);
    const { location } = await t.get('/roles/Portal%20Reviewer');
    await t.done('POST', `/users/${ref(made)}/roles`, { stringList: [location] }, 204);
    expect(names((await t.get(`/users/${ref(made)}/roles`))['roles'])).toEqual(['Portal Reviewer']);
    await t.refused(404, 'POST', `/users/${ref(made)}/roles`, { stringList: ['none@staff'] });
  },
};

export const GROUP_CHECKS: Checks = {
  'GET /otdsws/rest/groups': async (t) => {
    const made = await newGroup(t);
    expect(await all(t, '/groups?where_partition_name=staff', 'groups')).toContain(made['name']);
    const keyed = await t.get(`/groups?where_filter=${seg(str(made['name']))}&attrsAsKeys=True`);
    expect(list(keyed['groups'])[0]).toMatchObject({ values: null, attributes: { cn: [made['name']] } });
    await t.refused(400, 'GET', '/groups?next_page_cookie=none');
  },
  'POST /otdsws/rest/groups': async (t) => {
    const made = await newGroup(t, { description: 'crew' });
    has(made, 'userPartitionID', 'name', 'location', 'id', 'uuid', 'numMembers', 'values', 'description');
    expect([made['objectClass'], made['numMembers']]).toEqual(['oTGroup', 0]);
    expect(await t.get(`/groups/${ref(made)}`)).toEqual(made);
    await t.refused(400, 'POST', '/groups', { userPartitionID: 'staff', name: made['name'] });
  },
  'GET /otdsws/rest/groups/{ref}': async (t) => {
    const made = await newGroup(t);
    expect((await t.get(`/groups/${seg(str(made['location']))}`))['uuid']).toBe(made['uuid']);
    await t.refused(404, 'GET', '/groups/none@staff');
  },
  'PATCH /otdsws/rest/groups/{ref}': async (t) => {
    const made = await newGroup(t);
    await t.done('PATCH', `/groups/${ref(made)}`, { description: 'changed' });
    expect((await t.get(`/groups/${ref(made)}`))['description']).toBe('changed');
    await t.refused(404, 'PATCH', '/groups/none@staff', {});
  },
  'PUT /otdsws/rest/groups/{ref}': async (t) => {
    const made = await newGroup(t);
    await t.done('PUT', `/groups/${ref(made)}`, { ...made, description: 'whole' });
    expect((await t.get(`/groups/${ref(made)}`))['description']).toBe('whole');
    await t.refused(404, 'PUT', '/groups/none@staff', {});
  },
  'DELETE /otdsws/rest/groups/{ref}': async (t) => {
    const made = await newGroup(t);
    await t.done('DELETE', `/groups/${ref(made)}`, undefined, 204);
    await t.refused(404, 'GET', `/groups/${ref(made)}`);
    await t.refused(404, 'DELETE', `/groups/${ref(made)}`);
  },
  'GET /otdsws/rest/groups/{ref}/memberof': async (t) => {
    const made = await newGroup(t);
    expect(await memberships(t, made, 'groups')).toEqual([]);
    await t.refused(404, 'GET', '/groups/none@staff/memberof');
  },
  'POST /otdsws/rest/groups/{ref}/memberof': async (t) => {
    const made = await newGroup(t);
    await t.done('POST', `/groups/${ref(made)}/memberof`, { stringList: [AURORA] }, 204);
    expect(await memberships(t, made, 'groups')).toEqual(['Project Aurora']);
    await t.refused(400, 'POST', `/groups/${seg(AURORA)}/memberof`, { stringList: [made['id']] });
  },
  'POST /otdsws/rest/groups/{ref}/memberof/deletionset': async (t) => {
    const made = await newGroup(t);
    await t.done('POST', `/groups/${ref(made)}/memberof`, { stringList: [AURORA] }, 204);
    await t.done('POST', `/groups/${ref(made)}/memberof/deletionset`, { stringList: [AURORA] }, 204);
    expect(await memberships(t, made, 'groups')).toEqual([]);
  },
  'GET /otdsws/rest/groups/{ref}/members': async (t) => {
    const made = await newGroup(t);
    const path = `/groups/${ref(made)}/members`;
    await t.done('POST', path, { stringList: ['ada.byrne@staff', AURORA] }, 204);
    const body = await t.get(path);
    has(body, 'users', 'groups', ...PAGE);
    expect([...names(body['users']), ...names(body['groups'])]).toEqual(['ada.byrne', 'Project Aurora']);
    await t.choose('GROUP_MEMBERS_REPLY', 'members');
    expect(names((await t.get(path))['members'])).toEqual(['ada.byrne', 'Project Aurora']);
    await t.choose('GROUP_MEMBERS_REPLY', 'separate');
  },
  'POST /otdsws/rest/groups/{ref}/members': async (t) => {
    const made = await newGroup(t);
    const user = await newUser(t);
    await t.done('POST', `/groups/${ref(made)}/members`, { stringList: [user['location']] }, 204);
    expect((await t.get(`/groups/${ref(made)}`))['numMembers']).toBe(1);
    expect(await memberships(t, user, 'users')).toEqual([made['name']]);
    await t.refused(404, 'POST', `/groups/${ref(made)}/members`, { stringList: ['none@staff'] });
    await t.refused(400, 'POST', '/groups/Field%20Crew@field/members', { stringList: [user['id']] });
  },
  'POST /otdsws/rest/groups/{ref}/members/deletionset': async (t) => {
    const made = await newGroup(t);
    await t.done('POST', `/groups/${ref(made)}/members`, { stringList: ['ada.byrne@staff'] }, 204);
    await t.done('POST', `/groups/${ref(made)}/members/deletionset`, { stringList: ['ada.byrne@staff'] }, 204);
    expect((await t.get(`/groups/${ref(made)}`))['numMembers']).toBe(0);
    await t.choose('GROUP_DELETIONSET', '404');
    await t.refused(404, 'POST', `/groups/${ref(made)}/members/deletionset`, { stringList: ['ada.byrne@staff'] });
    await t.choose('GROUP_DELETIONSET', '204');
  },
  'GET /otdsws/rest/groups/{ref}/users': async (t) => {
    const made = await newGroup(t);
    await t.done('POST', `/groups/${ref(made)}/members`, { stringList: ['ada.byrne@staff', AURORA] }, 204);
    expect(await all(t, `/groups/${ref(made)}/users`, 'users')).toEqual(['ada.byrne']);
  },
  'POST /otdsws/rest/groups/{ref}/groups': async (t) => {
    const made = await newGroup(t);
    await t.done('POST', `/groups/${ref(made)}/groups`, { stringList: [AURORA] }, 204);
    expect(names((await t.get(`/groups/${ref(made)}/members`))['groups'])).toEqual(['Project Aurora']);
  },
  'POST /otdsws/rest/groups/{ref}/groups/deletionset': async (t) => {
    const made = await newGroup(t);
    await t.done('POST', `/groups/${ref(made)}/groups`, { stringList: [AURORA] }, 204);
    await t.done('POST', `/groups/${ref(made)}/groups/deletionset`, { stringList: [AURORA] }, 204);
    expect(list((await t.get(`/groups/${ref(made)}/members`))['groups'])).toEqual([]);
  },
  'POST /otdsws/rest/groups/{ref}/roles': async (t) => {
    const made = await newGroup(t);
    const role = await t.done('POST', '/roles', { userPartitionID: 'staff', name: fresh('role') });
    await t.done('POST', `/groups/${ref(made)}/roles`, { stringList: [role['location']] }, 204);
    expect(names((await t.get(`/roles/${seg(str(role['location']))}/members`))['groups'])).toEqual([made['name']]);
    expect(part(made)['numMembers']).toBe(0);
  },
};
