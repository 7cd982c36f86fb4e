import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { call, OTDS_CLIENT_SECRET, OTDS_PASSWORD, startOtdsBench } from '../../../test/support/otdsStandIn.ts';
import type { OtdsBench } from '../../../test/support/otdsStandIn.ts';
import type { Json } from '../../../sandbox/common/types.ts';
import type { Person } from '../../domain/person.ts';
import { SystemError } from '../errors.ts';
import type { Directory } from '../port.ts';

let bench: OtdsBench;

beforeAll(async () => {
  bench = await startOtdsBench();
});
beforeEach(() => bench.reset());
afterAll(() => bench.close());

const small = { choices: { pageSize: 7 } };

async function everybody(directory: Directory): Promise<Person[]> {
  const found: Person[] = [];
  for await (const page of directory.people(call)) found.push(...page);
  return found;
}

async function failure(promise: Promise<unknown>): Promise<SystemError> {
  const error = await promise.then(
    () => undefined,
    (e: unknown) => e,
  );
  if (!(error instanceof SystemError)) throw new Error(`no SystemError: ${String(error)}`);
  return error;
}

describe('one person', () => {
  test('with fields, dates and effective groups', async () => {
    const ada = await bench.person('ada.byrne@staff');
    expect(ada).toMatchObject({
      who: 'ada.byrne@staff',
      state: 'active',
      type: 'employee',
      groups: ['All Staff@staff', 'Dept Marketing@staff', 'Marketing Editors@staff'],
      manager: 'grace.lee@staff',
      startAt: '2023-03-01T00:00:00.000Z',
      fields: {
        region: 'EMEA',
        unit: 'Brand',
        department: 'Marketing',
        language: 'en',
        email: 'ada.byrne@northwind.example',
      },
      ownedUpstream: false,
    });
    expect(ada.endAt).toBeUndefined();
    expect(ada.attributes).toMatchObject({ givenName: 'Ada', sn: 'Byrne' });
  });

  test('by login in any case, as the directory spells it; by uuid too', async () => {
    const ada = await bench.person('ada.byrne@staff');
    expect(await bench.person('ADA.Byrne@Staff')).toEqual(ada);
    expect(await bench.person(ada.uuid)).toEqual(ada);
  });

  test.each(['søren.åkesson@staff', 'mária.kováč@staff', "siobhán.o'neill@staff", 'ivy@acme@partners'])(
    '%s, whose name is hard to send',
    async (who) => {
      expect((await bench.person(who)).who).toBe(who);
    },
  );

  test('disabled, locked, ending, owned upstream', async () => {
    expect(await bench.person('tom.weber@staff')).toMatchObject({
      state: 'disabled',
      groups: ['Post Production@staff'],
    });
    expect(await bench.person('lena.fischer@contractors')).toMatchObject({
      type: 'contractor',
      endAt: '2027-04-01T00:00:00.000Z',
    });
    expect((await bench.person('bruno.keller@contractors')).endAt).toBe('2027-06-30T15:00:00.000Z');
    expect(await bench.person('femi.adeyemi@field')).toMatchObject({
      ownedUpstream: true,
      groups: ['Field Crew@field'],
    });
    await bench.admin('PATCH', '/users/ada.byrne@staff', { values: [{ name: 'accountLockedOut', values: ['true'] }] });
    expect((await bench.person('ada.byrne@staff')).state).toBe('locked');
  });

  test.each([
    'nobody@staff',
    'ada.byrne@elsewhere',
    'break-glass@otds.admin',
    'ada.byrne',
    'ivy@acme',
    '@staff',
    '00000000-0000-4000-a000-000000000000',
  ])('%s: nobody there', async (who) => {
    expect(await bench.otds.directory.person(who, call)).toBeUndefined();
  });

  test('a login that looks like somebody of another partition is not that somebody', async () => {
    await bench.admin('POST', '/users', { userPartitionID: 'staff', name: 'eve@partners' });
    expect(await bench.otds.directory.person('eve@partners', call)).toBeUndefined();
    expect((await bench.person('eve@partners@staff')).who).toBe('eve@partners@staff');
  });

  test.each(['a/b', 'back\\slash', 'x,ou=y', 'q?#&%2F', 'ünï cödé', '..'])(
    'hostile login %j and group',
    async (name) => {
      await bench.admin('POST', '/users', { userPartitionID: 'staff', name });
      await bench.admin('POST', '/groups', { userPartitionID: 'staff', name });
      const group = `${name}@staff`;
      const { users } = await bench.admin('GET', `/users?where_partition_name=staff&page_size=1000`);
      const { groups } = await bench.admin('GET', `/groups?where_partition_name=staff&page_size=1000`);
      const find = (list: unknown) =>
        (list as { name: string; location: string }[]).find((o) => o.name === name)?.location ?? '';
      await bench.admin('POST', `/users/${encodeURIComponent(find(users))}/memberof`, { stringList: [find(groups)] });
      expect((await bench.person(`${name}@staff`)).groups).toEqual([group]);
      expect((await bench.otds.directory.membersOf(group, call)).map((p) => p.who)).toEqual([`${name}@staff`]);
    },
  );

  test('a 404 that is not OTDS itself is an error, not an absence', async () => {
    await bench.fault({
      match: { path: '*/users/*' },
      fault: { kind: 'status', status: 404, body: '<html>not here</html>' },
    });
    const error = await failure(bench.otds.directory.person('ada.byrne@staff', call));
    expect(error).toMatchObject({ code: 'OTDS_GARBLED', retryable: true });
  });
});

