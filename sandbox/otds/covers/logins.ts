import { createHash } from 'node:crypto';
import { expect } from '@jest/globals';
import { ADMIN, CLIENT, fresh, good, has, list, part, seg, str } from './recorder.ts';
import type { Checks, Recorder } from './recorder.ts';

const TOKEN = '/otdsws/oauth2/token';
const PASSWORD = 'Long-enough-1';
const REDIRECT = 'http://127.0.0.1:9/back';

async function token(t: Recorder, form: Record<string, string>, status = 200) {
  return good(await t.send('POST', TOKEN, { form, as: null }), status).body;
}

async function whoIs(t: Recorder, bearer: string): Promise<string> {
  const headers = { authorization: `Bearer ${bearer}` };
  const me = good(await t.rest('GET', '/currentuser', { as: null, headers })).body;
  return str(part(me['user'])['id']);
}

/** A person with a password, and a client that may send people back to a page of its own. */
async function visitor(t: Recorder) {
  const name = fresh('visitor');
  const user = await t.done('POST', '/users', { userPartitionID: 'staff', name, userPassword: PASSWORD });
  const login = { userName: str(user['id']), password: PASSWORD };
  const ticket = str((await t.rest('POST', '/authentication/credentials', { body: login, as: null })).body['ticket']);
  const id = fresh('portal');
  const client = await t.done('POST', '/oauthclients', { id, redirectURLs: [REDIRECT], confidential: true });
  return { user, ticket, id, secret: str(client['secret']) };
}

