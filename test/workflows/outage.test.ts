/** iconik is away for an hour: the clock of the runs is moved through it, nothing is waited for. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { openSite, type Site } from '../support/site.ts';
import { until } from '../support/until.ts';
import { advance, worldOn, type World } from '../support/world.ts';

Runtime.install({ logger: new DefaultLogger('ERROR') });

let site: Site;
let world: World<Site>;
beforeAll(async () => {
  site = await openSite({ people: 8 });
  world = await worldOn(site);
});
afterAll(() => world.close());

/** Quick tries within the first half minute, then 15 s doubling to 5 minutes. */
const MOST_TRIES_IN_AN_HOUR = 6 + 6 + 11;

const tries = async (): Promise<number> => {
  const [row] = await site.sql<{ n: string }>(`select count(*) as n from tenure.failure where target = 'iconik'`);
  return Number(row?.n);
};
const requests = async (): Promise<number> =>
  Number((await site.iconik.control('GET', '/ledger?since=0&limit=100000'))['next']);
const seenByQuery = async (query: string): Promise<string[]> => {
  const found: string[] = [];
  for await (const run of world.client.workflow.list({ query: `${query} AND TaskQueue="${world.queue}"` }))
    found.push(run.workflowId);
  return found;
};

test('OTDS goes on, the late system is named and since when, its pace is kept, and it recovers by itself', async () => {
  await site.iconik.fault({ fault: { kind: 'status', status: 503 } });
  const began = Date.now();
  const run = await world.start('onboarding', { person: 'ada.byrne@staff' });
  const row = (status: Awaited<ReturnType<typeof world.status>>, about: string) =>
    status.rows.find((r) => r.step === 'converge' && r.about === about);

  const early = await world.when(run, 'OTDS to be proved', (s) => row(s, 'otds')?.state.startsWith('proved') === true);
  expect(row(early, 'iconik')).toMatchObject({ state: 'under way', since: expect.stringMatching(/^\d{4}-/) });
  expect((await site.inOtds('ada.byrne@staff')).accessRoles).toEqual(['Access to Media Portal']);
  await advance(run, 120);
  const late = await world.when(run, 'iconik to be late', (s) => row(s, 'iconik')?.state.startsWith('late') === true);
  expect(late.needsAttention).toBe(true);
  expect(row(late, 'iconik')).toMatchObject({ state: expect.stringContaining('ICONIK_UNAVAILABLE'), attention: true });
  expect(row(late, 'otds')).not.toHaveProperty('attention');
  const since = Date.parse(row(late, 'iconik')!.since);
  expect(since).toBeGreaterThanOrEqual(began);
  expect(since).toBeLessThan(began + 120_000);
  await until('the run to be found by NeedsAttention', async () =>
    (await seenByQuery('NeedsAttention=true AND Person="ada.byrne@staff"')).includes(run.workflowId),
  );

  const [triesBefore, requestsBefore] = [await tries(), await requests()];
  await advance(run, 3_600);
  const spent = (await tries()) - triesBefore;
  expect(spent).toBeGreaterThan(5);
  expect(spent).toBeLessThanOrEqual(MOST_TRIES_IN_AN_HOUR);
  expect((await requests()) - requestsBefore).toBeLessThanOrEqual(spent * 3);
  expect(row(await world.status(run), 'iconik')?.since).toBe(row(late, 'iconik')?.since);

  // Somebody else in the middle of it.
  const other = await world.start('onboarding', { person: 'chiara.rossi@staff' });
  await world.when(other, 'OTDS to be proved', (s) => row(s, 'otds')?.state.startsWith('proved') === true);

  await site.iconik.control('DELETE', '/faults');
  await Promise.all([advance(run, 600), advance(other, 600)]);
  for (const handle of [run, other]) {
    expect(await world.result(handle)).toMatchObject({ outcome: 'done' });
    expect((await world.status(handle)).needsAttention).toBe(false);
  }
  expect(await site.onIconik('ada.byrne@northwind.example')).toMatchObject([
    { teams: ['Marketing', 'Marketing EMEA', 'Unit Brand'] },
  ]);
  await until('nobody to need attention', async () => (await seenByQuery('NeedsAttention=true')).length === 0);
  expect(await site.unproved('ada.byrne@staff')).toEqual([]);
});

test('a leaver in the middle of it is closed in OTDS at once, and in iconik when it is back', async () => {
  await site.settle('kofi.mensah@staff');
  await site.iconik.fault({ fault: { kind: 'reset' } });
  const run = await world.start('offboarding', { person: 'kofi.mensah@staff', by: 'grace.lee@staff' });
  await until('OTDS to be closed', async () => (await site.inOtds('kofi.mensah@staff')).disabled);
  await advance(run, 3_600);
  const late = await world.when(run, 'iconik to be late', (s) => s.needsAttention);
  expect(late.rows.find((r) => r.attention)).toMatchObject({ about: 'iconik', state: expect.stringMatching(/^late/) });
  expect((await site.inOtds('kofi.mensah@staff')).accessRoles).toEqual([]);
  await site.iconik.control('DELETE', '/faults');
  await advance(run, 600);
  const done = await world.when(run, 'the last check', (s) => s.stage === 'last check');
  expect(done.needsAttention).toBe(false);
  expect(await site.onIconik('kofi.mensah@northwind.example')).toMatchObject([{ status: 'INACTIVE', roles: [] }]);
  await run.terminate('test');
});

test('news that comes in the middle of it is followed in OTDS, and in iconik when it is back', async () => {
  await site.iconik.fault({ fault: { kind: 'html', status: 502 } });
  const run = await world.start('onboarding', { person: 'grace.lee@staff' });
  await advance(run, 300);
  await world.when(run, 'only the late system to be waited for', (s) => s.stage === 'late' && s.needsAttention);
  expect((await site.inOtds('grace.lee@staff')).accessRoles).toEqual([]);

  await site.hr.join('grace.lee@staff', 'Marketing Editors@staff');
  await run.signal('changed', { by: 'the watch' });
  await until('the news in OTDS', async () => (await site.inOtds('grace.lee@staff')).accessRoles.length > 0);
  await advance(run, 3_600);
  expect((await world.status(run)).needsAttention).toBe(true);

  await site.iconik.control('DELETE', '/faults');
  await advance(run, 600);
  expect(await world.result(run)).toMatchObject({ outcome: 'done', number: 2 });
  expect((await site.onIconik('grace.lee@northwind.example'))[0]).toMatchObject({ teams: ['Marketing'] });
  expect(await site.unproved('grace.lee@staff')).toEqual([]);
});
