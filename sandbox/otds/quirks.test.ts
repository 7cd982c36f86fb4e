import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { createServer, request as httpsRequest } from 'node:https';
import type { Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  ADMIN, CLIENT, attribute, fresh, good, has, list, names, newGroup, newUser, part, seg, startRecorder, str,
} from './covers/recorder.ts'; // prettier-ignore
import type { Body, Recorder } from './covers/recorder.ts';

/** The oddities of the contract (section 12), each by its name. */
let t: Recorder;
beforeAll(async () => {
  t = await startRecorder();
});
beforeEach(() => t.reset());
afterAll(() => t.standIn.close());

const LOCATION = 'location';

test('expired ticket is HTTP 400; HTML bodies from proxies or during start-up', async () => {
  const as = t.ticket;
  await t.plan({ kind: 'html', status: 200 });
  expect((await t.rest('GET', '/users')).text).toContain('<html>');
  await t.plan({ kind: 'special', name: 'ticketExpiry' }, { path: '*/users' });
  expect(good(await t.rest('GET', '/users', { as }), 400).body['status']).toBe(1034);
});

test('empty bodies on memberof, members, password, consolidation, whitelist writes', async () => {
  const one = await newUser(t);
  const team = await newGroup(t);
  const calls: [string, string, object][] = [
    ['POST', `/users/${seg(str(one['id']))}/memberof`, { stringList: [team['id']] }],
    ['POST', `/groups/${seg(str(team['id']))}/members`, { stringList: [one['id']] }],
    ['PUT', `/users/${seg(str(one['id']))}/password`, { newPassword: 'Long-enough-1' }],
    ['POST', '/consolidation', { objectToConsolidate: one[LOCATION] }],
    ['PUT', '/systemconfig/whitelist', { stringList: [] }],
  ];
  for (const [method, path, body] of calls)
    expect([path, good(await t.rest(method, path, { body }), 204).text]).toEqual([path, '']);
});

describe('replies must be a non-empty JSON object, or may be empty', () => {
  test.each([
    ['POST', '/partitions', { name: 'p' }],
    ['POST', '/roles', { userPartitionID: 'staff', name: 'r' }],
    ['POST', '/resources', { resourceName: 'x' }],
    ['POST', '/resources/Media%20Portal/activate', {}],
    ['POST', '/oauthclients', { id: 'c' }],
    ['POST', '/identityproviderprofiles', { profileName: 'i' }],
    ['POST', '/systemconfig/system_attributes', { name: 'a', value: 'v' }],
    ['PUT', '/resources/Media%20Portal', {}],
    ['PATCH', '/oauthclients/tenure', {}],
    ['PATCH', '/users/ada.byrne@staff', {}],
    ['PATCH', '/groups/Project%20Aurora@staff', {}],
  ])('%s %s: an object', async (method, path, body) => {
    expect(Object.keys(good(await t.rest(method, path, { body })).body).length).toBeGreaterThan(2);
  });

  test('tokeninfo: an object', async () => {
    const body = { token: t.bearer };
    has(good(await t.rest('POST', '/authentication/oauth/tokeninfo', { body })).body, 'userId', 'clientId');
  });

  test.each([
    ['POST', '/accessroles/Access%20to%20Media%20Portal/members', {}],
    ['PUT', '/accessroles/Access%20to%20Media%20Portal/attributes', { attributes: [] }],
    ['PUT', '/resources/Media%20Portal/impersonation', {}],
    ['PUT', '/systemconfig/audit', {}],
    ['PUT', '/systemconfig/passwordpolicy', {}],
  ])('%s %s: empty', async (method, path, body) => {
    expect(good(await t.rest(method, path, { body }), 204).text).toBe('');
  });
});

test('booleans are strings: replies have "true", clients also send "True"', async () => {
  const values = [{ name: 'accountDisabled', values: ['True'] }];
  expect(attribute(await t.done('PATCH', '/users/ada.byrne@staff', { values }), 'accountDisabled')).toEqual(['true']);
});

test('names hold spaces and @ \\ / & #, licence ids ¹: encode every segment; %2F is often rejected, location works', async () => {
  for (const name of ['a b', 'x@y', 'back\\slash', 'R/D', 'R&D', 'no#1']) {
    const made = await newGroup(t, { name });
    for (const ref of [`${name}@staff`, str(made[LOCATION])])
      expect([name, (await t.get(`/groups/${seg(ref)}`))['uuid']]).toEqual([name, made['uuid']]);
  }
  const { resourceID } = await t.get('/resources/Media%20Portal');
  const values = [{ name: 'oTLicenseResource', values: [resourceID] }];
  const { id } = await t.done('POST', '/licensemanagement/licenses', { name: 'L', values });
  expect(seg(str(id))).toContain('%C2%B9');
  await t.get(`/licensemanagement/licenses/object/${seg(str(id))}?counter=F`);
});

