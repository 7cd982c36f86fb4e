import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { NOBODY } from './covers/recorder.ts';
import { SERVICE } from './seed.ts';
import type { Answer, Trial } from './trial.ts';
import { startTrial } from './trial.ts';

/** Error rows of the contract (sections 3 to 8, 13, 14), each provoked once; bytes as far as the contract gives them. */
let iconik: Trial;
beforeAll(async () => {
  iconik = await startTrial();
});
afterAll(() => iconik.close());
beforeEach(() => iconik.control('POST', '/reset'));

const message = (text: string): string => JSON.stringify({ errors: [text] });
const fieldOf = (field: string, text: string): string => JSON.stringify({ errors: { [field]: text } });
const told = ({ status, text }: Answer): [number, string] => [status, text];

const U = 'users/v1/users/';
const LIST = 'acls/v1/acl/collections/';

describe('401: "Token is invalid"', () => {
  const bytes = [401, '{"errors":["Token is invalid"]}'];

  test.each([
    ['no headers', {}],
    ['no token', { 'App-ID': SERVICE.appId }],
    ['another app', { 'App-ID': NOBODY, 'Auth-Token': SERVICE.token }],
    ['Bearer on REST', { 'App-ID': SERVICE.appId, Authorization: `Bearer ${SERVICE.token}` }],
  ])('%s', async (_, headers) => {
    expect(told(await iconik.api('GET', `${U}current/`, { as: null, headers }))).toEqual(bytes);
  });

  test.each(['revoked', 'expired', 'user INACTIVE', 'user BLOCKED', 'user deleted'])('%s', async (what) => {
    const ben = await iconik.user('ben.otto@northwind.example');
    const as = await iconik.credentialsOf(ben.email);
    const short = await iconik.api('POST', 'auth/v1/auth/token/?expires_in=5', { as });
    const token = what === 'expired' ? { ...as, token: short.body.token } : as;
    if (what === 'revoked') await iconik.api('DELETE', 'auth/v1/auth/token/', { as });
    else if (what === 'expired') await iconik.control('POST', '/clock', { advance: 6 });
    else if (what === 'user deleted') await iconik.owner('DELETE', `${U}${ben.id}/`);
    else await iconik.act('edit', { user: ben.id, set: { status: what.split(' ')[1] ?? '' } });
    expect(told(await iconik.api('GET', `${U}current/`, { as: token }))).toEqual(bytes);
  });

  test('wrong password, wrong client secret', async () => {
    const body = { email: 'ben.otto@northwind.example', password: 'x' };
    const login = await iconik.api('POST', 'auth/v1/auth/simple/login/', { as: null, body });
    expect(told(login)).toEqual([401, message('Invalid email or password')]);
    const form = 'grant_type=client_credentials&client_id=x&client_secret=y';
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const oauth = await iconik.api('POST', 'auth/v1/oauth/token/', { as: null, headers, body: form });
    expect(told(oauth)).toEqual([401, message('Invalid client credentials')]);
  });
});

describe('403: role, ACL, protection, address', () => {
  test('a missing role is named', async () => {
    const answer = await iconik.api('DELETE', `${U}${NOBODY}/`);
    expect(told(answer)).toEqual([403, message('DELETE /API/users/v1/users/{id} requires role can_delete_users')]);
  });

  test('an ACL', async () => {
    const { id } = (await iconik.owner('POST', 'assets/v1/collections/?apply_default_acls=false', { title: 'X' })).body;
    const read = await iconik.api('GET', `assets/v1/collections/${id}/`);
    expect(told(read)).toEqual([403, message(`You do not have read permission to collections ${id}`)]);
    const body = { object_keys: [id], permissions: ['read'] };
    const put = await iconik.api('PUT', LIST, { body });
    expect(told(put)).toEqual([403, message('You do not have change-acl permission to collections')]);
  });

  test('a purge of what is not empty', async () => {
    const { id } = await iconik.root('Legal');
    const answer = await iconik.owner('DELETE', `assets/v1/collections/${id}/purge/`);
    expect(told(answer)).toEqual([403, message('Collection is not empty')]);
  });

  test('an address that is not on the list of the domain, or of the caller’s team', async () => {
    const everyone = await iconik.team('Everyone');
    const list = { allowed_ips: [{ ip: '192.0.2.7' }] };
    await iconik.owner('PATCH', `settings/v1/team/${everyone.id}/`, list);
    const answer = await iconik.api('GET', `${U}current/`);
    expect(told(answer)).toEqual([403, message('Access from 127.0.0.1 is not allowed')]);
    expect(answer.headers.get('x-standin-chosen')).toBe('ipRefused');
    const both = { allowed_ips: [{ ip: '192.0.2.7' }, { ip: '127.0.0.1' }] };
    await iconik.control('POST', '/reset');
    await iconik.owner('PATCH', 'settings/v1/system/current/', both);
    expect((await iconik.api('GET', `${U}current/`)).status).toBe(200);
  });
});

