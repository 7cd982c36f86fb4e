import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { SERVICE } from './seed.ts';
import type { Trial } from './trial.ts';
import { startTrial } from './trial.ts';

let iconik: Trial;
beforeAll(async () => {
  iconik = await startTrial();
});
afterAll(() => iconik.close());
beforeEach(() => iconik.control('POST', '/reset'));

const CURRENT = 'users/v1/users/current/';
const INVALID = { errors: ['Token is invalid'] };

describe('who may ask', () => {
  test('both headers are needed, and they must belong together', async () => {
    const wrong: (Record<string, string> | undefined)[] = [
      undefined,
      { 'App-ID': SERVICE.appId },
      { 'Auth-Token': SERVICE.token },
      { 'App-ID': SERVICE.appId, 'Auth-Token': 'another' },
      { 'App-ID': '00000000-0000-4000-8000-000000000000', 'Auth-Token': SERVICE.token },
      { 'App-ID': SERVICE.appId, Authorization: `Bearer ${SERVICE.token}` },
    ];
    for (const headers of wrong) {
      const answer = await iconik.api('GET', CURRENT, { as: null, ...(headers ? { headers } : {}) });
      expect([answer.status, answer.body]).toEqual([401, INVALID]);
      expect(answer.headers.get('x-stand-in')).toBe('iconik');
      expect(answer.headers.get('ratelimit-remaining')).toMatch(/^\d+$/);
    }
  });

  test('our account has exactly the roles of the contract and is no domain owner', async () => {
    const { body } = await iconik.api('GET', 'users/v1/users/current/roles/');
    const of = (x: string): string[] => [`can_read_${x}`, `can_write_${x}`, `can_delete_${x}`];
    const expected = [
      ...['can_read_users', 'can_create_users', 'can_write_users', 'can_read_group_mappings', 'can_read_apps'],
      ...['can_read_stats', 'can_manage_all_shares', 'can_read_collections', 'can_create_collections'],
      ...['can_write_collections', ...of('groups'), ...of('teams'), ...of('role_groups'), ...of('acls')],
    ];
    expect(body.objects).toEqual(expected.sort());
    const me = await iconik.api('GET', CURRENT);
    expect(me.body).toMatchObject({
      is_admin: false,
      status: 'ACTIVE',
      has_domain_been_migrated_to_simplified_acls: true,
    });
  });

  test('a missing role is a 403 that names it', async () => {
    const ben = await iconik.user('ben.otto@northwind.example');
    const answer = await iconik.api('DELETE', `users/v1/users/${ben.id}/`);
    expect(answer.status).toBe(403);
    expect(answer.body.errors).toEqual([expect.stringContaining('requires role can_delete_users')]);
    expect((await iconik.lastEntry()).writes).toEqual([]);
  });

  test('unknown paths, other methods and bad JSON have JSON bodies too', async () => {
    for (const [method, path, status] of [
      ['GET', 'users/v1/users/me/', 404],
      ['GET', 'notifications/v1/events/', 404],
      ['GET', 'stats/v1/user/audit/by/year/', 404],
      ['DELETE', 'auth/v1/auth/tokens/', 405],
    ] as const) {
      const answer = await iconik.api(method, path);
      expect([path, answer.status]).toEqual([path, status]);
      expect(answer.body.errors).toHaveLength(1);
    }
    const broken = await iconik.api('POST', 'users/v1/users/', { body: '{"email":' });
    expect([broken.status, broken.body.errors]).toEqual([400, ['The request body is not a valid JSON object']]);
  });

  test('paths without the slash at the end are served the same, POST too', async () => {
    expect((await iconik.api('GET', 'users/v1/users/current')).status).toBe(200);
    const made = await iconik.api('POST', 'assets/v1/collections?apply_default_acls=false', {
      body: { title: 'Bare' },
    });
    expect(made.status).toBe(201);
    const child = { object_id: made.body.id, object_type: 'collections' };
    const root = await iconik.root('Marketing');
    const into = await iconik.api('POST', `assets/v1/collections/${root.id}/contents`, { body: child });
    expect(into.status).toBe(201);
  });
});

