import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { start } from './harness.ts';
import type { Answer, Body, Sandbox } from './harness.ts';

let s: Sandbox;
beforeAll(async () => {
  s = await start();
});
afterAll(() => s.close());
beforeEach(async () => {
  await s.control('POST', '/reset');
  s.ticket = (await s.login('otadmin@otds.admin', 'otds-sandbox')).body.ticket;
});

const list = (query: Record<string, string>): Promise<Answer> =>
  s.call('GET', `/users?${new URLSearchParams(query).toString()}`);

async function scan(query: Record<string, string>, between?: () => Promise<unknown>): Promise<Body[]> {
  const found: Body[] = [];
  for (let cookie: string | null = null, first = true; first || cookie !== null; first = false) {
    const { body }: Answer = await list({ ...query, ...(cookie === null ? {} : { next_page_cookie: cookie }) });
    expect(body).toHaveProperty('nextPageCookie');
    found.push(...body.users);
    cookie = body.nextPageCookie;
    await between?.();
  }
  return found;
}

describe('lists', () => {
  test('pages hold everybody once, the last has a null cookie, the cookie is 16 bytes', async () => {
    const people = await scan({ where_partition_name: 'staff', page_size: '7', attrsAsKeys: 'True' });
    expect([people.length, new Set(people.map((p) => p.uuid)).size]).toEqual([39, 39]);
    const { body } = await list({ page_size: '7' });
    expect(body).toMatchObject({ actualPageSize: 7, requestedPageSize: 7 });
    expect(Buffer.from(body.nextPageCookie ?? '', 'base64').length).toBe(16);
    expect((await list({ page_size: '5000' })).body.requestedPageSize).toBe(1000);
    expect((await list({ limit: '2' })).body.requestedPageSize).toBe(250);
  });

  test('filters: partition, state, prefix in any case with *, on name, mail and display name', async () => {
    const ids = async (query: Record<string, string>) => (await scan(query)).map((u) => u.id).sort();
    expect(await ids({ where_state: 'disabled' })).toEqual(['tom.weber@staff']);
    expect(await ids({ where_filter: 'ALEX kim' })).toEqual(['alex.kim2@staff', 'alex.kim@staff']);
    expect(await ids({ where_filter: '*fischer*', where_partition_name: 'contractors' })).toEqual([
      'lena.fischer@contractors',
    ]);
    expect(await ids({ where_filter: 'sam.reyes@north', page_size: '1' })).toEqual([
      'sam.reyes@contractors',
      'sam.reyes@staff',
    ]);
    expect(await ids({ where_filter: 'søren' })).toEqual(['søren.åkesson@staff']);
    const { headers } = await list({ where_filter: 'x' });
    expect(headers.get('x-standin-chosen')).toBe('WHERE_FILTER');
    expect((await list({ where_partition_name: 'none' })).status).toBe(404);
  });

  test('a scan sees everybody who stays, whoever comes and goes meanwhile', async () => {
    let n = 0;
    const found = await scan({ where_partition_name: 'contractors', page_size: '2' }, async () => {
      await s.call('POST', '/users', { userPartitionID: 'contractors', name: `late${n++}` }).then((r) => r.status);
      if (n === 2) await s.call('DELETE', '/users/ravi.iyer@contractors');
      if (n > 3) await s.call('DELETE', `/users/late${n - 1}@contractors`);
    });
    const logins = found.map((u) => u.name).filter((name) => !name.startsWith('late'));
    expect(logins.sort()).toEqual([
      'bruno.keller',
      'ewa.zielińska',
      'grace.park',
      'lena.fischer',
      'nadia.haddad',
      'sam.reyes',
      'tyler.brooks',
    ]);
  });

  test('a page can be asked for again; strange, old and foreign cookies are refused', async () => {
    const cookie = (await list({ page_size: '7' })).body.nextPageCookie ?? '';
    const pages = await Promise.all([1, 2].map(() => list({ page_size: '7', next_page_cookie: cookie })));
    expect(pages[0]?.body.users.map((u) => u.id)).toEqual(pages[1]?.body.users.map((u) => u.id));
    const raw = await s.call('GET', `/users?page_size=7&next_page_cookie=${cookie}`);
    expect(raw.status).toBe(200);
    expect((await list({ next_page_cookie: 'AAAAAAAAAAAAAAAAAAAAAA==' })).status).toBe(400);
    expect((await s.call('GET', `/groups?next_page_cookie=${encodeURIComponent(cookie)}`)).status).toBe(400);
    await s.control('POST', '/clock', { advance: 601 });
    expect((await list({ page_size: '7', next_page_cookie: cookie })).status).toBe(400);
  });
});

describe('special faults', () => {
  test('a short page has a cookie and loses nobody', async () => {
    await s.plan({ kind: 'special', name: 'shortPage' }, { path: '/otdsws/rest/users' });
    const first = await list({ where_partition_name: 'field', page_size: '250' });
    expect([first.body.actualPageSize < 250, typeof first.body.nextPageCookie]).toEqual([true, 'string']);
    await s.plan({ kind: 'special', name: 'shortPage' }, {}, 2);
    expect((await scan({ where_partition_name: 'field', page_size: '6' })).length).toBe(8);
  });

  test('stale cookie, ticket expiry in a scan, missing modifyTimestamp, PATCH refused, no openapi', async () => {
    const special = (name: string, match: object = {}) => s.plan({ kind: 'special', name }, match);
    const cookie = (await list({ page_size: '7' })).body.nextPageCookie ?? '';
    await special('staleCookie');
    expect((await list({ page_size: '7', next_page_cookie: cookie })).status).toBe(400);
    await special('missingModifyTimestamp');
    expect((await list({ page_size: '2', attrsAsKeys: 'true' })).body.users[0]?.attributes).not.toHaveProperty(
      'modifyTimestamp',
    );
    await special('patchRefused', { method: 'PATCH' });
    expect((await s.call('PATCH', '/users/ada.byrne@staff', { description: 'x' })).status).toBe(405);
    expect((await s.call('PATCH', '/users/ada.byrne@staff', { description: 'x' })).status).toBe(200);
    expect(Object.keys((await s.call('GET', '/openapi.json')).body.paths['/users/{ref}'] ?? {})).toEqual([
      'get',
      'patch',
      'put',
      'delete',
    ]);
    await special('noOpenapi');
    expect((await s.call('GET', '/openapi.json')).status).toBe(404);
    await special('ticketExpiry', { caller: 'otadmin@otds.admin' });
    expect((await list({})).body.status).toBe(1034);
    expect((await list({})).body.status).toBe(1034);
  });
});
