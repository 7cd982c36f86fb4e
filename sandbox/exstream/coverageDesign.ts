import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { SECRETS } from './seed.ts';
import type { Answer, Item, Trial } from './trial.ts';
import { DEV, PROD } from './trial.ts';
import { zip } from './zip.ts';

/** One scenario per route of Design and of the logins: sends it, reads the effect back by another route, gives the reply. */
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

/** A new draft in Development. */
export async function draft(t: Trial, content = '{"a":1}', type = 'samplefile'): Promise<Item> {
  const body = new FormData();
  body.set('file', new Blob([content], { type: 'application/json' }), 'driver.json');
  const path = `/resources/${DEV}/content?name=${encodeURIComponent(`draft ${randomUUID()}`)}&type=${type}&subtype=driver`;
  const reply = await t.das('POST', path, { body });
  assert.equal(reply.status, 201);
  return reply.body.data;
}

async function read(t: Trial, id: string, query = ''): Promise<Item> {
  return (await t.das('GET', `/resources/${DEV}/${id}${query}`)).body.data;
}

function move(t: Trial, id: string, state: string, as = 'tenure'): Promise<Answer> {
  return t.das('PUT', `/resources/${DEV}/${id}/state`, {
    as,
    body: { state, auditedComment: 'case 7', locked: false },
  });
}

/** An export package with one sample file, as the vendor's samples are built. */
export function packageOf(id: string, name: string, version = 1): Buffer {
  const row = {
    id,
    name,
    type: 'samplefile',
    version,
    state: 'APPROVED',
    createdBy: 'x',
    createdDate: 0,
    lastModifiedBy: 'x',
    lastModifiedDate: 0,
  };
  const stem = `samplefile-${id}-${version}`;
  return zip([
    { name: `resources/${stem}.json`, bytes: Buffer.from(JSON.stringify(row)) },
    { name: `content/${stem}-CONTENT.bin`, bytes: Buffer.from('{}') },
    { name: 'links/links.json', bytes: Buffer.from('[]') },
    { name: 'metadata.json', bytes: Buffer.from('{"applicationVersion":"22.4.0"}') },
  ]);
}

