import { expect, test } from '@jest/globals';
import { coverageOf, proveCoverage } from '../push/proofs.ts';
import type { Answer } from '../push/trial.ts';
import { ROUTES } from './standIn.ts';
import { OTHER_PROJECT, TOKENS } from './state.ts';
import type { Body } from './trial.ts';
import { newestOf, SEND, startFcm } from './trial.ts';

test('every [C] route answers and takes effect, and there is no other route', async () => {
  const fcm = await startFcm({ strict: true });
  const codeOf = ({ status, body }: Answer<Body>, errorCode: string): number => {
    expect(body.error.details).toContainEqual(expect.objectContaining({ errorCode }));
    return status;
  };
  const shown = async ({ status, body }: Answer<Body>, nid: string): Promise<number> => {
    const message = await newestOf(fcm, TOKENS.live);
    expect(body.name.endsWith(message?.id ?? 'nothing')).toBe(true);
    expect(message?.nid).toBe(nid);
    return status;
  };
  await fcm.act('subscribe', { phone: TOKENS.live, topic: 'drill' });
  await proveCoverage('fcm', await coverageOf(new URL('coverage.json', import.meta.url)), ROUTES, {
    'POST /token': {
      'JWT-bearer form': async () => {
        const { status, body } = await fcm.exchange();
        expect(body).toEqual({ access_token: expect.any(String), expires_in: 3600, token_type: 'Bearer' });
        const headers = { authorization: `Bearer ${body.access_token}` };
        expect((await fcm.push({}, {}, { headers })).status).toBe(200);
        return status;
      },
      'wrong grant type': async () => (await fcm.exchange({}, { grant_type: 'password' })).status,
      'wrong signature': async () => (await fcm.exchange({}, { assertion: 'e30.e30.c2lnbg' })).status,
    },
    'POST /v1/projects/{project}/messages:send': {
      token: async () => shown(await fcm.push({ data: { nid: 'c1' } }), 'c1'),
      topic: async () => shown(await fcm.push({ topic: 'drill', data: { nid: 'c2' } }), 'c2'),
      condition: async () => shown(await fcm.push({ condition: "'drill' in topics", data: { nid: 'c3' } }), 'c3'),
      validate_only: async () => {
        const { status, body } = await fcm.push({ data: { nid: 'c4' } }, { validate_only: true });
        expect(body.name).toMatch(/\/fake_message_id$/);
        expect((await newestOf(fcm, TOKENS.live))?.nid).toBe('c3');
        return status;
      },
      lowerCamelCase: async () =>
        shown(
          await fcm.push({ data: { nid: 'c5' }, fcmOptions: { analyticsLabel: 'a' } }, { validateOnly: false }),
          'c5',
        ),
      'bad field': async () => (await fcm.push({ colour: 'red' })).status,
      'bad token': async () => codeOf(await fcm.push({ token: 'nonsense' }), 'INVALID_ARGUMENT'),
      'no bearer': async () => (await fcm.push({}, {}, { headers: { authorization: '' } })).status,
      'no APNs': async () => codeOf(await fcm.push({ token: TOKENS.noApns }), 'THIRD_PARTY_AUTH_ERROR'),
      'foreign token': async () => codeOf(await fcm.push({ token: TOKENS.foreign }), 'SENDER_ID_MISMATCH'),
      'other project': async () =>
        (await fcm.push({}, {}, { path: `/v1/projects/${OTHER_PROJECT}/messages:send` })).status,
      'gone token': async () => codeOf(await fcm.push({ token: TOKENS.gone }), 'UNREGISTERED'),
      quota: async () => {
        await fcm.special('quotaExceeded', { path: SEND });
        return codeOf(await fcm.push(), 'QUOTA_EXCEEDED');
      },
      internal: async () => {
        await fcm.special('internal');
        return codeOf(await fcm.push(), 'INTERNAL');
      },
      unavailable: async () => {
        await fcm.special('unavailable');
        return codeOf(await fcm.push(), 'UNAVAILABLE');
      },
    },
  });
  await fcm.close();
});
