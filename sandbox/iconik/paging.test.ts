import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Item, Trial } from './trial.ts';
import { startTrial } from './trial.ts';

let iconik: Trial;
beforeAll(async () => {
  iconik = await startTrial();
});
afterAll(() => iconik.close());

const USERS = 'users/v1/users/';

async function all(path: string): Promise<Item[]> {
  const found: Item[] = [];
  for (let next: string | null = path; next;) {
    const { status, body } = await iconik.api('GET', next);
    if (status !== 200) throw new Error(`${next}: ${status}`);
    found.push(...body.objects);
    next = body.next_url;
  }
  return found;
}

async function emails(query: string): Promise<string[]> {
  return (await all(`${USERS}?${query}&per_page=100`)).map((user) => user.email.split('@')[0] ?? '');
}

describe('numbered pages', () => {
  test('relative links lead through every object once, in the order asked for', async () => {
    const whole = (await all(`${USERS}?per_page=1000`)).map((user) => user.id);
    const paged = await all(`${USERS}?per_page=3&sort=email,desc`);
    expect(new Set(paged.map((user) => user.id))).toEqual(new Set(whole));
    expect(paged).toHaveLength(whole.length);
    const names = paged.map((user) => user.email.toLowerCase());
    expect(names).toEqual(names.toSorted().reverse());
    const { body } = await iconik.api('GET', `${USERS}?per_page=3&page=2&query=*northwind*`);
    expect(body).toMatchObject({ page: 2, per_page: 3, total: whole.length, pages: Math.ceil(whole.length / 3) });
    expect(body.next_url).toMatch(/^\/API\/users\/v1\/users\/\?.*page=3.*query=/);
    expect(body.prev_url).toMatch(/page=1/);
  });

  test('ten to a page unless asked; page 1 of nothing is there, a page beyond the end is not', async () => {
    expect((await iconik.api('GET', USERS)).body.objects).toHaveLength(10);
    const empty = await iconik.api('GET', `${USERS}?query=nobody*`);
    expect([empty.status, empty.body.objects, empty.body.next_url]).toEqual([200, [], null]);
    const beyond = await iconik.api('GET', `${USERS}?page=99`);
    expect([beyond.status, beyond.headers.get('x-standin-chosen')]).toEqual([404, 'pageBeyondEnd']);
    expect(beyond.body.errors).toHaveLength(1);
  });

  test.each(['per_page=1001', 'per_page=0', 'per_page=x', 'page=0', 'sort=email,up'])(
    '%s is refused',
    async (query) => {
      const answer = await iconik.api('GET', `${USERS}?${query}`);
      expect([answer.status, Object.keys(answer.body.errors)]).toEqual([400, [query.split('=')[0]]]);
    },
  );
});

describe('what lists can be narrowed by', () => {
  test('wildcards on names and e-mail, whatever the case', async () => {
    expect((await emails('query=kim')).sort()).toEqual(['alex.kim', 'alex.kim2']);
    expect(await emails('query=ADA.*')).toEqual(['Ada.Byrne']);
    expect(await emails('email=ada.byrne@northwind.example')).toEqual(['Ada.Byrne']);
    expect((await emails('first_name=Al*')).sort()).toEqual(['alex.kim', 'alex.kim2']);
    expect(await emails('query=kim.')).toEqual([]);
  });

  test('ids, e-mails, status, owners and dates', async () => {
    const [one, two] = await all(`${USERS}?per_page=2`);
    const ids = [one?.id, two?.id];
    expect((await all(`${USERS}?ids=${ids.join(',')}`)).map((user) => user.id)).toEqual(ids);
    const basic = await iconik.api('GET', 'users/v1/users/basic/?emails=ben.otto@northwind.example,nobody@x.example');
    expect(basic.body.objects.map((user) => user.email)).toEqual(['ben.otto@northwind.example']);
    expect(Object.keys(basic.body.objects[0] ?? {})).not.toContain('status');
    expect(await emails('status=INACTIVE')).toEqual(['fatima.zahra']);
    expect(await emails('is_admin=true')).toEqual(['omar.haddad']);
    expect(await emails('date_created=2026-06-01;*')).toEqual([]);
    expect((await emails('date_created=*;2026-06-01')).length).toBeGreaterThan(10);
  });

  test('members of a group are found by groups=', async () => {
    const legal = await iconik.team('Legal');
    expect((await emails(`groups=${legal.id}`)).sort()).toEqual(['chiara.rossi', 'victor.lang']);
  });

  test('list items have no teams and role groups, a single user has', async () => {
    const [first] = await all(`${USERS}?query=ben.otto`);
    expect(first).not.toHaveProperty('teams');
    const { body } = await iconik.api('GET', `${USERS}${first?.id}/`);
    expect([body.teams.length, body.role_groups.length]).toEqual([4, 1]);
    expect(new Set(body.groups)).toEqual(new Set([...body.teams, ...body.role_groups]));
  });
});

describe('cursor lists', () => {
  test('last_id leads on, and a short page is the end', async () => {
    const first = await iconik.api('GET', 'auth/v1/apps/?per_page=2');
    expect(first.body.objects).toHaveLength(2);
    const last = first.body.objects[1]?.id;
    const second = await iconik.api('GET', `auth/v1/apps/?per_page=2&last_id=${last}`);
    expect(second.body.objects).toHaveLength(1);
    expect(first.body.objects.map((app) => app.id)).not.toContain(second.body.objects[0]?.id);
    expect(second.body.next_url).toBeNull();
  });
});
