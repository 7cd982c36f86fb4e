import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { afterAll } from '@jest/globals';
import type { Item, Trial } from './trial.ts';
import { startTrial } from './trial.ts';

/** The oddities of the contract, each by its name. */
let t: Trial;
beforeAll(async () => {
  t = await startTrial();
});
afterEach(() => t.control('POST', '/reset'));
afterAll(() => t.close());

const users = async (query: string): Promise<Item[]> =>
  (await t.account('GET', `/users?${query}`)).body['users'] as Item[];
const make = async (more: object): Promise<Item> =>
  (await t.account('POST', '/users', { body: { name: 'New One', email: 'new@x.example', ...more } })).body as Item;

test('what has no known address is 404: Collections, Creative Approval, SCIM, audit', async () => {
  for (const path of ['/collections', '/creative_approval/flows', '/scim/v2/Users', '/audit']) {
    const answer = await t.env('GET', path);
    expect([answer.status, answer.headers.get('x-standin-chosen')]).toEqual([404, 'premiumApis']);
  }
});

test('string booleans, nulls and texts inside JSON are read as what they mean', async () => {
  const body = { name: 'P Y', email: 'py@x.example', enabled: 'false', role: null, sub_account_ids: null };
  const made = (await t.account('POST', '/users', { body })).body;
  expect(made).toMatchObject({ enabled: false, role: 'media_library_user', all_sub_accounts: true });
  const gone = await t.account('DELETE', `/users/${String(made['id'])}`, { body: { invalidate: null } });
  expect(gone.body).toEqual({ message: 'ok' });
});

