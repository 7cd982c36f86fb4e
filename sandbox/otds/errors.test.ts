import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ADMIN, CLIENT, good, startRecorder, str } from './covers/recorder.ts';
import type { Answer, Recorder } from './covers/recorder.ts';

/** Error rows of the contract (section 3 and the refusals of 2, 8 and 9), byte for byte where it gives bytes. */
let t: Recorder;
beforeAll(async () => {
  t = await startRecorder();
});
afterAll(() => t.standIn.close());

const LOGIN = '/authentication/credentials';

/** Three fields, in that order, with a number that cannot be taken for one of OTDS's own. */
function threeFields(answer: Answer, status: number, chosen: string): void {
  const { error } = answer.body;
  expect([answer.status, Object.keys(answer.body)]).toEqual([status, ['status', 'error', 'errorDetails']]);
  expect(typeof error).toBe('string');
  expect(answer.body['errorDetails']).toBeNull();
  expect(Number(answer.body['status'])).toBeGreaterThanOrEqual(90000);
  expect(answer.headers.get('x-standin-chosen')?.split(', ')).toContain(chosen);
}

test('expired ticket: HTTP 400, not 401, with 1034', async () => {
  const ticket = str((await t.done('POST', LOGIN, ADMIN))['ticket']);
  await t.act('expireTickets');
  const answer = await t.rest('GET', '/users', { as: ticket });
  const text = '{"status":1034,"error":"Expired OTDS SSO ticket","errorDetails":null}';
  expect([answer.status, answer.text, answer.headers.get('content-type')]).toEqual([
    400,
    text,
    'application/json;charset=UTF-8',
  ]);
  await t.logIn();
  const asking = await t.rest('POST', '/authentication/ticketforuser', { body: { userName: 'a', ticket }, as: null });
  expect([asking.status, asking.text]).toEqual([400, text]);
});

test('missing or invalid credential: 401, an expired Bearer too', async () => {
  threeFields(await t.rest('GET', '/users', { as: null }), 401, 'ERR_UNAUTHORIZED');
  threeFields(await t.rest('GET', '/users', { as: '*OTDSSSO*none*' }), 401, 'ERR_UNAUTHORIZED');
  const headers = { authorization: 'Bearer x.y.z' };
  threeFields(await t.rest('GET', '/users', { as: null, headers }), 401, 'ERR_UNAUTHORIZED');
  const bearer = { authorization: `Bearer ${t.bearer}` };
  await t.act('expireTickets');
  threeFields(await t.rest('GET', '/users', { as: null, headers: bearer }), 401, 'ERR_UNAUTHORIZED');
  await t.logIn();
});

test('user not found: 404 with 3007', async () => {
  const answer = await t.rest('GET', '/users/nobody@staff');
  expect([answer.status, answer.text]).toEqual([
    404,
    '{"status":3007,"error":"User not found: nobody@staff","errorDetails":null}',
  ]);
});

test('wrong password at login: chosen, 401 or what is chosen instead', async () => {
  const body = { ...ADMIN, password: 'wrong' };
  threeFields(await t.rest('POST', LOGIN, { body, as: null }), 401, 'ERR_LOGIN');
  await t.choose('ERR_LOGIN', '400');
  threeFields(await t.rest('POST', LOGIN, { body, as: null }), 400, 'ERR_LOGIN');
  await t.choose('ERR_LOGIN', '401');
});

test('forbidden: 403 for a write by somebody who is no administrator, and an audit record', async () => {
  const asked = { userName: 'ben.otto@staff', ticket: t.ticket };
  const ticket = str((await t.done('POST', '/authentication/ticketforuser', asked))['ticket']);
  const body = { userPartitionID: 'staff', name: 'x' };
  threeFields(await t.rest('POST', '/users', { as: ticket, body }), 403, 'ERR_FORBIDDEN');
  expect(JSON.stringify(await t.control('GET', '/state/audit'))).toContain('Access Denied');
});

describe('bad input, duplicate, read-only partition: 400, or 409 where chosen', () => {
  const user = { userPartitionID: 'staff', name: 'ada.byrne' };
  const title = { values: [{ name: 'title', values: ['x'] }] };
  test.each([
    ['bad input', 'ERR_BAD_INPUT', 'POST', '/users', { userPartitionID: 'staff' }],
    ['duplicate', 'ERR_DUPLICATE', 'POST', '/users', user],
    ['read-only partition', 'SYNC_PARTITION', 'PATCH', '/users/femi.adeyemi@field', title],
  ] as const)('%s', async (_, constant, method, path, body) => {
    threeFields(await t.rest(method, path, { body }), 400, constant);
    await t.choose(constant, '409');
    threeFields(await t.rest(method, path, { body }), 409, constant);
    await t.choose(constant, '400');
  });

  test('a body that is no JSON object, and an ambiguous login', async () => {
    threeFields(await t.rest('POST', '/users', { body: [1] }), 400, 'ERR_BAD_INPUT');
    threeFields(await t.rest('GET', '/users/sam.reyes'), 400, 'BARE_LOGIN');
  });

  test('a password that the policy refuses', async () => {
    const body = { newPassword: 'short' };
    threeFields(await t.rest('PUT', '/users/ada.byrne@staff/password', { body }), 400, 'PASSWORD_POLICY');
  });
});

