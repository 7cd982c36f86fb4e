import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  applyCall,
  call,
  personWith,
  startIconikBench,
  unusedUrl,
  type IconikBench,
} from '../../../test/support/iconikStandIn.ts';

let bench: IconikBench;
beforeAll(async () => void (bench = await startIconikBench()));
beforeEach(async () => await bench.reset());
afterAll(async () => await bench.close());

describe('probe', () => {
  test('a well-kept domain has no problems', async () => {
    const result = await bench.system.target.probe(call);
    expect(result).toMatchObject({
      reachable: true,
      credentials: true,
      problems: [],
      capabilities: { simplifiedAccessModel: true },
    });
    expect(Math.abs(result.clockSkewMs ?? Infinity)).toBeLessThan(5_000);
  });

  test('each missing role is one sentence, deletion only where it is opted in', async () => {
    const retention = bench.client({ config: { deleteAfterDays: 30 } });
    expect((await retention.target.probe(call)).problems).toEqual([expect.stringContaining('can_delete_users')]);
    const own = await bench.idOf('tenure-service@northwind.example');
    await bench.act({ action: 'edit', user: own, group: 'Tenure Service', present: false });
    const { problems, capabilities } = await bench.system.target.probe(call);
    expect(problems).toHaveLength(18);
    expect(problems.every((sentence) => sentence.includes('lacks the role can_'))).toBe(true);
    expect(capabilities).toMatchObject({ can_write_teams: false, can_read_collections: true });
  });

  test('a domain owner is too much for our account, a missing fallback team too little', async () => {
    const own = await bench.idOf('tenure-service@northwind.example');
    await bench.act({ action: 'edit', user: own, set: { is_admin: true } });
    const result = await bench.client({ config: { fallbackTeam: 'Nowhere' } }).target.probe(call);
    expect(result.problems).toEqual([
      expect.stringContaining('domain owner'),
      expect.stringContaining('"Nowhere" does not exist'),
    ]);
  });

  test('what is down, refused, or no iconik at all is said, not thrown', async () => {
    const down = bench.client({ config: { url: await unusedUrl() } });
    expect(await down.target.probe(call)).toMatchObject({
      reachable: false,
      credentials: false,
      problems: [expect.stringContaining('cannot be reached')],
    });
    const refused = bench.client({ token: 'wrong' });
    expect(await refused.target.probe(call)).toMatchObject({
      reachable: true,
      credentials: false,
      problems: [expect.stringContaining('application token')],
    });
    const elsewhere = bench.client({ config: { url: `${bench.config.url}/elsewhere` } });
    expect(await elsewhere.target.probe(call)).toMatchObject({ credentials: false, problems: [expect.any(String)] });
    await bench.fault({ fault: { kind: 'html', status: 200 } });
    expect(await bench.system.target.probe(call)).toMatchObject({ reachable: false, credentials: false });
  });
});

