import { splitWho, type PersonRef } from '../domain/person.ts';
import type { ConvergeSummary } from '../activities/types.ts';
import { convergeHeld, managedTarget } from './converge.ts';
import type { Attempt, EngineDeps } from './engine.ts';
import { takePage } from './lease.ts';

/** What became of one person of a page: a summary, an error, or somebody else who works on it. */
export type PageOutcome = { person: PersonRef; summary?: ConvergeSummary; error?: unknown; busy?: true };

export type ConvergePage = { target: string; people: readonly PersonRef[] };

/**
 * Brings a page of people on one target to what is due: the leases by the page, then the very engine that a run uses for each. One person's failure
 * stops no other. `sideBySide`: people at once. Each outcome is told as soon as it is there.
 */
export async function convergePage(
  deps: EngineDeps,
  { target, people }: ConvergePage,
  attempt: Attempt,
  sideBySide: number,
  tell: (outcome: PageOutcome) => void,
): Promise<void> {
  const { readLagMs } = managedTarget(deps, target).target.describe();
  const page = await takePage(deps, target, people, attempt, readLagMs);
  const queue = people.values();
  const lane = async (): Promise<void> => {
    for (const person of queue) {
      const held = page.held.get(person.uuid);
      if (!held) tell({ person, busy: true });
      // Not begun: nothing to tell; a lease that cannot be given back runs out by itself.
      else if (attempt.signal.aborted) await held.release().catch(() => undefined);
      else
        await convergeHeld(deps, { person, target, mode: 'apply' }, attempt, held).then(
          (summary) => tell({ person, summary }),
          (error: unknown) => tell({ person, error }),
        );
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.max(1, Math.min(sideBySide, people.length)) }, lane));
  } finally {
    page.stop();
  }
  attempt.signal.throwIfAborted();
}

/** A pair's person, as its row names them. */
export function personRef(uuid: string, who: string): PersonRef {
  return { uuid, who, ...(splitWho(who) ?? { login: who, partition: '' }) };
}
