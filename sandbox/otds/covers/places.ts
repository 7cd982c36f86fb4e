import { expect } from '@jest/globals';
import { fresh, has, list, names, newGroup, newUser, part, seg, str } from './recorder.ts';
import type { Body, Check, Checks, Recorder } from './recorder.ts';

/** A partition of its own with a unit in it. */
async function place(t: Recorder): Promise<{ partition: string; unit: Body; path: string }> {
  const partition = fresh('guests');
  await t.done('POST', '/partitions', { name: partition, description: 'd' });
  const unit = await t.done('POST', '/orgunits', { userPartitionID: partition, name: 'visitors' });
  return { partition, unit, path: `/orgunits/${seg(str(unit['location']))}` };
}

const PROFILE = {
  description: 'from a directory',
  baseDN: 'dc=example',
  ipConnectionParameter: [{ hostName: 'ldap.example', portNumber: '636', encryptionMethod: 'SSL' }],
  ipAuthentication: { bindDN: 'cn=reader', bindPassword: 'secret' },
  objectClassNameMapping: [{ objectType: 0, destObject: 'oTPerson', sourceFilter: '(cn=*)', attributeMapping: [] }],
  basicInfo: { monitorChanges: true },
  basicAttributes: [{ attrId: 'memberAttr', attrValues: ['member'] }],
};

export const PLACE_CHECKS: Checks = {
  'POST /otdsws/rest/partitions': async (t) => {
    const name = fresh('partition');
    const made = await t.done('POST', '/partitions', { name, description: 'd' });
    expect(str(made['location'])).toContain(`partition=${name}`);
    expect(await t.get(`/partitions/${name}`)).toEqual(made);
    await t.refused(400, 'POST', '/partitions', { name: name.toUpperCase() });
  },
  'GET /otdsws/rest/partitions/{name}': async (t) => {
    expect(await t.get('/partitions/otds.admin')).toMatchObject({ name: 'otds.admin' });
    await t.refused(404, 'GET', '/partitions/none');
  },
  'POST /otdsws/rest/identityproviderprofiles': async (t) => {
    const profileName = fresh('synced');
    const made = await t.done('POST', '/identityproviderprofiles', { profileName, ...PROFILE });
    has(made, 'profileName', 'baseDN', 'ipConnectionParameter', 'objectClassNameMapping', 'basicInfo', 'location');
    expect(JSON.stringify(await t.control('GET', `/state/partitions/${profileName}`))).not.toContain('secret');
    expect(await t.get(`/partitions/${profileName}`)).toMatchObject({ name: profileName });
    await t.refused(400, 'POST', '/users', { userPartitionID: profileName, name: 'x' });
    await t.refused(400, 'POST', '/identityproviderprofiles', { profileName, ...PROFILE });
  },
  'POST /otdsws/rest/identityproviderprofiles/{name}/command': async (t) => {
    const profileName = fresh('synced');
    await t.done('POST', '/identityproviderprofiles', { profileName, ...PROFILE });
    await t.act('upstream', { partition: profileName, person: 'jo', create: { mail: 'jo@x.example' } });
    const path = `/identityproviderprofiles/${profileName}/command`;
    expect(await t.done('POST', path, { command: 'import' }, 204)).toEqual({});
    expect((await t.get(`/users/jo@${profileName}`))['originUUID']).not.toBeNull();
    await t.refused(400, 'POST', path, { command: 'dance' });
    await t.refused(404, 'POST', '/identityproviderprofiles/none/command', { command: 'import' });
  },
  'GET /otdsws/rest/orgunits': async (t) => {
    const { partition } = await place(t);
    const body = await t.get(`/orgunits?where_partition_name=${partition}`);
    expect(names(body['organizationalUnits'])).toEqual(['visitors']);
  },
  'POST /otdsws/rest/orgunits': async (t) => {
    const { partition, unit, path } = await place(t);
    has(unit, 'userPartitionID', 'name', 'location', 'id', 'uuid');
    expect(await t.get(path)).toEqual(unit);
    await t.refused(400, 'POST', '/orgunits', { userPartitionID: partition, name: 'Visitors' });
  },
  'GET /otdsws/rest/orgunits/{dn}': async (t) => {
    const { path, unit } = await place(t);
    expect((await t.get(path))['uuid']).toBe(unit['uuid']);
    await t.refused(404, 'GET', '/orgunits/none');
  },
  'PUT /otdsws/rest/orgunits/{dn}': async (t) => {
    const { path, unit } = await place(t);
    await t.done('PUT', path, { ...unit, description: 'the lobby' });
    expect((await t.get(path))['description']).toBe('the lobby');
    await t.refused(400, 'PUT', path, { name: 'other' });
  },
  'DELETE /otdsws/rest/orgunits/{dn}': async (t) => {
    const { partition, path, unit } = await place(t);
    await t.done('POST', '/users', { userPartitionID: partition, name: 'eva', location: unit['location'] });
    await t.refused(400, 'DELETE', path);
    await t.done('DELETE', `/users/eva@${partition}`, undefined, 204);
    await t.done('DELETE', path, undefined, 204);
    await t.refused(404, 'GET', path);
    await t.refused(404, 'DELETE', path);
  },
  'GET /otdsws/rest/orgunits/{dn}/children': async (t) => {
    const { partition, path, unit } = await place(t);
    await t.done('POST', '/orgunits', { userPartitionID: partition, name: 'inner', location: unit['location'] });
    expect(names((await t.get(`${path}/children`))['organizationalUnits'])).toEqual(['inner']);
  },
  'GET /otdsws/rest/orgunits/{dn}/parents': async (t) => {
    const { partition, unit } = await place(t);
    const location = unit['location'];
    const inner = await t.done('POST', '/orgunits', { userPartitionID: partition, name: 'inner', location });
    const body = await t.get(`/orgunits/${seg(str(inner['location']))}/parents`);
    expect(names(body['organizationalUnits'])).toEqual(['visitors']);
    expect(part(body['userPartition'])['name']).toBe(partition);
  },
  'GET /otdsws/rest/orgunits/{dn}/users': async (t) => {
    const { partition, path, unit } = await place(t);
    await t.done('POST', '/users', { userPartitionID: partition, name: 'eva', location: unit['location'] });
    await t.done('POST', '/users', { userPartitionID: partition, name: 'max' });
    expect(names((await t.get(`${path}/users`))['users'])).toEqual(['eva']);
  },
  'GET /otdsws/rest/orgunits/{dn}/roles': async (t) => {
    const { path } = await place(t);
    expect(list((await t.get(`${path}/roles`))['roles'])).toEqual([]);
  },
  'POST /otdsws/rest/orgunits/{dn}/roles': async (t) => {
    const { path } = await place(t);
    await t.done('POST', `${path}/roles`, { stringList: ['Portal Reviewer@staff'] }, 204);
    expect(names((await t.get(`${path}/roles`))['roles'])).toEqual(['Portal Reviewer']);
    await t.refused(404, 'POST', `${path}/roles`, { stringList: ['none@staff'] });
  },
};

