import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Trial } from './trial.ts';
import { startTrial } from './trial.ts';

let iconik: Trial;
beforeAll(async () => {
  iconik = await startTrial();
});
afterAll(() => iconik.close());
beforeEach(() => iconik.control('POST', '/reset'));

const USERS = 'users/v1/users/';
const PERSON = { email: 'nina@northwind.example', first_name: 'Nina', last_name: 'Berg', type: 'STANDARD' };

describe('creating', () => {
  test('a new user is active, in "Everyone" and the primary group, and gets an invitation', async () => {
    const marketing = await iconik.team('Marketing');
    const made = await iconik.api('POST', USERS, { body: { ...PERSON, primary_group: marketing.id } });
    expect(made.status).toBe(201);
    expect(made.headers.get('x-standin-chosen')).toContain('newUserStatus');
    expect(made.body).toMatchObject({ ...PERSON, status: 'ACTIVE', primary_group: marketing.id, is_admin: false });
    expect(made.body.date_created).toMatch(/\+00:00$/);
    const everyone = await iconik.team('Everyone');
    const read = await iconik.api('GET', `${USERS}${made.body.id}/`);
    expect(new Set(read.body.teams)).toEqual(new Set([everyone.id, marketing.id]));
    const { messages } = await iconik.control<{ messages: { kind: string }[] }>('GET', '/outbox');
    expect(messages.map((mail) => mail.kind)).toEqual(['invitation']);
  });

  test('the same e-mail in other case is refused, with the field named', async () => {
    const body = { ...PERSON, email: 'ADA.BYRNE@northwind.example' };
    const again = await iconik.api('POST', USERS, { body });
    expect([again.status, again.body.errors]).toEqual([400, { email: expect.any(String) }]);
    await iconik.choose('duplicateEmailStatus', 409);
    expect((await iconik.api('POST', USERS, { body })).status).toBe(409);
  });

  test.each([
    ['email', { ...PERSON, email: undefined }],
    ['email', { ...PERSON, email: 'no mail' }],
    ['type', { ...PERSON, type: undefined }],
    ['type', { ...PERSON, type: 'GUEST' }],
    ['groups', { ...PERSON, groups: ['4f4c2b0e-0000-4000-8000-000000000000'] }],
    ['primary_group', { ...PERSON, primary_group: '4f4c2b0e-0000-4000-8000-000000000000' }],
    ['status', { ...PERSON, status: 'GONE' }],
  ])('a wrong %s is a field error and changes nothing', async (field, body) => {
    const answer = await iconik.api('POST', USERS, { body });
    expect([answer.status, Object.keys(answer.body.errors)]).toEqual([400, [field]]);
    expect((await iconik.lastEntry()).writes).toEqual([]);
  });

  test('only an owner makes owners, and only of POWER users', async () => {
    const body = { ...PERSON, type: 'POWER', is_admin: true };
    expect((await iconik.api('POST', USERS, { body })).status).toBe(403);
    expect((await iconik.owner('POST', USERS, { ...body, type: 'STANDARD' })).body.errors).toHaveProperty('is_admin');
    expect((await iconik.owner('POST', USERS, body)).body.is_admin).toBe(true);
  });
});

