import { describeChange, type Change, type Due } from '../domain/change.ts';
import type { Grant } from '../domain/desired.ts';
import type { PersonRef } from '../domain/person.ts';
import type { PairState } from '../ledger/types.ts';
import type { SystemError } from '../systems/errors.ts';
import type { EngineDeps } from './engine.ts';

export type GrantFailure = { then: 'undone' | 'held' | 'skipped'; text: string };

/**
 * A grant that failed for good becomes what its rule's `onFailure` says. `undo` writes a withholding for each rule and demand concerned
 * (PROTOCOL rule 11): the next converge leaves the rule out and takes back what no other rule demands. Nothing is replayed backwards.
 */
export async function grantFailed(
  deps: EngineDeps,
  person: PersonRef,
  target: string,
  change: Change,
  error: SystemError,
  state: PairState,
  due: Due,
): Promise<GrantFailure> {
  const what = describeChange(change);
  const grants = concerned(change, state, target, due);
  const undo = grants.filter((g) => g.onFailure === 'undo');
  if (undo.length > 0) {
    for (const grant of undo) {
      await deps.ledger.decide(
        person.uuid,
        {
          kind: 'withhold',
          by: 'tenure',
          reason: `${what} failed for good at ${target} (${error.code})`,
          rule: grant.rule,
          demand: grant.demand,
          digest: grant.digest,
        },
        `withhold/${grant.rule}/${grant.demand}/${state.decisionVersion}`,
      );
    }
    return { then: 'undone', text: `${what}: ${error.code}, withheld` };
  }
  if (grants.some((g) => g.onFailure === 'hold') || !('entitlement' in change)) {
    await deps.ledger.hold({
      id: `failed/${person.who}/${target}/${state.number}`,
      kind: 'failed',
      reason: error.message,
      items: [{ id: what, who: person.who, what }],
    });
    return { then: 'held', text: `${what}: ${error.code}: ${error.message}` };
  }
  return { then: 'skipped', text: `${what}: ${error.code}: ${error.message}` };
}

/** The grants behind a change: of the entitlement itself, or of everything due on the target when the account is refused. */
function concerned(change: Change, state: PairState, target: string, due: Due): readonly Grant[] {
  const entitlements = state.desired?.targets[target]?.entitlements ?? [];
  const keys = 'entitlement' in change ? [change.entitlement] : due.entitlements;
  return entitlements.filter((e) => keys.includes(e.key)).flatMap((e) => [...e.grants]);
}