describe('404 and 405', () => {
  test.each([
    ['user', 'GET', `${U}${NOBODY}/`, 'User not found'],
    ['group', 'GET', `users/v1/groups/${NOBODY}/`, 'Group not found'],
    ['team', 'GET', `users/v1/teams/${NOBODY}/`, 'Team not found'],
    ['role group', 'GET', `users/v1/role_groups/${NOBODY}/`, 'Role group not found'],
    ['page beyond the end', 'GET', `${U}?page=99`, 'Page not found'],
    ['collection', 'GET', `assets/v1/collections/${NOBODY}/`, 'Collection not found'],
    ['webhook', 'GET', `notifications/v1/webhooks/${NOBODY}/`, 'Webhook not found'],
    ['identity provider', 'GET', `auth/v1/auth/saml/idp/${NOBODY}/`, 'Identity provider not found'],
    ['a path that does not exist in iconik', 'GET', `${U}me/`, 'User not found'],
    ['members of a group', 'GET', `users/v1/groups/${NOBODY}/users/`, 'The requested URL was not found on the server'],
  ])('%s', async (_, method, path, text) => {
    expect(told(await iconik.owner(method, path))).toEqual([404, message(text)]);
  });

  test('a method that a path does not have', async () => {
    const answer = await iconik.api('PUT', `users/v1/groups/${NOBODY}/users/${NOBODY}/`);
    expect(told(answer)).toEqual([405, message('The method is not allowed for the requested URL')]);
  });
});

describe('400: a field is named, or a sentence is told', () => {
  const person = { email: 'n@northwind.example', first_name: 'N', type: 'STANDARD' };
  test.each([
    [
      'e-mail known',
      'POST',
      U,
      { ...person, email: 'BEN.OTTO@northwind.example' },
      'email',
      'User with this email already exists',
    ],
    ['no e-mail', 'POST', U, { ...person, email: null }, 'email', 'Missing data for required field.'],
    ['no type', 'POST', U, { ...person, type: null }, 'type', 'Missing data for required field.'],
    [
      'a wrong type',
      'POST',
      U,
      { ...person, type: 'X' },
      'type',
      'Must be one of: POWER, STANDARD, BROWSE_ONLY, BROWSE_API_ONLY.',
    ],
    ['unknown group', 'POST', U, { ...person, groups: [NOBODY] }, 'groups', `Group ${NOBODY} does not exist.`],
    ['no name', 'POST', 'users/v1/teams/', {}, 'name', 'Missing data for required field.'],
    ['per_page too large', 'GET', `${U}?per_page=1001`, undefined, 'per_page', 'Must be at most 1000.'],
    ['no permissions', 'PUT', LIST, { object_keys: ['x'], permissions: [] }, 'permissions', 'Must not be empty.'],
    [
      '501 keys',
      'PUT',
      LIST,
      { object_keys: Array.from({ length: 501 }, String), permissions: ['read'] },
      'object_keys',
      'At most 500 are allowed.',
    ],
    [
      'a webhook without url',
      'POST',
      'notifications/v1/webhooks/',
      { event_type: 'assets', status: 'ENABLED' },
      'url',
      'Missing data for required field.',
    ],
  ] as const)('%s', async (_, method, path, body, field, text) => {
    expect(told(await iconik.owner(method, path, body))).toEqual([400, fieldOf(field, text)]);
    expect((await iconik.lastEntry()).writes).toEqual([]);
  });

  test('out of the primary group', async () => {
    const chiara = await iconik.user('chiara.rossi@northwind.example');
    const answer = await iconik.owner('DELETE', `users/v1/teams/${chiara.primary_group}/users/${chiara.id}/`);
    expect([answer.status, Object.keys(answer.body.errors)]).toEqual([400, ['primary_group']]);
  });

  test('the propagating row 1001', async () => {
    await iconik.choose('propagatingMax', 0);
    const { id } = await iconik.root('Legal');
    const everyone = await iconik.team('Everyone');
    const body = { object_keys: [id], group_ids: [everyone.id], permissions: ['read'] };
    const answer = await iconik.owner('PUT', 'acls/v1/acl/_propagating_collections/', body);
    expect(told(answer)).toEqual([400, message('Too many propagating ACLs in this domain')]);
  });

  test('a body that is no JSON', async () => {
    const answer = await iconik.api('POST', U, { body: '{"email":' });
    expect(told(answer)).toEqual([400, message('The request body is not a valid JSON object')]);
  });
});

