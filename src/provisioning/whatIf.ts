import type { Change, Due, LeftAlone } from '../domain/change.ts';
import { due as dueNow } from '../domain/due.ts';
import type { Attempt, EngineDeps } from './engine.ts';
import { planFor } from './planFor.ts';
import { preview, type Resolution } from './resolve.ts';

export type WhatIfTarget = {
  target: string;
  mode: string;
  account: string;
  due: Due;
  changes: readonly Change[];
  left: readonly LeftAlone[];
  warnings: readonly string[];
  problem?: string;
};
export type WhatIf = { person: string; resolution: Resolution; targets: WhatIfTarget[] };

/** The same planner as `converge` with the write edge left out: what would happen to this person now, and why. Writes nothing anywhere. */
export async function whatIf(deps: EngineDeps, who: string, attempt: Attempt): Promise<WhatIf> {
  const resolution = await preview(deps, who, attempt);
  const links = await deps.ledger.links(resolution.person.uuid);
  const targets = await Promise.all(
    Object.keys(deps.targets).map((target) => one(deps, resolution, target, links[target]?.nativeId, attempt)),
  );
  return { person: resolution.person.who, resolution, targets };
}

async function one(
  deps: EngineDeps,
  resolution: Resolution,
  name: string,
  linked: string | undefined,
  attempt: Attempt,
): Promise<WhatIfTarget> {
  const { person, desired, noted } = resolution;
  const managed = deps.targets[name];
  const due = dueNow({
    desired: desired.targets[name],
    all: desired,
    target: name,
    decisions: noted.decisions,
    heldUntil: noted.heldUntil,
    now: attempt.now,
  });
  const base = { target: name, mode: managed?.mode ?? 'unknown', due };
  if (!managed)
    return {
      ...base,
      account: 'unknown',
      changes: [],
      left: [],
      warnings: [],
      problem: `No system named ${name} is configured.`,
    };
  const call = { signal: attempt.signal };
  const candidates = linked === undefined ? await managed.target.find(person, call) : [];
  const nativeId = linked ?? (candidates.length === 1 ? candidates[0]?.nativeId : undefined);
  const policy = deps.policy().managed;
  const actual = nativeId
    ? await managed.target.read({ person, nativeId }, [...policy.managed, ...due.entitlements], call)
    : { account: 'absent' as const, profile: {}, held: [], warnings: [] };
  const { changes, left } = planFor(managed.target.describe(), due, actual, policy, {
    mode: 'apply',
    person: person.who,
  });
  const problem =
    candidates.length > 1
      ? `${candidates.length} accounts may be this person's: a match decision must say which`
      : undefined;
  return {
    ...base,
    account: actual.account,
    changes: problem ? [] : changes,
    left,
    warnings: actual.warnings,
    ...(problem && { problem }),
  };
}
