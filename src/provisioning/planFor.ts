import type { Actual, Due, Managed, Plan } from '../domain/change.ts';
import { plan, type PlanOptions } from '../domain/plan.ts';
import type { TargetDescription } from '../systems/port.ts';

/** The planner, told what it must know of a target. The same for a run, what-if and reconciliation. */
export function planFor(
  { kinds, opensWithGrant }: TargetDescription,
  due: Due,
  actual: Actual,
  managed: Managed,
  { mode, person }: Pick<PlanOptions, 'mode' | 'person'>,
): Plan {
  return plan(due, actual, managed, {
    mode,
    person,
    kinds: Object.keys(kinds),
    ...(opensWithGrant !== undefined && { opensWithGrant }),
  });
}