export const LOGIN_CHECKS: Checks = {
  'POST /otdsws/rest/authentication/credentials': async (t) => {
    const path = '/authentication/credentials';
    const body = await t.done('POST', path, { ...ADMIN, ticketType: 'OTDSTICKET' });
    has(body, 'token', 'userId', 'ticket', 'resourceID', 'failureReason', 'passwordExpirationTime', 'continuation');
    expect(body).toMatchObject({ failureReason: null, passwordExpirationTime: 0, continuation: false });
    const me = good(await t.rest('GET', '/currentuser', { as: str(body['ticket']) })).body;
    expect(me).toMatchObject({ isSysAdmin: true });
    await t.refused(401, 'POST', path, { ...ADMIN, password: 'wrong' });
    await t.refused(400, 'POST', path, {});
  },
  'POST /otdsws/rest/authentication/ticketforuser': async (t) => {
    const path = '/authentication/ticketforuser';
    const { ticket, userId } = await t.done('POST', path, { userName: 'ben.otto@staff', ticket: t.ticket });
    expect(userId).toBe('ben.otto@staff');
    const me = good(await t.rest('GET', '/currentuser', { as: str(ticket) })).body;
    expect(part(me['user'])['id']).toBe('ben.otto@staff');
    await t.refused(403, 'POST', path, { userName: 'ada.byrne@staff', ticket });
    await t.refused(404, 'POST', path, { userName: 'nobody@staff', ticket: t.ticket });
    await t.refused(401, 'POST', path, { userName: 'ada.byrne@staff', ticket: '*OTDSSSO*none*' });
  },
  'POST /otdsws/rest/authentication/oauth/tokeninfo': async (t) => {
    const path = '/authentication/oauth/tokeninfo';
    const info = await t.done('POST', path, { token: t.bearer });
    expect(info).toMatchObject({ userId: 'tenure@OAuthClients', clientId: 'tenure' });
    const portal = await t.get('/resources/Media%20Portal');
    await t.refused(401, 'POST', path, { token: t.bearer, resourceId: portal['resourceID'] });
    await t.refused(410, 'POST', path, { token: 'x.y.z' });
  },
  'POST /otdsws/oauth2/token': async (t) => {
    const own = await token(t, { grant_type: 'client_credentials', ...CLIENT });
    expect(own).toMatchObject({ token_type: 'Bearer', expires_in: 3600 });
    expect(await whoIs(t, str(own['access_token']))).toBe('tenure@OAuthClients');
    const { user, ticket, id, secret } = await visitor(t);
    const client = { client_id: id, client_secret: secret };
    const login = { grant_type: 'password', username: str(user['id']), password: PASSWORD, scope: 'otds:roles' };
    const byPassword = await token(t, { ...login, ...client });
    expect(await whoIs(t, str(byPassword['access_token']))).toBe(user['id']);
    const refresh = { grant_type: 'refresh_token', refresh_token: str(byPassword['refresh_token']), ...client };
    const again = await token(t, refresh);
    expect(await whoIs(t, str(again['access_token']))).toBe(user['id']);
    expect(await token(t, refresh, 400)).toMatchObject({ error: 'invalid_grant' });
    const exchanged = await token(t, {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: 'ben.otto@staff',
      subject_token_type: 'urn:opentext.com:oauth:string:user_id',
      ...CLIENT,
    });
    expect(exchanged['issued_token_type']).toBe('urn:ietf:params:oauth:token-type:access_token');
    expect(await whoIs(t, str(exchanged['access_token']))).toBe('ben.otto@staff');
    const asked = new URLSearchParams({
      response_type: 'code',
      client_id: id,
      redirect_uri: REDIRECT,
      scope: 'openid',
    });
    const sent = await t.send('GET', `/otdsws/oauth2/auth?${asked.toString()}`, { as: ticket });
    const code = new URL(sent.headers.get('location') ?? '').searchParams.get('code') ?? '';
    const byCode = await token(t, { grant_type: 'authorization_code', code, redirect_uri: REDIRECT, ...client });
    expect(await whoIs(t, str(byCode['access_token']))).toBe(user['id']);
    expect(str(byCode['id_token']).split('.')).toHaveLength(3);
    const inTicket = await token(t, { grant_type: 'client_credentials', scope: 'otdsssoticket', ...CLIENT });
    expect(str(inTicket['access_token'])).toMatch(/^\*OTDSSSO\*/);
    await token(t, { grant_type: 'client_credentials', client_id: 'tenure', client_secret: 'no' }, 401);
  },
  'GET /otdsws/oauth2/auth': async (t) => {
    const { ticket, id, secret } = await visitor(t);
    const verifier = 'a'.repeat(50);
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    const asked = { client_id: id, redirect_uri: REDIRECT, state: 'xyz' };
    const path = (more: object) => `/otdsws/oauth2/auth?${new URLSearchParams({ ...asked, ...more }).toString()}`;
    const proof = { code_challenge: challenge, code_challenge_method: 'S256' };
    const sent = good(await t.send('GET', path({ response_type: 'code', ...proof }), { as: ticket }), 302);
    const to = new URL(sent.headers.get('location') ?? '');
    expect([to.origin + to.pathname, to.searchParams.get('state')]).toEqual([REDIRECT, 'xyz']);
    const form = { grant_type: 'authorization_code', code: to.searchParams.get('code') ?? '', redirect_uri: REDIRECT };
    const wrong = { ...form, client_id: id, client_secret: secret, code_verifier: 'other' };
    await token(t, wrong, 400);
    const implicit = good(await t.send('GET', path({ response_type: 'token' }), { as: ticket }), 302);
    const given = new URLSearchParams(new URL(implicit.headers.get('location') ?? '').hash.slice(1));
    expect(await whoIs(t, given.get('access_token') ?? '')).toContain('visitor');
    const page = good(await t.send('GET', path({ response_type: 'code' }), { as: null }));
    expect(page.headers.get('content-type')).toContain('text/html');
    good(
      await t.send('GET', path({ response_type: 'code', redirect_uri: 'http://evil.example/' }), { as: ticket }),
      400,
    );
  },
  'GET /otdsws/oauth2/jwks': async (t) => {
    const { body } = good(await t.send('GET', '/otdsws/oauth2/jwks', { as: null }));
    expect(list(body['keys'])[0]).toMatchObject({ kid: 'otds-signing-key', kty: 'RSA', alg: 'RS256' });
  },
  'GET /otdsws/rest/openapi.json': async (t) => {
    const { body } = good(await t.rest('GET', '/openapi.json', { as: null }));
    expect(Object.keys(part(body['paths']))).toEqual(expect.arrayContaining(['/users/{ref}', '/consolidation']));
    await t.plan({ kind: 'special', name: 'noOpenapi' });
    await t.refused(404, 'GET', '/openapi.json');
  },
  'GET /otdsws/rest/currentuser': async (t) => {
    const body = await t.get('/currentuser');
    expect(body).toMatchObject({ isAdmin: true, isSysAdmin: true });
    has(body['user'], 'id', 'name', 'values');
  },
};