describe('everybody', () => {
  test('the same as one by one, nested groups included, without a call per person', async () => {
    const { directory } = bench.client({}, small);
    const all = await everybody(directory);
    expect(all).toHaveLength(59);
    const calls = await bench.requests();
    expect(calls.filter((row) => /\/users\/./.test(row.path))).toEqual([]);
    for (const who of [
      'ada.byrne@staff',
      'sam.reyes@contractors',
      'femi.adeyemi@field',
      'ivy@acme@partners',
      'tom.weber@staff',
    ]) {
      expect(all.find((p) => p.who === who)).toEqual(await bench.person(who));
    }
  });

  test('groups below groups of partitions that nobody looks after are followed, but not seen themselves', async () => {
    await bench.admin('POST', '/groups', { userPartitionID: 'otds.admin', name: 'Middle' });
    await bench.admin('POST', '/users/ada.byrne@staff/memberof', { stringList: ['Middle@otds.admin'] });
    await bench.admin('POST', '/groups/Middle@otds.admin/memberof', { stringList: ['Media Admins@staff'] });
    const ada = await bench.person('ada.byrne@staff');
    expect(ada.groups).toEqual([
      'All Staff@staff',
      'Dept Marketing@staff',
      'Marketing Editors@staff',
      'Media Admins@staff',
    ]);
    expect((await everybody(bench.otds.directory)).find((p) => p.uuid === ada.uuid)).toEqual(ada);
  });

  test('a short page is not the last', async () => {
    await bench.fault({ match: { path: '*/users' }, times: 5, fault: { kind: 'special', name: 'shortPage' } });
    expect(await everybody(bench.client({}, small).directory)).toHaveLength(59);
  });

  test('a ticket that expires in the middle of the scan', async () => {
    await bench.fault({
      match: { path: '*/users' },
      skip: 3,
      times: 1,
      fault: { kind: 'special', name: 'ticketExpiry' },
    });
    expect(await everybody(bench.client({}, small).directory)).toHaveLength(59);
    const statuses = (await bench.requests()).filter((row) => row.path.endsWith('/users')).map((row) => row.status);
    expect(statuses).toContain(400);
  });

  test('a stale cookie begins the scan again; nobody comes twice', async () => {
    await bench.fault({
      match: { path: '*/users' },
      skip: 3,
      times: 1,
      fault: { kind: 'special', name: 'staleCookie' },
    });
    const all = await everybody(bench.client({}, small).directory);
    expect(all).toHaveLength(59);
    expect(new Set(all.map((p) => p.uuid)).size).toBe(59);
  });

  test('cookies that always go stale end the scan: nothing follows from what is missing', async () => {
    await bench.fault({ match: { path: '*/users' }, fault: { kind: 'special', name: 'staleCookie' } });
    const error = await failure(everybody(bench.client({}, small).directory));
    expect(error).toMatchObject({ code: 'OTDS_SCAN_UNSTABLE', retryable: true });
    const scans = (await bench.requests()).filter((row) => row.path.endsWith('/users') && row.status === 200);
    expect(scans).toHaveLength(4); // the first and three more beginnings
  });

  test('a cookie that comes back ends the scan', async () => {
    const body = { users: [], actualPageSize: 0, requestedPageSize: 7, nextPageCookie: 'AAAA+/==' };
    await bench.fault({ match: { path: '*/users' }, fault: { kind: 'status', status: 200, body } });
    expect((await failure(everybody(bench.otds.directory))).code).toBe('OTDS_SCAN_UNSTABLE');
  });

  test('people of another partition are not let in by an OTDS that ignores the filter', async () => {
    const page = await bench.admin('GET', '/users?where_partition_name=otds.admin');
    await bench.fault({
      match: { path: '*/users' },
      fault: { kind: 'status', status: 200, body: { ...page } as Json },
    });
    expect(page['users']).not.toEqual([]);
    expect(await everybody(bench.client({ partitions: ['staff'] }).directory)).toEqual([]);
  });

  test('a page without a cookie is not taken for the last', async () => {
    await bench.fault({ match: { path: '*/users' }, fault: { kind: 'status', status: 200, body: { users: [] } } });
    expect((await failure(everybody(bench.otds.directory))).code).toBe('OTDS_UNEXPECTED');
  });

  test.each([
    ['reset twice', 2, { kind: 'reset' }, 'OTDS_RESET'],
    ['proxy page', 1, { kind: 'html', status: 200 }, 'OTDS_GARBLED'],
    ['half a page', 2, { kind: 'truncate', bytes: 500 }, 'OTDS_RESET'],
    ['too many requests', 1, { kind: 'status', status: 429, headers: { 'Retry-After': '20' } }, 'OTDS_RATE_LIMITED'],
    ['down', 1, { kind: 'status', status: 503 }, 'OTDS_UNAVAILABLE'],
    ['not allowed', 1, { kind: 'status', status: 403 }, 'OTDS_FORBIDDEN'],
  ] as const)('%s in the middle ends the scan with an error', async (_name, times, fault, code) => {
    await bench.fault({ match: { path: '*/users' }, skip: 2, times, fault: { ...fault } });
    const error = await failure(everybody(bench.client({}, small).directory));
    expect(error.code).toBe(code);
    expect(error.retryAt !== undefined).toBe(code === 'OTDS_RATE_LIMITED');
  });

  test('one reset of a read is got over', async () => {
    await bench.fault({ match: { path: '*/users' }, skip: 2, times: 1, fault: { kind: 'reset' } });
    expect(await everybody(bench.client({}, small).directory)).toHaveLength(59);
  });

  test('an answer that never comes is given up at the limit', async () => {
    await bench.fault({ match: { path: '*/users' }, fault: { kind: 'hang' } });
    const limits = { ...bench.config.limits, requestMs: 100 };
    expect((await failure(everybody(bench.client({ limits }).directory))).code).toBe('OTDS_TIMEOUT');
  });
});

