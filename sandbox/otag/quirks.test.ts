import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { OTHER_KEY } from './state.ts';
import type { OtagTrial } from './trial.ts';
import { BASE, OWN, startOtag } from './trial.ts';

let otag: OtagTrial;
beforeAll(async () => {
  otag = await startOtag();
});
beforeEach(async () => {
  await otag.control('POST', '/reset');
});
afterAll(() => otag.close());

describe('recipients', () => {
  test('add up, and each client gets one', async () => {
    const users = ['ada.byrne@staff', 'grace.lee@staff'];
    await otag.push({ users, otdsGroups: ['Marketing Editors@staff', 'Security Approvers'], title: 'x' });
    const readers = await otag.readers('x');
    expect(readers).toEqual(
      expect.arrayContaining(['ada.byrne@staff', 'grace.lee@staff', 'omar.haddad@staff', 'søren.åkesson@staff']),
    );
    expect(await otag.titles()).toEqual(['x']);
  });

  test('a group reaches the people of the groups in it', async () => {
    await otag.push({ otdsGroups: ['All Staff@staff'], title: 'all' });
    expect(await otag.readers('all')).toContain('chiara.rossi@staff');
  });

  test('nobody of that name, a signed-out client: success that reaches nobody', async () => {
    await otag.act('signOut', { phone: 'ada.byrne@staff' });
    const { status, body } = await otag.push({ users: ['ada.byrne@staff', 'nobody@staff'], title: 'x' });
    expect([status, body, await otag.readers('x')]).toEqual([200, { success: true }, []]);
    const requests = Object.values(await otag.state<Record<string, object>>('requests'));
    expect(requests).toMatchObject([{ outcome: 'accepted', reached: 0 }]);
  });

  test('two people of one login: the bare login means both, the canonical name one', async () => {
    await otag.push({ users: ['sam.reyes'], title: 'both' });
    await otag.push({ users: ['sam.reyes@contractors'], title: 'one' });
    expect([(await otag.readers('both')).length, await otag.readers('one')]).toEqual([2, ['sam.reyes@contractors']]);
    await otag.choose('OTAG_USER', 'canonical');
    await otag.push({ users: ['sam.reyes'], title: 'none' });
    expect(await otag.readers('none')).toEqual([]);
  });

  test('a login with an @ is found by its canonical name', async () => {
    await otag.push({ users: ['ivy@acme@partners'], title: 'x' });
    expect(await otag.readers('x')).toEqual(['ivy@acme@partners']);
  });

  test('a broadcast leaves out clients that were not seen for long', async () => {
    await otag.act('putAway', { phone: 'ada.byrne@staff' });
    await otag.push({ broadcast: true, title: 'at once' });
    await otag.advance(31 * 86_400);
    await otag.push({ broadcast: true, title: 'later' });
    expect(await otag.titles()).toEqual(['at once']);
    expect(await otag.readers('later')).toContain('ben.otto@staff');
  });

  test('the directory decides at the time of sending', async () => {
    await otag.act('member', { user: 'ben.otto@staff', group: 'Legal Review@staff', present: true });
    await otag.push({ otdsGroups: ['Legal Review@staff'], title: 'x' });
    expect(await otag.readers('x')).toContain('ben.otto@staff');
  });
});

