import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { SECRETS } from './seed.ts';
import type { Answer, Item, Trial } from './trial.ts';
import { DEV, PROD } from './trial.ts';

/** One scenario per route of the logins, the probe and the administration: sends it, reads the effect back by another route, gives the reply. */
export type Scenario = (t: Trial) => Promise<Answer>;

const ADMIN = 'tenantadmin@exstream.role';
const CLIENT = { client_id: 'tenure', client_secret: SECRETS.clientSecret };

function form(fields: Record<string, string>): URLSearchParams {
  return new URLSearchParams(fields);
}

/** The token works: the version can be read with it. */
async function works(t: Trial, reply: Answer): Promise<Answer> {
  const headers = { authorization: `Bearer ${reply.body.access_token}` };
  const read = await t.raw('GET', '/design/api/v1/authentication/current-user', { as: null, headers });
  assert.equal(read.status, 200);
  return reply;
}

const byPassword = { grant_type: 'password', username: ADMIN, password: SECRETS.password, scope: 'otds:groups' };

function tokenAt(path: string): Scenario {
  return async (t) => {
    const body = form({ ...byPassword, client_id: 'web' });
    await works(t, await t.raw('POST', path, { as: null, body }));
    return works(
      t,
      await t.raw('POST', path, { as: null, body: form({ grant_type: 'client_credentials', ...CLIENT }) }),
    );
  };
}

async function groupRoles(t: Trial, domain = DEV): Promise<Item[]> {
  return (await t.das('GET', `/group-roles/${domain}`)).body.data;
}

async function newRole(t: Trial): Promise<Item> {
  const reply = await t.das('POST', '/roles', { body: { name: `role ${randomUUID()}`, appPermissions: 'as sent' } });
  assert.equal(reply.status, 200);
  return reply.body.data;
}

const DAS = '/design/api/v1';

