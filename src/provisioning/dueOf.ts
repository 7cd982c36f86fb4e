import type { Due } from '../domain/change.ts';
import { due } from '../domain/due.ts';
import type { PairState } from '../ledger/types.ts';

/** What is due for a pair now. The same for a run, the sweep and reconciliation. */
export function dueOf(state: PairState, target: string, now: string): Due {
  const said = due({
    desired: state.desired?.targets[target],
    all: state.desired,
    target,
    decisions: state.decisions,
    heldUntil: state.heldUntil,
    now,
  });
  // An adopted account is never deleted by us; and a late deletion could not be repaired, so none while an older attempt may still land.
  const deletable = state.link?.how === 'created' && state.doubtUntil === undefined;
  return said.account === 'absent' && !deletable ? { ...said, account: 'disabled' } : said;
}
