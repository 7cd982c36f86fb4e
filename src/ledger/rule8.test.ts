import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  actual,
  desired,
  expire,
  grantX,
  intended,
  openBench,
  proof,
  prove,
  revokeX,
  somebody,
  store,
  T,
  take,
  target,
  X,
  Y,
  type Bench,
} from '../../test/support/ledger.ts';
import type { PersonRef } from '../domain/person.ts';
import type { Pair } from './types.ts';

let bench: Bench;
let ada: PersonRef;
let pair: Pair;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());
beforeEach(async () => {
  ada = somebody();
  pair = { person: ada.uuid, target: T };
  await store(bench.a, ada, desired(ada, { [T]: target([X]) }));
});

const leaver = () => desired(ada, { [T]: target([], { account: 'disabled' }) }, 'leaver');
const owed = () =>
  bench.sql<{ subject: string; number: number; outcome: string | null }>(
    'select subject, number, outcome from tenure.obligation where person = $1 order by number, subject',
    [ada.uuid],
  );

/** What converge does for a leaver who holds x. */
async function revokeAll(): Promise<void> {
  const held = await take(bench.a, pair, 'leave');
  const disabled = await intended(bench.a, held, { op: 'disable', profile: {} });
  const revoked = await intended(bench.a, held, revokeX, { settle: [{ change: disabled, outcome: 'applied' }] });
  const result = await bench.a.prove(
    proof(held, actual([], 'disabled'), { settle: [{ change: revoked, outcome: 'applied' }] }),
  );
  expect(result).toEqual({ state: 'proved' });
}

