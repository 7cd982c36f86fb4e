import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ALTERNATIVES, NUMBERS } from './chosen.ts';
import { attribute, good, list, names, seg, startRecorder, str } from './covers/recorder.ts';
import type { Recorder } from './covers/recorder.ts';

/** The switches of its own: special faults (contract, section 15), choices (section 13), password policy. */
let t: Recorder;
beforeAll(async () => {
  t = await startRecorder();
});
beforeEach(() => t.reset());
afterAll(() => t.standIn.close());

describe('special faults', () => {
  test('ticketExpiry in the middle of a scan; staleCookie; shortPage with a cookie; missingModifyTimestamp', async () => {
    const first = await t.get('/users?page_size=5');
    const next = `/users?page_size=5&next_page_cookie=${seg(str(first['nextPageCookie']))}`;
    await t.plan({ kind: 'special', name: 'staleCookie' });
    await t.refused(400, 'GET', next);
    await t.plan({ kind: 'special', name: 'shortPage' });
    const short = await t.get(next);
    expect([list(short['users']).length, short['nextPageCookie']]).toEqual([2, expect.any(String)]);
    await t.plan({ kind: 'special', name: 'missingModifyTimestamp' });
    expect(JSON.stringify(await t.get('/users/ada.byrne@staff'))).not.toContain('modifyTimestamp');
    await t.plan({ kind: 'special', name: 'ticketExpiry' });
    await t.refused(400, 'GET', next);
    await t.refused(400, 'GET', next);
  });

  test('an expired Bearer; lockOut; slowConsolidation', async () => {
    const headers = { authorization: `Bearer ${t.bearer}` };
    await t.plan({ kind: 'special', name: 'ticketExpiry' });
    good(await t.rest('GET', '/currentuser', { as: null, headers }), 401);
    const login = { userName: 'ada.byrne@staff', password: 'Long-enough-1' };
    await t.done('PUT', '/users/ada.byrne@staff/password', { newPassword: login.password }, 204);
    await t.plan({ kind: 'special', name: 'lockOut' }, { path: '*/credentials' });
    await t.refused(401, 'POST', '/authentication/credentials', login);
    await t.refused(401, 'POST', '/authentication/credentials', login);
    const values = [{ name: 'accountLockedOut', values: ['false'] }];
    await t.done('PATCH', '/users/ada.byrne@staff', { values });
    await t.done('POST', '/authentication/credentials', login);
    await t.choose('CONSOLIDATION_MS', 0);
    await t.plan({ kind: 'special', name: 'slowConsolidation' });
    const { location } = await t.get('/users/ada.byrne@staff');
    const began = performance.now();
    await t.done('POST', '/consolidation', { objectToConsolidate: location }, 204);
    expect(performance.now() - began).toBeGreaterThan(900);
  });
});

test('the same login in a second partition makes the bare one ambiguous', async () => {
  await t.act('twin', { person: 'ada.byrne@staff', partition: 'contractors' });
  await t.refused(400, 'GET', '/users/ada.byrne');
  const [here, there] = [await t.get('/users/ada.byrne@staff'), await t.get('/users/ada.byrne@contractors')];
  expect(attribute(there, 'mail')).toEqual(attribute(here, 'mail'));
  expect(there['uuid']).not.toBe(here['uuid']);
});