test('@ raw or as %40, DNs with raw , =, space %20 in paths and + in queries, + in a path, trailing slashes', async () => {
  const { uuid, location } = await t.get('/users/ada.byrne@staff');
  for (const ref of ['ada.byrne%40staff', 'ada.byrne@staff/', str(location)])
    expect((await t.get(`/users/${ref}`))['uuid']).toBe(uuid);
  expect(names((await t.get('/groups?where_filter=Project+Aurora'))['groups'])).toEqual(['Project Aurora']);
  await t.refused(404, 'GET', '/groups/Project+Aurora@staff');
  await t.choose('PATH_PLUS', 'space');
  expect((await t.get('/groups/Project+Aurora@staff'))['name']).toBe('Project Aurora');
});

test('the DN shape differs by version and id may lack the partition: only the uuid stays', async () => {
  const ivy = await t.get('/users/ivy@acme@partners');
  expect([ivy['id'], ivy['userPartitionID']]).toEqual(['ivy@acme', 'partners']);
  await t.choose('DN_STYLE', 'cn');
  const older = await t.get('/users/ivy@acme@partners');
  expect(older[LOCATION]).toMatch(/^cn=ivy@acme,ou=Root,ou=partners,ou=IdentityProviders,dc=identity/);
  expect(older['uuid']).toBe(ivy['uuid']);
  expect((await t.get(`/users/${seg(str(older[LOCATION]))}`))['uuid']).toBe(ivy['uuid']);
});

test('unknown query parameters are ignored, limit too; a bare login is ambiguous if two partitions share it', async () => {
  const { users, requestedPageSize } = await t.get('/users?limit=1&nonsense=2');
  expect([list(users).length > 1, requestedPageSize]).toEqual([true, 250]);
  await t.refused(400, 'GET', '/users/sam.reyes');
  await t.choose('BARE_LOGIN', 'refused');
  await t.refused(400, 'GET', '/users/ada.byrne');
});

/** A resource that pushes to the partition `partners` of this same stand-in. */
async function pushing(more: object = {}): Promise<Body> {
  const { url } = t.standIn;
  const parameters = [
    { name: 'baseURL', value: `${url}/otdsws/scim/partners` },
    { name: 'oauthTokenURL', value: `${url}/otdsws/oauth2/token` },
    { name: 'clientID', value: CLIENT.client_id },
    { name: 'clientSecret', value: CLIENT.client_secret },
  ];
  const made = { resourceName: 'Down', connectorid: 'SCIM', connectionParamInfo: parameters, ...more };
  return t.done('POST', '/resources', made);
}

const ROLE = '/accessroles/Access%20to%20Down';
const admit = (name: string) => t.done('POST', `${ROLE}/members`, { users: [{ name, location: '' }] }, 204);

const settled = () => t.settled();

test('push is asynchronous; a wrong oTObjectIDInResource can survive consolidation', async () => {
  const { resourceDN, resourceID } = await pushing();
  await t.plan({ kind: 'special', name: 'wrongObjectId' });
  await admit('kofi.mensah@staff');
  await t.refused(404, 'GET', '/users/kofi.mensah@partners'); // the reply came first
  await settled();
  const held = async () => JSON.stringify(attribute(await t.get('/users/kofi.mensah@staff'), 'oTObjectIDInResource'));
  expect(await held()).toContain(`${str(resourceID)}:wrong-`);
  await t.done('POST', '/consolidation', { objectToConsolidate: resourceDN }, 204);
  await settled();
  expect(await held()).toContain(`${str(resourceID)}:wrong-`);
});

test('consolidation is long; it deletes in the resource only when cleanup* is true', async () => {
  const made = await pushing();
  await admit('kofi.mensah@staff');
  await settled();
  await t.done('PUT', ROLE, { accessRoleMembers: {} }, 204);
  await settled();
  expect(attribute(await t.get('/users/kofi.mensah@partners'), 'accountDisabled')).toEqual(['true']);
  await t.done('PUT', '/resources/Down', { ...made, pcDeletePermissionAllowed: 'true' });
  await t.choose('CONSOLIDATION_MS', 150);
  const began = performance.now();
  await t.done('POST', '/consolidation', { objectToConsolidate: made['resourceDN'] }, 204);
  expect(performance.now() - began).toBeGreaterThan(140);
  await settled();
  await t.get('/users/kofi.mensah@partners');
  const cleanup = { objectToConsolidate: made['resourceDN'], cleanupUsersInResource: true };
  await t.done('POST', '/consolidation', cleanup, 204);
  await settled();
  await t.refused(404, 'GET', '/users/kofi.mensah@partners');
});

test('disabled is not removed: deletes are pushed only if pcDeletePermissionAllowed', async () => {
  await pushing();
  await admit('kofi.mensah@staff');
  await settled();
  await t.done('PATCH', '/users/kofi.mensah@staff', { values: [{ name: 'accountDisabled', values: ['true'] }] });
  await settled();
  const there = async () => attribute(await t.get('/users/kofi.mensah@partners'), 'accountDisabled');
  expect(await there()).toEqual(['true']);
  await t.done('DELETE', '/users/kofi.mensah@staff', undefined, 204);
  await settled();
  expect(await there()).toEqual(['true']);
});