describe('the others', () => {
  test('409: a mapping that is there, an invited e-mail that is known', async () => {
    const body = { name: 'claim', group_id: (await iconik.team('Legal')).id };
    await iconik.owner('POST', 'users/v1/groups/mappings/', body);
    const again = await iconik.owner('POST', 'users/v1/groups/mappings/', body);
    expect(told(again)).toEqual([409, fieldOf('name', 'Group mapping already exists')]);
    const link = await iconik.owner('POST', `${U}invite/token/request/`, { primary_group: body.group_id });
    const token = (link.body as unknown as { invite_link: string }).invite_link.split('/').at(-1);
    const person = { email: 'ben.otto@northwind.example', first_name: 'Ben', token };
    const known = await iconik.api('POST', `${U}invite/register/`, { as: null, body: person });
    expect(told(known)).toEqual([409, fieldOf('email', 'User with this email already exists')]);
  });

  test('419: an old link', async () => {
    await iconik.owner('POST', U, { email: 'n@northwind.example', first_name: 'N', type: 'STANDARD' });
    const { messages } = await iconik.control<{ messages: { hash: string }[] }>(
      'GET',
      '/outbox?to=n@northwind.example',
    );
    await iconik.control('POST', '/clock', { advance: 8 * 86_400 });
    const body = { password: 'pass', repeat_password: 'pass' };
    const answer = await iconik.api('PUT', `auth/v1/invitation/complete/${messages[0]?.hash}/`, { as: null, body });
    expect(told(answer)).toEqual([419, message('The link has expired')]);
  });

  test('429: over the limit of the application', async () => {
    for (let i = 0; i < 20; i++) {
      await Promise.all(Array.from({ length: 50 }, () => iconik.api('GET', 'auth/v1/auth/token/')));
    }
    const answer = await iconik.api('GET', 'auth/v1/auth/token/');
    expect(told(answer)).toEqual([429, message('Too many requests')]);
    expect([answer.headers.get('ratelimit-remaining'), answer.headers.get('retry-after')]).toEqual(['0', null]);
  });

  test('429: too many registrations, a limit of their own', async () => {
    await iconik.choose('inviteRegisterLimit', 0);
    const answer = await iconik.api('POST', `${U}invite/register/`, { as: null, body: {} });
    expect(told(answer)).toEqual([429, message('Too many requests')]);
  });

  test('501: content of what has none', async () => {
    const body = { object_ids: [], include_assets: true, include_collections: true, permissions: ['read'] };
    const answer = await iconik.api('PUT', 'acls/v1/acl/assets/content/', { body });
    expect(told(answer)).toEqual([501, message('Object type has no content')]);
  });

  test('5xx by a planned fault has a JSON body as every error', async () => {
    await iconik.control('POST', '/faults', { times: 1, fault: { kind: 'status', status: 503 } });
    expect(told(await iconik.api('GET', U))).toEqual([503, message('Planned fault of the stand-in')]);
    await iconik.control('POST', '/faults', { times: 1, fault: { kind: 'status', status: 502, body: '' } });
    expect(told(await iconik.api('GET', U))).toEqual([502, '']);
  });
});
