import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { newServiceAccount } from './keys.ts';
import { OTHER_PROJECT, PROJECT, TOKENS } from './state.ts';
import type { FcmTrial } from './trial.ts';
import { assertion, SEND, startFcm } from './trial.ts';

let fcm: FcmTrial;
beforeAll(async () => {
  fcm = await startFcm();
});
beforeEach(async () => {
  await fcm.control('POST', '/reset');
  fcm.forget();
});
afterAll(() => fcm.close());

const fcmDetail = (errorCode: string) => [
  { '@type': 'type.googleapis.com/google.firebase.fcm.v1.FcmError', errorCode },
];

describe('error bodies, byte for byte as Firebase documents them', () => {
  test('a value of data that is no text: BadRequest', async () => {
    const description = `Invalid value at 'message.data[0].value' (TYPE_STRING), 12`;
    const { status, text } = await fcm.push({ data: { count: 12 } });
    expect([status, text]).toEqual([
      400,
      JSON.stringify({
        error: {
          code: 400,
          message: description,
          status: 'INVALID_ARGUMENT',
          details: [
            {
              '@type': 'type.googleapis.com/google.rpc.BadRequest',
              fieldViolations: [{ field: 'message.data[0].value', description }],
            },
          ],
        },
      }),
    ]);
  });

  test('a malformed token: FcmError', async () => {
    const message = 'The registration token is not a valid FCM registration token';
    const { status, text } = await fcm.push({ token: 'broken' });
    expect([status, text]).toEqual([
      400,
      JSON.stringify({
        error: { code: 400, message, status: 'INVALID_ARGUMENT', details: fcmDetail('INVALID_ARGUMENT') },
      }),
    ]);
  });
});

describe('the error codes', () => {
  test.each([
    ['unregistered', 404, 'NOT_FOUND', 'UNREGISTERED', null],
    ['senderIdMismatch', 403, 'PERMISSION_DENIED', 'SENDER_ID_MISMATCH', null],
    ['thirdPartyAuth', 401, 'UNAUTHENTICATED', 'THIRD_PARTY_AUTH_ERROR', null],
    ['invalidToken', 400, 'INVALID_ARGUMENT', 'INVALID_ARGUMENT', null],
    ['quotaExceeded', 429, 'RESOURCE_EXHAUSTED', 'QUOTA_EXCEEDED', '60'],
    ['internal', 500, 'INTERNAL', 'INTERNAL', null],
    ['unavailable', 503, 'UNAVAILABLE', 'UNAVAILABLE', '30'],
    ['unavailableSilent', 503, 'UNAVAILABLE', 'UNAVAILABLE', null],
  ])('%s, at the second send only', async (name, code, status, errorCode, retryAfter) => {
    await fcm.special(name, { path: SEND }, 1);
    expect((await fcm.push()).status).toBe(200);
    const refused = await fcm.push();
    expect(refused.body.error).toMatchObject({ code, status, details: fcmDetail(errorCode) });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([code, retryAfter]);
    expect((await fcm.push()).status).toBe(200);
    expect((await fcm.ledger()).findLast((e) => e.status === code)).toMatchObject({ writes: [], fault: { name } });
  });

  test('a device of another project, a removed app, broken APNs credentials', async () => {
    const codes = [];
    for (const token of [TOKENS.foreign, TOKENS.gone, TOKENS.noApns])
      codes.push((await fcm.push({ token })).body.error.details);
    expect(codes).toEqual(['SENDER_ID_MISMATCH', 'UNREGISTERED', 'THIRD_PARTY_AUTH_ERROR'].map(fcmDetail));
  });

  test('the settable quota counts refused requests too, and is new each minute', async () => {
    await fcm.act('quota', { project: PROJECT, perMinute: 2 });
    await fcm.control('POST', '/clock', { set: '2027-01-04T10:00:05Z' });
    await fcm.push({ token: 'broken' });
    await fcm.push();
    expect((await fcm.push()).body.error.status).toBe('RESOURCE_EXHAUSTED');
    await fcm.advance(60);
    expect((await fcm.push()).status).toBe(200);
    await fcm.choose('FCM_QUOTA_RETRY_AFTER', 0);
    await fcm.push();
    expect((await fcm.push()).headers.get('retry-after')).toBe(null);
  });
});