test('logins ignore case in OTDS', async () => {
  expect((await t.get('/users/ADA.BYRNE@STAFF'))['name']).toBe('ada.byrne');
  expect(
    await t.done('POST', '/authentication/credentials', { ...ADMIN, userName: 'OTADMIN@OTDS.ADMIN' }),
  ).toMatchObject({ userId: 'otadmin@otds.admin' });
});

test('one person in two partitions = two users, with one mail', async () => {
  const found = list((await t.get('/users?where_filter=sam.reyes&attrsAsKeys=true'))['users']);
  expect(found.map((u) => u['userPartitionID'])).toEqual(['staff', 'contractors']);
  expect(new Set(found.map((u) => u['uuid'])).size).toBe(2);
  expect(new Set(found.map((u) => JSON.stringify(part(u['attributes'])['mail']))).size).toBe(1);
});

describe('private CAs are common', () => {
  let folder: string;
  let proxy: Server;
  let url: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'otds-ca-'));
    const at = (name: string) => join(folder, name);
    const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    execFileSync('openssl', [...args, ...subject, '-keyout', at('key'), '-out', at('cert')], { stdio: 'ignore' });
    proxy = createServer({ key: readFileSync(at('key')), cert: readFileSync(at('cert')) }, (req, res) => {
      const { pathname, search } = new URL(`${t.standIn.url}${(req.url ?? '').replace(/^\/login/, '')}`);
      const on = httpRequest(`${t.standIn.url}${pathname}${search}`, { method: req.method, headers: req.headers });
      on.on('response', (reply) => {
        res.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.pipe(res);
      });
      req.pipe(on);
    });
    await new Promise<void>((resolve) => void proxy.listen(0, '127.0.0.1', resolve));
    const address = proxy.address();
    url = `https://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/login/otdsws/rest/currentuser`;
  });
  afterAll(() => {
    proxy.close();
    rmSync(folder, { recursive: true });
  });

  const statusBy = (ca: Buffer | undefined) =>
    new Promise((resolve, reject) => {
      const headers = { OTDSTicket: t.ticket };
      httpsRequest(url, { headers, ...(ca === undefined ? {} : { ca }) }, (res) => resolve(res.resume().statusCode))
        .on('error', reject)
        .end();
    });

  test('behind a proxy with one, a client that knows it gets through and any other does not', async () => {
    expect(await statusBy(readFileSync(join(folder, 'cert')))).toBe(200);
    await expect(statusBy(undefined)).rejects.toThrow(/self.signed/);
  });
});

describe('independent clients need', () => {
  test('an object at the top of every reply; ticket and access_token', async () => {
    for (const path of ['/users', '/groups', '/roles', '/resources', '/accessroles', '/orgunits', '/currentuser'])
      expect([path, (await t.rest('GET', path)).text[0]]).toEqual([path, '{']);
    has(await t.done('POST', '/authentication/credentials', ADMIN), 'ticket');
    expect(t.bearer).not.toBe('');
  });

  test('nextPageCookie present even when null; GET /roles 200 with roles: [] when nothing matches', async () => {
    for (const path of ['/users', '/groups', '/roles', '/users/ada.byrne@staff/memberof'])
      expect(await t.get(`${path}?page_size=1000`)).toHaveProperty('nextPageCookie', null);
    expect(await t.get('/roles?where_filter=nothing')).toMatchObject({ roles: [], nextPageCookie: null });
  });

  test('access-role members are arrays with the id in displayName and name; location, resourceDN, resourceID, secret', async () => {
    const { resourceDN, resourceID } = await t.done('POST', '/resources', { resourceName: 'New' });
    expect([str(resourceDN), str(resourceID)].includes('')).toBe(false);
    const members = part((await t.get('/accessroles/Access%20to%20New'))['accessRoleMembers']);
    expect(Object.values(members)).toEqual([[], [], [], [], []]);
    const users = list(part((await t.get('/accessroles/Access%20to%20Media%20Portal'))['accessRoleMembers'])['users']);
    expect(users[0]).toMatchObject({ name: 'kofi.mensah@staff', displayName: 'kofi.mensah@staff' });
    const role = await t.done('POST', '/roles', { userPartitionID: 'staff', name: fresh('role') });
    for (const one of [await newUser(t), await newGroup(t), await t.get('/partitions/staff'), role])
      expect(str(one[LOCATION])).not.toBe('');
    expect(str((await t.done('POST', '/oauthclients', { id: 'c' }))['secret'])).not.toBe('');
  });

  test('a stale cookie and a Bearer header together: the Bearer counts, unless chosen otherwise', async () => {
    const headers = { cookie: 'OTDSTicket=*OTDSSSO*stale*', authorization: `Bearer ${t.bearer}` };
    good(await t.rest('GET', '/currentuser', { as: null, headers }));
    await t.choose('CREDENTIAL_ORDER', 'cookie,header,bearer');
    good(await t.rest('GET', '/currentuser', { as: null, headers }), 401);
  });
});
