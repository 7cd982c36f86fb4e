import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SECRETS } from './seed.ts';
import type { Answer, Trial } from './trial.ts';
import { ORC, PROD, endTrials, startTrial } from './trial.ts';

/** Section 2: tokens, their life, and the groups they carry. */

let t: Trial;
beforeAll(async () => {
  t = await startTrial({ strict: true });
});
afterAll(endTrials);

describe('tokens', () => {
  const at = '/otdstenant/northwind/oauth2/token';
  const ask = (form: Record<string, string>): Promise<Answer> =>
    t.raw('POST', at, { as: null, body: new URLSearchParams(form) });
  const person = { grant_type: 'password', username: 'grace.lee@staff', client_id: 'web', password: SECRETS.password };

  test.each([
    [
      'a wrong client secret',
      { grant_type: 'client_credentials', client_id: 'tenure', client_secret: 'x' },
      401,
      'invalid_client',
    ],
    ['a wrong password', { ...person, password: 'x' }, 400, 'invalid_grant'],
    ['a disabled account', { ...person, username: 'tom.weber@staff' }, 400, 'invalid_grant'],
    ['an ambiguous bare login', { ...person, username: 'sam.reyes' }, 400, 'invalid_grant'],
    ['an unknown grant', { ...person, grant_type: 'magic' }, 400, 'unsupported_grant_type'],
  ])('%s is refused', async (_what, form, status, error) => {
    const reply = await ask(form);
    expect([reply.status, reply.body.error]).toEqual([status, error]);
  });

  test('the life is 900 s; after it the first 401, in the shape of the service; a refresh token gives a new one', async () => {
    const { body } = await ask(person);
    expect(body.expires_in).toBe(900);
    const headers = { authorization: `Bearer ${body.access_token}` };
    const read = (): Promise<Answer> => t.raw('GET', `${ORC}/version`, { as: null, headers });
    expect((await read()).status).toBe(200);
    await t.control('POST', '/clock', { advance: 901 });
    const late = await read();
    expect([late.status, late.body.status]).toEqual([401, 'error']);
    const again = await ask({ grant_type: 'refresh_token', refresh_token: body.refresh_token });
    expect(again.status).toBe(200);
    t.forget();
  });

  test('the service client is {clientId}@OAuthClients', async () => {
    expect((await t.das('GET', '/authentication/current-user')).body.data).toMatchObject({
      name: 'tenure@OAuthClients',
      isTenantAdmin: true,
    });
  });

  test('groups travel in the token: a revoked membership ends with the token', async () => {
    const person = 'chiara.rossi@staff';
    const see = (): Promise<Answer> => t.das('GET', `/resources/${PROD}`, { as: person });
    expect((await see()).status).toBe(200);
    await t.act('membership', { person, group: 'Legal Review@staff', present: false });
    expect((await see()).status).toBe(200);
    await t.choose('TOKEN_GROUPS', 'live');
    expect((await see()).status).toBe(403);
    await t.choose('TOKEN_GROUPS', 'issue');
    await t.control('POST', '/clock', { advance: 901 });
    expect((await see()).status).toBe(401);
    t.forget();
    expect((await see()).status).toBe(403);
    await t.act('membership', { person, group: 'Legal Review@staff', present: true });
    t.forget();
  });

  test('nested groups are not expanded, unless chosen', async () => {
    const person = 'elena.popescu@staff';
    const people = Object.entries(await t.control<Record<string, { groups: string[] }>>('GET', '/state/people'));
    const flat =
      people.find(([ref, { groups }]) => ref.endsWith('@staff') && groups.join() === 'Dept Finance@staff')?.[0] ??
      person;
    const see = (): Promise<Answer> => t.das('GET', `/resources/${PROD}`, { as: flat });
    expect((await see()).status).toBe(403);
    await t.choose('NESTED_GROUPS', 'expanded');
    t.forget();
    expect((await see()).status).toBe(200);
    await t.choose('NESTED_GROUPS', 'flat');
    t.forget();
  });
});
