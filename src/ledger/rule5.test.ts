import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  actual,
  desired,
  expire,
  grantX,
  intended,
  intent,
  isUnproved,
  later,
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
  type Bench,
  type Held,
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

/** A slow attempt with an open intent, and the one that took over from it. */
async function takenOver(landsWithinMs: number): Promise<{ slow: Held; change: number; next: Held }> {
  const slow = await take(bench.a, pair, 'slow');
  const change = await intended(bench.a, slow, grantX, { landsWithinMs });
  await expire(bench, pair);
  return { slow, change, next: await take(bench.b, pair, 'next') };
}
const change = async (id: number) => (await bench.a.changes({ person: ada.uuid, limit: 10 })).find((c) => c.id === id);
const sweep = () =>
  bench.a.unproved({ limit: 1000, onlyActionable: true }).then((all) => all.filter((p) => p.person === ada.uuid));
const keep = { release: false } as const;

describe('rule 5: a foreign open intent puts the pair in doubt', () => {
  test('a proof under it is provisional until mayLandUntil plus the read lag; a read begun after that counts', async () => {
    const { change: foreign, next } = await takenOver(60_000);
    const lands = (await change(foreign))?.mayLandUntil ?? '';
    expect(next.state.doubtUntil).toBe(lands);
    const provisional = await bench.b.prove(proof(next, actual([X]), { ...keep, readLagMs: 2_000 }));
    expect(provisional).toMatchObject({ state: 'provisional' });
    const until = provisional.state === 'provisional' ? provisional.until : '';
    expect(Date.parse(until) - Date.parse(lands)).toBe(2_000);
    expect(await change(foreign)).not.toHaveProperty('settledAt');
    expect(await isUnproved(bench.a, pair)).toBe(true);

    const early = await bench.b.prove(
      proof(next, actual([X]), { ...keep, readLagMs: 2_000, readBeganAt: later(until, -1) }),
    );
    expect(early).toEqual({ state: 'provisional', until });
    const counts = await bench.b.prove(proof(next, actual([X]), { readLagMs: 2_000, readBeganAt: later(until, 1) }));
    expect(counts).toEqual({ state: 'proved' });
    expect(await isUnproved(bench.a, pair)).toBe(false);
    expect(await change(foreign)).toMatchObject({ outcome: 'outlived' });
  });

  test('the sweep returns after the doubt ends, not before', async () => {
    const { next } = await takenOver(60_000);
    await bench.b.prove(proof(next, actual([X])));
    expect(await sweep()).toEqual([]);
    await bench.sql(`update tenure.pair set provisional_until = now() - interval '1 second' where person = $1`, [
      ada.uuid,
    ]);
    expect(await sweep()).toHaveLength(1);
  });

  test('a newer desired does not wait for the end of the doubt', async () => {
    const { next } = await takenOver(60_000);
    await bench.b.prove(proof(next, actual([X])));
    await store(bench.a, ada, desired(ada, { [T]: target([]) }));
    expect(await sweep()).toHaveLength(1);
  });

  test('an intent that cannot land any more is no doubt', async () => {
    const { change: foreign, next } = await takenOver(-1);
    expect(next.state.doubtUntil).toBeUndefined();
    expect(await bench.b.prove(proof(next, actual([X]), keep))).toEqual({ state: 'proved' });
    expect(await change(foreign)).toMatchObject({ outcome: 'outlived', provedAt: expect.any(String) });
  });

  test('but the read lag comes on top: an intent that just cannot land any more is doubt to a target with a lag', async () => {
    await takenOver(-1);
    await expire(bench, pair);
    const next = await bench.b.acquire(pair, 'lagging', 60_000, 5_000);
    expect(next.ok && next.state.doubtUntil).toEqual(expect.any(String));
  });

  test('what the other attempt settled before the read is no doubt; what it settled during the read is', async () => {
    const slow = await take(bench.a, pair, 'slow');
    const first = await intended(bench.a, slow, grantX);
    await bench.a.giveUp(slow.lease, [{ change: first, outcome: 'applied' }], undefined);
    const next = await take(bench.b, pair, 'next');
    expect(next.state.doubtUntil).toBeUndefined();
    const during = await bench.b.prove(
      proof(next, actual([X]), { ...keep, readBeganAt: later(next.state.ledgerNow, -60_000) }),
    );
    expect(during).toMatchObject({ state: 'provisional' });
    expect(await bench.b.prove(proof(next, actual([X])))).toEqual({ state: 'proved' });
  });

  test('a refusal is no doubt: nothing happened', async () => {
    const slow = await take(bench.a, pair, 'slow');
    const first = await intended(bench.a, slow, grantX);
    await bench.a.giveUp(slow.lease, [{ change: first, outcome: 'refused', code: 'NO' }], undefined);
    const next = await take(bench.b, pair, 'next');
    const during = proof(next, actual([]), { readBeganAt: later(next.state.ledgerNow, -60_000) });
    expect(await bench.b.prove(during)).toEqual({ state: 'proved' });
  });

  test('own intents with an unknown outcome are doubt; seen ones are not', async () => {
    const held = await take(bench.a, pair, 'run');
    const lost = await intended(bench.a, held, grantX);
    expect(
      await bench.a.prove(
        proof(held, actual([X]), { ...keep, settle: [{ change: lost, outcome: 'unknown', code: 'TIMEOUT' }] }),
      ),
    ).toMatchObject({ state: 'provisional' });
    expect(await change(lost)).toMatchObject({ outcome: 'unknown', code: 'TIMEOUT' });
    expect((await bench.a.reread(held.lease))?.doubtUntil).toBeDefined();
    expect(await bench.a.prove(proof(held, actual([X]), { settle: [{ change: lost, outcome: 'seen' }] }))).toEqual({
      state: 'proved',
    });
  });

  test('with a read lag, a read that does not show our own last change proves nothing yet', async () => {
    const held = await take(bench.a, pair, 'run');
    const revoked = await intended(bench.a, held, revokeX);
    // Desired again meanwhile: the read still shows what is gone.
    const stale = proof(held, actual([X]), {
      ...keep,
      readLagMs: 60_000,
      settle: [{ change: revoked, outcome: 'applied' }],
    });
    expect(await bench.a.prove(stale)).toMatchObject({ state: 'provisional' });
    expect(await bench.a.prove({ ...stale, actual: actual([]), settle: [] })).toEqual({ state: 'proved' });
  });
});

