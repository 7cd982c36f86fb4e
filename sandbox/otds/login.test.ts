import { createPublicKey, verify } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { start } from './harness.ts';
import type { Sandbox } from './harness.ts';

let s: Sandbox;
beforeAll(async () => {
  s = await start();
});
afterAll(() => s.close());
beforeEach(async () => {
  await s.control('POST', '/reset');
  s.ticket = (await s.login('otadmin@otds.admin', 'otds-sandbox')).body.ticket;
});

const CLIENT = { client_id: 'tenure', client_secret: 'otds-sandbox-secret' };
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('tickets', () => {
  test('the reply has all fields; the ticket works as header in any case and as unquoted cookie', async () => {
    const { body, headers } = await s.login('otadmin@otds.admin', 'otds-sandbox');
    expect(Object.keys(body)).toEqual([
      'token', 'userId', 'ticket', 'resourceID', 'failureReason', 'passwordExpirationTime', 'continuation', 'continuationContext', 'continuationData',
    ]); // prettier-ignore
    expect(body).toMatchObject({
      userId: 'otadmin@otds.admin',
      failureReason: null,
      passwordExpirationTime: 0,
      continuation: false,
    });
    expect(body.ticket).toMatch(/^\*OTDSSSO\*.+\*$/);
    expect(headers.get('x-standin-chosen')).toContain('TICKET_TTL_S');
    for (const h of [
      { OTDSTicket: body.ticket },
      { otdsticket: body.ticket },
      { cookie: `a=b; OTDSTicket=${body.ticket}` },
    ]) {
      const { body: me } = await s.call('GET', '/currentuser', undefined, h);
      expect(me).toMatchObject({
        isAdmin: true,
        isSysAdmin: true,
        user: { id: 'otadmin@otds.admin', name: 'otadmin' },
      });
    }
    expect(
      (await s.call('GET', '/currentuser', undefined, { authorization: 'Basic eDp5', otdsticket: body.ticket })).status,
    ).toBe(200);
  });

  test('an expired ticket is 400 with 1034, an unknown one 401, none at all 401, each in three fields', async () => {
    await s.control('POST', '/clock', { advance: 1801 });
    const expired = await s.call('GET', '/users');
    expect([expired.status, expired.body]).toEqual([
      400,
      { status: 1034, error: 'Expired OTDS SSO ticket', errorDetails: null },
    ]);
    for (const h of [{ OTDSTicket: '*OTDSSSO*none*' }, {}]) {
      const { status, body } = await s.call('GET', '/users', undefined, h);
      expect([status, body.errorDetails, typeof body.error]).toEqual([401, null, 'string']);
      expect(body.status).toBeGreaterThanOrEqual(90000);
    }
  });

  test('wrong password, disabled and locked people get no ticket; too many failures lock until the time is over', async () => {
    await s.call('PUT', '/users/ada.byrne@staff/password', { newPassword: 'Secret-1', oldPassword: null });
    expect((await s.login('ADA.Byrne@staff', 'Secret-1')).status).toBe(200);
    for (let i = 0; i < 5; i++) expect((await s.login('ada.byrne@staff', 'wrong')).status).toBe(401);
    expect((await s.login('ada.byrne@staff', 'Secret-1')).status).toBe(401);
    expect(JSON.stringify((await s.call('GET', '/users/ada.byrne@staff?attrsAsKeys=true')).body)).toContain(
      '"accountLockedOut":["true"]',
    );
    await s.call('PATCH', '/users/ada.byrne@staff', { values: [{ name: 'accountLockedOut', values: ['false'] }] });
    expect((await s.login('ada.byrne@staff', 'Secret-1')).status).toBe(200);
    for (let i = 0; i < 5; i++) await s.login('ada.byrne@staff', 'wrong');
    await s.control('POST', '/clock', { advance: 901 });
    expect((await s.login('ada.byrne@staff', 'Secret-1')).status).toBe(200);
    s.ticket = (await s.login('otadmin@otds.admin', 'otds-sandbox')).body.ticket;
    await s.call('PATCH', '/users/ada.byrne@staff', { values: [{ name: 'accountDisabled', values: ['True'] }] });
    expect((await s.login('ada.byrne@staff', 'Secret-1')).status).toBe(401);
  });

  test('disabling does not end live tickets, unless chosen', async () => {
    await s.call('PUT', '/users/ada.byrne@staff/password', { newPassword: 'Secret-1' });
    const { ticket } = (await s.login('ada.byrne@staff', 'Secret-1')).body;
    await s.call('PATCH', '/users/ada.byrne@staff', { values: [{ name: 'accountDisabled', values: ['true'] }] });
    expect((await s.call('GET', '/currentuser', undefined, { OTDSTicket: ticket })).body).toMatchObject({
      isAdmin: false,
    });
    await s.control('POST', '/act', { action: 'choose', constant: 'DISABLE_KILLS_TICKETS', value: 'true' });
    expect((await s.call('GET', '/currentuser', undefined, { OTDSTicket: ticket })).status).toBe(401);
  });

  test('an administrator gets a ticket for somebody else; others may not, nor write', async () => {
    const { body } = await s.call(
      'POST',
      '/authentication/ticketforuser',
      { userName: 'ben.otto@staff', ticket: s.ticket },
      {},
    );
    expect(body.userId).toBe('ben.otto@staff');
    const asBen = { OTDSTicket: body.ticket };
    const again = await s.call(
      'POST',
      '/authentication/ticketforuser',
      { userName: 'ada.byrne@staff', ticket: body.ticket },
      {},
    );
    expect(again.status).toBe(403);
    expect((await s.call('POST', '/users', { userPartitionID: 'staff', name: 'x' }, asBen)).status).toBe(403);
    await s.control('POST', '/act', { action: 'editAdministrators', partition: 'staff', add: 'ben.otto@staff' });
    expect((await s.call('POST', '/users', { userPartitionID: 'staff', name: 'x' }, asBen)).status).toBe(200);
    expect((await s.call('POST', '/users', { userPartitionID: 'partners', name: 'x' }, asBen)).status).toBe(403);
  });
});

