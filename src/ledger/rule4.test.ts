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

const withhold = { kind: 'withhold', by: 'tenure', reason: 'refused', rule: 'marketing', demand: 1 } as const;
const changes = () => bench.a.changes({ person: ada.uuid, limit: 10 });

describe('rule 4: an intent needs a live lease and the newest desired', () => {
  test('it is written with mayLandUntil by the clock of the ledger', async () => {
    const held = await take(bench.a, pair, 'run');
    expect(held.state).toMatchObject({
      number: 1,
      decisionVersion: 0,
      decisions: [],
      desired: { number: 1 },
      link: undefined,
      doubtUntil: undefined,
    });
    const written = await bench.a.intend(intent(held, grantX, { landsWithinMs: 30_000 }));
    expect(written).toMatchObject({ ok: true });
    const [row] = await changes();
    expect(row).toMatchObject({
      person: ada.uuid,
      who: ada.who,
      target: T,
      change: grantX,
      number: 1,
      fence: held.lease.fence,
    });
    const lands = Date.parse(row?.mayLandUntil ?? '') - Date.parse(row?.intendedAt ?? '');
    expect(Math.abs(lands - 30_000)).toBeLessThan(1000);
  });

  test('without a lease, and after the lease expired, it is refused', async () => {
    const held = await take(bench.a, pair, 'run');
    await expire(bench, pair);
    expect(await bench.a.intend(intent(held, grantX))).toEqual({ ok: false, why: 'leaseLost' });
    const again = await take(bench.a, pair, 'run');
    await bench.a.release(again.lease);
    expect(await bench.a.intend(intent(again, grantX))).toEqual({ ok: false, why: 'leaseLost' });
    expect(await changes()).toEqual([]);
  });

  test('after somebody else took the lease over it is refused', async () => {
    const slow = await take(bench.a, pair, 'slow');
    await expire(bench, pair);
    await take(bench.b, pair, 'next');
    expect(await bench.a.intend(intent(slow, grantX))).toEqual({ ok: false, why: 'leaseLost' });
    expect(await bench.a.renew(slow.lease, 60_000)).toBe(false);
    expect(await bench.a.reread(slow.lease)).toBeUndefined();
  });

  test('when desired moved on it is refused; read again under the same lease it is written', async () => {
    const held = await take(bench.a, pair, 'run');
    await store(bench.b, ada, desired(ada, { [T]: target([]) }));
    expect(await bench.a.intend(intent(held, grantX))).toEqual({ ok: false, why: 'movedOn' });
    const state = await bench.a.reread(held.lease);
    expect(state).toMatchObject({ number: 2 });
    if (state) expect(await bench.a.intend(intent({ ...held, state }, revokeX))).toMatchObject({ ok: true });
  });

  test('when a decision came it is refused', async () => {
    const held = await take(bench.a, pair, 'run');
    await bench.b.decide(ada.uuid, withhold);
    expect(await bench.a.intend(intent(held, grantX))).toEqual({ ok: false, why: 'movedOn' });
  });

  test('when what is due changed by time it is refused', async () => {
    const held = await take(bench.a, pair, 'run');
    expect(await bench.a.intend(intent(held, grantX, { dueUntil: later(held.state.ledgerNow, -1) }))).toEqual({
      ok: false,
      why: 'movedOn',
    });
    expect(await bench.a.intend(intent(held, grantX, { dueUntil: later(held.state.ledgerNow, 60_000) }))).toMatchObject(
      { ok: true },
    );
  });

  test('it waits for a desired that is being written, and then is refused', async () => {
    const held = await take(bench.a, pair, 'run');
    const moved = JSON.stringify(desired(ada, { [T]: target([]) }));
    const storing = { text: 'select tenure_rules.store_desired($1, 1, 0, $2, null, 0)', values: [ada.uuid, moved] };
    expect(await bench.overlap(storing, () => bench.a.intend(intent(held, grantX)))).toEqual({
      ok: false,
      why: 'movedOn',
    });
  });

  test('it waits for a decision that is being written, and then is refused', async () => {
    const held = await take(bench.a, pair, 'run');
    const deciding = { text: 'select tenure_rules.decide($1, $2, null)', values: [ada.uuid, JSON.stringify(withhold)] };
    expect(await bench.overlap(deciding, () => bench.a.intend(intent(held, grantX)))).toEqual({
      ok: false,
      why: 'movedOn',
    });
  });

  test('whoever takes the lease while it is being written waits, and sees it', async () => {
    const held = await take(bench.a, pair, 'run');
    const intending = { text: 'select tenure_rules.intend($1)', values: [JSON.stringify(intent(held, grantX))] };
    const next = await bench.overlap(intending, () => bench.b.acquire(pair, 'run', 60_000));
    expect(next.ok && next.state.doubtUntil).toEqual(expect.any(String));
  });

  test('it waits for whoever takes the lease, and then is refused', async () => {
    const held = await take(bench.a, pair, 'run');
    const again = `select tenure_rules.acquire($1, $2, 'run', '1 min', '0')`;
    const taking = { text: again, values: [pair.person, pair.target] };
    expect(await bench.overlap(taking, () => bench.a.intend(intent(held, grantX)))).toEqual({
      ok: false,
      why: 'leaseLost',
    });
  });

  test('the outcome of the change before is settled in the same statement', async () => {
    const held = await take(bench.a, pair, 'run');
    const first = await intended(bench.a, held, grantX);
    const before = bench.a.statements();
    await intended(bench.a, held, revokeX, { settle: [{ change: first, outcome: 'applied' }] });
    expect(bench.a.statements() - before).toBe(1);
    expect((await changes()).find((c) => c.id === first)).toMatchObject({ outcome: 'applied' });
  });

  test('an attempt settles only its own intents', async () => {
    const slow = await take(bench.a, pair, 'slow');
    const first = await intended(bench.a, slow, grantX);
    await expire(bench, pair);
    const next = await take(bench.b, pair, 'next');
    await intended(bench.b, next, grantX, { settle: [{ change: first, outcome: 'refused' }] });
    expect((await changes()).find((c) => c.id === first)).not.toHaveProperty('settledAt');
  });
});

