import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startStandIn } from '../common/standIn.ts';
import type { StandIn } from '../common/standIn.ts';
import { otds, USUAL_SECRETS } from '../otds/standIn.ts';
import type { Answer, Trial } from './trial.ts';
import { DEV, PROD, endTrials, startTrial } from './trial.ts';

/** Section 7: people get access by OTDS groups. A real OTDS stand-in is asked over HTTP. */

let directory: StandIn;
let t: Trial;
let ticket: string;
beforeEach(async () => {
  directory = await startStandIn(otds(), { port: 0, controlPort: 0 });
  t = await startTrial({ otds: directory.url, strict: true });
  const login = { userName: 'otadmin@otds.admin', password: USUAL_SECRETS.password };
  ticket = ((await rest('POST', '/authentication/credentials', login, {})) as { ticket: string }).ticket;
});
afterEach(async () => {
  await endTrials();
  await directory.close();
});

async function rest(method: string, path: string, body?: object, headers?: Record<string, string>): Promise<unknown> {
  const reply = await fetch(`${directory.url}/otdsws/rest${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...(headers ?? { OTDSTicket: ticket }) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await reply.text();
  if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${text}`);
  return text === '' ? {} : JSON.parse(text);
}

const PERSON = 'lucas.moreau@staff';

function asks(form: Record<string, string>, url = t.url): Promise<Response> {
  const path = url === t.url ? '/otdstenant/northwind/oauth2/token' : '/otdsws/oauth2/token';
  const client = { client_id: 'tenure', client_secret: USUAL_SECRETS.clientSecret, scope: 'otds:groups' };
  return fetch(`${url}${path}`, { method: 'POST', body: new URLSearchParams({ ...client, ...form }) });
}

/** A token of the person, from our token URL or straight from OTDS. */
async function tokenOf(person: string, url = t.url): Promise<string> {
  const reply = await asks({ grant_type: 'password', username: person, password: 'A-pass-word-1' }, url);
  return ((await reply.json()) as { access_token: string }).access_token;
}

function get(path: string, token: string): Promise<Answer> {
  return t.das('GET', path, { as: null, headers: { authorization: `Bearer ${token}` } });
}

async function rolesOf(token: string): Promise<string[]> {
  return (await get('/authentication/current-user', token)).body.data.roles.map((role) => role.name);
}

test('joiner, mover, leaver: access follows OTDS membership, with the life of the token', async () => {
  await rest('PUT', `/users/${PERSON}/password`, { newPassword: 'A-pass-word-1' });
  const first = await tokenOf(PERSON);
  expect(await rolesOf(first)).toEqual(['bcauser']);
  expect((await get(`/resources/${PROD}`, first)).status).toBe(200);

  await rest('POST', `/users/${PERSON}/memberof`, { stringList: ['Legal Review@staff'] });
  expect(await rolesOf(first)).toEqual(['bcauser']);
  const second = await tokenOf(PERSON);
  expect((await rolesOf(second)).toSorted()).toEqual(['bcauser', 'reviewer']);

  for (const group of ['Legal Review@staff', 'Marketing Editors@staff']) {
    await rest('POST', `/groups/${encodeURIComponent(group)}/members/deletionset`, { stringList: [PERSON] });
  }
  expect((await get(`/resources/${PROD}`, second)).status).toBe(200);
  await t.control('POST', '/clock', { advance: 3601 });
  expect((await get(`/resources/${PROD}`, second)).status).toBe(401);
  const third = await tokenOf(PERSON);
  expect(await rolesOf(third)).toEqual([]);
  expect((await get(`/resources/${PROD}`, third)).status).toBe(403);
});

test('a token straight from OTDS is taken, with the groups of the time it was first seen', async () => {
  await rest('PUT', `/users/${PERSON}/password`, { newPassword: 'A-pass-word-1' });
  const token = await tokenOf(PERSON, directory.url);
  expect((await get('/authentication/current-user', token)).body.data).toMatchObject({
    name: PERSON,
    groups: expect.arrayContaining(['Marketing Editors@staff', 'Dept Marketing@staff']),
  });
  expect((await get('/domains', 'not.a.token')).status).toBe(401);
});

