import type { UnprovedPair } from '../ledger/types.ts';
import { SystemError } from '../systems/errors.ts';
import { convergePage, personRef, type PageOutcome } from './convergePage.ts';
import { EngineError, type Attempt, type EngineDeps } from './engine.ts';

export type SweepOutcome = { taken: number; proved: number; later: { person: string; target: string; why: string }[] };

/** Pairs taken up in one pass at most; the next pass takes the rest. */
const PASS = 500;
/** People whose leases are taken at once; few enough that nobody's lease waits long for its turn. */
const PAGE = 50;
const SIDE_BY_SIDE = 4;

/**
 * Takes up every unproved pair that no attempt works on, grants too (PROTOCOL rule 3), target by target side by side, page by page. Picking one up
 * clears nothing, only its proof does, so the sweep itself may die at any point. One pair's failure stops no other, one target's none of another.
 */
export async function sweep(deps: EngineDeps, attempt: Attempt): Promise<SweepOutcome> {
  const due = Date.parse(attempt.now) - deps.settings.sweepAfterMs;
  const pairs = (await deps.ledger.unproved({ limit: PASS, onlyActionable: true })).filter(
    (p) => Date.parse(p.since) <= due,
  );
  const outcome: SweepOutcome = { taken: 0, proved: 0, later: [] };
  const targets = Map.groupBy(pairs, (pair) => pair.target);
  const done = await Promise.allSettled(
    [...targets].map(([target, of]) => sweepTarget(deps, target, of, attempt, outcome)),
  );
  const failed = done.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
  return outcome;
}

async function sweepTarget(
  deps: EngineDeps,
  target: string,
  pairs: readonly UnprovedPair[],
  attempt: Attempt,
  outcome: SweepOutcome,
): Promise<void> {
  // A system that was taken out of the configuration: its pairs stay unproved and are said to be.
  if (!deps.targets[target]) {
    for (const pair of pairs) later(outcome, pair.who, target, 'UNKNOWN_TARGET');
    return;
  }
  for (let at = 0; at < pairs.length; at += PAGE) {
    const people = pairs.slice(at, at + PAGE).map((pair) => personRef(pair.person, pair.who));
    await convergePage(deps, { target, people }, attempt, SIDE_BY_SIDE, (one) => {
      note(deps, target, one, outcome);
      attempt.heartbeat(`${outcome.taken} pairs taken up`);
    });
  }
}

function note(deps: EngineDeps, target: string, { person, summary, error, busy }: PageOutcome, to: SweepOutcome): void {
  // Somebody took it up in between: theirs.
  if (busy) return;
  to.taken++;
  if (summary?.state === 'proved' || summary?.state === 'nothing') to.proved++;
  else if (summary)
    later(to, person.who, target, summary.open[0] ?? `${summary.state} until ${summary.again ?? 'the next pass'}`);
  else {
    const code = error instanceof EngineError || error instanceof SystemError ? error.code : 'UNEXPECTED';
    if (code === 'UNEXPECTED') deps.log.error({ err: error, target }, 'The sweep met an unexpected error');
    later(to, person.who, target, code);
  }
}

function later(outcome: SweepOutcome, person: string, target: string, why: string): void {
  outcome.later.push({ person, target, why });
}
