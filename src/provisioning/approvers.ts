import type { ApprovalRequirement } from '../domain/desired.ts';
import type { PersonRef } from '../domain/person.ts';
import type { Attempt, EngineDeps } from './engine.ts';

/** Present approvers of a rung, active, without the beneficiary; as `login@partition`, sorted. */
export async function approversOf(
  deps: EngineDeps,
  person: PersonRef,
  approval: ApprovalRequirement,
  rung: 'first' | 'second',
  attempt: Attempt,
): Promise<string[]> {
  const call = { signal: attempt.signal };
  const first = (await deps.directory.membersOf(approval.group, call)).map((m) => m.who);
  if (rung === 'first') return clean(first, person);
  const otherwise = approval.otherwise;
  if (!otherwise) return [];
  if ('group' in otherwise)
    return clean(
      (await deps.directory.membersOf(otherwise.group, call)).map((m) => m.who),
      person,
    );
  const below = otherwise.managerOf === 'approver' ? first : [person.who];
  const managers = await Promise.all(below.map(async (who) => (await deps.directory.person(who, call))?.manager));
  const active = await Promise.all(
    managers.map(async (who) =>
      who && (await deps.directory.person(who, call))?.state === 'active' ? who : undefined,
    ),
  );
  return clean(
    active.filter((who) => who !== undefined),
    person,
  );
}

function clean(who: readonly string[], person: PersonRef): string[] {
  return [...new Set(who)].filter((w) => w.toLowerCase() !== person.who.toLowerCase()).sort();
}
