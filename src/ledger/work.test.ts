import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openBench, somebody, type Bench } from '../../test/support/ledger.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const run = (runId: string, type = 'onboarding') => ({ workflowId: `${type}/ada`, runId, type });

describe('claims: one open run of each type per person', () => {
  test('the second is told who has it; another type is free; after release it is free', async () => {
    const { a, b } = bench;
    const { uuid } = await a.note(somebody()).then((n) => n.person);
    expect(await a.claim(uuid, run('1'))).toEqual({ claimed: true, decisions: [] });
    expect(await a.claim(uuid, run('1'))).toEqual({ claimed: true, decisions: [] });
    expect(await b.claim(uuid, run('2'))).toEqual({ claimed: false, by: run('1') });
    expect(await b.claim(uuid, run('2', 'offboarding'))).toEqual({ claimed: true, decisions: [] });
    expect(await a.openRuns(uuid)).toEqual([run('1'), run('2', 'offboarding')]);
    await b.releaseClaim(uuid, run('2'));
    expect(await b.claim(uuid, run('2'))).toMatchObject({ claimed: false });
    await a.releaseClaim(uuid, run('1'));
    expect(await b.claim(uuid, run('2'))).toEqual({ claimed: true, decisions: [] });
  });

  test('a claim is replaced only while the closed run named still has it', async () => {
    const { a, b } = bench;
    const { uuid } = (await a.note(somebody())).person;
    await a.claim(uuid, run('dead'));
    const results = await Promise.all([a.claim(uuid, run('2'), run('dead')), b.claim(uuid, run('3'), run('dead'))]);
    expect(results.filter((r) => r.claimed)).toHaveLength(1);
  });

  test('a claim waits for a decision that is being written, and has it', async () => {
    const { uuid } = (await bench.a.note(somebody())).person;
    const departure = { kind: 'depart', by: 'grace.lee@staff', reason: 'contract ended' };
    const deciding = { text: 'select tenure_rules.decide($1, $2, null)', values: [uuid, JSON.stringify(departure)] };
    const claim = await bench.overlap(deciding, () => bench.b.claim(uuid, run('1')));
    expect(claim).toMatchObject({ claimed: true, decisions: [departure] });
  });

  test('the end of a run leaves its entries in their order, in one statement', async () => {
    const { a } = bench;
    const { uuid } = (await a.note(somebody())).person;
    await a.claim(uuid, run('1'));
    const before = a.statements();
    const entries = [
      { kind: 'run.done', text: 'all proved', run: 'onboarding/ada' },
      { kind: 'notice', text: 'welcome', run: 'onboarding/ada' },
      { kind: 'notice', text: 'a desk waits', target: 'iconik', number: 3 },
    ];
    await a.releaseClaim(uuid, run('1'), entries);
    expect(a.statements() - before).toBe(1);
    expect(await a.openRuns(uuid)).toEqual([]);
    expect(await a.timeline(uuid)).toMatchObject(entries);
  });

  test('of twenty at once exactly one claims', async () => {
    const { uuid } = (await bench.a.note(somebody())).person;
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, i) => (i % 2 ? bench.a : bench.b).claim(uuid, run(String(i)))),
    );
    expect(all.filter((r) => r.claimed)).toHaveLength(1);
  });
});

describe('holds: released by a person, item by item', () => {
  const items = ['ada', 'ben', 'eva'].map((id) => ({ id, who: `${id}@staff`, what: `disable ${id}` }));

  test('released items are named once, the rest stays held', async () => {
    const { a, b } = bench;
    await a.hold({ id: 'watch/1', kind: 'leavers', reason: '3 leavers, 2 allowed', items });
    await b.hold({ id: 'watch/1', kind: 'leavers', reason: '3 leavers, 2 allowed', items });
    expect(await a.holds({ open: true })).toMatchObject([
      { id: 'watch/1', kind: 'leavers', items, released: {}, at: expect.any(String) },
    ]);
    expect(await a.releaseHold('watch/1', 'grace.lee@staff', 'known', ['ben'])).toEqual([items[1]]);
    expect(await a.releaseHold('watch/1', 'omar.haddad@staff', 'all', [])).toEqual([items[0], items[2]]);
    expect(await a.releaseHold('watch/1', 'omar.haddad@staff', 'again', [])).toEqual([]);
    expect(await a.holds({ open: true })).toEqual([]);
    const released = { ada: 'omar.haddad@staff', ben: 'grace.lee@staff', eva: 'omar.haddad@staff' };
    expect(await a.holds({ open: false })).toMatchObject([{ id: 'watch/1', released }]);
    await a.hold({
      id: 'watch/1',
      kind: 'leavers',
      reason: 'more',
      items: [...items, { id: 'tom', who: 'tom@staff', what: 'disable tom' }],
    });
    expect(await a.holds({ open: true })).toMatchObject([{ id: 'watch/1', released }]);
  });

  test('an unknown hold or item throws and releases nothing', async () => {
    const { a } = bench;
    await a.hold({ id: 'watch/2', kind: 'leavers', reason: 'many', items });
    await expect(a.releaseHold('watch/3', 'grace.lee@staff', '', [])).rejects.toMatchObject({ code: 'LEDGER_UNKNOWN' });
    await expect(a.releaseHold('watch/2', 'grace.lee@staff', '', ['ada', 'nobody'])).rejects.toThrow('nobody');
    expect((await a.holds({ open: true })).find((h) => h.id === 'watch/2')?.released).toEqual({});
  });
});