describe('groups', () => {
  test('names of all, with their partition', async () => {
    const groups = await bench.client({}, small).directory.groups(call);
    expect(groups).toContain('Agency Editors@contractors');
    expect(groups).toContain('Field Crew@field');
    expect(groups).toHaveLength(20);
    expect(groups).toEqual([...groups].sort());
    expect(groups.filter((name) => name.endsWith('@otds.admin'))).toEqual([]);
  });

  test('members direct and nested who are active now', async () => {
    const whos = async (group: string, at: string) => {
      const { directory } = bench.client({}, { ...small, now: () => Date.parse(at) });
      return (await directory.membersOf(group, call)).map((p) => p.who);
    };
    const post = await whos('Post Production@staff', '2026-03-01T00:00:00Z');
    expect(post).toContain('ben.otto@staff');
    expect(post).not.toContain('tom.weber@staff');
    expect(await whos('All Staff@staff', '2026-03-01T00:00:00Z')).toContain('ada.byrne@staff');
    expect(await whos('Agency Editors@contractors', '2027-03-31T23:59:59Z')).toContain('lena.fischer@contractors');
    expect(await whos('Agency Editors@contractors', '2027-04-01T00:00:00Z')).not.toContain('lena.fischer@contractors');
    expect(await whos('Agency Editors@contractors', '2026-01-31T23:59:59Z')).toEqual([]);
  });

  test('somebody whose end date nobody can read is not active', async () => {
    const values = [{ name: 'oTExtraAttr2', values: ['next summer'] }];
    await bench.admin('PATCH', '/users/ben.otto@staff', { values });
    const members = await bench.otds.directory.membersOf('Post Production@staff', call);
    expect(members.map((p) => p.who)).not.toContain('ben.otto@staff');
    expect((await bench.person('ben.otto@staff')).endAt).toBe('next summer');
  });

  test('an unknown group is an error, and so is one in other letters', async () => {
    for (const group of ['No Such@staff', 'post production@staff', 'Post Production@contractors']) {
      expect(await failure(bench.otds.directory.membersOf(group, call))).toMatchObject({
        code: 'OTDS_NOT_FOUND',
        retryable: false,
      });
    }
  });

  test('where OTDS does not say what a group is in, the members tell', async () => {
    const body = { status: 90414, error: 'Not found', errorDetails: null };
    await bench.fault({ match: { path: '*/groups/*/memberof' }, fault: { kind: 'status', status: 404, body } });
    expect((await bench.person('ada.byrne@staff')).groups).toContain('All Staff@staff');
  });
});

