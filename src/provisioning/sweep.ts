import { splitWho } from '../domain/person.ts';
import type { UnprovedPair } from '../ledger/types.ts';
import { SystemError } from '../systems/errors.ts';
import { converge } from './converge.ts';
import { EngineError, type Attempt, type EngineDeps } from './engine.ts';

export type SweepOutcome = { taken: number; proved: number; later: { person: string; target: string; why: string }[] };

/** Pairs taken up in one pass at most; the next pass takes the rest. */
const PAGE = 500;
const SIDE_BY_SIDE = 4;

/**
 * Takes up every unproved pair that no attempt works on, grants too (PROTOCOL rule 3). Picking one up clears nothing, only its proof does, so the
 * sweep itself may die at any point. One pair's failure stops no other.
 */
export async function sweep(deps: EngineDeps, attempt: Attempt): Promise<SweepOutcome> {
  const due = Date.parse(attempt.now) - deps.settings.sweepAfterMs;
  const pairs = (await deps.ledger.unproved({ limit: PAGE, onlyActionable: true })).filter(
    (p) => Date.parse(p.since) <= due,
  );
  const outcome: SweepOutcome = { taken: 0, proved: 0, later: [] };
  const queue = [...pairs];
  const worker = async (): Promise<void> => {
    for (let pair = queue.shift(); pair; pair = queue.shift()) {
      attempt.signal.throwIfAborted();
      await takeUp(deps, pair, attempt, outcome);
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker));
  return outcome;
}

async function takeUp(deps: EngineDeps, pair: UnprovedPair, attempt: Attempt, outcome: SweepOutcome): Promise<void> {
  const name = splitWho(pair.who) ?? { login: pair.who, partition: '' };
  outcome.taken++;
  try {
    const done = await converge(
      deps,
      { person: { uuid: pair.person, who: pair.who, ...name }, target: pair.target, mode: 'apply' },
      attempt,
    );
    if (done.state === 'proved' || done.state === 'nothing') outcome.proved++;
    else
      outcome.later.push({
        person: pair.who,
        target: pair.target,
        why: done.open[0] ?? `${done.state} until ${done.again ?? 'the next pass'}`,
      });
  } catch (error) {
    if (attempt.signal.aborted) throw error;
    const code = error instanceof EngineError || error instanceof SystemError ? error.code : 'UNEXPECTED';
    if (code === 'UNEXPECTED') deps.log.error({ err: error, target: pair.target }, 'The sweep met an unexpected error');
    outcome.later.push({ person: pair.who, target: pair.target, why: code });
  }
  attempt.heartbeat(`${outcome.taken} pairs taken up`);
}