describe('rule 7: every acquisition takes a new fencing number', () => {
  test('also one that takes its own lease back; the old number is worth nothing', async () => {
    const first = await take(bench.a, pair, 'run');
    const second = await take(bench.a, pair, 'run');
    expect(second.lease.fence).toBe(first.lease.fence + 1);
    expect(await bench.a.intend(intent(first, grantX))).toEqual({ ok: false, why: 'leaseLost' });
    expect(await bench.a.renew(first.lease, 60_000)).toBe(false);
    await bench.a.release(first.lease);
    expect(await bench.a.prove(proof(first, actual([X])))).toEqual({ state: 'late' });
    expect(await bench.a.intend(intent(second, grantX))).toMatchObject({ ok: true });
  });

  test('also after a release', async () => {
    const first = await take(bench.a, pair, 'run');
    await bench.a.release(first.lease);
    expect((await take(bench.b, pair, 'other')).lease.fence).toBe(first.lease.fence + 1);
  });

  test('a live lease is refused to others, and says whose it is; an expired one is not', async () => {
    const first = await take(bench.a, pair, 'run');
    expect(await bench.b.acquire(pair, 'other', 60_000)).toEqual({
      ok: false,
      holder: 'run',
      expiresAt: first.lease.expiresAt,
    });
    expect(await bench.a.renew(first.lease, 60_000)).toBe(true);
    await expire(bench, pair);
    expect(await bench.a.renew(first.lease, 60_000)).toBe(false);
    expect((await take(bench.b, pair, 'other')).lease.fence).toBe(first.lease.fence + 1);
  });

  test('of twenty at once exactly one wins', async () => {
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, i) => (i % 2 ? bench.a : bench.b).acquire(pair, `run-${i}`, 60_000)),
    );
    expect(all.filter((r) => r.ok)).toHaveLength(1);
  });

  test('objects that people share are leased in the same way', async () => {
    const object = `otds:access/${ada.uuid}`;
    const lease = await bench.a.acquireShared(object, 'run#1', 60_000);
    expect(lease).toMatchObject({ object, holder: 'run#1', fence: 1 });
    expect(await bench.b.acquireShared(object, 'run#2', 60_000)).toBeUndefined();
    if (lease) {
      expect(await bench.a.renew(lease, 60_000)).toBe(true);
      await bench.a.release(lease);
    }
    expect(await bench.b.acquireShared(object, 'run#2', 60_000)).toMatchObject({ fence: 2 });
  });

  test('nobody takes a lease on a person whom the ledger does not know', async () => {
    await expect(bench.a.acquire({ person: 'nobody', target: T }, 'run', 60_000)).rejects.toMatchObject({
      code: 'LEDGER_UNKNOWN',
    });
  });

  test('an attempt that gives up tells what it knows, why, and gives the lease back', async () => {
    const held = await take(bench.a, pair, 'run');
    const change = await intended(bench.a, held, grantX);
    await bench.a.giveUp(held.lease, [{ change, outcome: 'unknown', code: 'TIMEOUT' }], {
      code: 'ICONIK_DOWN',
      message: 'iconik does not answer.',
    });
    expect((await changes())[0]).toMatchObject({ outcome: 'unknown', code: 'TIMEOUT' });
    const [row] = (await bench.a.unproved({ limit: 1000, onlyActionable: false })).filter((p) => p.person === ada.uuid);
    expect(row).toMatchObject({ lastError: 'ICONIK_DOWN: iconik does not answer.' });
    expect((await take(bench.b, pair, 'next')).state.doubtUntil).toBeDefined();
  });
});