test('rule 5: a read that hides a change we made proves nothing yet, whatever else it shows', async () => {
  const held = await take(bench.a, pair, 'run');
  const hidden = await bench.a.prove(proof(held, actual([X]), { readLagMs: 2_000, unshown: true }));
  expect(hidden).toMatchObject({ state: 'provisional' });
  expect(await isUnproved(bench.a, pair)).toBe(true);
});

describe('rule 6: a proof is written only under the same fence; a late one makes the pair unproved', () => {
  test('late: stored, and only a read after it proves', async () => {
    const { slow, next } = await takenOver(-1);
    const before = proof(next, actual([X]), keep);
    expect(await bench.a.prove(proof(slow, actual([X])))).toEqual({ state: 'late' });
    expect(await bench.b.prove(before)).toMatchObject({ state: 'provisional' });
    const state = await bench.b.reread(next.lease);
    expect(state && (await bench.b.prove(proof({ ...next, state }, actual([X]))))).toEqual({ state: 'proved' });
    const states = await bench.sql<{ state: string }>('select state from tenure.proof where person = $1 order by id', [
      ada.uuid,
    ]);
    expect(states.map((r) => r.state)).toEqual(['late', 'provisional', 'proved']);
  });

  test('late after somebody else proved: the pair is unproved again', async () => {
    const { slow, next } = await takenOver(-1);
    expect(await bench.b.prove(proof(next, actual([X])))).toEqual({ state: 'proved' });
    await bench.a.prove(proof(slow, actual([])));
    expect(await isUnproved(bench.a, pair)).toBe(true);
    expect(await sweep()).toHaveLength(1);
  });

  test('a slow attempt that reports an effect after its intent was outlived is evidence, and the pair is unproved again', async () => {
    const { slow, change: foreign, next } = await takenOver(-1);
    expect(await bench.b.prove(proof(next, actual([X])))).toEqual({ state: 'proved' });
    expect(await bench.a.intend(intent(slow, grantX, { settle: [{ change: foreign, outcome: 'applied' }] }))).toEqual({
      ok: false,
      why: 'leaseLost',
    });
    expect(await isUnproved(bench.a, pair)).toBe(true);
    expect(await change(foreign)).toMatchObject({ outcome: 'outlived' });
    expect((await bench.a.timeline(ada.uuid)).map((e) => e.kind)).toContain('lateReply');
  });

  test('a proof of an older desired or decision is refused, the lease is kept', async () => {
    const held = await take(bench.a, pair, 'run');
    await store(bench.b, ada, desired(ada, { [T]: target([]) }));
    expect(await bench.a.prove(proof(held, actual([X])))).toEqual({ state: 'movedOn' });
    const state = await bench.a.reread(held.lease);
    await bench.b.decide(ada.uuid, { kind: 'depart', by: 'omar.haddad@staff', reason: 'left' });
    expect(state && (await bench.a.prove(proof({ ...held, state }, actual([]))))).toEqual({ state: 'movedOn' });
    expect(await isUnproved(bench.a, pair)).toBe(true);
  });

  test('it waits for a desired or a decision that is being written, and then is refused', async () => {
    const held = await take(bench.a, pair, 'run');
    const moved = JSON.stringify(desired(ada, { [T]: target([]) }));
    const storing = { text: 'select tenure_rules.store_desired($1, 1, 0, $2, null, 0)', values: [ada.uuid, moved] };
    expect(await bench.overlap(storing, () => bench.a.prove(proof(held, actual([X]))))).toEqual({ state: 'movedOn' });
    const state = await bench.a.reread(held.lease);
    if (!state) throw new Error('The lease is lost.');
    const said = JSON.stringify({ kind: 'depart', by: 'omar.haddad@staff', reason: 'left' });
    const deciding = { text: 'select tenure_rules.decide($1, $2, null)', values: [ada.uuid, said] };
    expect(await bench.overlap(deciding, () => bench.a.prove(proof({ ...held, state }, actual([]))))).toEqual({
      state: 'movedOn',
    });
    expect(await isUnproved(bench.a, pair)).toBe(true);
  });

  test('a desired that is stored while the proof is written makes the pair unproved after it', async () => {
    const held = await take(bench.a, pair, 'run');
    const proving = {
      text: `select tenure_rules.prove($1, '1 min', '1 min')`,
      values: [JSON.stringify(proof(held, actual([X])))],
    };
    expect(await bench.overlap(proving, () => store(bench.b, ada, desired(ada, { [T]: target([]) })))).toBe(2);
    expect(await isUnproved(bench.a, pair)).toBe(true);
  });

  test('not complete: stored as a reading, the pair stays unproved and is left alone for a while, longer each time', async () => {
    const open = { complete: false, open: ['owned upstream'] };
    expect(await bench.a.prove(proof(await take(bench.a, pair, 'run'), actual([]), open))).toEqual({ state: 'open' });
    const waits = async (): Promise<number> => {
      const [row] = await bench.sql<{ s: string }>(
        'select round(extract(epoch from next_try_at - now())) as s from tenure.pair where person = $1',
        [ada.uuid],
      );
      return Number(row?.s);
    };
    expect(await waits()).toBe(60);
    expect(await sweep()).toEqual([]);
    expect(
      (await bench.a.unproved({ limit: 1000, onlyActionable: false })).filter((p) => p.person === ada.uuid),
    ).toMatchObject([{ open: ['owned upstream'] }]);
    for (let i = 0; i < 6; i++) await bench.a.prove(proof(await take(bench.a, pair, 'run'), actual([]), open));
    expect(await waits()).toBe(1800);
    await bench.a.decide(ada.uuid, { kind: 'release', by: 'grace.lee@staff', reason: 'go on' });
    expect(await sweep()).toHaveLength(1);
    await prove(bench.a, pair, actual([X]));
    expect(await isUnproved(bench.a, pair)).toBe(false);
  });

  test('rule 13: drift found later makes the pair unproved; a read from before it proves nothing', async () => {
    const held = await take(bench.a, pair, 'run');
    await bench.b.disturb(pair, 'Marketing is gone');
    expect(await bench.a.prove(proof(held, actual([X])))).toMatchObject({ state: 'provisional' });
    await prove(bench.a, pair, actual([X]));
    expect(await isUnproved(bench.a, pair)).toBe(false);
  });
});