describe('OAuth', () => {
  test('client credentials in the body or by Basic, whatever stale Bearer comes along', async () => {
    const inBody = await s.token({ grant_type: 'client_credentials', ...CLIENT }, bearer('stale'));
    expect(inBody.body).toMatchObject({ token_type: 'Bearer', expires_in: 3600 });
    const basic = `Basic ${Buffer.from('tenure:otds-sandbox-secret').toString('base64')}`;
    const byBasic = await s.token({ grant_type: 'client_credentials' }, { authorization: basic });
    const me = await s.call('GET', '/currentuser', undefined, {
      ...bearer(byBasic.body.access_token),
      cookie: 'OTDSTicket=*OTDSSSO*stale*',
    });
    expect(me.body).toMatchObject({ isAdmin: true, user: { id: 'tenure@OAuthClients' } });
    const wrong = await s.token({ grant_type: 'client_credentials', client_id: 'tenure', client_secret: 'no' });
    expect([wrong.status, wrong.body.error]).toEqual([401, 'invalid_client']);
  });

  test('the token is a JWT that the published key verifies', async () => {
    const { access_token } = (await s.token({ grant_type: 'client_credentials', ...CLIENT, scope: 'otds:roles' })).body;
    const [head = '', body = '', signature = ''] = access_token.split('.');
    expect(JSON.parse(Buffer.from(head, 'base64url').toString())).toMatchObject({
      alg: 'RS256',
      kid: 'otds-signing-key',
    });
    const { keys } = (await (await fetch(`${s.url}/otdsws/oauth2/jwks`)).json()) as {
      keys: { kid: string; kty: string }[];
    };
    const key = createPublicKey({ key: keys.find((k) => k.kid === 'otds-signing-key') ?? {}, format: 'jwk' });
    expect(verify('sha256', Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url'))).toBe(true);
    const info = await s.call('POST', '/authentication/oauth/tokeninfo', { token: access_token }, {});
    expect(info.body).toMatchObject({ userId: 'tenure@OAuthClients', clientId: 'tenure', scope: 'otds:roles' });
  });

  test('password grant, token exchange, a ticket by scope; expired tokens are 401, for tokeninfo 410', async () => {
    const user = { username: 'otadmin@otds.admin', password: 'otds-sandbox', scope: 'otds:roles' };
    const byPassword = await s.token({ grant_type: 'password', ...CLIENT, ...user });
    expect((await s.call('GET', '/currentuser', undefined, bearer(byPassword.body.access_token))).body.user.name).toBe(
      'otadmin',
    );
    expect((await s.token({ grant_type: 'password', ...CLIENT, ...user, password: 'no' })).body.error).toBe(
      'invalid_grant',
    );
    const exchange = {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token_type: 'urn:opentext.com:oauth:string:user_id',
    };
    const exchanged = await s.token({ ...exchange, ...CLIENT, subject_token: 'ada.byrne@staff' });
    expect(exchanged.body.issued_token_type).toBe('urn:ietf:params:oauth:token-type:access_token');
    expect((await s.call('GET', '/currentuser', undefined, bearer(exchanged.body.access_token))).body.user.id).toBe(
      'ada.byrne@staff',
    );
    const ticket = (await s.token({ grant_type: 'client_credentials', ...CLIENT, scope: 'otdsssoticket' })).body
      .access_token;
    expect((await s.call('GET', '/currentuser', undefined, { OTDSTicket: ticket })).status).toBe(200);
    await s.control('POST', '/clock', { advance: 3601 });
    const old = byPassword.body.access_token;
    expect((await s.call('GET', '/users', undefined, bearer(old))).status).toBe(401);
    expect((await s.call('POST', '/authentication/oauth/tokeninfo', { token: old }, {})).status).toBe(410);
  });

  test('a created client shows its secret once and can log in', async () => {
    const { body } = await s.call('POST', '/oauthclients', {
      id: 'other',
      description: 'x',
      confidential: true,
      accessTokenLifeTime: 900,
    });
    expect(body).toMatchObject({ id: 'other', secret: expect.any(String), location: expect.any(String) });
    expect((await s.call('GET', '/oauthclients/other')).body.secret).toBeNull();
    const { body: token } = await s.token({
      grant_type: 'client_credentials',
      client_id: 'other',
      client_secret: body.secret ?? '',
    });
    expect(token.expires_in).toBe(900);
    expect(
      (await s.call('POST', '/users', { userPartitionID: 'staff', name: 'x' }, bearer(token.access_token))).status,
    ).toBe(403);
  });
});

test('no secret, ticket or token stands in the ledger', async () => {
  await s.call('PUT', '/users/ada.byrne@staff/password', { newPassword: 'Secret-1' });
  await s.call('POST', '/users', {
    userPartitionID: 'staff',
    name: 'new',
    values: [{ name: 'userPassword', values: ['Secret-2'] }],
  });
  const { access_token } = (await s.token({ grant_type: 'client_credentials', ...CLIENT })).body;
  const text = JSON.stringify(await s.ledger());
  for (const secret of ['Secret-1', 'Secret-2', s.ticket, access_token, 'otds-sandbox-secret'])
    expect(text).not.toContain(secret);
  expect(text).toContain('passwordDigest');
});
