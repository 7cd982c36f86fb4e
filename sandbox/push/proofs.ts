import { readFile } from 'node:fs/promises';
import { expect } from '@jest/globals';
import type { Entry, FaultEffect } from '../common/types.ts';
import type { Trial } from './trial.ts';
import { until } from './trial.ts';

/** For tests: what every stand-in of this family has to prove. */

/** One [C] route of the contract, as `coverage.json` lists it. */
export type Row = { section: string; method: string; path: string; forms: string[]; statuses: number[] };

export async function coverageOf(file: URL): Promise<Row[]> {
  return JSON.parse(await readFile(file, 'utf8')) as Row[]; // our own file
}

/** Sends each form of a row and answers, by form, the status it got; throws where the effect does not show. */
export type Proof = Record<string, () => Promise<number>>;

/**
 * Runs the proofs of all rows and says `N of M`. Fails on a row without route, a route without row, a form without proof, a proof
 * without form, and on statuses that differ from the row's.
 */
export async function proveCoverage(
  system: string,
  rows: Row[],
  routes: readonly { method: string; path: string }[],
  proofs: Record<string, Proof>,
): Promise<void> {
  const key = (r: { method: string; path: string }): string => `${r.method} ${r.path}`;
  expect(rows.map(key).sort()).toEqual(routes.map(key).sort());
  expect(Object.keys(proofs).sort()).toEqual(rows.map(key).sort());
  let proved = 0;
  for (const row of rows) {
    const proof = proofs[key(row)] ?? {};
    expect([key(row), Object.keys(proof).sort()]).toEqual([key(row), [...row.forms].sort()]);
    const statuses = new Set<number>();
    for (const send of Object.values(proof)) statuses.add(await send());
    expect([key(row), [...statuses].sort()]).toEqual([key(row), [...row.statuses].sort()]);
    proved++;
  }
  process.stdout.write(`${system}: ${proved} of ${rows.length} routes of the contract\n`);
}

type Sent = { status: number; text: string };

/** Every fault of `control.md` on one route. `ask` sends the good request; `effects` counts what it really did so far. */
export async function proveFaults<B>(
  trial: Trial<B>,
  ask: () => Promise<Sent>,
  effects: () => Promise<number>,
): Promise<void> {
  const good = await ask();
  const step = (await effects()) > 0 ? 1 : 0; // reads have no effect to count
  const run = async (fault: FaultEffect): Promise<{ got: Sent | 'cut'; did: number; last: Entry | undefined }> => {
    const before = await effects();
    await trial.plan(fault);
    const got = await ask().catch((): 'cut' => 'cut');
    return {
      got,
      did: (await effects()) - before,
      last: (await trial.ledger()).findLast((e) => e.method !== 'EFFECT'),
    };
  };
  const status = await run({ kind: 'status', status: 503, headers: { 'retry-after': '7' }, body: { planned: true } });
  expect(status).toMatchObject({ got: { status: 503, text: '{"planned":true}' }, did: 0 });
  const html = await run({ kind: 'html', status: 502 });
  expect(html.did).toBe(0);
  expect(html.got).toMatchObject({ status: 502, text: expect.stringContaining('<html>') });
  expect(await run({ kind: 'reset' })).toMatchObject({ got: 'cut', did: 0, last: { status: null } });
  expect(await run({ kind: 'lostReply' })).toMatchObject({ got: 'cut', did: step, last: { replied: false } });
  expect(await run({ kind: 'truncate', bytes: 1 })).toMatchObject({ got: 'cut', did: step, last: { replied: false } });
  expect(await run({ kind: 'delay', ms: 5 })).toMatchObject({ got: { status: good.status }, did: step });
  expect(await run({ kind: 'stale', ms: 1 })).toMatchObject({ did: step });
  await trial.control('DELETE', '/faults');
  await proveHang(trial, ask, effects);
}

async function proveHang<B>(trial: Trial<B>, ask: () => Promise<Sent>, effects: () => Promise<number>): Promise<void> {
  const before = await effects();
  await trial.plan({ kind: 'hang' });
  const entries = (await trial.ledger()).length;
  void ask().catch(() => undefined); // ends with the stand-in
  await until(
    () => trial.ledger(),
    (all) => all.slice(entries).at(-1)?.status === null,
  );
  expect(await effects()).toBe(before);
}

/** The objects that are there by the ledger alone: creations less deletions, of one kind. */
export function standingBy(entries: readonly Entry[], object: string): string[] {
  const ids = new Set<string>();
  for (const write of entries.flatMap((entry) => entry.writes)) {
    if (write.object !== object) continue;
    if (write.after === null) ids.delete(write.id);
    else ids.add(write.id);
  }
  return [...ids].sort();
}
