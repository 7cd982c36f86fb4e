/** The control contract, held against every stand-in: each call, and each kind of fault on a request of the vendor's. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cloudinaryStandIn } from '../cloudinary/standIn.ts';
import { SECRETS } from '../cloudinary/seed.ts';
import { exstreamStandIn } from '../exstream/standIn.ts';
import { newServiceAccount } from '../fcm/keys.ts';
import { fcmStandIn } from '../fcm/standIn.ts';
import { SERVICE } from '../iconik/seed.ts';
import { iconikStandIn } from '../iconik/standIn.ts';
import { notificationsStandIn } from '../notifications/standIn.ts';
import { otagStandIn } from '../otag/standIn.ts';
import { USUAL_KEY } from '../otag/state.ts';
import { otds, USUAL_SECRETS } from '../otds/standIn.ts';
import { startStandIn, type StandIn } from './standIn.ts';
import type { Entry, FaultEffect } from './types.ts';
import { abandoned } from './abandoned.ts';

/** A request that the product answers in `status`, and how the stand-in is served. */
type System = { start: () => Promise<StandIn>; path: string; init: RequestInit; status: number };

const ports = { port: 0, controlPort: 0 };
const json = { 'content-type': 'application/json' };
const basic = (user: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});
const post = (body: object, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  body: JSON.stringify(body),
  headers: { ...json, ...headers },
});

const SYSTEMS: Readonly<Record<string, System>> = {
  otds: {
    start: () => startStandIn(otds(), ports),
    path: '/otdsws/rest/authentication/credentials',
    init: post({ userName: 'otadmin@otds.admin', password: USUAL_SECRETS.password }),
    status: 200,
  },
  iconik: {
    start: () => startStandIn(iconikStandIn(), ports),
    path: '/API/users/v1/users/current/',
    init: { headers: { 'App-ID': SERVICE.appId, 'Auth-Token': SERVICE.token } },
    status: 200,
  },
  cloudinary: {
    start: () => startStandIn(cloudinaryStandIn(), ports),
    path: `/v1_1/provisioning/accounts/${SECRETS.accountId}/user_groups`,
    init: { headers: basic(SECRETS.provisioningKey, SECRETS.provisioningSecret) },
    status: 200,
  },
  exstream: {
    start: () => startStandIn(exstreamStandIn(), ports),
    path: '/otdstenant/northwind/oauth2/token',
    init: {
      method: 'POST',
      body: 'grant_type=client_credentials&client_id=tenure&client_secret=exstream-sandbox-secret&scope=otds:groups',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    },
    status: 200,
  },
  notifications: {
    start: () => startStandIn(notificationsStandIn(), ports),
    path: '/mra/v1/outbound/sms',
    init: post(
      { destinations: [{ sms: '00447700900123' }], sms_text: 'x' },
      basic('northwind', 'notifications-sandbox'),
    ),
    status: 200,
  },
  fcm: {
    start: () => startStandIn(fcmStandIn({ account: newServiceAccount('northwind-notices').account }), ports),
    path: '/v1/projects/northwind-notices/messages:send',
    init: post({ message: {} }),
    status: 401,
  },
  otag: {
    start: () => startStandIn(otagStandIn(), ports),
    path: '/deployments/notifications/tenure-notices/seqBounds',
    init: { headers: { otagAppKey: USUAL_KEY } },
    status: 200,
  },
};