describe('access', () => {
  const credentials = async (headers: Record<string, string>) => {
    const { status, body } = await fcm.push({}, {}, { headers });
    expect(JSON.stringify(body)).not.toContain('FcmError');
    return [status, body.error.status, body.error.details[0]?.['reason']];
  };

  test('no Bearer, a wrong one, one that has ended: 401 UNAUTHENTICATED without FcmError', async () => {
    expect(await credentials({ authorization: '' })).toEqual([401, 'UNAUTHENTICATED', 'CREDENTIALS_MISSING']);
    expect(await credentials({ authorization: 'Bearer nonsense' })).toEqual([
      401,
      'UNAUTHENTICATED',
      'ACCESS_TOKEN_EXPIRED',
    ]);
    const authorization = `Bearer ${(await fcm.exchange()).body.access_token}`;
    await fcm.advance(3601);
    expect(await credentials({ authorization })).toEqual([401, 'UNAUTHENTICATED', 'ACCESS_TOKEN_EXPIRED']);
  });

  test('a Bearer that ends mid-way is refused from then on', async () => {
    await fcm.special('expiredBearer', {}, 1);
    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push((await fcm.push()).status);
    expect(statuses).toEqual([200, 401, 401]);
  });

  test('another scope, another project: 403 PERMISSION_DENIED without FcmError', async () => {
    const other = await fcm.exchange({ scope: 'https://www.googleapis.com/auth/drive' });
    const authorization = `Bearer ${other.body.access_token}`;
    const insufficient = [403, 'PERMISSION_DENIED', 'ACCESS_TOKEN_SCOPE_INSUFFICIENT'];
    expect(await credentials({ authorization })).toEqual(insufficient);
    const foreign = await fcm.push({}, {}, { path: `/v1/projects/${OTHER_PROJECT}/messages:send` });
    expect(foreign.body.error.details).toMatchObject([{ reason: 'IAM_PERMISSION_DENIED' }]);
  });

  test('a JWT signed by the account itself is a Bearer too', async () => {
    const authorization = `Bearer ${assertion({ aud: 'https://fcm.googleapis.com/', scope: undefined })}`;
    expect((await fcm.push({}, {}, { headers: { authorization } })).status).toBe(200);
  });

  test.each([
    ['account not found', { iss: 'nobody@northwind.example' }, 'Invalid grant: account not found'],
    ['Failed audience', { aud: 'https://elsewhere.example/token' }, 'Invalid JWT: Failed audience check.'],
    ['short-lived', { exp: Math.floor(Date.now() / 1000) + 90_000 }, 'Invalid JWT: Token must be a short-lived token'],
  ])('the exchange refuses: %s', async (_name, claims, description) => {
    const { status, body } = await fcm.exchange(claims);
    expect([status, body]).toEqual([
      400,
      { error: 'invalid_grant', error_description: expect.stringContaining(description) },
    ]);
  });

  test('the exchange refuses a JWT signed with another key, and one without scope', async () => {
    const forged = assertion({ aud: `${fcm.url}/token` }, newServiceAccount(PROJECT).privateKey);
    expect((await fcm.exchange({}, { assertion: forged })).text).toContain('Invalid JWT Signature.');
    expect((await fcm.exchange({ scope: '' })).text).toContain('invalid_scope');
  });

  test("the audience of Google's own clients is taken, whatever the key file says", async () => {
    expect((await fcm.exchange({ aud: 'https://oauth2.googleapis.com/token' })).status).toBe(200);
  });
});

test('an unknown path is 404 in the same shape', async () => {
  expect((await fcm.push({}, {}, { path: '/fcm/send' })).text).toBe(
    '{"error":{"code":404,"message":"Requested entity was not found.","status":"NOT_FOUND"}}',
  );
});
