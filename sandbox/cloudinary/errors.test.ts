import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SYNC_KEY } from './seed.ts';
import type { Trial } from './trial.ts';
import { ACCOUNT, KEY, startTrial } from './trial.ts';

/** Error rows of the contract, byte for byte where it gives bytes (sections 3, 4, 5, 8, 9, 10). */
let t: Trial;
beforeAll(async () => {
  t = await startTrial();
});
afterAll(() => t.close());

const wrong = { as: 'no:body' };
const v1 = (message: string): string => JSON.stringify({ error: { message } });

describe('401', () => {
  test.each([
    ['account v1', 'account', '/users', v1('Invalid credentials')],
    ['environment v1', 'environment', '/resources/image', v1('Invalid credentials')],
    ['triggers', 'environment', '/triggers', v1('Invalid credentials')],
    [
      'account v2',
      'permissions',
      '/roles',
      '{"error":{"category":"user_error","code":"ACCOUNTS_00006","message":"invalid credentials"}}',
    ],
  ] as const)('%s', async (_, plane, path, text) => {
    const answer = await t.send(plane, 'GET', path, wrong);
    expect([answer.status, answer.text]).toEqual([401, text]);
    expect((await t.send(plane, 'GET', path, { as: null })).text).toBe(text);
  });

  test('Upload API: api_secret mismatch, by Basic and by signature', async () => {
    const body = { public_ids: ['sample'], command: 'add', tags: 'x' };
    const basic = await t.env('POST', '/image/tags', { body, as: `${KEY}x` });
    expect([basic.status, basic.text]).toEqual([401, v1('api_secret mismatch')]);
    const signed = { ...body, api_key: KEY.split(':')[0], timestamp: Math.floor(Date.now() / 1000), signature: 'ab' };
    expect((await t.env('POST', '/image/tags', { body: signed, as: null })).text).toBe(v1('api_secret mismatch'));
  });

  test('poll queue: chosen to be of the newer shape, with request_id', async () => {
    const answer = await t.queue('GET', '/messages?channel=x', wrong);
    expect(answer.body).toMatchObject({ error: { category: 'auth_error' } });
    expect(answer.body['request_id']).toBe(answer.headers.get('x-request-id'));
    expect(answer.headers.get('x-standin-chosen')).toContain('pollErrors');
  });

  test('auth faults may be HTML', async () => {
    await t.special('htmlAuth');
    const answer = await t.env('GET', '/ping');
    expect(answer.status).toBe(401);
    expect(answer.headers.get('content-type')).toContain('text/html');
    expect((await t.env('GET', '/ping')).status).toBe(200);
  });
});

describe('403', () => {
  test('a key without rights: the environment and the action are named', async () => {
    const env = await t.environment();
    const { body } = await t.account('GET', `/sub_accounts/${env.id}/access_keys`);
    const keys = body['access_keys'] as { api_key: string; api_secret: string }[];
    const key = keys.find((one) => one.api_key === SYNC_KEY);
    const answer = await t.env('GET', '/folders/Legal', { as: `${key?.api_key}:${key?.api_secret}` });
    const text = `[prodenv:${env.id}] Request forbidden due to missing permissions (actions=["read"])`;
    expect([answer.status, answer.text]).toEqual([403, v1(text)]);
  });

  test('a token without the scope', async () => {
    const { token } = await t.act<{ token: string }>('issueToken', { scopes: ['upload'] });
    const answer = await t.env('GET', '/folders/Legal', { as: null, headers: { authorization: `Bearer ${token}` } });
    expect([answer.status, answer.text]).toEqual([
      403,
      v1('This token is unauthorized to perform the requested action'),
    ]);
  });

  test('seat limit: the text has max_users', async () => {
    await t.act('settings', { seats: 1 });
    const answer = await t.account('POST', '/users', { body: { name: 'A', email: 'a@x.example' } });
    await t.act('settings', { seats: 200 });
    expect(answer.status).toBe(403);
    expect(answer.text).toContain('max_users');
  });
});

describe('v1 sentences that clients know', () => {
  test.each([
    ['account', 'GET', '/users?sub_account_id=qq', undefined, 404, 'Cannot find sub account with id qq'],
    ['account', 'POST', '/users', { name: 'P', email: 'Paul@acme.example' }, 409, 'This email already exists'],
    [
      'environment',
      'POST',
      '/metadata_fields',
      { label: 'x', external_id: 'bad', type: 'integer', default_value: 'x' },
      400,
      'default_value is invalid',
    ],
    [
      'environment',
      'POST',
      '/image/metadata',
      { public_ids: ['sample'], metadata: { colour_id: '1' } },
      400,
      'The following metadata fields do not exist: ["colour_id"]',
    ],
    [
      'environment',
      'POST',
      '/image/tags',
      { public_ids: ['sample'], command: 'bogus' },
      400,
      'Invalid command - bogus. Must be one of: add, remove, replace, remove_all',
    ],
    [
      'environment',
      'POST',
      '/image/context',
      { public_ids: ['sample'], command: 'add' },
      400,
      'Missing required parameter - context',
    ],
    ['environment', 'GET', '/folders/No%2FWhere', undefined, 404, "Can't find folder with path No/Where"],
    ['environment', 'GET', '/triggers?event_type=a', undefined, 400, 'Invalid value a for parameter event_type'],
    ['environment', 'PUT', '/triggers/x', { new_uri: 'https://a.example' }, 404, 'record_not_found'],
  ] as const)('%s %s %s', async (plane, method, path, body, status, message) => {
    const answer = await t.send(plane, method, path, body === undefined ? {} : { body });
    expect([answer.status, answer.text]).toEqual([status, v1(message)]);
  });
});