describe.each(Object.entries(SYSTEMS))('the control address of %s', (name, { start, path, init, status }) => {
  let standIn: StandIn;
  beforeAll(async () => {
    standIn = await start();
  });
  afterAll(() => standIn.close());

  const ask = (more: RequestInit = {}): Promise<Response> => fetch(`${standIn.url}${path}`, { ...init, ...more });
  async function control(method: string, at: string, body?: unknown) {
    const reply = await fetch(`${standIn.control}${at}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: reply.status, body: (await reply.json()) as Record<string, unknown> };
  }
  /** Of the requests: background effects come when they come. */
  const last = async (): Promise<Entry | undefined> =>
    ((await control('GET', '/ledger')).body['entries'] as Entry[]).findLast((entry) => entry.method !== 'EFFECT');
  const plan = (fault: FaultEffect) => control('POST', '/faults', { match: { path }, times: 1, fault });

  test('tells health, state in a stable order, outbox, clock and faults', async () => {
    const { body } = await control('GET', '/health');
    expect(body).toMatchObject({ system: name, ready: true, version: expect.any(String) as unknown });
    const state = (await control('GET', '/state')).body;
    expect(Object.keys(state)).toEqual(Object.keys(state).sort());
    expect((await control('GET', '/state/no-such-collection')).status).toBe(404);
    expect((await control('GET', '/outbox?to=nobody')).body).toEqual({ messages: [] });
    expect((await control('GET', '/faults')).body).toEqual({ faults: [] });
    const { body: moved } = await control('POST', '/clock', { set: '2031-01-31T09:00:00Z' });
    expect(moved['clock']).toMatch(/^2031-01-31T09:00:0/);
    expect((await control('POST', '/clock', { follow: 'real' })).status).toBe(200);
  });

  test('puts a saved state back, and begins anew with the seed or so many people', async () => {
    await control('POST', '/reset', {});
    const saved = (await control('GET', '/state')).body;
    const bigger = await control('POST', '/reset', { people: 200, seed: 'x' });
    expect(bigger.status).toBe(200);
    expect((await control('GET', '/state')).body).not.toEqual(saved);
    expect((await control('PUT', '/state', saved)).status).toBe(200);
    expect((await control('GET', '/state')).body).toEqual(saved);
    for (const wrong of [{}, [], { ...saved, nothing: 1 }])
      expect((await control('PUT', '/state', wrong)).status).toBe(400);
    expect((await control('GET', '/state')).body).toEqual(saved);
  });

  test('refuses an action that there is not, with a sentence', async () => {
    const { status: refused, body } = await control('POST', '/act', { action: 'flyToTheMoon' });
    expect([refused, body['error']]).toEqual([400, expect.stringMatching(/flyToTheMoon/)]);
  });

  test('faults: answered so in the vendor’s shape, with HTML, cut, lost, late or never; the ledger tells each', async () => {
    await control('POST', '/reset', {});
    expect((await ask()).status).toBe(status);
    expect(await last()).toMatchObject({ path, status, fault: null, replied: true });

    await plan({ kind: 'status', status: 503 });
    const refused = await ask();
    expect([refused.status, typeof (await refused.json())]).toEqual([503, 'object']);
    await plan({ kind: 'status', status: 429, headers: { 'retry-after': '7' }, body: { a: 1 } });
    const told = await ask();
    expect([told.status, told.headers.get('retry-after'), await told.json()]).toEqual([429, '7', { a: 1 }]);
    await plan({ kind: 'html' });
    expect((await ask()).headers.get('content-type')).toBe('text/html');

    for (const fault of [{ kind: 'reset' }, { kind: 'lostReply' }, { kind: 'truncate', bytes: 4 }] as const) {
      await plan(fault);
      await expect(ask().then((reply) => reply.text())).rejects.toThrow();
      const entry = await last();
      expect(entry).toMatchObject({ replied: false, fault: { kind: fault.kind } });
      expect(entry?.status).toBe(fault.kind === 'reset' ? null : status);
    }
    await plan({ kind: 'hang' });
    expect(await abandoned(standIn.control, (signal) => ask({ signal }))).toMatchObject({ name: 'AbortError' });
    expect(await last()).toMatchObject({ status: null, writes: [], fault: { kind: 'hang' } });

    await plan({ kind: 'delay', ms: 20 });
    expect((await ask()).status).toBe(status);
    await plan({ kind: 'stale', ms: 60_000 });
    expect((await ask()).status).toBe(status);
    await plan({ kind: 'special', name: 'of another system' });
    expect((await ask()).status).toBe(status);
  });

  test('a fault meets only its caller', async () => {
    await control('DELETE', '/faults');
    await control('POST', '/faults', { match: { caller: 'somebody else' }, fault: { kind: 'status', status: 500 } });
    expect((await ask()).status).toBe(status);
    expect((await control('DELETE', '/faults')).status).toBe(200);
  });
});