export const TENANT_CHECKS: Checks = {
  'GET /otdsws/tenants': async (t) => {
    const id = fresh('tenant');
    good(await t.send('POST', '/otdsws/tenants', { body: { id } }));
    const { body } = good(await t.send('GET', '/otdsws/tenants'));
    expect(list(body['tenants']).map((one) => one['id'])).toContain(id);
  },
  'POST /otdsws/tenants': async (t) => {
    const id = fresh('tenant');
    const admin = { adminUserName: fresh('chief'), adminPassword: PASSWORD };
    good(await t.send('POST', '/otdsws/tenants', { body: { id, displayName: id, ...admin } }));
    const path = `/otdstenant/${id}/otdsws/rest/authentication/credentials`;
    const login = { userName: admin.adminUserName, password: PASSWORD };
    const { body } = good(await t.send('POST', path, { body: login, as: null }));
    const me = good(await t.send('GET', `/otdstenant/${id}/otdsws/rest/currentuser`, { as: str(body['ticket']) })).body;
    expect(str(part(me['user'])['location'])).toMatch(new RegExp(`,dc=identity,dc=${id},dc=root$`));
    good(await t.send('POST', '/otdsws/tenants', { body: { id } }), 400);
  },
  'GET /otdsws/tenants/{name}': async (t) => {
    const id = fresh('tenant');
    good(await t.send('POST', '/otdsws/tenants', { body: { id, displayName: 'A Tenant' } }));
    expect(good(await t.send('GET', `/otdsws/tenants/${id}`)).body).toMatchObject({ id, displayName: 'A Tenant' });
    good(await t.send('GET', '/otdsws/tenants/none'), 404);
  },
};

export const V1_CHECKS: Checks = {
  'POST /otdsws/v1/authentication/credentials': async (t) => {
    const path = '/otdsws/v1/authentication/credentials';
    const body = { user_name: ADMIN.userName, password: ADMIN.password };
    const reply = good(await t.send('POST', path, { body, as: null })).body;
    has(reply, 'ticket', 'user_id', 'resource_id', 'failure_reason', 'password_expiration_time');
    const headers = { authorization: 'Basic eDp5', OTDSTicket: str(reply['ticket']) };
    good(await t.rest('GET', '/currentuser', { as: null, headers }));
    good(await t.send('POST', path, { body: { ...body, password: 'wrong' }, as: null }), 401);
  },
  'POST /otdsws/v1/users': async (t) => {
    const name = fresh('older');
    const location = 'ou=Root,ou=staff,ou=IdentityProviders,dc=identity,dc=opentext,dc=net';
    const values = [{ name: 'sn', values: ['Older'] }];
    const body = { user_partition_id: 'staff', name, location, description: 'd', values };
    const made = good(await t.send('POST', '/otdsws/v1/users', { body })).body;
    expect(made).toMatchObject({ user_partition_id: 'staff', name, object_class: 'oTPerson' });
    expect(await t.get(`/users/${name}@staff`)).toMatchObject({ uuid: made['uuid'], description: 'd' });
    good(await t.send('POST', '/otdsws/v1/users', { body }), 400);
  },
  'PUT /otdsws/v1/users/{ref}/password': async (t) => {
    const name = fresh('older');
    await t.done('POST', '/users', { userPartitionID: 'staff', name });
    const path = `/otdsws/v1/users/${seg(`${name}@staff`)}/password`;
    expect(good(await t.send('PUT', path, { body: { new_password: PASSWORD } }), 204).text).toBe('');
    await t.done('POST', '/authentication/credentials', { userName: `${name}@staff`, password: PASSWORD });
    good(await t.send('PUT', '/otdsws/v1/users/nobody@staff/password', { body: { new_password: PASSWORD } }), 404);
  },
};