describe('login and probe', () => {
  test('a good connection', async () => {
    const result = await bench.otds.directory.probe(call);
    expect(result).toMatchObject({ reachable: true, credentials: true, problems: [] });
    expect(Object.entries(result.capabilities).filter(([, there]) => !there)).toEqual([]);
    expect(result.version).toBeDefined();
    expect(Math.abs(result.clockSkewMs ?? Infinity)).toBeLessThan(2000);
  });

  test('as an OAuth client', async () => {
    const { directory } = bench.client({ user: '', clientId: 'tenure', clientSecret: 'env:OTHER' });
    expect(await directory.probe(call)).toMatchObject({ reachable: true, credentials: true, problems: [] });
    await bench.act('expireTickets');
    expect((await directory.person('ada.byrne@staff', call))?.who).toBe('ada.byrne@staff');
  });

  test('says what is wrong: password, partition, clock', async () => {
    const wrong = await bench.client({}, { secret: () => 'wrong-S3cret' }).directory.probe(call);
    expect(wrong).toMatchObject({ reachable: true, credentials: false });
    expect(wrong.problems.join()).toMatch(/refuses the login/);
    const odd = await bench
      .client({ partitions: ['staff', 'stuff'] }, { now: () => Date.now() + 600_000 })
      .directory.probe(call);
    expect(odd.problems.join('\n')).toMatch(/differ by 60[01] s.*\n?.*no partition stuff/s);
  });

  test('nobody listens, or something else answers: says so and does not throw', async () => {
    const gone = await startOtdsBench();
    await gone.close();
    const down = await bench.client({ url: gone.config.url }).directory.probe(call);
    expect(down).toMatchObject({ reachable: false, credentials: false });
    expect(down.problems.join()).toMatch(/cannot be reached/);
    await bench.fault({ fault: { kind: 'html', status: 200 } });
    const other = await bench.otds.directory.probe(call);
    expect(other).toMatchObject({ reachable: false, credentials: false });
    expect(other.problems.join()).toMatch(/it is not OTDS/);
  });

  test('no secret in any error or log line', async () => {
    const seen: string[] = [];
    const clients = [
      bench.client({}, { secret: () => 'wrong-S3cret' }),
      bench.client({ user: '', clientId: 'tenure' }, { secret: () => 'wrong-S3cret' }),
    ];
    for (const { directory } of clients) {
      const error = await failure(directory.person('ada.byrne@staff', call));
      seen.push(error.message, error.stack ?? '', JSON.stringify(error));
    }
    await bench.person('ada.byrne@staff');
    await bench.fault({ fault: { kind: 'reset' } });
    seen.push(String((await failure(bench.otds.directory.person('ada.byrne@staff', call))).stack));
    const all = `${seen.join('\n')}\n${bench.logged()}`;
    for (const secret of ['S3cret', OTDS_PASSWORD, OTDS_CLIENT_SECRET, '*OTDSSSO*', 'Bearer '])
      expect(all).not.toContain(secret);
    expect(bench.logged()).toContain('/rest/users/ada.byrne%40staff');
  });
});
