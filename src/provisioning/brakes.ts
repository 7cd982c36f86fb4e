import { judgeBrakes } from '../domain/brakes.ts';
import { describeChange, isRevocation, type Change, type Due, type LeftAlone } from '../domain/change.ts';
import type { Mode } from '../config/types.ts';
import type { PairState } from '../ledger/types.ts';
import type { EngineDeps } from './engine.ts';

export type Allowed = {
  changes: readonly Change[];
  left: readonly LeftAlone[];
  /** What keeps the pair open. */ open: readonly string[];
};

/**
 * What of the planned changes may be made now: mode of the target, freeze, ambiguity, rolling brakes (DESIGN principle 7).
 * A tripped brake writes a hold naming each revocation; the released items of that hold go through. Urgent departures pass freeze and brakes.
 */
export async function allowed(
  deps: EngineDeps,
  mode: Mode,
  who: string,
  target: string,
  state: PairState,
  due: Due,
  changes: readonly Change[],
  ambiguous: boolean,
): Promise<Allowed> {
  if (changes.length === 0) return { changes, left: [], open: [] };
  if (mode !== 'enforce') return none(changes, mode, `target is in mode ${mode}`);
  if (ambiguous) return none(changes, 'ambiguous', 'the account is ambiguous');
  const policy = deps.policy();
  const revocations = changes.filter(isRevocation);
  if (policy.freeze) {
    const passing = due.urgent ? revocations : [];
    const stopped = changes.filter((c) => !passing.includes(c));
    if (stopped.length > 0) {
      const frozen = none(
        stopped,
        'frozen',
        `all writes are frozen since ${policy.freeze.since} by ${policy.freeze.by}: ${policy.freeze.reason}`,
      );
      return { ...frozen, changes: passing };
    }
  }
  if (revocations.length === 0 || due.urgent) return { changes, left: [], open: [] };
  return await brake(deps, `brake/${who}/${target}/${state.number}`, who, changes, revocations);
}

async function brake(
  deps: EngineDeps,
  id: string,
  who: string,
  changes: readonly Change[],
  revocations: readonly Change[],
): Promise<Allowed> {
  for (const limit of deps.policy().brakes) {
    const verdict = judgeBrakes([limit], await deps.ledger.revokedWithin(limit.windowMs), revocations.length);
    if (!verdict.trip) continue;
    const released = (await deps.ledger.holds({ open: false })).find((h) => h.id === id)?.released ?? {};
    const stopped = revocations.filter((c) => !(describeChange(c) in released));
    if (stopped.length === 0) return { changes, left: [], open: [] };
    await deps.ledger.hold({
      id,
      kind: 'brake',
      reason: verdict.why,
      items: stopped.map((c) => ({ id: describeChange(c), who, what: describeChange(c) })),
    });
    return {
      ...none(stopped, 'held', `held by ${id}: ${verdict.why}`),
      changes: changes.filter((c) => !stopped.includes(c)),
    };
  }
  return { changes, left: [], open: [] };
}

function none(changes: readonly Change[], why: LeftAlone['why'], sentence: string): Allowed {
  return {
    changes: [],
    left: changes.map((c) => ({ what: describeChange(c), why })),
    open: changes.map((c) => `${describeChange(c)}: ${sentence}`),
  };
}