describe('a legacy domain', () => {
  test.each([200, 404])('holds groups, one key for each (teams answer %i)', async (status) => {
    await bench.choose('legacyTeamsList', status);
    await bench.act({ action: 'accessModel', model: 'legacy' });
    const { problems, capabilities } = await bench.system.target.probe(call);
    expect(problems).toContainEqual(expect.stringContaining('legacy access model'));
    expect(capabilities).toMatchObject({ simplifiedAccessModel: false, can_write_groups: true });
    const id = await bench.idOf('emily.carter@northwind.example');
    const { held } = await bench.read(id, ['iconik:collection/Marketing#write']);
    expect(held.filter((h) => h.how === 'direct').map((h) => h.key)).toEqual([
      'iconik:group/Marketing',
      'iconik:group/Marketing Americas',
      'iconik:group/Reviewer',
    ]);
    expect(held).toContainEqual({ key: 'iconik:collection/Marketing#write', how: 'group' });
  });

  test('is written group by group; entitlements of the other model are refused with a sentence', async () => {
    await bench.act({ action: 'accessModel', model: 'legacy' });
    const id = await bench.idOf('emily.carter@northwind.example');
    expect(
      await bench.apply(
        id,
        { op: 'grant', entitlement: 'iconik:group/Legal' },
        { op: 'revoke', entitlement: 'iconik:group/Marketing' },
        { op: 'revoke', entitlement: 'iconik:group/Reviewer' },
      ),
    ).toEqual([{ outcome: 'done' }, { outcome: 'done' }, { outcome: 'done' }]);
    expect((await bench.read(id)).held.filter((h) => h.how === 'direct').map((h) => h.key)).toEqual([
      'iconik:group/Legal',
      'iconik:group/Marketing Americas',
    ]);
    await bench.writes();
    for (const entitlement of ['iconik:team/Legal', 'iconik:roles/Reviewer'])
      await expect(bench.apply(id, { op: 'grant', entitlement })).rejects.toMatchObject({
        code: 'ICONIK_OTHER_MODEL',
        retryable: false,
        message: expect.stringContaining(entitlement),
      });
    expect(await bench.writes()).toEqual([]);
  });

  test('that is migrated meanwhile is written without a restart, and knows groups no more', async () => {
    await bench.act({ action: 'accessModel', model: 'legacy' });
    const id = await bench.idOf('emily.carter@northwind.example');
    await bench.read(id);
    await bench.act({ action: 'accessModel', model: 'simplified' });
    expect(await bench.apply(id, { op: 'grant', entitlement: 'iconik:team/Legal' })).toEqual([{ outcome: 'done' }]);
    expect((await bench.read(id)).held.map((h) => h.key)).not.toContain('iconik:group/Reviewer');
    await expect(bench.apply(id, { op: 'grant', entitlement: 'iconik:group/Legal' })).rejects.toMatchObject({
      code: 'ICONIK_OTHER_MODEL',
    });
  });
});

describe('list and description', () => {
  test('every user comes once, page by page, with the state of the account', async () => {
    const { target } = bench.client({ choices: { perPage: 4 } });
    const seen = [];
    let next: string | undefined;
    do {
      const page = await target.list(next, [], call);
      expect(page.items.length).toBeLessThanOrEqual(4);
      seen.push(...page.items);
      next = page.next;
    } while (next);
    expect(new Set(seen.map((u) => u.nativeId)).size).toBe(seen.length);
    expect(seen.length).toBeGreaterThan(14);
    expect(seen).toContainEqual({
      nativeId: expect.any(String),
      label: 'fatima.zahra@northwind.example',
      keys: { email: 'fatima.zahra@northwind.example' },
      actual: expect.objectContaining({ account: 'disabled' }),
    });
    expect(seen).toContainEqual({
      nativeId: expect.any(String),
      label: 'ada.byrne@northwind.example',
      keys: { email: 'ada.byrne@northwind.example' },
      actual: expect.objectContaining({ account: 'present' }),
    });
  });

  test.each([404, 200])('a page beyond the end (%i) ends the list', async (status) => {
    await bench.choose('pageBeyondEnd', status);
    const token = '/API/users/v1/users/?page=99&per_page=100';
    expect(await bench.system.target.list(token, [], call)).toEqual({ items: [] });
  });

  test('names are read to the last page', async () => {
    const small = bench.client({ choices: { perPage: 3 } });
    const id = await bench.idOf('ada.byrne@northwind.example');
    const account = { person: personWith('ada.byrne@northwind.example'), nativeId: id };
    const actual = await small.target.read(account, [], call);
    expect(
      await small.target.apply(account, { op: 'grant', entitlement: 'iconik:team/Unit Rights' }, actual, applyCall),
    ).toEqual({ outcome: 'done' });
    const tom = await small.target.read(
      { person: account.person, nativeId: await bench.idOf('tom.weber@northwind.example') },
      [],
      call,
    );
    expect(tom.warnings).toEqual([expect.stringContaining('application token')]);
  });

  test('the description is made of constants', () => {
    const description = bench.system.target.describe();
    expect(description).toMatchObject({
      system: 'iconik',
      readLagMs: 0,
      profile: ['email', 'first_name', 'last_name', 'type'],
    });
    expect(Object.keys(description.kinds)).toEqual(['team', 'roles', 'group', 'collection', 'share']);
    expect(description.requestLimitMs).toBe(bench.config.limits.requestMs * 4);
  });
});