test('groups are read to the last page, short pages included', async () => {
  await rest('PUT', `/users/${PERSON}/password`, { newPassword: 'A-pass-word-1' });
  const fault = { match: { path: '*/memberof' }, times: 1, fault: { kind: 'special', name: 'shortPage' } };
  await fetch(`${directory.control}/faults`, { method: 'POST', body: JSON.stringify(fault) });
  const { groups } = (await get('/authentication/current-user', await tokenOf(PERSON))).body.data;
  expect(groups.toSorted()).toEqual(['Dept Marketing@staff', 'Marketing Editors@staff']);
  const pages = (await (await fetch(`${directory.control}/ledger`)).json()) as { entries: { path: string }[] };
  expect(pages.entries.filter((entry) => entry.path.endsWith('/memberof'))).toHaveLength(2);
});

test('the service client of OTDS administrators is tenant administrator here', async () => {
  const reply = await asks({ grant_type: 'client_credentials' });
  const { access_token } = (await reply.json()) as { access_token: string };
  expect((await get('/authentication/current-user', access_token)).body.data).toMatchObject({
    name: 'tenure@OAuthClients',
    isTenantAdmin: true,
  });
  const wrong = await asks({ grant_type: 'client_credentials', client_secret: 'x' });
  expect([wrong.status, await wrong.json()]).toMatchObject([401, { error: 'invalid_client' }]);
});

test('effective permissions of a group; nested groups count only when chosen', async () => {
  const someone = 'omar.haddad@staff';
  await rest('PUT', `/users/${someone}/password`, { newPassword: 'A-pass-word-1' });
  const flat = await rolesOf(await tokenOf(someone));
  await t.choose('NESTED_GROUPS', 'expanded');
  const deep = await rolesOf(await tokenOf(someone));
  expect([flat.includes('readonly'), deep.includes('readonly')]).toEqual([false, true]);
});

test('an OTDS that does not answer is 503, and nobody is let in', async () => {
  await directory.close();
  const reply = await get('/domains', 'x.y.z');
  expect([reply.status, reply.headers.get('x-standin-chosen')]).toEqual([503, 'OTDS_UNREACHABLE']);
  await expect(t.act('membership', { person: PERSON, group: 'g', present: true })).rejects.toThrow(
    'change the membership there',
  );
});

test('with a resource, its access role must let the user in', async () => {
  const portal = await startTrial({ otds: directory.url, resource: 'Media Portal' });
  for (const person of [PERSON, 'dmitri.volkov@staff'])
    await rest('PUT', `/users/${person}/password`, { newPassword: 'A-pass-word-1' });
  const status = async (person: string): Promise<number> => (await asksAt(portal, person)).status;
  expect([await status('dmitri.volkov@staff'), await status(PERSON)]).toEqual([200, 401]);
});

function asksAt(where: Trial, person: string): Promise<Answer> {
  const client = { client_id: 'tenure', client_secret: USUAL_SECRETS.clientSecret };
  const form = { ...client, grant_type: 'password', username: person, password: 'A-pass-word-1' };
  return where.raw('POST', '/tenants/northwind/oauth2/token', { as: null, body: new URLSearchParams(form) });
}

test('the ticket call and the service gateway go by OTDS too', async () => {
  const path = '/otdstenant/t5/otdsws/rest/authentication/credentials';
  const body = { userName: 'otadmin@otds.admin', password: USUAL_SECRETS.password };
  const login = await t.raw('POST', path, { as: null, body });
  const send = (OTDSTicket: string): Promise<Answer> =>
    t.raw('POST', '/t5/sgw/v1/communications?name=letter&version=1', {
      as: null,
      body: '<root/>',
      headers: { OTDSTicket },
    });
  expect([(await send(login.body.ticket)).status, (await send(ticket)).status, (await send('x')).status]).toEqual([
    200, 200, 401,
  ]);
});

test('the empowerUser must be an account of OTDS', async () => {
  const { access_token } = (await (await asks({ grant_type: 'client_credentials' })).json()) as {
    access_token: string;
  };
  const headers = { authorization: `Bearer ${access_token}` };
  const list = await t.das('GET', `/resources/${PROD}?filter.name=Agency%20Statement&filter.types=exstrapplication`, {
    as: null,
    headers,
  });
  const submit = (empowerUser: string): Promise<Answer> =>
    t.orc('POST', `/inputs/ondemand/${PROD}/generate`, {
      as: null,
      body: {},
      headers: {
        ...headers,
        communicationId: list.body.data[0]?.id ?? '',
        driverDataSource: 'StatementDriver',
        empowerUser,
      },
    });
  expect([(await submit('tenure@OAuthClients')).status, (await submit('nobody@staff')).status]).toEqual([200, 400]);
  expect((await get(`/group-roles/${DEV}`, access_token)).status).toBe(200);
});
