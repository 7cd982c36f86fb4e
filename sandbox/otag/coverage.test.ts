import { expect, test } from '@jest/globals';
import { coverageOf, proveCoverage } from '../push/proofs.ts';
import type { Answer } from '../push/trial.ts';
import { ROUTES } from './standIn.ts';
import { clientIdOf, OTHER_APP, OTHER_KEY, USUAL_KEY } from './state.ts';
import type { Body } from './trial.ts';
import { BASE, OWN, startOtag } from './trial.ts';

test('every [C] route answers and takes effect, and there is no other route', async () => {
  const otag = await startOtag({ strict: true });
  let count = 0;
  /** A push is good when it shows at whoever it is for. */
  const shown = async (recipients: object, reader = 'ada.byrne@staff'): Promise<number> => {
    const title = `t${++count}`;
    const { status, body } = await otag.push({ title, ...recipients });
    expect(body).toEqual({ success: true });
    expect(await otag.readers(title)).toContain(reader);
    return status;
  };
  const refused = async (sent: Promise<Answer<Body>>): Promise<number> => {
    const { status, body } = await sent;
    expect(body).toEqual({ key: expect.any(String), errorMessage: expect.any(String), entity: body.entity, status });
    return status;
  };
  const users = ['ada.byrne@staff'];
  const web = (body: object) => otag.push(body, { path: BASE });
  const older = (form: Record<string, string>) => otag.send('POST', '/gateway/v2/notifications', { form });
  const newest = async () => (await otag.phone()).inbox.at(-1)?.body;

  await proveCoverage('otag', await coverageOf(new URL('coverage.json', import.meta.url)), ROUTES, {
    'POST /deployments/notifications/{app}/push': {
      users: () => shown({ users }),
      otdsGroups: () => shown({ otdsGroups: ['Marketing Editors@staff'] }),
      clientIds: () => shown({ clientIds: [clientIdOf('ada.byrne@staff')] }),
      runtimes: async () => shown({ runtimes: ['AppWorks Android', 'AppWorks iOS'] }),
      broadcast: () => shown({ broadcast: true }),
      'all fields null or empty but these': () =>
        shown({
          users,
          broadcast: false,
          clientIds: [],
          otdsGroups: [],
          runtimes: [],
          summary: null,
          data: {},
          geofence: null,
        }),
      'FCM form': async () => {
        const notification = { title: 'own', tag: 'n1' };
        const androidConfig = { collapseKey: 'k', priority: 'high', ttl: '60s', data: { nid: 'n1' }, notification };
        const apnsConfig = { aps: {}, headers: { 'apns-collapse-id': 'n1' }, payload: {} };
        const body = {
          users: ['ada.byrne@staff', 'ben.otto@staff'],
          summary: 's',
          androidConfig,
          apnsConfig,
          targetAppName: 'x',
        };
        const { status } = await otag.push(body);
        const phones = [await otag.phone(), await otag.phone('ben.otto@staff')];
        for (const { inbox } of phones) expect(inbox.at(-1)).toMatchObject({ body: 's', tag: 'n1' });
        return status;
      },
      'no content': () => refused(otag.push({ users, data: {} })),
      'no recipient': () => refused(otag.push({ title: 'x', users: [] })),
      'no key': () => refused(otag.push({ users, title: 'x' }, { headers: { otagAppKey: '' } })),
      'key of another app': () => refused(otag.push({ users, title: 'x' }, { headers: { otagAppKey: OTHER_KEY } })),
      'unknown app': () => refused(otag.push({ users, title: 'x' }, { path: '/deployments/notifications/none/push' })),
    },
    'GET /deployments/notifications/{app}/seqBounds': {
      bounds: async () => {
        const read = () => otag.send('GET', `${BASE}/seqBounds`, { headers: OWN });
        const before = (await read()).body;
        expect(before).toEqual({ currentMinSeq: expect.any(Number), currentMaxSeq: expect.any(Number) });
        await otag.push();
        const { status, body } = await read();
        expect(body.currentMaxSeq).toBe(before.currentMaxSeq + 1);
        return status;
      },
      'no key': () => refused(otag.send('GET', `/deployments/notifications/${OTHER_APP}/seqBounds`)),
    },
    'POST /deployments/notifications/{app}': {
      users: async () => {
        const { status } = await web({ providerKey: 'p', jsonPayload: '{"a":1}', clientIds: [], userIds: users });
        expect(await newest()).toBe('{"a":1}');
        return status;
      },
      clients: async () => {
        const { status } = await web({ jsonPayload: '{"a":2}', clientIds: [clientIdOf('ada.byrne@staff')] });
        expect(await newest()).toBe('{"a":2}');
        return status;
      },
      'no payload': () => refused(web({ userIds: users })),
    },
    'POST /gateway/v2/notifications': {
      form: async () => {
        const { status } = await older({ key: USUAL_KEY, message: 'older', users: 'ada.byrne@staff, ben.otto@staff' });
        expect(await newest()).toBe('older');
        return status;
      },
      'no message': () => refused(older({ key: USUAL_KEY, users: 'ada.byrne@staff' })),
      'wrong key': () => refused(older({ key: 'wrong', message: 'x', users: 'ada.byrne@staff' })),
    },
  });
  await otag.close();
});
