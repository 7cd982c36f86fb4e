import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  actual,
  desired,
  grantX,
  intended,
  isUnproved,
  openBench,
  prove,
  somebody,
  store,
  T,
  take,
  target,
  X,
  type Bench,
} from '../../test/support/ledger.ts';
import type { PersonRef } from '../domain/person.ts';
import type { Pair } from './types.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

/** A person whose one pair is proved. */
async function settled(): Promise<{ ada: PersonRef; pair: Pair }> {
  const ada = somebody();
  const pair = { person: ada.uuid, target: T };
  await store(bench.a, ada, desired(ada, { [T]: target([X]) }));
  expect(await isUnproved(bench.a, pair)).toBe(true);
  await prove(bench.a, pair, actual([X]));
  expect(await isUnproved(bench.a, pair)).toBe(false);
  return { ada, pair };
}

const said = { by: 'grace.lee@staff', reason: 'because' };
const sweep = (person: string) =>
  bench.b.unproved({ limit: 1000, onlyActionable: true }).then((all) => all.filter((p) => p.person === person));

describe('rule 3: every pair has a proof row', () => {
  test('the proof names desired, decisions, fence and the time of the read', async () => {
    const { ada, pair } = await settled();
    const { lease, state } = await take(bench.a, pair, 'next');
    const [row] = await bench.sql<Record<string, unknown>>('select * from tenure.pair where person = $1', [ada.uuid]);
    expect(row).toMatchObject({
      proved_number: 1,
      proved_decision_version: 0,
      proved_fence: String(lease.fence - 1),
      proved_account: 'present',
    });
    const { proved } = await bench.a.note(ada);
    expect(proved[T]).toMatchObject({ account: 'present', desired: 1 });
    expect((proved[T]?.readAt ?? '') < state.ledgerNow).toBe(true);
    expect((await bench.a.proofs(ada.uuid))[T]).toMatchObject({
      actual: actual([X]),
      number: 1,
      decisionVersion: 0,
      current: true,
    });
  });

  test('a newer desired makes it unproved, and pairs of every target named before or now', async () => {
    const { ada } = await settled();
    await store(bench.b, ada, desired(ada, { otds: target([]) }));
    expect((await sweep(ada.uuid)).map((p) => p.target).sort()).toEqual([T, 'otds']);
  });

  test('a newer desired makes it unproved also where the part for this target is the same', async () => {
    const { ada, pair } = await settled();
    await store(bench.b, ada, desired(ada, { [T]: target([X]), otds: target([]) }));
    expect(await isUnproved(bench.a, pair)).toBe(true);
  });

  test.each(['approve', 'reject', 'depart', 'withhold', 'release', 'exempt', 'match'] as const)(
    'so does a decision: %s',
    async (kind) => {
      const { ada, pair } = await settled();
      expect(await bench.b.decide(ada.uuid, { ...said, kind })).toMatchObject({
        version: 1,
        kind,
        by: 'grace.lee@staff',
      });
      expect(await isUnproved(bench.a, pair)).toBe(true);
    },
  );

  test('so does an intent', async () => {
    const { pair } = await settled();
    await intended(bench.a, await take(bench.a, pair, 'run'), grantX);
    expect(await isUnproved(bench.a, pair)).toBe(true);
  });

  test('the sweep takes what nobody works on, and taking it up clears nothing', async () => {
    const ada = somebody();
    await store(bench.a, ada, desired(ada, { [T]: target([X]) }));
    const pair = { person: ada.uuid, target: T };
    expect(await sweep(ada.uuid)).toMatchObject([{ ...pair, who: ada.who, open: [] }]);
    const { lease } = await take(bench.b, pair, 'sweep');
    expect(await sweep(ada.uuid)).toEqual([]);
    expect(await isUnproved(bench.a, pair)).toBe(true);
    await bench.b.release(lease);
    expect(await sweep(ada.uuid)).toHaveLength(1);
  });
});

describe('rules 10 and 11: time and withholding are due work', () => {
  test.each(['endsAt', 'effectiveAt'] as const)(
    'the pair is unproved again when %s comes, whatever the planner said',
    async (when) => {
      const { ada, pair } = await settled();
      const [soon] = await bench.sql<{ at: string }>(`select tenure_rules.iso(now() + interval '1 hour') as at`);
      await bench.a.decide(ada.uuid, { ...said, kind: 'approve', [when]: soon?.at ?? '' });
      expect(await sweep(ada.uuid)).toMatchObject([{ dueAt: soon?.at }]);
      await prove(bench.a, pair, actual([X]));
      expect(await isUnproved(bench.a, pair)).toBe(false);
      const [due] = await bench.sql<{ at: string }>(
        'select tenure_rules.iso(due_at) as at from tenure.pair where person = $1',
        [ada.uuid],
      );
      expect(due?.at).toBe(soon?.at);
      // The hour passes.
      await bench.sql(`update tenure.pair set due_at = due_at - interval '1 hour' where person = $1`, [ada.uuid]);
      expect(await sweep(ada.uuid)).toHaveLength(1);
      expect((await bench.a.proofs(ada.uuid))[T]?.current).toBe(false);
    },
  );

  test('an end between read and proof leaves the pair due at once', async () => {
    const { ada, pair } = await settled();
    const held = await take(bench.a, pair, 'run');
    const { version } = await bench.a.decide(ada.uuid, {
      ...said,
      kind: 'approve',
      endsAt: later(held.state.ledgerNow),
    });
    const result = await bench.a.prove({
      ...{ lease: held.lease, number: 1, decisionVersion: version, readBeganAt: held.state.ledgerNow, readLagMs: 0 },
      ...{ actual: actual([X]), complete: true, open: [], dueAt: undefined, settle: [], release: true },
    });
    expect(result).toEqual({ state: 'proved' });
    expect(await isUnproved(bench.a, pair)).toBe(true);
  });

  test('a withdrawal must name a decision of this person', async () => {
    const { ada } = await settled();
    const other = await settled();
    const theirs = await bench.a.decide(other.ada.uuid, { ...said, kind: 'withhold', rule: 'marketing', demand: 1 });
    await expect(bench.a.decide(ada.uuid, { ...said, kind: 'withdraw', ends: theirs.id })).rejects.toMatchObject({
      code: 'LEDGER_UNKNOWN',
    });
    expect(await bench.a.decide(other.ada.uuid, { ...said, kind: 'withdraw', ends: theirs.id })).toMatchObject({
      version: 2,
      ends: theirs.id,
    });
  });

  test('a decision repeated under its key is the decision already written', async () => {
    const { ada } = await settled();
    const [first, second] = await Promise.all(
      [bench.a, bench.b].map((l) => l.decide(ada.uuid, { ...said, kind: 'depart' }, 'run-1/depart')),
    );
    expect(second).toEqual(first);
    expect(await bench.a.decisions(ada.uuid)).toEqual([first]);
  });

  test('twenty decisions at once get twenty versions', async () => {
    const { ada } = await settled();
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => (i % 2 ? bench.a : bench.b).decide(ada.uuid, { ...said, kind: 'exempt' })),
    );
    expect((await bench.a.decisions(ada.uuid)).map((d) => d.version)).toEqual(
      Array.from({ length: 20 }, (_, i) => i + 1),
    );
  });
});

/** The next microsecond. */
const later = (iso: string): string =>
  iso.replace(/(\d{6})Z$/u, (_, us: string) => `${String(Number(us) + 1).padStart(6, '0')}Z`);
