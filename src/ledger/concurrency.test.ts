import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  actual,
  desired,
  grantX,
  intent,
  openBench,
  proof,
  revokeX,
  somebody,
  store,
  target,
  X,
  type Bench,
} from '../../test/support/ledger.ts';
import type { PersonRef } from '../domain/person.ts';
import type { Ledger } from './types.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const people = [somebody(), somebody('ben.otto')];
const TARGETS = ['otds', 'iconik', 'push'];
const ROUNDS = 25;

async function resolves(ledger: Ledger, person: PersonRef, n: number): Promise<void> {
  const noted = await ledger.note(person);
  const wanted = { otds: target(n % 2 ? [X] : []), iconik: target([`iconik:team/${n % 5}`]), cloudinary: target([]) };
  await ledger.storeDesired(noted, desired(person, wanted), undefined, 0);
}

/** Leases that expire under the work, changes that are never settled, attempts that give up: everything but sense. */
async function converges(ledger: Ledger, person: PersonRef, n: number, holder: string): Promise<void> {
  const pair = { person: person.uuid, target: TARGETS[n % 3] ?? '' };
  const taken = await ledger.acquire(pair, holder, n % 3 ? 1000 : 5);
  if (!taken.ok) return;
  const written = await ledger.intend(intent(taken, n % 2 ? grantX : revokeX, { landsWithinMs: n % 4 ? 1 : 50 }));
  const settle = written.ok && n % 3 ? [{ change: written.change, outcome: 'applied' as const }] : [];
  if (n % 7 === 0) return await ledger.giveUp(taken.lease, settle, { code: 'DOWN', message: 'down' });
  const { state } = await ledger.prove(proof(taken, actual([X]), { settle, complete: n % 5 > 0 }));
  if (state === 'movedOn') await ledger.release(taken.lease);
}

test('resolves, decisions and attempts on the same pairs all at once: no deadlock, and no pair is proved that must not be', async () => {
  for (const person of people)
    await store(bench.a, person, desired(person, { otds: target([X]), iconik: target([X]), push: target([X]) }));
  const worker = async (i: number): Promise<void> => {
    const ledger = i % 2 ? bench.a : bench.b;
    for (let n = 0; n < ROUNDS; n++) {
      const person = people[(n + i) % 2];
      if (!person) continue;
      if (i < 2) await resolves(ledger, person, n);
      else if (i < 4) await ledger.decide(person.uuid, { kind: 'exempt', by: 'grace.lee@staff', reason: 'so' });
      else await converges(ledger, person, n + i, `run-${i % 4}`);
    }
  };
  await Promise.all(Array.from({ length: 14 }, (_, i) => worker(i)));

  const [kinds] = await bench.sql<{ n: string }>('select count(distinct state) as n from tenure.proof');
  expect(Number(kinds?.n)).toBeGreaterThan(1);
  const older = `select q.person from tenure.pair q join tenure.person p on p.uuid = q.person
    where not q.unproved and (q.proved_number, q.proved_decision_version) <> (p.newest, p.decision_version)`;
  expect(await bench.sql(older)).toEqual([]);
  const inDoubt = `select q.person from tenure.pair q join tenure.change c on c.person = q.person and c.target = q.target
    where not q.unproved and c.settled_at is null`;
  expect(await bench.sql(inDoubt)).toEqual([]);
});