describe('changing', () => {
  test('PATCH needs type, unless the lenient way is chosen', async () => {
    const ben = await iconik.user('ben.otto@northwind.example');
    const without = await iconik.api('PATCH', `${USERS}${ben.id}/`, { body: { status: 'INACTIVE' } });
    expect([without.status, Object.keys(without.body.errors)]).toEqual([400, ['type']]);
    await iconik.choose('patchWithoutType', 'lenient');
    const lenient = await iconik.api('PATCH', `${USERS}${ben.id}/`, { body: { status: 'INACTIVE' } });
    expect([lenient.status, lenient.body.status, lenient.body.type]).toEqual([200, 'INACTIVE', 'STANDARD']);
  });

  test('an effect is recorded with what changed, a repeat with nothing before and after', async () => {
    const ben = await iconik.user('ben.otto@northwind.example');
    const body = { type: 'STANDARD', first_name: 'Ben', status: 'BLOCKED' };
    await iconik.api('PATCH', `${USERS}${ben.id}/`, { body });
    expect((await iconik.lastEntry()).writes).toEqual([
      { object: 'user', id: ben.id, before: { status: 'ACTIVE' }, after: { status: 'BLOCKED' } },
    ]);
    await iconik.api('PATCH', `${USERS}${ben.id}/`, { body });
    expect((await iconik.lastEntry()).writes).toEqual([{ object: 'user', id: ben.id, before: {}, after: {} }]);
  });

  test('tokens of INACTIVE and BLOCKED users stop at once and come back with ACTIVE', async () => {
    const as = await iconik.credentialsOf('ben.otto@northwind.example');
    const ben = await iconik.user('ben.otto@northwind.example');
    for (const status of ['INACTIVE', 'BLOCKED', 'ACTIVE']) {
      await iconik.act('edit', { user: ben.id, set: { status } });
      const answer = await iconik.api('GET', 'users/v1/users/current/', { as });
      expect([status, answer.status]).toEqual([status, status === 'ACTIVE' ? 200 : 401]);
    }
  });

  test('groups of a PATCH replace, never without the primary group', async () => {
    const ben = await iconik.user('ben.otto@northwind.example');
    const legal = await iconik.team('Legal');
    const path = `${USERS}${ben.id}/`;
    const refused = await iconik.api('PATCH', path, { body: { type: 'STANDARD', groups: [legal.id] } });
    expect([refused.status, Object.keys(refused.body.errors)]).toEqual([400, ['primary_group']]);
    const body = { type: 'STANDARD', groups: [legal.id], primary_group: legal.id };
    expect((await iconik.api('PATCH', path, { body })).status).toBe(200);
    const everyone = await iconik.team('Everyone');
    expect(new Set((await iconik.api('GET', path)).body.groups)).toEqual(new Set([everyone.id, legal.id]));
    await iconik.choose('patchGroups', 'merge');
    const brand = await iconik.team('Unit Brand');
    await iconik.api('PATCH', path, { body: { type: 'STANDARD', groups: [brand.id] } });
    expect(new Set((await iconik.api('GET', path)).body.teams)).toEqual(new Set([everyone.id, legal.id, brand.id]));
  });
});

describe('deleting', () => {
  test('a deleted user is not found, the e-mail is free again, ACL rows stay as ghosts', async () => {
    const tom = await iconik.user('tom.weber@northwind.example');
    const trailers = await iconik.root('Unit Trailers');
    expect((await iconik.owner('DELETE', `${USERS}${tom.id}/`)).status).toBe(204);
    expect((await iconik.api('GET', `${USERS}${tom.id}/`)).status).toBe(404);
    expect((await iconik.api('PATCH', `${USERS}${tom.id}/`, { body: { type: 'STANDARD' } })).status).toBe(404);
    const acl = `acls/v1/acl/collections/${trailers.id}/`;
    expect((await iconik.api('GET', acl)).body.users_acl).toHaveLength(1);
    expect((await iconik.api('GET', `${acl}?exclude_deleted=true`)).body.users_acl).toHaveLength(0);
    const access = await iconik.control<Record<string, { ghost: boolean }>>('GET', '/state/access');
    expect(Object.values(access).filter((row) => row.ghost)).toHaveLength(1);
    const body = { ...PERSON, email: tom.email };
    expect((await iconik.api('POST', USERS, { body })).status).toBe(201);
  });

  test('the other behaviour shows it as DELETED', async () => {
    const tom = await iconik.user('tom.weber@northwind.example');
    await iconik.choose('userAfterDelete', 200);
    await iconik.owner('DELETE', `${USERS}${tom.id}/`);
    const shown = await iconik.api('GET', `${USERS}${tom.id}/`);
    expect([shown.status, shown.body.status, shown.body.first_name]).toEqual([200, 'DELETED', null]);
  });
});

describe('effective roles', () => {
  test('come from type defaults and role groups, not from teams', async () => {
    const chiara = await iconik.user('chiara.rossi@northwind.example');
    const path = `${USERS}${chiara.id}/roles/`;
    expect((await iconik.api('GET', path)).body.objects).toContain('can_write_approval_status');
    expect((await iconik.api('GET', `${path}can_read_shares/`)).status).toBe(200);
    expect((await iconik.api('GET', `${path}can_write_users/`)).status).toBe(404);
    const approver = await iconik.roleGroup('Approver');
    await iconik.api('DELETE', `users/v1/role_groups/${approver.id}/`);
    expect((await iconik.api('GET', path)).body.objects).toEqual(['can_read_collections']);
  });
});
