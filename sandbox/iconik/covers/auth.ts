import { expect } from '@jest/globals';
import { OWNER } from '../seed.ts';
import type { Credentials } from '../seed.ts';
import type { Body } from '../trial.ts';
import type { Checks, Recorder } from './recorder.ts';
import { NOBODY, fresh, ids, under } from './recorder.ts';

const T = 'auth/v1/auth/token/';
const APPS = 'auth/v1/apps/';
const PASSWORD = 'correct horse battery staple';

/** A token of one's own that may be revoked. */
async function token(t: Recorder): Promise<Body & { as: Credentials }> {
  const made = await t.send(201, 'POST', T);
  return { ...made, as: { appId: OWNER.appId, token: made.token } };
}

const lives = async (t: Recorder, as: Credentials): Promise<boolean> => (await t.api('GET', T, { as })).status === 200;

const app = (t: Recorder, more: object = {}): Promise<Body> =>
  t.send(201, 'POST', APPS, { name: fresh('App'), ...more });

/** Removal of a token, whose reply may have a body. */
const removal =
  (path: (id: string) => string) =>
  async (t: Recorder): Promise<void> => {
    await t.either('okOrNoContent', 200, 204, async (status) => {
      const made = await token(t);
      const answer = await t.api('DELETE', path(made.id), { as: path('') === T ? made.as : OWNER });
      expect([answer.status, await lives(t, made.as)]).toEqual([status, false]);
    });
  };

export const TOKEN_CHECKS: Checks = under('/API/auth/v1', {
  'POST /auth/simple/login/': async (t) => {
    const { email, id } = await t.person();
    await t.act('acceptInvitation', { email, password: PASSWORD });
    const login = { email, password: PASSWORD, app_name: 'Trial' };
    const made = await t.asNobody(201, 'POST', 'auth/v1/auth/simple/login/', login);
    const as = { appId: made.app_id, token: made.token };
    expect((await t.api('GET', 'users/v1/users/current/', { as })).body.id).toBe(id);
    await t.asNobody(401, 'POST', 'auth/v1/auth/simple/login/', { ...login, password: 'other' });
    await t.asNobody(400, 'POST', 'auth/v1/auth/simple/login/', { email });
  },
  'POST /oauth/token/': async (t) => {
    const made = (await app(t, { type: 'OAUTH', oauth_client_type: 'confidential' })) as Body & {
      client_secret: string;
    };
    const ask = (secret: string, grant = 'client_credentials'): ReturnType<Recorder['api']> =>
      t.api('POST', 'auth/v1/oauth/token/', {
        as: null,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: `grant_type=${grant}&client_id=${made.id}&client_secret=${secret}&scope=all`,
      });
    const granted = await ask(made.client_secret);
    expect(granted.status).toBe(200);
    expect(await lives(t, { appId: made.id, token: granted.body.token })).toBe(true);
    expect((await ask('wrong')).status).toBe(401);
    expect((await ask(made.client_secret, 'password')).status).toBe(400);
  },
  'GET /auth/token/': async (t) => {
    const made = await token(t);
    expect((await t.api('GET', T, { as: made.as })).body.id).toBe(made.id);
  },
  'POST /auth/token/': async (t) => {
    const made = await t.send(201, 'POST', `${T}?expires_in=60`);
    expect(Date.parse(made.expires)).toBeLessThan(Date.now() + 61_000);
    expect(ids(await t.get('auth/v1/auth/tokens/'))).toContain(made.id);
    await t.send(400, 'POST', `${T}?expires_in=soon`);
  },
  'PUT /auth/token/': async (t) => {
    const { as } = await token(t);
    const answer = await t.api('PUT', `${T}?expires_in=60`, { as });
    expect([answer.status, await lives(t, as)]).toEqual([200, false]);
    expect(await lives(t, { ...as, token: answer.body.token })).toBe(true);
  },
  'DELETE /auth/token/': removal(() => T),
  'GET /auth/token/{id}/': async (t) => {
    const made = await token(t);
    expect(await t.get(`${T}${made.id}/`)).toMatchObject({ id: made.id, app_id: OWNER.appId });
    await t.send(404, 'GET', `${T}${NOBODY}/`);
  },
  'DELETE /auth/token/{id}/': async (t) => {
    await removal((id) => `${T}${id}/`)(t);
    await t.send(404, 'DELETE', `${T}${NOBODY}/`);
  },
  'GET /auth/tokens/': async (t) => {
    const made = [await token(t), await token(t)].map((one) => one.id);
    const all = ids(await t.get('auth/v1/auth/tokens/'));
    expect(all).toEqual(expect.arrayContaining(made));
    const [first = ''] = all;
    expect(ids(await t.get(`auth/v1/auth/tokens/?per_page=1&last_id=${first}`))).toEqual([all[1]]);
  },
  'GET /auth/{app}/tokens/': async (t) => {
    const one = await app(t);
    const made = await t.send(201, 'POST', `${APPS}${one.id}/token/`);
    expect(ids(await t.get(`auth/v1/auth/${one.id}/tokens/?per_page=10&last_id=0`))).toEqual([made.id]);
  },
  'GET /system_domains/{id}/': async (t) => {
    const { domain } = await t.control<{ domain: { id: string } }>('GET', '/state');
    const { id } = domain;
    expect(await t.get(`auth/v1/system_domains/${id}/`)).toMatchObject({ id, status: 'ACTIVE' });
    await t.send(404, 'GET', `auth/v1/system_domains/${NOBODY}/`);
  },
});

