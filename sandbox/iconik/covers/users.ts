import { expect } from '@jest/globals';
import type { Body, Item } from '../trial.ts';
import type { Checks, Recorder } from './recorder.ts';
import { NOBODY, fresh, ids, under } from './recorder.ts';

const U = 'users/v1/users/';

/** Every field that may be written, and what the user then shows (a password is never shown). */
async function form(t: Recorder, email: string): Promise<{ sent: object; shown: object }> {
  const team = await t.team('Marketing');
  const shown = {
    email,
    first_name: 'Nina',
    last_name: 'New',
    type: 'POWER',
    status: 'BLOCKED',
    is_admin: false,
    primary_group: team.id,
    phone: '+1',
    description: 'Trial',
    metadata: { desk: '4' },
  };
  const { system_domain_id } = (await t.get(`${U}current/`)) as Body & { system_domain_id: string };
  const more = { groups: [team.id], system_domains: [system_domain_id], password: 'pass phrase' };
  return { sent: { ...shown, ...more }, shown };
}

const edit =
  (method: string) =>
  async (t: Recorder): Promise<void> => {
    const user = await t.person();
    const { sent, shown } = await form(t, `${fresh('other')}@northwind.example`);
    await t.send(200, method, `${U}${user.id}/`, sent);
    const read = await t.get(`${U}${user.id}/`);
    expect(read).toMatchObject(shown);
    expect(read.groups).toEqual(expect.arrayContaining([read.primary_group]));
    await t.send(400, method, `${U}${user.id}/`, { first_name: 'x' });
    await t.send(404, method, `${U}${NOBODY}/`, sent);
  };

/** One's own profile; the owner may change what others may not. */
const editCurrent =
  (method: string) =>
  async (t: Recorder): Promise<void> => {
    const me = await t.get(`${U}current/`);
    const { sent, shown } = await form(t, `${fresh('me')}@northwind.example`);
    await t.send(200, method, `${U}current/`, { ...sent, status: 'ACTIVE', is_admin: true });
    const read = await t.get(`${U}${me.id}/`);
    expect(read).toMatchObject({ ...shown, status: 'ACTIVE', is_admin: true });
    await t.send(400, method, `${U}current/`, { first_name: 'x' });
  };

async function list(t: Recorder, path: string, more: string): Promise<void> {
  const ben = await t.user('ben.otto@northwind.example');
  const team = await t.team('Post Production');
  const filters = `ids=${ben.id}&email=ben*&first_name=Ben&last_name=Otto&query=otto&groups=${team.id}`;
  const rest = 'status=ACTIVE&is_admin=false&password_changed=&date_created=2026-01-01;*&date_modified=*;*';
  expect(ids(await t.get(`${path}?${filters}&${rest}${more}&page=1&per_page=5&sort=email,desc`))).toEqual([ben.id]);
  await t.send(404, 'GET', `${path}?page=99`);
}

export const USER_CHECKS: Checks = under('/API/users/v1', {
  'GET /users/': async (t) => {
    await list(t, U, '');
    await t.send(400, 'GET', `${U}?per_page=0`);
  },
  'GET /users/basic/': (t) => list(t, `${U}basic/`, '&emails=BEN.OTTO@northwind.example'),
  'POST /users/': async (t) => {
    const { sent, shown } = await form(t, `${fresh('new')}@northwind.example`);
    const made = await t.send(201, 'POST', U, sent);
    expect(await t.get(`${U}${made.id}/`)).toMatchObject(shown);
    await t.send(400, 'POST', U, sent);
  },
  'GET /users/{id}/': async (t) => {
    const user = await t.person();
    expect(await t.get(`${U}${user.id}/`)).toMatchObject({ email: user.email, teams: [user.primary_group] });
    await t.send(404, 'GET', `${U}${NOBODY}/`);
  },
  'PATCH /users/{id}/': edit('PATCH'),
  'PUT /users/{id}/': edit('PUT'),
  'DELETE /users/{id}/': async (t) => {
    const user = await t.person();
    await t.send(204, 'DELETE', `${U}${user.id}/`);
    await t.send(404, 'DELETE', `${U}${user.id}/`);
    expect(ids(await t.get(`${U}?ids=${user.id}`))).toEqual([]);
  },
  'GET /users/current/': async (t) => {
    const me = await t.get(`${U}current/`);
    expect(me).toMatchObject({ email: 'omar.haddad@northwind.example', is_admin: true });
    expect(await t.get(`${U}${me.id}/`)).toMatchObject({ id: me.id });
  },
  'PATCH /users/current/': editCurrent('PATCH'),
  'PUT /users/current/': editCurrent('PUT'),
  'GET /users/current/roles/': async (t) => {
    const me = await t.get(`${U}current/`);
    expect(await t.get(`${U}current/roles/`)).toEqual(await t.get(`${U}${me.id}/roles/`));
  },
  'GET /users/{id}/roles/': async (t) => {
    const [user, group] = [await t.person(), await t.roleGroup('Approver')];
    await t.send(201, 'POST', `users/v1/role_groups/${group.id}/users/${user.id}/`);
    expect((await t.get(`${U}${user.id}/roles/`)).objects).toContain('can_write_approval_status');
    await t.send(404, 'GET', `${U}${NOBODY}/roles/`);
  },
  'GET /users/{id}/roles/{role}/': async (t) => {
    const user = await t.person();
    await t.get(`${U}${user.id}/roles/can_read_collections/`);
    await t.send(404, 'GET', `${U}${user.id}/roles/can_read_users/`);
  },
  'PUT /users/{id}/saml/': async (t) => {
    const [user, idp] = [await t.person(), (await t.get('auth/v1/auth/saml/idp/')).objects[0]];
    const body = { email: user.email, identity_provider_id: idp?.id };
    await t.send(200, 'PUT', `${U}${user.id}/saml/`, body);
    expect(await t.get(`${U}${user.id}/`)).toMatchObject({ identity_provider_id: idp?.id });
    await t.send(400, 'PUT', `${U}${user.id}/saml/`, { ...body, identity_provider_id: NOBODY });
    await t.send(404, 'PUT', `${U}${NOBODY}/saml/`, body);
  },
  'DELETE /users/{id}/saml/': async (t) => {
    const user = await t.person();
    await t.either('okOrNoContent', 200, 204, async (status) => {
      await t.act('samlLogin', { email: user.email });
      await t.send(status, 'DELETE', `${U}${user.id}/saml/`);
      expect(await t.get(`${U}${user.id}/`)).toMatchObject({ identity_provider_id: null });
    });
    await t.send(404, 'DELETE', `${U}${NOBODY}/saml/`);
  },
});

