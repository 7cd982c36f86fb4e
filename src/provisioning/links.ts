import type { Due } from '../domain/change.ts';
import { inForce } from '../domain/decision.ts';
import type { Person } from '../domain/person.ts';
import type { PairState } from '../ledger/types.ts';
import type { CallContext } from '../systems/port.ts';
import type { EngineDeps, ManagedTarget } from './engine.ts';
import type { HeldLease } from './lease.ts';

export type LinkOutcome = {
  nativeId?: string;
  /** Why nobody can say which account it is; nothing is changed then. */ ambiguous?: string;
};

/**
 * Person ↔ account. A `match` decision says; else a known link stands; else exactly one exact candidate is adopted; several, or one that is
 * another person's already, wait for a `match` decision (closed by default) where something is due. A joiner who has not started is not looked for.
 */
export async function linkAccount(
  _deps: EngineDeps,
  held: HeldLease,
  managed: ManagedTarget,
  person: Person,
  state: PairState,
  due: Due,
  call: CallContext,
): Promise<LinkOutcome> {
  const system = managed.target.describe().system;
  const matched = matchDecision(state, system);
  if (state.link && (!matched || matched.nativeId === state.link.nativeId)) return { nativeId: state.link.nativeId };
  if (!state.link && due.waiting.some((w) => w.why === 'notYet')) return {};
  const needed = due.account !== 'untouched' || due.entitlements.length > 0;
  if (matched) {
    const saved = await held.saveLink({ how: 'match', ...matched });
    if (!saved && state.link) return { nativeId: state.link.nativeId };
    return saved ? { nativeId: matched.nativeId } : unclear(needed, taken(system, person));
  }
  const candidates = await managed.target.find(person, call);
  if (candidates.length > 1) return unclear(needed, several(system, person, candidates.length));
  const only = candidates[0];
  if (!only) return {};
  // Only looking: nothing is kept.
  if (managed.mode === 'observe') return { nativeId: only.nativeId };
  const saved = await held.saveLink({ nativeId: only.nativeId, how: only.how, by: 'tenure' });
  return saved ? { nativeId: only.nativeId } : unclear(needed, taken(system, person));
}

const unclear = (needed: boolean, why: string): LinkOutcome => (needed ? { ambiguous: why } : {});

function matchDecision(
  state: PairState,
  system: string,
): { nativeId: string; by: string; decidedAt: string } | undefined {
  const prefix = `${system}:account/`;
  for (const decision of inForce(state.decisions, state.ledgerNow).reverse()) {
    const key = decision.kind === 'match' && decision.entitlements?.find((e) => e.startsWith(prefix));
    if (key) return { nativeId: key.slice(prefix.length), by: decision.by, decidedAt: decision.at };
  }
  return undefined;
}

const several = (system: string, person: Person, n: number): string =>
  `${n} accounts at ${system} may be ${person.who}'s: a match decision must say which`;
const taken = (system: string, person: Person): string =>
  `the account at ${system} that fits ${person.who} is linked to another person: a match decision must say whose it is`;