async function role(t: Recorder): Promise<{ made: Body; path: string }> {
  const made = await t.done('POST', '/roles', { userPartitionID: 'staff', name: fresh('role'), description: 'd' });
  return { made, path: `/roles/${seg(str(made['location']))}` };
}

/** Puts something in, sees it, takes it out again, sees it gone. */
function inAndOut(below: string, shown: string, removed: boolean): Check {
  return async (t) => {
    const { path } = await role(t);
    const inside = shown === 'roles' ? (await role(t)).made : await newUser(t);
    const stringList = [inside['location']];
    const held = async (): Promise<boolean> => {
      if (shown === 'users') return names((await t.get(`${path}/users`))['users']).includes(str(inside['name']));
      const rows = await t.control('GET', '/state/roleMembers');
      return JSON.stringify(Object.values(rows)).includes(str(inside['uuid']));
    };
    await t.done('POST', `${path}/${below}`, { stringList }, 204);
    expect(await held()).toBe(true);
    if (!removed) return t.refused(404, 'POST', `${path}/${below}`, { stringList: ['none@staff'] });
    await t.done('POST', `${path}/${below}/deletionset`, { stringList }, 204);
    expect(await held()).toBe(false);
  };
}

export const ROLE_CHECKS: Checks = {
  'GET /otdsws/rest/roles': async (t) => {
    const { made } = await role(t);
    expect(names((await t.get(`/roles?where_filter=${seg(str(made['name']))}`))['roles'])).toEqual([made['name']]);
    expect(list((await t.get('/roles?where_filter=nothing'))['roles'])).toEqual([]);
  },
  'POST /otdsws/rest/roles': async (t) => {
    const { made, path } = await role(t);
    has(made, 'name', 'userPartitionID', 'location');
    expect(await t.get(path)).toEqual(made);
    await t.refused(400, 'POST', '/roles', { userPartitionID: 'staff', name: made['name'] });
  },
  'GET /otdsws/rest/roles/{ref}': async (t) => {
    expect((await t.get('/roles/Portal%20Reviewer@staff'))['objectClass']).toBe('oTRole');
    await t.refused(404, 'GET', '/roles/none@staff');
  },
  'PUT /otdsws/rest/roles/{ref}': async (t) => {
    const { made, path } = await role(t);
    await t.done('PUT', path, { ...made, description: 'other' });
    expect((await t.get(path))['description']).toBe('other');
  },
  'DELETE /otdsws/rest/roles/{ref}': async (t) => {
    const { path } = await role(t);
    await t.done('DELETE', path, undefined, 204);
    await t.refused(404, 'GET', path);
    await t.refused(404, 'DELETE', path);
  },
  'GET /otdsws/rest/roles/{ref}/users': inAndOut('members', 'users', false),
  'GET /otdsws/rest/roles/{ref}/members': async (t) => {
    const { path } = await role(t);
    const group = await newGroup(t);
    await t.done('POST', `${path}/members`, { stringList: [group['location']] }, 204);
    const body = await t.get(`${path}/members`);
    has(body, 'users', 'groups', 'nextPageCookie');
    expect(names(body['groups'])).toEqual([group['name']]);
  },
  'POST /otdsws/rest/roles/{ref}/members': inAndOut('members', 'users', false),
  'POST /otdsws/rest/roles/{ref}/members/deletionset': inAndOut('members', 'users', true),
  'POST /otdsws/rest/roles/{ref}/roles': inAndOut('roles', 'roles', false),
  'POST /otdsws/rest/roles/{ref}/roles/deletionset': inAndOut('roles', 'roles', true),
};