export function importBody(archive: Buffer, policy?: string): FormData {
  const body = new FormData();
  body.set('exportPackage', new Blob([new Uint8Array(archive)]), 'ExportPackage-test.zip');
  const settings = JSON.stringify({ policies: { generalPolicy: policy } });
  if (policy !== undefined) body.set('conflictSettings', new Blob([settings]), 'conflictSettings.json');
  return body;
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
  [`GET ${DAS}/resources/{domain}`]: async (t) => {
    const drafts = await t.das('GET', `/resources/${DEV}?filter.states=REVIEW,DRAFT&filter.latestVersion=true`);
    assert.ok(drafts.body.data.every((one) => one.state === 'REVIEW' || one.state === 'DRAFT'));
    const found = await t.das(
      'GET',
      `/resources/${DEV}?filter.name=Trailer%20Notice&filter.locked=true&fetchDomains=true&fetchPermissions=true`,
    );
    assert.deepEqual(
      found.body.data.map((one) => one.lockedBy),
      ['tom.weber@staff'],
    );
    return t.das('GET', `/resources/${PROD}?filter.types=exstrapplication&fetchApproval=true&offset=0&count=2`);
  },
  [`GET ${DAS}/resources/{domain}/{id}`]: async (t) => {
    const { id } = await t.asset(DEV, 'Premiere Invitation');
    assert.equal((await t.das('GET', `/resources/${DEV}/${id}?state=APPROVED`)).status, 404);
    return t.das('GET', `/resources/${DEV}/${id}?version=1&checkIfLatestVersion=true`);
  },
  [`PUT ${DAS}/resources/{domain}/{id}/state`]: async (t) => {
    const { id } = await draft(t);
    const reply = await move(t, id, 'REVIEW');
    assert.equal((await read(t, id)).state, 'REVIEW');
    return reply;
  },
  [`PUT ${DAS}/resources/{domain}/state`]: async (t) => {
    const ids = [(await draft(t)).id, (await draft(t)).id];
    const reply = await t.das('PUT', `/resources/${DEV}/state`, {
      body: { state: 'REVIEW', auditedComment: 'both', resourceIds: ids },
    });
    for (const id of ids) assert.equal((await read(t, id)).state, 'REVIEW');
    return reply;
  },
  [`POST ${DAS}/resources/{domain}/{id}/lock`]: async (t) => {
    const { id } = await draft(t);
    const reply = await t.das('POST', `/resources/${DEV}/${id}/lock?version=1`);
    assert.equal((await read(t, id)).lockedBy, 'tenure@OAuthClients');
    return reply;
  },
  [`DELETE ${DAS}/resources/{domain}/{id}/lock`]: async (t) => {
    const { id } = await draft(t);
    await t.das('POST', `/resources/${DEV}/${id}/lock`, { as: 'ben.otto@staff' });
    const reply = await t.das('DELETE', `/resources/${DEV}/${id}/lock?force=true`);
    assert.equal((await read(t, id)).locked, false);
    return reply;
  },
  [`GET ${DAS}/resources/{domain}/{id}/content`]: async (t) => {
    const { id } = await draft(t, '{"plain":"bytes"}');
    const reply = await t.das('GET', `/resources/${DEV}/${id}/content?version=1`);
    assert.equal(reply.text, '{"plain":"bytes"}');
    return reply;
  },
  [`PUT ${DAS}/resources/{domain}/{id}/content`]: async (t) => {
    const { id } = await draft(t);
    const body = new FormData();
    body.set('file', new Blob([new Uint8Array([0, 255, 13, 10])]), 'new.bin');
    const reply = await t.das('PUT', `/resources/${DEV}/${id}/content`, { body });
    assert.deepEqual([...(await t.das('GET', `/resources/${DEV}/${id}/content`)).bytes], [0, 255, 13, 10]);
    return reply;
  },
  [`POST ${DAS}/resources/{domain}/content`]: async (t) => {
    const body = new FormData();
    body.set('file', new Blob(['{}']), 'driver.json');
    const reply = await t.das('POST', `/resources/${DEV}/content?name=Uploaded&type=samplefile&subtype=driver`, {
      body,
    });
    assert.equal((await read(t, reply.body.data.id)).state, 'DRAFT');
    return reply;
  },
  [`GET ${DAS}/resources/{domain}/history/{resourceId}`]: async (t) => {
    const { id } = await draft(t);
    await move(t, id, 'REVIEW');
    const all = await t.das('GET', `/resources/${DEV}/history/${id}?fetchAcrossDomains=true`);
    assert.deepEqual(
      all.body.data.map((row) => row.historyType),
      ['CREATE', 'STATE'],
    );
    const reply = await t.das('GET', `/resources/${DEV}/history/${id}?historyType=STATE`);
    assert.deepEqual(
      reply.body.data.map((row) => row.auditedComment),
      ['case 7'],
    );
    return reply;
  },
  [`GET ${DAS}/import/logs`]: async (t) => {
    await t.das('POST', '/import/das/Testdomain?commit=true', {
      body: importBody(packageOf(randomUUID(), `f ${randomUUID()}`)),
    });
    return t.das('GET', '/import/logs');
  },
  [`POST ${DAS}/import/{packagetype}/{domain}`]: async (t) => {
    const id = randomUUID();
    const body = importBody(packageOf(id, `imported ${id}`), 'ERROR');
    const reply = await t.das('POST', '/import/das/Testdomain?commit=true', { body });
    assert.equal((await t.das('GET', `/resources/Testdomain/${id}`)).body.data.state, 'APPROVED');
    return reply;
  },
  [`GET ${DAS}/links/{domain}`]: async (t) => {
    const { id } = await t.asset(PROD, 'Welcome Letter');
    const reply = await t.das(
      'GET',
      `/links/${PROD}?linkSubjectId=${id}&linkDepth=2&filter.types=exstrcommunicationset`,
    );
    assert.equal(reply.body.data[0]?.linkObjectId, (await t.asset(PROD, 'Welcome Letter', 'exstrcommunicationset')).id);
    return reply;
  },
  [`GET ${DAS}/links/{domain}/resources`]: async (t) => {
    const { id } = await t.asset(PROD, 'WelcomeDriver.json', 'samplefile');
    const query = `linkObjectId=${id}&linkDepth=10&rfilter.types=exstrapplication&rfilter.states=APPROVED`;
    const reply = await t.das('GET', `/links/${PROD}/resources?${query}`);
    assert.deepEqual(
      reply.body.data.map((one) => one.name),
      ['Welcome Letter'],
    );
    return reply;
  },
  [`GET ${DAS}/manifests/{domain}/communication-set/{setId}`]: async (t) => {
    const { id } = await t.asset(PROD, 'Agency Statement', 'exstrcommunicationset');
    const reply = await t.das('GET', `/manifests/${PROD}/communication-set/${id}`);
    assert.deepEqual([reply.body.dsnlist[0]?.prodDsn, reply.body.queueList[0]?.driver], ['StatementDriver', 'Empower']);
    return reply;
  },
};
