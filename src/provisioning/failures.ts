import { describeChange, isRevocation, type Change, type Due } from '../domain/change.ts';
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
      id: await holdFor(deps, holdName(person.who, target, state), what),
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

const holdName = (who: string, target: string, state: PairState): string => `failed/${who}/${target}/${state.number}`;

/** The hold that names this change and waits, or a new one: what was released once and failed again waits for another release. */
async function holdFor(deps: EngineDeps, name: string, what: string): Promise<string> {
  const ours = (await deps.ledger.holds({ open: false })).filter((h) => h.id === name || h.id.startsWith(`${name}/`));
  const usable = ours.find((h) => !(what in h.released));
  return usable?.id ?? (ours.length === 0 ? name : `${name}/${ours.length + 1}`);
}

/** Changes that failed for good under a rule that says `hold`: each waits for a person's release. What → why. */
export async function heldBack(
  deps: EngineDeps,
  who: string,
  target: string,
  state: PairState,
  due: Due,
  changes: readonly Change[],
): Promise<Map<string, string>> {
  const mayWait = changes.filter(
    (change) => !isRevocation(change) && concerned(change, state, target, due).some((g) => g.onFailure === 'hold'),
  );
  if (mayWait.length === 0) return new Map();
  const name = holdName(who, target, state);
  const holds = (await deps.ledger.holds({ open: true })).filter((h) => h.id === name || h.id.startsWith(`${name}/`));
  return new Map(
    mayWait.map(describeChange).flatMap((what): [string, string][] => {
      const hold = holds.find((h) => h.items.some((item) => item.id === what) && !(what in h.released));
      return hold ? [[what, `${what}: held by ${hold.id}: ${hold.reason}`]] : [];
    }),
  );
}