describe('content', () => {
  test('data alone are enough; their summary shows; created may be in seconds or milliseconds', async () => {
    for (const created of [1_700_000_000, 1_700_000_000_000])
      await otag.push({
        users: ['ada.byrne@staff'],
        data: { target: '', summary: 'Hello', created, nid: 'n1', ackUrl: 'x' },
      });
    expect((await otag.phone()).inbox.map((m) => [m.title, m.body, m.nid])).toEqual([
      [null, 'Hello', 'n1'],
      [null, 'Hello', 'n1'],
    ]);
  });

  test.each([
    ['neither title, summary nor data', { users: ['ada.byrne@staff'], title: '' }],
    ['no recipient and no broadcast', { title: 'x', broadcast: false }],
    ['users that are no list', { title: 'x', users: 'ada.byrne@staff' }],
    ['a geofence without radius', { title: 'x', users: ['a'], geofence: { origin: { longitude: 1, latitude: 2 } } }],
  ])('%s is 400', async (_name, body) => {
    const { status, text } = await otag.push(body);
    expect([status, text]).toEqual([
      400,
      expect.stringMatching(/^{"key":"BAD_REQUEST","errorMessage":"[^"]+","entity":null,"status":400}$/),
    ]);
    expect((await otag.ledger()).at(-1)).toMatchObject({ status: 400, writes: [] });
  });

  test('collapse, tag and ttl of the newer form take effect', async () => {
    const push = (title: string, androidConfig: object, apnsConfig: object = {}) =>
      otag.push({ users: ['ada.byrne@staff', 'ben.otto@staff'], title, androidConfig, apnsConfig });
    const collapse = { headers: { 'apns-collapse-id': 'c' } };
    for (const title of ['1', '2']) await push(title, { notification: { tag: 'c' } }, collapse);
    for (const user of ['ada.byrne@staff', 'ben.otto@staff'])
      expect((await otag.phone(user)).inbox.map((m) => m.shown)).toEqual([false, true]);
  });
});

describe('errors and replies', () => {
  test('the error body may be absent', async () => {
    await otag.special('noErrorBody');
    expect(await otag.push({ title: 'x' })).toMatchObject({ status: 400, text: '' });
  });

  test('no key 401, the key of another app 403 (or 401), an unknown app 404', async () => {
    const headers = { otagAppKey: OTHER_KEY };
    expect((await otag.push(undefined, { headers: { otagAppKey: 'wrong' } })).status).toBe(401);
    const other = await otag.push(undefined, { headers });
    expect([other.status, other.headers.get('x-standin-chosen')]).toEqual([403, 'OTAG_165, OTAG_KEY_OF_OTHER']);
    await otag.choose('OTAG_KEY_OF_OTHER', 401);
    expect((await otag.push(undefined, { headers })).status).toBe(401);
    const unknown = await otag.push(undefined, { path: '/deployments/notifications/none/push' });
    expect(unknown.body).toMatchObject({ key: 'NOT_FOUND', entity: 'none', status: 404 });
    expect((await otag.send('GET', '/deployments')).status).toBe(404);
  });

  test('500 as planned, in the same shape', async () => {
    await otag.plan({ kind: 'status', status: 500 });
    const { status, body } = await otag.push();
    expect([status, body]).toEqual([500, expect.objectContaining({ key: 'INTERNAL_SERVER_ERROR', status: 500 })]);
  });

  test('16.5 and later may not serve the path; sequence bounds stay', async () => {
    await otag.choose('OTAG_165', 404);
    expect((await otag.push()).status).toBe(404);
    expect((await otag.send('GET', `${BASE}/seqBounds`, { headers: OWN })).status).toBe(200);
    await otag.choose('OTAG_165', 'served');
    await otag.special('noRestPath');
    expect([(await otag.push()).status, (await otag.push()).status]).toEqual([404, 200]);
  });

  test('a success may have no body', async () => {
    await otag.choose('OTAG_REPLY', 'empty');
    expect(await otag.push()).toMatchObject({ status: 200, text: '' });
    expect(await otag.titles()).toEqual(['Access']);
  });

  test.each([
    ['reachesNobody', 0, 0],
    ['neverDelivered', 0, 0],
    ['deliveredTwice', 2, 2],
    ['deliveredLate', 0, 1],
  ])('%s: success all the same', async (name, atOnce, later) => {
    await otag.special(name);
    expect((await otag.push()).body).toEqual({ success: true });
    expect(await otag.titles()).toHaveLength(atOnce);
    await otag.advance(2_419_202);
    expect(await otag.titles()).toHaveLength(later);
  });

  test('housekeeping moves the lower bound', async () => {
    await otag.choose('OTAG_KEPT', 2);
    for (let i = 0; i < 3; i++) await otag.push();
    const { currentMinSeq, currentMaxSeq } = (await otag.send('GET', `${BASE}/seqBounds`, { headers: OWN })).body;
    expect(currentMaxSeq - currentMinSeq).toBe(1);
  });

  test('strict: an unknown field or parameter, a body that is not told to be JSON', async () => {
    const strict = await startOtag({ strict: true });
    const users = ['ada.byrne@staff'];
    const asText = { headers: { 'content-type': 'text/plain' } };
    expect((await strict.push({ users, title: 'x', colour: 'red' })).status).toBe(400);
    expect((await strict.push({ users, title: 'x' }, asText)).status).toBe(400);
    expect((await strict.push({ users, title: 'x' }, { path: `${BASE}/push?dry=1` })).status).toBe(400);
    expect((await otag.push({ users, title: 'x', colour: 'red' }, asText)).status).toBe(200);
    await strict.close();
  });
});