const REQUEST = 'users/v1/users/invite/token/request/';
const REGISTER = 'users/v1/users/invite/register/';

async function invite(t: Recorder, more: object = {}): Promise<{ token: string; team: Item }> {
  const team = await t.team('Marketing');
  const { invite_link } = (await t.send(200, 'POST', REQUEST, { primary_group: team.id, ...more })) as Body & {
    invite_link: string;
  };
  return { token: invite_link.split('/').at(-1) ?? '', team };
}

export const INVITE_CHECKS: Checks = under('/API', {
  'POST /users/v1/users/invite/token/request/': async (t) => {
    const legal = await t.team('Legal');
    const { token, team } = await invite(t, { groups: [legal.id], is_admin: false, type: 'BROWSE_ONLY' });
    const person = { email: `${fresh('invited')}@northwind.example`, first_name: 'I', token };
    const { id } = await t.asNobody(201, 'POST', REGISTER, person);
    const user = await t.get(`${U}${id}/`);
    expect(user).toMatchObject({ type: 'BROWSE_ONLY', primary_group: team.id });
    expect(user.teams).toContain(legal.id);
    await t.send(400, 'POST', REQUEST, { primary_group: NOBODY });
    await t.asService(403, 'POST', REQUEST, { primary_group: team.id, is_admin: true });
  },
  'POST /users/v1/users/invite/register/': async (t) => {
    const { token } = await invite(t);
    const person = { email: `${fresh('invited')}@northwind.example`, first_name: 'I', last_name: 'N', token };
    const { id } = await t.asNobody(201, 'POST', REGISTER, person);
    expect(await t.get(`${U}${id}/`)).toMatchObject({ email: person.email, last_name: 'N' });
    await t.asNobody(409, 'POST', REGISTER, person);
    await t.asNobody(404, 'POST', REGISTER, { ...person, token: 'old' });
    await t.asNobody(400, 'POST', REGISTER, { ...person, first_name: null });
    await t.choose('inviteRegisterLimit', 1);
    await t.asNobody(429, 'POST', REGISTER, person);
  },
  'DELETE /users/v1/users/invite/purge/': async (t) => {
    await t.either('okOrNoContent', 200, 204, async (status) => {
      const { token } = await invite(t);
      await t.send(status, 'DELETE', 'users/v1/users/invite/purge/');
      await t.asNobody(404, 'POST', REGISTER, { email: 'x@northwind.example', first_name: 'X', token });
    });
  },
  'PUT /auth/v1/invitation/complete/{hash}/': async (t) => {
    const user = await t.person();
    const path = `auth/v1/invitation/complete/${await linkTo(t, user.email)}/`;
    const body = { password: 'pass', repeat_password: 'pass', first_name: 'Set', last_name: 'Too' };
    await t.asNobody(400, 'PUT', path, { ...body, repeat_password: 'other' });
    await t.asNobody(200, 'PUT', path, body);
    expect(await t.get(`${U}${user.id}/`)).toMatchObject({ first_name: 'Set', last_name: 'Too' });
    await t.asNobody(419, 'PUT', path, body);
  },
  'POST /auth/v1/password/forgot/': async (t) => {
    const { email } = await t.user('ben.otto@northwind.example');
    await t.asNobody(201, 'POST', 'auth/v1/password/forgot/', { email });
    const path = `auth/v1/invitation/complete/${await linkTo(t, email)}/`;
    await t.asNobody(200, 'PUT', path, { password: 'pass', repeat_password: 'pass' });
    await t.asNobody(400, 'POST', 'auth/v1/password/forgot/', {});
  },
});

/** The secret part of the newest link mailed to somebody. */
async function linkTo(t: Recorder, email: string): Promise<string> {
  const { messages } = await t.control<{ messages: { hash: string }[] }>('GET', `/outbox?to=${email}`);
  return messages.at(-1)?.hash ?? '';
}