describe('the rate limit', () => {
  test('the 1001st request in 20 s is a 429, counted for each App-ID alone', async () => {
    const first = await iconik.api('GET', 'auth/v1/auth/token/');
    expect(first.headers.get('ratelimit-remaining')).toBe('999');
    for (let i = 0; i < 20; i++) {
      await Promise.all(Array.from({ length: 50 }, () => iconik.api('GET', 'auth/v1/auth/token/')));
    }
    const over = await iconik.api('GET', 'auth/v1/auth/token/');
    expect([over.status, over.headers.get('ratelimit-remaining'), over.headers.get('retry-after')]).toEqual([
      429,
      '0',
      null,
    ]);
    expect(over.body.errors).toHaveLength(1);
    expect((await iconik.owner('GET', CURRENT)).status).toBe(200);
    await iconik.choose('retryAfter', 'present');
    const told = await iconik.api('GET', 'auth/v1/auth/token/');
    expect(Number(told.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(told.headers.get('x-standin-chosen')).toContain('retryAfter');
  });
});

describe('tokens', () => {
  test('mint, verify, revoke: the way a token is rotated', async () => {
    const minted = await iconik.api('POST', `auth/v1/apps/${SERVICE.appId}/token/`);
    expect(minted.status).toBe(201);
    const fresh = { appId: SERVICE.appId, token: minted.body.token };
    expect((await iconik.api('GET', 'auth/v1/auth/token/', { as: fresh })).body.id).toBe(minted.body.id);
    expect((await iconik.api('DELETE', 'auth/v1/auth/token/')).status).toBe(204);
    expect((await iconik.api('GET', CURRENT)).status).toBe(401);
    expect((await iconik.api('GET', CURRENT, { as: fresh })).status).toBe(200);
  });

  test('a token with expires_in ends after so many seconds, a refreshed one at once', async () => {
    const short = await iconik.api('POST', 'auth/v1/auth/token/?expires_in=60');
    const as = { appId: SERVICE.appId, token: short.body.token };
    const refreshed = await iconik.api('PUT', 'auth/v1/auth/token/', { as });
    expect(refreshed.status).toBe(200);
    expect((await iconik.api('GET', CURRENT, { as })).status).toBe(401);
    const other = await iconik.api('POST', 'auth/v1/auth/token/?expires_in=60');
    await iconik.control('POST', '/clock', { advance: 61 });
    expect((await iconik.api('GET', CURRENT, { as: { ...as, token: other.body.token } })).status).toBe(401);
  });

  test('secrets are told once: no list, state or ledger shows them', async () => {
    const minted = await iconik.api('POST', 'auth/v1/auth/token/');
    const listed = await iconik.api('GET', 'auth/v1/auth/tokens/');
    expect(listed.body.objects.map((one) => one.id)).toContain(minted.body.id);
    const seen = [listed.text, JSON.stringify(await iconik.control('GET', '/state'))];
    seen.push(JSON.stringify(await iconik.control('GET', '/ledger')));
    for (const text of seen) expect(text).not.toContain(minted.body.token);
  });

  test('an invited person sets a password and logs in by e-mail', async () => {
    const person = { email: 'new@northwind.example', first_name: 'New', type: 'STANDARD' };
    expect((await iconik.api('POST', 'users/v1/users/', { body: person })).status).toBe(201);
    const { messages } = await iconik.control<{ messages: { hash: string }[] }>(
      'GET',
      '/outbox?to=new@northwind.example',
    );
    const password = { password: 'pass phrase', repeat_password: 'pass phrase' };
    const link = `auth/v1/invitation/complete/${messages[0]?.hash}/`;
    expect((await iconik.api('PUT', link, { as: null, body: password })).status).toBe(200);
    expect((await iconik.api('PUT', link, { as: null, body: password })).status).toBe(419);
    const login = { email: 'New@Northwind.example', password: 'pass phrase' };
    const session = await iconik.api('POST', 'auth/v1/auth/simple/login/', { as: null, body: login });
    expect(session.status).toBe(201);
    const as = { appId: session.body.app_id, token: session.body.token };
    expect((await iconik.api('GET', CURRENT, { as })).body.email).toBe('new@northwind.example');
    const wrong = { ...login, password: 'other' };
    expect((await iconik.api('POST', 'auth/v1/auth/simple/login/', { as: null, body: wrong })).status).toBe(401);
  });
});