const fields = (user: string): object => ({
  name: fresh('App'),
  type: 'PAT',
  oauth_client_type: null,
  default_user_id: user,
  description: 'Trial',
  url: 'https://x.example',
  redirect_uris: [],
  allowed_scopes: [],
});

const edit =
  (method: string) =>
  async (t: Recorder): Promise<void> => {
    const [one, user] = [await app(t), await t.person()];
    const body = fields(user.id);
    await t.send(200, method, `${APPS}${one.id}/`, body);
    expect(await t.get(`${APPS}${one.id}/`)).toMatchObject(body);
    await t.send(400, method, `${APPS}${one.id}/`, { name: 'x', type: 'OAUTH' });
    await t.send(404, method, `${APPS}${NOBODY}/`, { name: 'x' });
  };

export const APP_CHECKS: Checks = under('/API/auth/v1', {
  'GET /apps/': async (t) => {
    const one = await app(t);
    const all = ids(await t.get(APPS));
    expect(all).toContain(one.id);
    expect(ids(await t.get(`${APPS}?per_page=1&last_id=${all[0]}`))).toEqual([all[1]]);
  },
  'POST /apps/': async (t) => {
    const body = fields((await t.person()).id);
    const made = await t.send(201, 'POST', APPS, body);
    expect(await t.get(`${APPS}${made.id}/`)).toMatchObject(body);
    await t.send(400, 'POST', APPS, { description: 'no name' });
  },
  'GET /apps/{id}/': async (t) => {
    expect((await t.get(`${APPS}${OWNER.appId}/`)).name).toBe('Owner');
    await t.send(404, 'GET', `${APPS}${NOBODY}/`);
  },
  'PUT /apps/{id}/': edit('PUT'),
  'PATCH /apps/{id}/': edit('PATCH'),
  'DELETE /apps/{id}/': async (t) => {
    const one = await app(t);
    const made = await t.send(201, 'POST', `${APPS}${one.id}/token/`);
    await t.send(204, 'DELETE', `${APPS}${one.id}/`);
    await t.send(404, 'DELETE', `${APPS}${one.id}/`);
    expect(await lives(t, { appId: one.id, token: made.token })).toBe(false);
  },
  'POST /apps/{id}/token/': async (t) => {
    const user = await t.person();
    const one = await app(t, { default_user_id: user.id });
    const made = await t.send(201, 'POST', `${APPS}${one.id}/token/?expires_in=3600`);
    expect([made.user_id, made.app_id]).toEqual([user.id, one.id]);
    expect(await lives(t, { appId: one.id, token: made.token })).toBe(true);
    await t.send(404, 'POST', `${APPS}${NOBODY}/token/`);
  },
});
