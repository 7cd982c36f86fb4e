import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  APPROVAL,
  desired,
  grant,
  openBench,
  somebody,
  store,
  T,
  target,
  X,
  Y,
  type Bench,
} from '../../test/support/ledger.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const decision = {
  kind: 'withhold',
  by: 'tenure',
  reason: 'refused for good',
  rule: 'marketing',
  demand: 1,
  digest: 'r1',
} as const;

describe('rule 1: desired is written by compare-and-set', () => {
  test('what was read before somebody else stored is refused; after a new note it is stored', async () => {
    const { a, b } = bench;
    const ada = somebody();
    const joined = await a.note(ada);
    expect(joined).toMatchObject({
      newest: 0,
      decisions: [],
      demands: 0,
      proved: {},
      lastAccountOp: {},
      heldUntil: {},
    });
    const left = await b.note(ada);
    expect(
      await b.storeDesired(left, desired(ada, { [T]: target([], { account: 'disabled' }) }, 'leaver'), undefined, 0),
    ).toEqual({ stored: true, number: 1 });
    expect(await a.storeDesired(joined, desired(ada, { [T]: target([X]) }), undefined, 0)).toBeUndefined();
    expect(await a.note(ada)).toMatchObject({ newest: 1, previous: { number: 1, standing: 'leaver' } });
  });

  test('of twenty that noted the same number exactly one is stored', async () => {
    const ada = somebody();
    const noted = await bench.a.note(ada);
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        (i % 2 ? bench.a : bench.b).storeDesired(
          noted,
          desired(ada, { [T]: target([`iconik:team/${i}`]) }),
          undefined,
          0,
        ),
      ),
    );
    expect(results.filter((r) => r !== undefined)).toEqual([{ stored: true, number: 1 }]);
  });

  test('the same digest as the newest gets no new number, unless somebody stored in between', async () => {
    const { a, b } = bench;
    const ada = somebody();
    const wanted = desired(ada, { [T]: target([X]) });
    expect(await store(a, ada, wanted, 3)).toBe(1);
    const noted = await a.note(ada);
    expect(noted.demands).toBe(3);
    expect(await a.storeDesired(noted, wanted, undefined, 3)).toEqual({ stored: false, number: 1 });
    await store(b, ada, desired(ada, {}));
    expect(await a.storeDesired(noted, wanted, undefined, 3)).toBeUndefined();
    expect(await store(a, ada, wanted)).toBe(3);
  });

  test('a decision newer than the note refuses it too', async () => {
    const ada = somebody();
    const noted = await bench.a.note(ada);
    await bench.b.decide(ada.uuid, decision);
    expect(await bench.a.storeDesired(noted, desired(ada, {}), undefined, 0)).toBeUndefined();
  });

  test('the key (person, number) refuses a second row of one number, whoever writes it', async () => {
    const ada = somebody();
    await store(bench.a, ada, desired(ada, {}));
    const copy = `insert into tenure.desired (person, number, digest, standing, policy_digest, body, decision_version)
      select person, number, 'other', standing, policy_digest, body, decision_version from tenure.desired where person = $1`;
    await expect(bench.sql(copy, [ada.uuid])).rejects.toMatchObject({ code: '23505' });
  });

  test('a rename keeps the person; a login used again means the later person', async () => {
    const { a } = bench;
    const old = somebody('sam.reyes');
    await a.note(old);
    await a.note({ ...old, login: 'sam.stone', who: 'sam.stone@staff' });
    expect(await a.personByWho('sam.reyes@staff')).toBeUndefined();
    expect((await a.personByWho('sam.stone@staff'))?.uuid).toBe(old.uuid);
    const young = somebody('sam.stone');
    await a.note(young);
    expect((await a.personByWho('sam.stone@staff'))?.uuid).toBe(young.uuid);
    expect((await a.timeline(old.uuid)).map((e) => e.text)).toContain('sam.reyes@staff is now sam.stone@staff');
  });
});

describe('rule 2: the watch compares states', () => {
  test('newest digests of everybody who has a desired', async () => {
    const [ada, noted] = [somebody(), somebody()];
    await store(bench.a, ada, desired(ada, {}));
    const newest = desired(ada, { [T]: target([X]) });
    await store(bench.a, ada, newest);
    await bench.a.note(noted);
    const all = await bench.b.newestDigests();
    expect(all.get(ada.uuid)).toEqual({ who: ada.who, number: 2, digest: newest.digest, standing: 'active' });
    expect(all.has(noted.uuid)).toBe(false);
  });

  test('a privileged demand is undecided until somebody decides this very demand (rule 9)', async () => {
    const { a } = bench;
    const ada = somebody();
    const admin = { key: Y, grants: [grant({ rule: 'admin', demand: 2, approval: APPROVAL })] };
    await store(a, ada, desired(ada, { [T]: target([X], { entitlements: [admin] }) }));
    const run = { workflowId: 'onboarding/ada', runId: '1', type: 'onboarding' };
    await a.claim(ada.uuid, run);
    const of = async (): Promise<unknown> => (await a.undecided()).get(ada.uuid);
    expect(await of()).toEqual({ rules: ['admin'], asking: [run] });
    await a.decide(ada.uuid, { ...decision, kind: 'approve', rule: 'admin', demand: 1 });
    expect(await of()).toBeDefined();
    await a.decide(ada.uuid, { ...decision, kind: 'approve', rule: 'admin', demand: 2, digest: 'older text' });
    expect(await of()).toBeDefined();
    const given = await a.decide(ada.uuid, { ...decision, kind: 'reject', rule: 'admin', demand: 2 });
    expect(await of()).toBeUndefined();
    await a.decide(ada.uuid, { kind: 'withdraw', by: 'grace.lee@staff', reason: 'asked again', ends: given.id });
    expect(await of()).toBeDefined();
  });
});
