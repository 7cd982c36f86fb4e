import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  actual,
  desired,
  grantX,
  intended,
  openBench,
  proof,
  revokeX,
  somebody,
  store,
  T,
  take,
  target,
  X,
  type Bench,
} from '../../test/support/ledger.ts';

let bench: Bench;
const ada = somebody();
beforeAll(async () => {
  bench = await openBench();
  const { a } = bench;
  const pair = { person: ada.uuid, target: T };
  await store(a, ada, desired(ada, { [T]: target([X]) }));
  await store(a, ada, desired(ada, { [T]: target([]) }));
  await a.decide(ada.uuid, { kind: 'withhold', by: 'tenure', reason: 'refused', rule: 'marketing', demand: 1 });
  const held = await take(a, pair, 'onboarding/ada');
  const change = await intended(a, held, revokeX);
  await a.prove(proof(held, actual([]), { settle: [{ change, outcome: 'applied' }], dueAt: '2030-01-01T00:00:00Z' }));
  await a.recordRefusal(ada.uuid, { by: 'tom.weber@staff', what: 'approve admin', why: 'not an approver' });
  await a.recordRefusal(undefined, { by: 'tom.weber@staff', what: 'approve', why: 'no such person' });
  const again = await take(a, pair, 'onboarding/ada');
  await a.giveUp(again.lease, [], { code: 'ICONIK_DOWN', message: 'iconik does not answer.' });
  await a.addTimeline(ada.uuid, { kind: 'note', text: 'started', run: 'onboarding/ada', number: 1 });
  await a.hold({ id: 'h', kind: 'brake', reason: 'many', items: [{ id: 'one', who: ada.who, what: 'revoke' }] });
  await a.releaseHold('h', 'grace.lee@staff', 'looked at', []);
});
afterAll(() => bench.close());

const refusal = { code: 'TN001' };
const closed = [
  'desired',
  'decision',
  'change',
  'proof',
  'obligation',
  'refusal',
  'failure',
  'timeline_entry',
  'hold',
  'hold_item',
];

describe('evidence: the database refuses to rewrite what is closed', () => {
  test.each(closed)('%s', async (table) => {
    const [count] = await bench.sql<{ n: string }>(`select count(*) as n from tenure.${table}`);
    expect(Number(count?.n)).toBeGreaterThan(0);
    const [column] = await bench.sql<{ name: string }>(
      `select column_name as name from information_schema.columns where table_schema = 'tenure' and table_name = $1 and is_identity = 'NO' and is_generated = 'NEVER' order by ordinal_position limit 1`,
      [table],
    );
    await expect(
      bench.sql(`update tenure.${table} set ${column?.name ?? ''} = ${column?.name ?? ''}`),
    ).rejects.toMatchObject(refusal);
    await expect(bench.sql(`delete from tenure.${table}`)).rejects.toMatchObject(refusal);
    await expect(bench.sql(`truncate tenure.${table} cascade`)).rejects.toMatchObject(refusal);
  });

  test('an open change learns its outcome and nothing else', async () => {
    const ben = somebody('ben.otto');
    await store(bench.a, ben, desired(ben, { [T]: target([X]) }));
    const id = await intended(bench.a, await take(bench.a, { person: ben.uuid, target: T }, 'run'), grantX);
    await expect(
      bench.sql(`update tenure.change set may_land_until = now() where id = $1`, [id]),
    ).rejects.toMatchObject(refusal);
    await expect(bench.sql(`delete from tenure.change where id = $1`, [id])).rejects.toMatchObject(refusal);
    await bench.sql(`update tenure.change set outcome = 'unknown' where id = $1`, [id]);
    await bench.sql(`update tenure.change set outcome = 'seen', settled_at = now() where id = $1`, [id]);
    await expect(bench.sql(`update tenure.change set outcome = 'refused' where id = $1`, [id])).rejects.toMatchObject(
      refusal,
    );
  });
});

test('the timeline tells everything about a person in order, in sentences', async () => {
  const entries = await bench.a.timeline(ada.uuid);
  expect(entries.map((e) => `${e.kind}: ${e.text}`)).toEqual([
    'desired: Desired 1: active',
    'desired: Desired 2: active',
    'withhold: withhold marketing by tenure: refused',
    `intended: revoke ${X} (change 1)`,
    `applied: revoke ${X} (change 1)`,
    'proved: Account present, 0 held',
    `revoked: ${X}, owed since desired 2`,
    'decisionRefused: approve admin by tom.weber@staff: not an approver',
    'failed: ICONIK_DOWN: iconik does not answer.',
    'note: started',
  ]);
  expect(entries.map((e) => e.at)).toEqual(entries.map((e) => e.at).sort());
  expect(entries[3]).toMatchObject({ target: T, run: 'onboarding/ada', number: 2 });
  expect(entries[0]).not.toHaveProperty('target');
});

test('changes by person, target and time, newest first', async () => {
  const all = await bench.a.changes({ person: ada.uuid, target: T, limit: 10 });
  expect(all).toMatchObject([
    { id: 1, who: ada.who, change: revokeX, outcome: 'applied', provedAt: expect.any(String) },
  ]);
  expect(await bench.a.changes({ person: ada.uuid, since: '2100-01-01T00:00:00Z', limit: 10 })).toEqual([]);
  expect(await bench.a.changes({ target: 'otds', limit: 10 })).toEqual([]);
});

test('instants are UTC with microseconds and sort as text', async () => {
  const { ledgerNow } = (await take(bench.a, { person: ada.uuid, target: T }, 'clock')).state;
  expect(ledgerNow).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$/u);
  const [shift] = await bench.sql<{ out: string }>(`select tenure_rules.iso('2026-03-01T01:00:00+02:00') as out`);
  expect(shift?.out).toBe('2026-02-28T23:00:00.000000Z');
});
