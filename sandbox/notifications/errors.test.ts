import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { TEXTS_ONLY, USUAL_SECRETS } from './state.ts';
import type { MraTrial } from './trial.ts';
import { basic, inner, startMra } from './trial.ts';

let mra: MraTrial;
let strict: MraTrial;
beforeAll(async () => {
  mra = await startMra();
  strict = await startMra({ strict: true });
});
beforeEach(async () => {
  await mra.control('POST', '/reset');
  await mra.choose('STEP_MS', 0);
});
afterAll(() => Promise.all([mra.close(), strict.close()]));

describe('every refusal is {error_code, error_message}, and says that this is chosen', () => {
  test.each([
    ['no credential', 401, () => mra.sms({}, { headers: { authorization: '' } })],
    ['a wrong password', 401, () => mra.sms({}, { headers: basic(USUAL_SECRETS.user, 'wrong') })],
    ['an unknown Bearer', 401, () => mra.sms({}, { headers: { authorization: 'Bearer nonsense' } })],
    [
      'an account without the channel',
      403,
      () => mra.push(inner(), {}, { headers: basic(TEXTS_ONLY.user, TEXTS_ONLY.password) }),
    ],
    ['an unknown job', 404, () => mra.status('sms', 'xsi-0000000001')],
    ['an unknown path', 404, () => mra.mra('GET', '/outbound/pigeons')],
    ['a body that is not JSON', 400, () => mra.mra('POST', '/outbound/sms', { body: '{' })],
    ['no destinations', 400, () => mra.sms({ destinations: [] })],
    ['a destination without number', 400, () => mra.sms({ destinations: [{ ref: 'r' }] })],
  ])('%s: %i', async (_name, status, send) => {
    const reply = await send();
    expect(reply.text).toMatch(new RegExp(`^{"error_code":${9000 + status},"error_message":"[^"]*"}$`));
    expect(reply.status).toBe(status);
    expect(reply.headers.get('x-standin-chosen')).toContain('MRA_ERROR');
    expect((await mra.ledger()).at(-1)).toMatchObject({ status, writes: [] });
  });

  test('a refused submit is in the record of requests', async () => {
    await mra.sms({ sms_text: 5 });
    const requests = Object.values(await mra.state<Record<string, object>>('requests'));
    expect(requests).toMatchObject([{ outcome: 'refused', status: 400, job: null }]);
  });

  test("another account's job is unknown", async () => {
    const { job_id } = (await mra.sms()).body;
    const headers = basic(TEXTS_ONLY.user, TEXTS_ONLY.password);
    expect((await mra.mra('GET', `/outbound/sms/status?job_id=${job_id}`, { headers })).status).toBe(404);
  });
});

describe('OAuth', () => {
  const clientBasic = basic(USUAL_SECRETS.clientId, USUAL_SECRETS.clientSecret);

  test.each([
    ['another tenant', 401, 'invalid_client', () => mra.token({ grant_type: 'client_credentials' }, 'other-tenant')],
    ['no grant_type', 400, 'invalid_request', () => mra.token({})],
    ['another grant', 400, 'unsupported_grant_type', () => mra.token({ grant_type: 'password' })],
  ])('%s: %i %s', async (_name, status, error, send) => {
    const { status: got, body } = await send();
    expect([got, body]).toEqual([status, { error, error_description: expect.any(String) }]);
  });

  test('the user and password of the account are taken as a client too', async () => {
    const headers = basic(USUAL_SECRETS.user, USUAL_SECRETS.password);
    const form = { grant_type: 'client_credentials' };
    const reply = await mra.send('POST', '/tenants/northwind-tenant/oauth2/token', { form, headers });
    expect([reply.status, reply.headers.get('x-standin-chosen')]).toEqual([200, 'MRA_CLIENT, TOKEN_LIFE_S']);
  });

  test('a Bearer ends with its time, or mid-way', async () => {
    const headers = { authorization: `Bearer ${(await mra.token()).body.access_token}` };
    expect((await mra.sms({}, { headers })).status).toBe(200);
    await mra.special('expiredBearer');
    expect((await mra.sms({}, { headers })).status).toBe(401);
    const again = { authorization: `Bearer ${(await mra.token()).body.access_token}` };
    await mra.advance(1801);
    expect((await mra.sms({}, { headers: again })).status).toBe(401);
  });

  test('a Bearer on push may be refused', async () => {
    await mra.choose('PUSH_BEARER', 401);
    const headers = { authorization: `Bearer ${(await mra.token()).body.access_token}` };
    expect((await mra.push(inner(), {}, { headers })).status).toBe(401);
    expect((await mra.push()).status).toBe(200);
  });

  test('strict: a parameter that the contract does not know', async () => {
    const form = { grant_type: 'client_credentials', audience: 'x' };
    const sent = await strict.send('POST', '/tenants/northwind-tenant/oauth2/token', { form, headers: clientBasic });
    expect(sent.status).toBe(400);
  });
});

describe('strict', () => {
  test.each([
    ['an unknown field', () => ({ body: { destinations: [{ sms: '1' }], sms_text: 'x', from: 'me' } })],
    ['an unknown field inside', () => ({ body: { destinations: [{ sms: '1', name: 'Ada' }], sms_text: 'x' } })],
    [
      'a body that is not told to be JSON',
      () => ({ body: '{"destinations":[{"sms":"1"}],"sms_text":"x"}', headers: { 'content-type': 'text/plain' } }),
    ],
    [
      'a message_id of 81 characters',
      () => ({ body: { destinations: [{ sms: '1' }], sms_text: 'x', options: { message_id: 'x'.repeat(81) } } }),
    ],
  ])('%s is 400, otherwise taken', async (_name, options) => {
    expect((await strict.mra('POST', '/outbound/sms', options())).status).toBe(400);
    expect((await mra.mra('POST', '/outbound/sms', options())).status).toBe(200);
  });

  test('an unknown parameter is 400, the prefix twice 404', async () => {
    const { job_id } = (await strict.sms()).body;
    expect((await strict.mra('GET', `/outbound/sms/status?job_id=${job_id}&verbose=1`)).status).toBe(400);
    expect((await strict.mra('GET', '/mra/v1/inbound/whatsapp/messages/webhook')).status).toBe(404);
  });
});