test('a proxy, or OTDS starting: HTML under 502 and under 200', async () => {
  for (const status of [502, 200]) {
    await t.plan({ kind: 'html', status });
    const answer = good(await t.rest('GET', '/users'), status);
    expect([answer.headers.get('content-type'), answer.text.slice(0, 15)]).toEqual(['text/html', '<!DOCTYPE html>']);
  }
});

test('what is not served, and a method that is not', async () => {
  threeFields(await t.rest('GET', '/partitions'), 405, 'ERR_METHOD');
  for (const path of ['/recyclebin', '/systemconfig/audit/records', '/users/ada.byrne@staff/sessions'])
    threeFields(await t.rest('GET', path), 404, 'NOT_SERVED');
  threeFields(await t.send('GET', '/otdsws/.well-known/openid-configuration'), 404, 'NOT_SERVED');
  threeFields(await t.send('GET', '/elsewhere'), 404, 'NOT_SERVED');
});

test('tokeninfo: 410 for an expired token, 401 without access to the resource', async () => {
  const path = '/authentication/oauth/tokeninfo';
  threeFields(await t.rest('POST', path, { body: { token: 'x.y.z' } }), 410, 'TOKENINFO');
  const body = { token: t.bearer, resourceId: 'Media Portal' };
  threeFields(await t.rest('POST', path, { body }), 401, 'ERR_UNAUTHORIZED');
});

describe('OAuth errors: error and error_description', () => {
  test.each([
    [
      'a wrong secret',
      { grant_type: 'client_credentials', client_id: 'tenure', client_secret: 'x' },
      401,
      'invalid_client',
    ],
    ['no grant', { ...CLIENT }, 400, 'unsupported_grant_type'],
    ['a wrong password', { grant_type: 'password', username: 'a', password: 'b', ...CLIENT }, 400, 'invalid_grant'],
    ['a spent code', { grant_type: 'authorization_code', code: 'x', ...CLIENT }, 400, 'invalid_grant'],
    ['a strange refresh token', { grant_type: 'refresh_token', refresh_token: 'x', ...CLIENT }, 400, 'invalid_grant'],
  ])('%s', async (_, form, status, error) => {
    const answer = await t.send('POST', '/otdsws/oauth2/token', { form: form, as: null });
    expect([answer.status, answer.body['error'], Object.keys(answer.body)]).toEqual([
      status,
      error,
      ['error', 'error_description'],
    ]);
  });
});

describe('SCIM errors: the form of RFC 7644', () => {
  const schemas = ['urn:ietf:params:scim:api:messages:2.0:Error'];
  test.each([
    ['no token', '/otdsws/scim/staff/Users', null, 401],
    ['a synchronised partition', '/otdsws/scim/field/Users', undefined, 400],
    ['no such partition', '/otdsws/scim/none/Users', undefined, 404],
    ['no such user', '/otdsws/scim/staff/Users/none', undefined, 404],
    ['a filter that is not served', '/otdsws/scim/staff/Users?filter=title%20pr', undefined, 400],
  ])('%s', async (_, path, as, status) => {
    const answer = await t.send('GET', path, as === null ? { headers: { authorization: 'none' }, as } : {});
    expect([answer.status, answer.body['schemas'], answer.body['status']]).toEqual([status, schemas, String(status)]);
    expect(answer.headers.get('content-type')).toContain('application/scim+json');
  });

  test('a client that administers another partition only', async () => {
    const client = await t.done('POST', '/oauthclients', { id: 'provisioner', secret: 'p-secret' });
    await t.act('editAdministrators', { partition: 'partners', add: 'provisioner@OAuthClients' });
    const form = { grant_type: 'client_credentials', client_id: 'provisioner', client_secret: str(client['secret']) };
    const { body } = good(await t.send('POST', '/otdsws/oauth2/token', { form, as: null }));
    const as = str(body['access_token']);
    good(await t.send('GET', '/otdsws/scim/partners/Users', { as }));
    const refused = good(await t.send('GET', '/otdsws/scim/staff/Users', { as }), 403);
    expect(refused.body).toMatchObject({ schemas, status: '403' });
  });
});

test('429 with Retry-After, when a limit is chosen', async () => {
  await t.choose('RATE_LIMIT', 1);
  await t.rest('GET', '/currentuser');
  const answer = await t.rest('GET', '/currentuser');
  threeFields(answer, 429, 'RATE_LIMIT');
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  await t.choose('RATE_LIMIT', 0);
});
