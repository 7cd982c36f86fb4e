import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { NOBODY } from './covers/recorder.ts';
import type { Short } from './quirkKit.ts';
import { ALLOW, LIST, PERSON, PROPAGATING, U, short } from './quirkKit.ts';
import type { Answer, Item, Trial } from './trial.ts';
import { startTrial } from './trial.ts';

/** Every row of section 13 ("chosen behaviour") by its name; the oddities of the other sections are in oddities.test.ts. */
let iconik: Trial;
let legal: Item;
let ben: Item;
let own: Short['own'];
let status: Short['status'];
let user: Short['user'];
let current: Short['current'];
let acl: Short['acl'];
let collection: Short['collection'];
let both: Short['both'];
beforeAll(async () => {
  iconik = await startTrial();
  ({ own, status, user, current, acl, collection, both } = short(iconik));
});
afterAll(() => iconik.close());
beforeEach(async () => {
  await iconik.control('POST', '/reset');
  legal = await iconik.team('Legal');
  ben = await iconik.user('ben.otto@northwind.example');
});

describe('section 13, row by row', () => {
  test('duplicate e-mail on create', async () => {
    const body = { ...PERSON, email: 'BEN.OTTO@NORTHWIND.EXAMPLE' };
    expect(await both('duplicateEmailStatus', 409, () => own('POST', U, body))).toEqual([400, 409]);
  });

  test('missing/bad `type`, `email`, unknown group id; PATCH without `type`', async () => {
    for (const wrong of [{ type: null }, { type: 'X' }, { email: null }, { email: 'x' }, { groups: [NOBODY] }]) {
      expect(await status('POST', U, { ...PERSON, ...wrong })).toBe(400);
    }
    const patch = (): Promise<Answer> => own('PATCH', `${U}${ben.id}/`, { first_name: 'B' });
    expect(await both('patchWithoutType', 'lenient', patch)).toEqual([400, 200]);
  });

  test('PATCH `groups`', async () => {
    const body = { type: 'STANDARD', groups: [legal.id, ben.primary_group] };
    await own('PATCH', `${U}${ben.id}/`, body);
    expect((await user(ben.id)).teams).toHaveLength(3); // "Everyone" stays
    await iconik.choose('patchGroups', 'merge');
    await own('PATCH', `${U}${ben.id}/`, { type: 'STANDARD', groups: [(await iconik.team('Marketing')).id] });
    expect((await user(ben.id)).teams).toHaveLength(4);
  });

  test('new user without password', async () => {
    expect((await own('POST', U, PERSON)).body.status).toBe('ACTIVE');
    await iconik.choose('newUserStatus', 'INACTIVE');
    const made = (await own('POST', U, { ...PERSON, email: 'm@northwind.example' })).body;
    expect(made.status).toBe('INACTIVE');
    await iconik.act('acceptInvitation', { email: made.email });
    expect((await user(made.id)).status).toBe('ACTIVE');
  });

  test('add member twice; remove non-member', async () => {
    const path = `users/v1/teams/${legal.id}/users/${ben.id}/`;
    expect(await status('POST', path)).toBe(201);
    expect(await both('addMemberTwice', 409, () => own('POST', path))).toEqual([201, 409]);
    await own('DELETE', path);
    expect(await both('removeNonMember', 204, () => own('DELETE', path))).toEqual([404, 204]);
  });

  test('remove from primary group', async () => {
    const path = `users/v1/teams/${ben.primary_group}/users/${ben.id}/`;
    expect(await both('removePrimaryGroup', 409, () => own('DELETE', path))).toEqual([400, 409]);
    expect((await user(ben.id)).teams).toContain(ben.primary_group);
  });

  test('GET user after DELETE; undelete', async () => {
    await own('DELETE', `${U}${ben.id}/`);
    expect(await both('userAfterDelete', 200, () => own('GET', `${U}${ben.id}/`))).toEqual([404, 200]);
    expect(await user(ben.id)).toMatchObject({ status: 'DELETED', first_name: null });
    expect(await status('PATCH', `${U}${ben.id}/`, { type: 'STANDARD', status: 'ACTIVE' })).toBe(404);
  });

  test('ACL rows of deleted users/groups; shares of an inactive owner', async () => {
    const { id } = await collection();
    const give = (who: object): Promise<Answer> =>
      own('PUT', LIST, { object_keys: [id], permissions: ['read'], ...who });
    await give({ user_ids: [ben.id], group_ids: [legal.id] });
    const { id: share } = await iconik.act('share', { as: ben.email, collection: id });
    const opened = async (): Promise<unknown> =>
      (await iconik.act<{ opened: boolean }>('openShare', { share: share ?? '' })).opened;
    await iconik.act('edit', { user: ben.id, set: { status: 'INACTIVE' } });
    expect(await opened()).toBe(true);
    await iconik.choose('sharesOfInactiveOwner', 'dead');
    expect(await opened()).toBe(false);
    await own('DELETE', `${U}${ben.id}/`);
    expect((await acl(id)).users_acl).toHaveLength(1);
    await iconik.choose('aclOfDeletedGrantee', 'removed');
    await own('DELETE', `users/v1/teams/${legal.id}/`);
    expect([(await acl(id)).users_acl.length, (await acl(id)).groups_acl.length]).toEqual([1, 0]);
  });

  test('INACTIVE/BLOCKED', async () => {
    const as = await iconik.credentialsOf(ben.email);
    for (const set of ['INACTIVE', 'BLOCKED']) {
      await iconik.act('edit', { user: ben.id, set: { status: set } });
      expect(await current(as)).toBe(401);
    }
    await iconik.choose('inactiveTokens', 'live');
    expect(await current(as)).toBe(200);
  });

  test('legacy domain: `/teams/`, `/role_groups/`; migrated: POST /groups/', async () => {
    const orphan = (): Promise<Answer> => own('POST', 'users/v1/groups/', { name: 'Old way' });
    expect((await orphan()).body.group_type).toBeNull();
    expect(await both('orphanGroup', 403, orphan)).toEqual([201, 403]);
    await iconik.act('accessModel', { model: 'legacy' });
    const list = (): Promise<Answer> => own('GET', 'users/v1/teams/');
    expect((await list()).body.objects).toEqual([]);
    expect(await both('legacyTeamsList', 404, list)).toEqual([200, 404]);
  });

  test('`groups` on a user; `users/?groups=<team id>`', async () => {
    expect((await user(ben.id)).groups).toHaveLength(5);
    await iconik.choose('userGroupsField', 'legacyOnly');
    expect((await user(ben.id)).groups).toEqual([]);
    const members = async (): Promise<number> => (await own('GET', `${U}?groups=${legal.id}`)).body.total;
    expect(await members()).toBe(2);
    await iconik.choose('usersByTeamFilter', 'empty');
    expect(await members()).toBe(0);
  });

  test('ACL GET: unknown object; no user row', async () => {
    expect(Object.values(await acl(NOBODY))).toEqual(Array.from({ length: 6 }, () => []));
    expect(await both('aclOfUnknownObject', 404, () => own('GET', `${LIST}${NOBODY}/`))).toEqual([200, 404]);
    const { id } = await collection();
    const row = (): Promise<Answer> => own('GET', `acls/v1/users/${ben.id}/acl/collections/${id}/`);
    expect(await both('missingUserAclRow', 200, row)).toEqual([404, 200]);
    expect((await row()).body.permissions).toEqual([]);
  });

  test('unknown grantee; empty `permissions`; list over limit', async () => {
    const { id } = await collection();
    const single = `acls/v1/groups/${NOBODY}/acl/collections/${id}/`;
    expect(await both('unknownGranteeSingle', 400, () => own('PUT', single, { permissions: ['read'] }))).toEqual([
      404, 400,
    ]);
    const list = { object_keys: [id], permissions: ['read'], group_ids: [NOBODY] };
    expect(await both('unknownGranteeList', 404, () => own('PUT', LIST, list))).toEqual([400, 404]);
    const empty = { ...list, group_ids: [legal.id], permissions: [] };
    expect(await both('emptyPermissions', 200, () => own('PUT', LIST, empty))).toEqual([400, 200]);
    const long = { ...list, object_keys: Array.from({ length: 501 }, String) };
    expect(await both('listLimitStatus', 413, () => own('PUT', LIST, long))).toEqual([400, 413]);
  });

  test('propagating PUT; DELETE; row 1001', async () => {
    const { id } = await collection();
    const body = { object_keys: [id], group_ids: [legal.id], user_ids: [] };
    const put = (): Promise<Answer> => own('PUT', PROPAGATING, { ...body, permissions: ['read'] });
    expect((await put()).body).toEqual({ updated_object_keys: [id] });
    expect(await both('propagatingPut', 202, put)).toEqual([200, 202]);
    expect(await both('propagatingDelete', 200, () => own('DELETE', PROPAGATING, body))).toEqual([204, 200]);
    await iconik.choose('propagatingMax', 1);
    expect(await both('propagatingLimit', 403, put)).toEqual([400, 403]);
  });

  test('propagation, content copy, collection delete', async () => {
    const { id } = await collection();
    const child = await collection(id);
    await iconik.choose('backgroundMs', 60_000);
    const body = { object_keys: [id], group_ids: [legal.id], permissions: ['read'] };
    await own('PUT', PROPAGATING, body);
    const include = { object_ids: [id], include_assets: true, include_collections: true };
    await own('PUT', `${LIST}content/`, { ...include, user_ids: [ben.id], permissions: ['read'] });
    await own('DELETE', `assets/v1/collections/${id}/`);
    const seen = async (): Promise<unknown[]> => {
      const rows = await acl(child.id);
      const shown = (await own('GET', `assets/v1/collections/${child.id}/`)).body.status;
      return [rows.inherited_groups_acl.length, rows.users_acl.length, shown];
    };
    expect(await seen()).toEqual([0, 0, 'ACTIVE']);
    await iconik.control('POST', '/clock', { advance: 61 });
    expect(await seen()).toEqual([1, 1, 'DELETED']);
  });

  test('ACL template entries: from the seed only, no route edits them', async () => {
    const [template] = (await own('GET', 'acls/v1/acl/templates/')).body.objects;
    expect(
      await status('PUT', `acls/v1/groups/${legal.id}/acl/templates/${template?.id}/`, { permissions: ['read'] }),
    ).toBe(400);
    const { id } = await collection();
    await own('POST', `acls/v1/acl/templates/${template?.id}/collections/${id}/`);
    const everyone = await iconik.team('Everyone');
    expect((await acl(id)).groups_acl).toEqual([{ group_id: everyone.id, permissions: ['read'] }]);
  });

  test('200-or-204, 202-or-204', async () => {
    const path = `users/v1/teams/${legal.id}/users/${ben.id}/`;
    const leave = async (): Promise<Answer> => {
      await own('POST', path);
      return own('DELETE', path);
    };
    expect(await both('okOrNoContent', 200, leave)).toEqual([204, 200]);
    const drop = async (): Promise<Answer> => own('DELETE', `assets/v1/collections/${(await collection()).id}/`);
    expect(await both('acceptedOrNoContent', 204, drop)).toEqual([202, 204]);
  });

  test('project member', async () => {
    const { id, collection_id } = (await own('POST', 'assets/v1/projects/', { name: 'Aurora' })).body;
    const members = `assets/v1/projects/${id}/members/`;
    const as = await iconik.credentialsOf(ben.email);
    const sees = async (): Promise<number> =>
      (await iconik.api('GET', `assets/v1/collections/${collection_id}/`, { as })).status;
    expect(await both('unknownProjectMember', 404, () => own('POST', members, { id: NOBODY }))).toEqual([400, 404]);
    await own('POST', members, { id: ben.id });
    expect(await both('repeatedProjectMember', 409, () => own('POST', members, { id: ben.id }))).toEqual([201, 409]);
    expect(await sees()).toBe(403);
    await iconik.choose('projectMember', 'grants');
    expect(await sees()).toBe(200);
  });

  test('share without `expires`; over 5 years; expired', async () => {
    const path = `assets/v1/collections/${(await collection()).id}/shares/`;
    const mail = { ...ALLOW, emails: ['guest@festival.example'] };
    const made = (await own('POST', path, mail)).body;
    expect(Math.round((Date.parse(made.expires) - Date.now()) / 86_400_000)).toBe(30);
    const late = new Date(Date.now() + 6 * 366 * 86_400_000).toISOString();
    expect(await status('POST', path, { ...mail, expires: late })).toBe(400);
    await iconik.control('POST', '/clock', { advance: 31 * 86_400 });
    expect(await iconik.act('openShare', { share: made.id })).toEqual({ opened: false, why: 'The share has expired.' });
  });

  test('page beyond end; page 1 of empty list', async () => {
    expect((await own('GET', `${U}?query=nobody`)).body.objects).toEqual([]);
    expect(await both('pageBeyondEnd', 200, () => own('GET', `${U}?page=99`))).toEqual([404, 200]);
  });

  test('`per_page`', async () => {
    expect((await own('GET', U)).body.per_page).toBe(10);
    expect([await status('GET', `${U}?per_page=1000`), await status('GET', `${U}?per_page=1001`)]).toEqual([200, 400]);
    await iconik.choose('perPageMax', 100);
    expect(await status('GET', `${U}?per_page=101`)).toBe(400);
  });

  test('no trailing slash; Bearer on REST', async () => {
    expect(await status('POST', 'assets/v1/collections', { title: 'Bare' })).toBe(201);
    const headers = { Authorization: 'Bearer iconik-sandbox-owner-token-not-a-secret' };
    expect((await iconik.api('GET', U, { as: null, headers })).status).toBe(401);
  });

  test('`expires_in`; PAT life; refresh', async () => {
    const short = (await own('POST', 'auth/v1/auth/token/?expires_in=60')).body;
    expect(Math.round((Date.parse(short.expires) - Date.now()) / 1000)).toBe(60);
    const as = await iconik.credentialsOf(ben.email);
    await iconik.control('POST', '/clock', { advance: 10 * 365 * 86_400 });
    expect(await current(as)).toBe(200);
    await iconik.api('PUT', 'auth/v1/auth/token/', { as });
    expect(await current(as)).toBe(401);
    await iconik.choose('tokenRefresh', 'old stays');
    const other = await iconik.credentialsOf(ben.email);
    await iconik.api('PUT', 'auth/v1/auth/token/', { as: other });
    expect(await current(other)).toBe(200);
  });

  test('missing role; IP refused; `Retry-After` on 429', async () => {
    expect((await iconik.api('GET', 'notifications/v1/webhooks/')).text).toMatch(/requires role can_read_webhooks/);
    await iconik.choose('inviteRegisterLimit', 0);
    await iconik.choose('retryAfter', 'present');
    const limited = await iconik.api('POST', `${U}invite/register/`, { as: null, body: {} });
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, null]); // that limit tells nothing
    await own('PATCH', 'settings/v1/system/current/', { allowed_ips: [{ ip: '192.0.2.7' }] });
    expect(await both('ipRefused', 401, () => iconik.api('POST', 'auth/v1/auth/token/'))).toEqual([403, 401]);
  });

  test('webhook delivery: GET by id, and what is left of a deleted one (the rest in webhooks.test.ts)', async () => {
    const body = { event_type: 'assets', status: 'ENABLED', url: 'https://hooks.example/' };
    const { id } = (await own('POST', 'notifications/v1/webhooks/', body)).body;
    const read = (): Promise<Answer> => own('GET', `notifications/v1/webhooks/${id}/`);
    expect(await both('webhookGetStatus', 201, read)).toEqual([200, 201]);
    await iconik.choose('webhookGetStatus', 200);
    await own('DELETE', `notifications/v1/webhooks/${id}/`);
    expect((await read()).status).toBe(404);
    await iconik.choose('webhookAfterDelete', 200);
    expect((await read()).body.status).toBe('DELETED');
  });

  test('list lag; audit `type`', async () => {
    const type = async (): Promise<unknown> => (await own('GET', 'stats/v1/user/audit/by/day/')).body.objects[0]?.type;
    expect(await type()).toBe('STANDARD');
    await iconik.choose('auditType', 'API');
    expect(await type()).toBe('API');
    const made = async (email: string): Promise<number> => {
      await own('POST', U, { ...PERSON, email });
      return (await own('GET', `${U}?email=${email}`)).body.total;
    };
    expect(await made('a@x.example')).toBe(1);
    await iconik.choose('listLagMs', 5000);
    expect(await made('b@x.example')).toBe(0);
  });
});