describe('account plane', () => {
  test('new users are pending until the mailed link is used, and take a seat all the same', async () => {
    const one = await make({});
    expect(one).toMatchObject({ pending: true, enabled: true, status: 'pending' });
    const mails = await t.control<{ messages: object[] }>('GET', '/outbox?to=new@x.example');
    expect(mails.messages).toMatchObject([{ kind: 'invitation' }]);
    await t.act('acceptInvitation', { email: 'new@x.example' });
    expect(await users(`ids=${one.id}&pending=true`)).toEqual([]);
  });

  test('SAML makes users without a mail, sets groups, and removes from none', async () => {
    await t.act('samlLogin', { email: 'saml@x.example', name: 'Sam L', groups: ['Legal'] });
    await t.act('samlLogin', { email: 'saml@x.example', groups: ['Marketing'] });
    await t.act('samlLogin', { email: 'alex.kim@northwind.example', groups: ['Legal'], overwrite: true });
    expect((await t.user('alex.kim@northwind.example'))['group_count']).toBe(1);
    const [sam] = await users('emails=saml@x.example');
    expect(sam).toMatchObject({ pending: false, providers: ['saml'], group_count: 2 });
    expect((await t.control<{ messages: object[] }>('GET', '/outbox')).messages).toEqual([]);
  });

  test('sub_account_ids: [] means ALL environments', async () => {
    const one = await make({ sub_account_ids: [] });
    expect(one['all_sub_accounts']).toBe(true);
    const archive = await t.environment('Archive');
    expect((await users(`sub_account_id=${archive.id}&ids=${one.id}`)).length).toBe(1);
    const production = await t.environment();
    await t.account('PUT', `/users/${one.id}`, { body: { sub_account_ids: [production.id] } });
    expect(await users(`sub_account_id=${archive.id}&ids=${one.id}`)).toEqual([]);
    await t.account('PUT', `/users/${one.id}`, { body: { sub_account_ids: [] } });
    expect((await users(`sub_account_id=${archive.id}&ids=${one.id}`)).length).toBe(1);
  });

  test('sub_account_ids are ignored for a master_admin', async () => {
    const production = await t.environment();
    const one = await make({ role: 'master_admin', sub_account_ids: [production.id] });
    expect(one).toMatchObject({ all_sub_accounts: true, sub_account_ids: [] });
  });

  test('filters combine: ids and pending', async () => {
    const one = await make({});
    expect(await users(`ids=${one.id}&pending=false`)).toEqual([]);
    expect((await users(`ids=${one.id}&status=pending`)).length).toBe(1);
    expect(await users(`ids=${one.id}&status=active`)).toEqual([]);
    expect((await users(`ids=${one.id}&pending=&prefix=`)).length).toBe(1);
  });

  test('last_login=true is within the range, false is the rest, an empty range is none', async () => {
    const tom = await t.user('tom.weber@northwind.example');
    expect((await users(`ids=${tom.id}&last_login=true&from=2026-06-29&to=2026-06-29`)).length).toBe(1);
    expect(await users(`ids=${tom.id}&last_login=true&from=2026-07-01&to=2026-07-31`)).toEqual([]);
    expect((await users(`ids=${tom.id}&last_login=false&from=2026-07-01&to=2026-07-31`)).length).toBe(1);
    expect((await users(`ids=${tom.id}&last_login=true&from=&to=`)).length).toBe(1);
    const emily = await t.user('emily.carter@northwind.example');
    expect((await users(`ids=${emily.id}&last_login=false`)).length).toBe(1);
  });

  test('prefix ignores case and looks at name and e-mail', async () => {
    expect((await users('prefix=ADA')).map((one) => one.email)).toEqual(['Ada.Byrne@Northwind.example']);
    expect((await users('prefix=alex%20k')).length).toBe(2);
  });

  test('pages have no total; a page beyond the end is empty; the default order is newest first', async () => {
    const all = await users('');
    const answer = await t.account('GET', '/users?page=1&page_size=3');
    expect(Object.keys(answer.body)).toEqual(['users']);
    expect((answer.body['users'] as Item[]).map((one) => one.id)).toEqual(all.slice(0, 3).map((one) => one.id));
    expect(await users('page=999&page_size=3')).toEqual([]);
    const ascending = await users('sort_by=created_at&sort_order=asc');
    expect(ascending.map((one) => one.id)).toEqual(all.map((one) => one.id).reverse());
  });

  test('a page shift hides one person between two pages', async () => {
    const asc = 'sort_by=created_at&sort_order=asc&page_size=5';
    const first = await users(`${asc}&page=1`);
    await t.special('pageShift');
    const second = await users(`${asc}&page=2`);
    const all = await users('sort_by=created_at&sort_order=asc');
    expect([...first, ...second].map((one) => one.id)).not.toContain(all[5]?.id);
  });

  test('NPM sends {} when it drops `enabled`: 200, nothing changed', async () => {
    const ben = await t.user('ben.otto@northwind.example');
    expect((await t.account('PUT', `/users/${ben.id}`, { body: {} })).body).toMatchObject({ enabled: true });
    const { writes } = await t.lastEntry();
    expect(writes).toEqual([{ object: 'user', id: ben.id, before: {}, after: {} }]);
  });

  test('the last master admin and root are protected, unless chosen otherwise', async () => {
    const omar = await t.user('omar.haddad@northwind.example');
    const root = await t.user('cloudinary-root@northwind.example');
    expect((await t.account('PUT', `/users/${omar.id}`, { body: { enabled: false } })).status).toBe(200);
    expect((await t.account('DELETE', `/users/${root.id}`)).status).toBe(403);
    await t.choose('protectedUser', 200);
    expect((await t.account('DELETE', `/users/${root.id}`)).status).toBe(200);
  });

  test('adding a member twice and removing a non-member are repeats that the ledger shows', async () => {
    const [ben, group] = [await t.user('ben.otto@northwind.example'), await t.group('Post Production')];
    const path = `/user_groups/${group.id}/users/${ben.id}`;
    expect((await t.account('POST', path)).headers.get('x-standin-chosen')).toContain('addMemberTwice');
    const [write] = (await t.lastEntry()).writes;
    expect(write?.before).toEqual(write?.after);
    await t.choose('removeNonMember', 404);
    const legal = await t.group('Legal');
    expect((await t.account('DELETE', `/user_groups/${legal.id}/users/${ben.id}`)).status).toBe(404);
  });

  test('deleting a user takes memberships and roles with it, or leaves ghosts', async () => {
    const tom = await t.user('tom.weber@northwind.example');
    await t.choose('afterUserDelete', 'ghosts');
    await t.account('DELETE', `/users/${tom.id}`);
    const members = async (): Promise<unknown> =>
      (await t.account('GET', `/user_groups/${(await t.group('Post Production')).id}/users`)).body['users'];
    expect(await members()).toContainEqual({ id: tom.id, name: null, email: null });
    await t.control('POST', '/reset');
    await t.account('DELETE', `/users/${tom.id}`);
    expect(JSON.stringify(await members())).not.toContain(tom.id);
    expect(JSON.stringify(await t.control('GET', '/state/assignments'))).not.toContain(tom.id);
  });

  test('a disabled key is refused at once; a disabled person leaves keys working', async () => {
    const env = await t.environment();
    const path = `/sub_accounts/${env.id}/access_keys`;
    const key = (await t.account('POST', path, { body: { name: 'k' } })).body as {
      api_key: string;
      api_secret: string;
    };
    const as = `${key.api_key}:${key.api_secret}`;
    const tom = await t.user('tom.weber@northwind.example');
    await t.account('PUT', `/users/${tom.id}`, { body: { enabled: false } });
    expect((await t.env('GET', '/ping', { as })).status).toBe(200);
    await t.account('PUT', `${path}/${key.api_key}`, { body: { enabled: false } });
    expect((await t.env('GET', '/ping', { as })).status).toBe(401);
  });

  test('dedicated_for webhooks takes the mark from any other key', async () => {
    const env = await t.environment();
    const path = `/sub_accounts/${env.id}/access_keys`;
    for (const key of ['314159265358979', '161803398874989'])
      await t.account('PUT', `${path}/${key}`, { body: { dedicated_for: 'webhooks' } });
    const keys = (await t.account('GET', path)).body['access_keys'] as { dedicated_for?: string[] }[];
    expect(keys.filter((key) => key.dedicated_for)).toHaveLength(1);
  });

  test('replies about access keys carry no rate headers', async () => {
    const env = await t.environment();
    const answer = await t.account('GET', `/sub_accounts/${env.id}/access_keys`);
    expect(answer.headers.get('x-featureratelimit-limit')).toBeNull();
  });

  test('open log-ins of a disabled user live until their end, or die', async () => {
    const { token } = await t.act<{ token: string }>('issueToken', { user: 'dmitri.volkov@northwind.example' });
    const ping = async (): Promise<number> =>
      (await t.env('GET', '/ping', { as: null, headers: { authorization: `Bearer ${token}` } })).status;
    const dmitri = await t.user('dmitri.volkov@northwind.example');
    await t.account('PUT', `/users/${dmitri.id}`, { body: { enabled: false } });
    expect(await ping()).toBe(200);
    await t.choose('disabledSessions', 'die');
    expect(await ping()).toBe(401);
  });
});