test('a joiner on five targets costs at most thirty statements', async () => {
  const names = ['otds', T, 'cloudinary', 'exstream', 'push'];
  const joiner = somebody('ben.otto');
  const before = bench.a.statements();
  await store(bench.a, joiner, desired(joiner, Object.fromEntries(names.map((name) => [name, target([X])]))));
  for (const name of names) {
    const held = await take(bench.a, { person: joiner.uuid, target: name }, 'run');
    const account = await intended(bench.a, held, { op: 'create', profile: {} });
    const link = { nativeId: joiner.uuid, how: 'created', by: 'tenure' } as const;
    const x = await intended(bench.a, held, grantX, { settle: [{ change: account, outcome: 'applied' }], link });
    expect(await bench.a.prove(proof(held, actual([X]), { settle: [{ change: x, outcome: 'applied' }] }))).toEqual({
      state: 'proved',
    });
  }
  expect(bench.a.statements() - before).toBe(22);
  expect(Object.keys(await bench.a.links(joiner.uuid)).sort()).toEqual([...names].sort());
});

test('two people never share an account, unless a person said so', async () => {
  const sam = somebody('sam.reyes', 'contractors');
  await store(bench.a, sam, desired(sam, { [T]: target([]) }));
  const link = { nativeId: `u-${ada.uuid}`, how: 'email', by: 'tenure' } as const;
  expect(await bench.a.saveLink(pair, link)).toBe(true);
  expect(await bench.b.saveLink(pair, link)).toBe(true);
  expect(await bench.b.saveLink({ person: sam.uuid, target: T }, link)).toBe(false);
  expect(await bench.b.links(sam.uuid)).toEqual({});
  expect(
    await bench.b.saveLink({ person: sam.uuid, target: T }, { ...link, how: 'match', by: 'grace.lee@staff' }),
  ).toBe(true);
  expect(await bench.a.links(ada.uuid)).toEqual({});
  expect((await take(bench.a, { person: sam.uuid, target: T }, 'run')).state.link).toEqual({
    ...link,
    how: 'match',
    by: 'grace.lee@staff',
  });
  expect((await bench.a.timeline(ada.uuid)).map((e) => e.kind)).toEqual(['desired', 'linked', 'unlinked']);
  await prove(bench.a, pair, actual([X]));
  expect(await isUnproved(bench.a, pair)).toBe(false);
});