describe('choices', () => {
  test('each can be turned to each of its values, and refuses any other', async () => {
    for (const [constant, values] of Object.entries(ALTERNATIVES))
      for (const value of [...values, values[0]]) await t.choose(constant, value);
    for (const [constant, value] of Object.entries(NUMBERS)) await t.choose(constant, value);
    await expect(t.choose('PUT_MODE', 'maybe')).rejects.toThrow('replace or merge');
    await expect(t.choose('COOKIE_TTL_S', 'soon')).rejects.toThrow('whole number');
    await expect(t.choose('NOTHING', 1)).rejects.toThrow('constant must be one of');
  });

  test('CREATE_STATUS, DELETE_STATUS, WHERE_FILTER, PAGE_SIZE_MAX, COOKIE_TTL_S, TICKET_TTL_S, UNLOCK_BY_PATCH', async () => {
    await t.choose('CREATE_STATUS', '201');
    await t.done('POST', '/users', { userPartitionID: 'staff', name: 'mark' }, 201);
    await t.choose('DELETE_STATUS', '200');
    expect(good(await t.rest('DELETE', '/users/mark@staff')).text).toBe('');
    const found = async (text: string) => names((await t.get(`/users?where_filter=${text}`))['users']);
    expect(await found('byrne')).toEqual([]);
    await t.choose('WHERE_FILTER', 'contains');
    expect(await found('byrne')).toEqual(['ada.byrne']);
    await t.choose('WHERE_FILTER', 'exact');
    expect([await found('ada'), await found('ada.byrne')]).toEqual([[], ['ada.byrne']]);
    await t.choose('PAGE_SIZE_MAX', 3);
    const page = await t.get('/users?page_size=500');
    expect(list(page['users'])).toHaveLength(3);
    await t.choose('COOKIE_TTL_S', 1);
    const cookie = seg(str((await t.get('/users?page_size=3'))['nextPageCookie']));
    await t.control('POST', '/clock', { advance: 2 });
    await t.refused(400, 'GET', `/users?next_page_cookie=${cookie}`);
    const lock = (on: string) => ({ values: [{ name: 'accountLockedOut', values: [on] }] });
    await t.done('PATCH', '/users/ada.byrne@staff', lock('true'));
    await t.choose('UNLOCK_BY_PATCH', 'ignored');
    await t.done('PATCH', '/users/ada.byrne@staff', lock('false'));
    expect(JSON.stringify(await t.get('/users/ada.byrne@staff'))).toContain('"accountLockedOut","values":["true"]');
    await t.choose('TICKET_TTL_S', 10);
    await t.logIn();
    await t.control('POST', '/clock', { advance: 11 });
    await t.refused(400, 'GET', '/users');
  });
});

test('a filter sees what was changed just now, by name, mail and display name', async () => {
  const found = async (text: string) => names((await t.get(`/users?where_filter=${text}`))['users']);
  expect(await found('countess')).toEqual([]);
  await t.done('PATCH', '/users/ada.byrne@staff', { values: [{ name: 'displayName', values: ['Countess Ada'] }] });
  expect(await found('COUNTESS*')).toEqual(['ada.byrne']);
  await t.act('upstream', { person: 'femi.adeyemi', set: { login: 'countess.femi' } });
  await t.act('import');
  expect(await found('countess')).toEqual(['ada.byrne', 'countess.femi']);
  await t.done('DELETE', '/users/ada.byrne@staff', undefined, 204);
  expect(await found('countess')).toEqual(['countess.femi']);
});

describe('the password policy', () => {
  const set = (newPassword: string, status = 204) =>
    t.done('PUT', '/users/ada.byrne@staff/password', { newPassword }, status);
  const policy = (body: object) => t.done('PUT', '/systemconfig/passwordpolicy', body, 204);
  const login = (password: string) =>
    t.rest('POST', '/authentication/credentials', { body: { userName: 'ada.byrne@staff', password }, as: null });

  test('length, kinds of characters, common and earlier passwords', async () => {
    for (const wrong of ['Short-1', 'no-digits-Here', 'NoSymbols1', 'no-uppercase-1', 'NO-LOWERCASE-1'])
      await set(wrong, 400);
    await set('Password-1');
    await set('Password-1', 400);
    await set('Password-2');
    await set('Password-3');
    await set('Password-1', 400);
    await set('Password-4');
    await set('Password-1');
    await policy({ blockCommonPassword: true });
    await set('Welcome1!', 400);
  });

  test('a password that ends: the log-in tells when, and then refuses, unless chosen otherwise', async () => {
    await policy({ passwordMaximumDuration: 2 });
    await set('Password-1');
    const soon = Number((await login('Password-1')).body['passwordExpirationTime']) - Date.now();
    expect(soon).toBeGreaterThan(86_400_000);
    await t.control('POST', '/clock', { advance: 3 * 86_400 });
    expect((await login('Password-1')).status).toBe(401);
    await t.choose('PASSWORD_EXPIRED', 'accepted');
    expect((await login('Password-1')).status).toBe(200);
  });

  test('lock-out counts wrong passwords and is off with 0', async () => {
    await set('Password-1');
    await policy({ lockoutFailureCount: 2 });
    await login('wrong');
    await login('wrong');
    expect((await login('Password-1')).status).toBe(401);
    expect(JSON.stringify(await t.control('GET', '/state/audit'))).toContain('User locked out');
    await policy({ lockoutDuration: 1 });
    await t.control('POST', '/clock', { advance: 61 });
    expect((await login('Password-1')).status).toBe(200);
    await policy({ lockoutFailureCount: 0 });
    for (let i = 0; i < 6; i++) await login('wrong');
    expect((await login('Password-1')).status).toBe(200);
  });
});