describe('v2 codes', () => {
  const user = { type: 'user', id: 'nobody' };
  test.each([
    [
      '400 missing fields',
      'GET',
      '/roles',
      undefined,
      400,
      {
        category: 'user_error',
        code: 'ACCOUNTS_00005',
        message: 'missing fields',
        details: { fields: ['permission_type'] },
      },
    ],
    [
      '400 invalid request',
      'PUT',
      '/principal_roles',
      { operation: 'subtract', principal: user, roles: [{ id: 'x' }] },
      400,
      {
        category: 'user_error',
        code: 'ACCOUNTS_00005',
        message: 'invalid request',
        details: { fields: [{ operation: 'subtract' }] },
      },
    ],
    [
      '404 is a server_error by category',
      'GET',
      '/roles/qq',
      undefined,
      404,
      {
        category: 'server_error',
        code: 'ACCOUNTS_00003',
        message: 'not found',
        details: { fields: [{ role_id: 'qq' }] },
      },
    ],
    [
      '409',
      'POST',
      '/roles',
      { name: 'Campaign reviewer', permission_type: 'global', scope_type: 'prodenv' },
      409,
      {
        category: 'user_error',
        code: 'ACCOUNTS_00006',
        message: 'already exists',
        details: { fields: [{ name: 'Campaign reviewer' }] },
      },
    ],
    [
      '403',
      'PUT',
      '/roles/cld::role::prodenv::reports',
      { name: 'x' },
      403,
      { category: 'user_error', code: 'ACCOUNTS_00006', message: 'not allowed' },
    ],
  ] as const)('%s', async (_, method, path, body, status, error) => {
    const answer = await t.permissions(method, path, body === undefined ? {} : { body });
    expect([answer.status, answer.text]).toEqual([status, JSON.stringify({ error })]);
  });

  test('400 Cedar has a code of its own', async () => {
    const body = { name: 'p', policy_statement: 'permit(who, action, resource);', scope_type: 'prodenv' };
    const { error } = (await t.permissions('POST', '/policies/custom', { body })).body;
    expect(error).toMatchObject({ code: 'ACCOUNTS_00002', message: 'invalid request' });
    expect(JSON.stringify(error)).toContain('"cedar_errors":[{"cedar_message":"invalid_principal"}]');
  });

  test('500 by a planned fault has the shape that v2 documents', async () => {
    const error = { category: 'server_error', code: 'ACCOUNTS_00001', message: 'something went wrong' };
    await t.control('POST', '/faults', { times: 1, fault: { kind: 'status', status: 500, body: { error } } });
    expect((await t.permissions('GET', '/roles?permission_type=global')).body).toEqual({ error });
  });
});

describe('limits', () => {
  test.each([
    ['account', '/users', 'accountPerHour', 1, 420],
    ['permissions', '/policies/system', 'accountPerHour', 1, 420],
    ['environment', '/ping', 'environmentPerHour', 1, 420],
    ['queue', '/messages?channel=x&wait_seconds=0', 'environmentPerHour', 1, 429],
  ] as const)('%s: beyond the limit %s', async (plane, path, constant, limit, status) => {
    await t.control('POST', '/reset');
    await t.choose(constant, limit);
    await t.choose('limitStatus', status);
    const good = await t.send(plane, 'GET', path);
    expect(good.status).toBe(200);
    expect(good.headers.get('x-featureratelimit-limit')).toBe('1');
    expect(good.headers.get('x-featureratelimit-remaining')).toBe('0');
    const reset = good.headers.get('x-featureratelimit-reset') ?? '';
    expect(new Date(reset).toUTCString()).toBe(reset);
    const refused = await t.send(plane, 'GET', path);
    expect(refused.status).toBe(status);
    expect(refused.headers.get('retry-after')).toBeNull();
    expect(refused.headers.get('x-standin-chosen')).toContain('limitStatus');
    await t.choose('retryAfter', 'present');
    expect(Number((await t.send(plane, 'GET', path)).headers.get('retry-after'))).toBeGreaterThan(0);
    await t.control('POST', '/clock', { set: new Date(Date.parse(reset) + 1000).toISOString() });
    expect((await t.send(plane, 'GET', path)).status).toBe(200);
  });

  test('the Upload API is never counted', async () => {
    await t.control('POST', '/reset');
    await t.choose('environmentPerHour', 0);
    const body = { public_id: 'sample', type: 'upload' };
    const answer = await t.env('POST', '/image/explicit', { body });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-featureratelimit-limit')).toBeNull();
    await t.control('POST', '/reset');
  });

  test('the two planes are counted apart, and refused calls with bad credentials not at all', async () => {
    await t.choose('environmentPerHour', 1);
    await t.env('GET', '/ping', wrong);
    expect((await t.account('GET', '/users', { as: ACCOUNT })).status).toBe(200);
    expect((await t.env('GET', '/ping')).status).toBe(200);
    await t.control('POST', '/reset');
  });
});