describe('rule 8: a revocation names the desired number it comes from', () => {
  test('it is recorded with the desired that causes it, and closed as revoked by the proof', async () => {
    await prove(bench.a, pair, actual([X]));
    expect(await store(bench.a, ada, leaver())).toBe(2);
    expect(await owed()).toEqual([
      { subject: 'account', number: 2, outcome: null },
      { subject: X, number: 2, outcome: null },
    ]);
    await revokeAll();
    expect((await owed()).map((o) => o.outcome)).toEqual(['revoked', 'revoked']);
    const noted = await bench.a.note(ada);
    expect(Object.keys(noted.heldUntil)).toEqual([X]);
    expect(noted.lastAccountOp[T]).toMatchObject({ op: 'disable', decisionVersion: 0 });
    expect((await take(bench.a, pair, 'next')).state.heldUntil).toEqual(noted.heldUntil);
  });

  test('an opening that may not have landed does not hide that the closing was ours', async () => {
    await prove(bench.a, pair, actual([X]));
    await store(bench.a, ada, leaver());
    await revokeAll();
    const op = async () => (await bench.a.note(ada)).lastAccountOp[T]?.op;
    const held = await take(bench.a, pair, 'back');
    const enabled = await intended(bench.a, held, { op: 'enable', profile: {} });
    expect(await op()).toBe('disable');
    await bench.a.giveUp(held.lease, [{ change: enabled, outcome: 'applied' }], undefined);
    expect(await op()).toBe('enable');
    const again = await take(bench.a, pair, 'leave again');
    await intended(bench.a, again, { op: 'disable', profile: {} });
    expect(await op()).toBe('disable');
  });

  test('what is wanted again before it was taken away is overtaken', async () => {
    await prove(bench.a, pair, actual([X]));
    await store(bench.a, ada, leaver());
    await store(bench.a, ada, desired(ada, { [T]: target([X]) }));
    await prove(bench.a, pair, actual([X]));
    expect((await owed()).map((o) => o.outcome)).toEqual(['overtaken', 'overtaken']);
    expect((await bench.a.note(ada)).heldUntil).toEqual({});
  });

  test('what was never there is overtaken too', async () => {
    await store(bench.a, ada, leaver());
    await prove(bench.a, pair, actual([], 'absent'));
    expect((await owed()).map((o) => o.outcome)).toEqual(['overtaken', 'overtaken']);
  });

  test('a rejoin after the revocation keeps it as revoked', async () => {
    await prove(bench.a, pair, actual([X]));
    await store(bench.a, ada, leaver());
    const held = await take(bench.a, pair, 'leave');
    const revoked = await intended(bench.a, held, revokeX);
    await bench.a.giveUp(held.lease, [{ change: revoked, outcome: 'applied' }], undefined);
    await store(bench.a, ada, desired(ada, { [T]: target([X]) }));
    await prove(bench.a, pair, actual([])); // waits for an approval
    expect(await owed()).toEqual([
      { subject: 'account', number: 2, outcome: 'overtaken' },
      { subject: X, number: 2, outcome: 'revoked' },
    ]);
  });

  test('dropped twice: both numbers are closed by one proof', async () => {
    await prove(bench.a, pair, actual([X]));
    await store(bench.a, ada, desired(ada, { [T]: target([]) }));
    await store(bench.a, ada, desired(ada, { [T]: target([X]) }));
    await store(bench.a, ada, desired(ada, { [T]: target([Y]) }));
    const held = await take(bench.a, pair, 'run');
    const revoked = await intended(bench.a, held, revokeX);
    await bench.a.prove(proof(held, actual([Y]), { settle: [{ change: revoked, outcome: 'applied' }] }));
    expect(await owed()).toEqual([
      { subject: X, number: 2, outcome: 'revoked' },
      { subject: X, number: 4, outcome: 'revoked' },
    ]);
  });

  test('a revocation that no desired caused (withheld, expired, found) is recorded with its intent, once', async () => {
    await bench.a.decide(ada.uuid, { kind: 'withhold', by: 'tenure', reason: 'refused', rule: 'marketing', demand: 1 });
    const held = await take(bench.a, pair, 'run');
    const first = await intended(bench.a, held, revokeX);
    const second = await intended(bench.a, held, revokeX, { settle: [{ change: first, outcome: 'refused' }] });
    expect(await owed()).toEqual([{ subject: X, number: 1, outcome: null }]);
    await bench.a.prove(proof(held, actual([]), { settle: [{ change: second, outcome: 'applied' }] }));
    expect(await owed()).toEqual([{ subject: X, number: 1, outcome: 'revoked' }]);
  });

  test('a provisional, open or late proof closes nothing', async () => {
    await prove(bench.a, pair, actual([X]));
    const slow = await take(bench.a, pair, 'slow');
    await intended(bench.a, slow, grantX);
    await expire(bench, pair);
    await store(bench.b, ada, leaver());
    const open = { complete: false, open: ['held'] };
    expect(await bench.b.prove(proof(await take(bench.b, pair, 'b'), actual([], 'disabled'), open))).toMatchObject({
      state: 'open',
      until: expect.any(String),
    });
    expect(await bench.b.prove(proof(await take(bench.b, pair, 'b'), actual([], 'disabled')))).toMatchObject({
      state: 'provisional',
    });
    expect(await bench.a.prove(proof(slow, actual([], 'disabled')))).toEqual({ state: 'late' });
    expect((await owed()).map((o) => o.outcome)).toEqual([null, null]);
  });

  test('a later desired that drops what is gone already does not move its end', async () => {
    await prove(bench.a, pair, actual([X]));
    await bench.a.decide(ada.uuid, { kind: 'withhold', by: 'tenure', reason: 'refused', rule: 'marketing', demand: 1 });
    const held = await take(bench.a, pair, 'run');
    const revoked = await intended(bench.a, held, revokeX);
    await bench.a.prove(proof(held, actual([]), { settle: [{ change: revoked, outcome: 'applied' }] }));
    const { heldUntil } = await bench.a.note(ada);
    await store(bench.a, ada, desired(ada, { [T]: target([]) }));
    await prove(bench.a, pair, actual([]));
    expect((await owed()).map((o) => o.outcome)).toEqual(['revoked', 'overtaken']);
    expect((await bench.a.note(ada)).heldUntil).toEqual(heldUntil);
  });

  test('revocations of a rolling window: retries count once, refusals not at all', async () => {
    const before = await bench.a.revokedWithin(60_000);
    await store(bench.a, ada, leaver());
    const held = await take(bench.a, pair, 'run');
    const refused = await intended(bench.a, held, { op: 'disable', profile: {} });
    const lost = await intended(bench.a, held, revokeX, { settle: [{ change: refused, outcome: 'refused' }] });
    await intended(bench.a, held, revokeX, { settle: [{ change: lost, outcome: 'unknown' }] });
    expect(await bench.a.revokedWithin(60_000)).toEqual({
      revokes: before.revokes + 1,
      people: before.people + 1,
      total: before.total,
    });
    expect(await bench.a.revokedWithin(0)).toMatchObject({ revokes: 0, people: 0 });
  });
});