export const DESIGN: Record<string, Scenario> = {
  'POST /otdsws/otdstenant/{tenant}/oauth2/token': tokenAt('/otdsws/otdstenant/northwind/oauth2/token'),
  'POST /otdstenant/{tenant}/oauth2/token': tokenAt('/otdstenant/northwind/oauth2/token'),
  'POST /tenants/{tenant}/oauth2/token': async (t) => {
    const path = '/tenants/northwind/oauth2/token';
    const basic = `Basic ${Buffer.from(`tenure:${SECRETS.clientSecret}`).toString('base64')}`;
    await works(t, await t.raw('POST', path, { as: null, body: form(byPassword), headers: { authorization: basic } }));
    return works(t, await t.raw('POST', path, { as: null, body: { grant_type: 'client_credentials', ...CLIENT } }));
  },
  'POST /otdstenant/{tenant}/otdsws/rest/authentication/credentials': (t) =>
    t.raw('POST', '/otdstenant/northwind/otdsws/rest/authentication/credentials', {
      as: null,
      body: { userName: ADMIN, password: SECRETS.password },
    }),
  [`GET ${DAS}/version`]: (t) => t.das('GET', '/version'),
  [`GET ${DAS}/authentication/current-user`]: async (t) => {
    const reply = await t.das('GET', '/authentication/current-user', { as: 'ada.byrne@staff' });
    assert.ok(reply.body.data.groups.includes('Marketing Editors@staff'));
    return reply;
  },
  [`GET ${DAS}/authentication/{domain}/current-user`]: async (t) => {
    const reply = await t.das('GET', `/authentication/${DEV}/current-user`, { as: 'ben.otto@staff' });
    assert.deepEqual(
      reply.body.data.roles.map((role) => role.name),
      ['commdesigner'],
    );
    return reply;
  },
  [`GET ${DAS}/roles`]: async (t) => {
    const found = await t.das('GET', '/roles?filter.searchString=REVIEWER&filter.caseSensitive=true');
    assert.equal(found.body.page.totalElements, 0);
    const whole = await t.das('GET', '/roles?filter.searchString=review&filter.wholeWord=true');
    assert.equal(whole.body.page.totalElements, 0);
    return t.das('GET', '/roles?filter.searchString=reviewer&offset=0&count=1');
  },
  [`POST ${DAS}/roles`]: async (t) => {
    const reply = await t.das('POST', '/roles', {
      body: { name: 'night shift', description: 'd', appPermissions: 'x', adminPermissions: 'y' },
    });
    const list = await t.das('GET', '/roles?filter.searchString=night');
    assert.deepEqual(list.body.data[0], reply.body.data);
    return reply;
  },
  [`PUT ${DAS}/roles/{uuid}`]: async (t) => {
    const { id } = await newRole(t);
    const reply = await t.das('PUT', `/roles/${id}`, { body: { name: `renamed ${id}`, description: 'new' } });
    assert.equal((await t.das('GET', `/roles?filter.searchString=${id}`)).body.page.totalElements, 1);
    return reply;
  },
  [`DELETE ${DAS}/roles/{uuid}`]: async (t) => {
    const { id, name } = await newRole(t);
    const reply = await t.das('DELETE', `/roles/${id}`);
    assert.equal(
      (await t.das('GET', `/roles?filter.searchString=${encodeURIComponent(name)}`)).body.page.totalElements,
      0,
    );
    return reply;
  },
  [`GET ${DAS}/group-roles`]: async (t) => {
    const reply = await t.das('GET', '/group-roles');
    assert.ok(
      reply.body.data.some((row) => row.domain.id === PROD) && reply.body.data.some((row) => row.domain.id === DEV),
    );
    return reply;
  },
  [`GET ${DAS}/group-roles/{domain}`]: async (t) => {
    const reply = await t.das('GET', `/group-roles/${DEV}`);
    assert.ok(reply.body.data.every((row) => row.domain.id === DEV));
    return reply;
  },
  [`POST ${DAS}/group-roles`]: async (t) => {
    const { id, name } = await newRole(t);
    const before = (await groupRoles(t)).length;
    await t.das('POST', '/group-roles', { body: { group: 'By Name@staff', roleName: name, domain: { id: DEV } } });
    const reply = await t.das('POST', '/group-roles', {
      body: { group: 'By Id@staff', roleId: id, domain: { id: DEV } },
    });
    assert.equal((await groupRoles(t)).length, before + 2);
    return reply;
  },
  [`DELETE ${DAS}/group-roles`]: async (t) => {
    const body = { group: 'Passing@staff', roleName: 'readonly', domain: { id: DEV } };
    await t.das('POST', '/group-roles', { body });
    const reply = await t.das('DELETE', '/group-roles', { body });
    assert.ok((await groupRoles(t)).every((row) => row.group !== 'Passing@staff'));
    return reply;
  },
  [`GET ${DAS}/role-permissions`]: async (t) => {
    const all = (await t.das('GET', '/role-permissions')).body.data.length;
    const reply = await t.das('GET', '/role-permissions?roleName=reviewer');
    assert.ok(all > reply.body.data.length && reply.body.data.every((row) => row.roleName === 'reviewer'));
    return reply;
  },
  [`POST ${DAS}/role-permissions`]: async (t) => {
    const { name } = await newRole(t);
    const reply = await t.das('POST', '/role-permissions', {
      body: { roleName: name, objectType: 'image', permissions: 'any text' },
    });
    const rows = (await t.das('GET', `/role-permissions?roleName=${encodeURIComponent(name)}`)).body.data;
    assert.deepEqual(
      rows.map((row) => [row.objectType, row.permissions]),
      [['image', 'any text']],
    );
    return reply;
  },
  [`GET ${DAS}/permissions/{domain}/resources`]: async (t) => {
    const group = encodeURIComponent('Legal Review@staff');
    const reply = await t.das('GET', `/permissions/${PROD}/resources?groupId=${group}&resourceType=exstrapplication`);
    assert.deepEqual(
      reply.body.data.map((row) => row.roleName),
      ['reviewer'],
    );
    const mine = await t.das('GET', `/permissions/${PROD}/resources`, { as: 'chiara.rossi@staff' });
    assert.deepEqual(mine.body.data, reply.body.data);
    return reply;
  },
  [`GET ${DAS}/permissions/{domain}/webapps`]: (t) =>
    t.das('GET', `/permissions/${PROD}/webapps?groupId=${encodeURIComponent('Legal Review@staff')}`),
  [`GET ${DAS}/domains`]: async (t) => {
    const mine = await t.das('GET', '/domains?filter.currentUser=true', { as: 'ben.otto@staff' });
    assert.deepEqual(
      mine.body.data.map((one) => one.id),
      [DEV],
    );
    return t.das('GET', '/domains?fetchChildren=true&fetchApprovalGroups=true');
  },
};
