import type { Actual, Change, Due, LeftAlone, Managed, Plan } from './change.ts';
import { describeChange } from './change.ts';
import { isProtectedKey, isProtectedPerson, kindOf, matchesAny } from './entitlement.ts';
import { sortedUnique } from './stable.ts';

export type PlanOptions = {
  /** `disableOnly`: nothing but closing the account, for the first parallel step of an offboarding. */
  mode: 'apply' | 'disableOnly';
  /** `login@partition`: protected people are left alone. */
  person: string;
  /** Kinds of the target in the order in which they are taken away; others come last. Default: by key alone. */
  kinds?: readonly string[];
  /** True: the first grant makes the account (a partner's list knows rows only); none is created before it. */
  opensWithGrant?: boolean;
};

/**
 * The difference between what is due and what is there, as changes in a safe order. A leaver: disable, then revokes, then delete. Anybody else:
 * account, then grants, then revokes. Applying the plan gives, on managed access, exactly what is due; planning again gives nothing.
 * What differs and may not be touched stands in `left`; its entries `keptOpen` are no difference, only things to know.
 */
export function plan(due: Due, actual: Actual, managed: Managed, options: PlanOptions): Plan {
  const whole =
    options.mode === 'disableOnly'
      ? { changes: closing(due, actual), left: [] }
      : wholePlan(due, actual, managed, options);
  if (!isProtectedPerson(managed.protected, options.person)) return whole;
  const left: LeftAlone[] = whole.changes.map((change) => ({
    what: describeChange(change),
    why: 'protected',
    detail: `person:${options.person}`,
  }));
  return { changes: [], left };
}

function wholePlan(due: Due, actual: Actual, managed: Managed, options: PlanOptions): Plan {
  const left: LeftAlone[] = [];
  const leaving = due.account === 'disabled' || due.account === 'absent';
  const revokes = revocations(due, actual, managed, leaving, options.kinds ?? [], left);
  if (leaving) {
    const gone: Change[] =
      due.account === 'absent' && actual.account !== 'absent' ? [{ op: 'delete', profile: {} }] : [];
    return { changes: [...closing(due, actual), ...revokes, ...gone], left };
  }
  return {
    changes: [
      ...opening(due, actual, options.opensWithGrant === true),
      ...grants(due, actual, managed, left),
      ...revokes,
    ],
    left,
  };
}

/** Disables the account where it should be and is not, or is not in the harder way that an urgent departure wants. */
function closing(due: Due, actual: Actual): Change[] {
  if (due.account !== 'disabled' && due.account !== 'absent') return [];
  const open = actual.account === 'present';
  const tooSoft = due.urgent && actual.account === 'disabled' && actual.blocked === false;
  if (!open && !tooSoft) return [];
  return [{ op: 'disable', profile: {}, ...(due.urgent ? { urgent: true } : {}) }];
}

/** Creates, enables or updates the account. Nothing where the policy does not manage it (`untouched`). */
function opening(due: Due, actual: Actual, opensWithGrant: boolean): Change[] {
  if (due.account !== 'present') return [];
  if (actual.account === 'absent') return opensWithGrant ? [] : [{ op: 'create', profile: due.profile }];
  const differing = Object.fromEntries(
    Object.entries(due.profile).filter(([name, value]) => actual.profile[name] !== value),
  );
  if (actual.account === 'disabled') return [{ op: 'enable', profile: differing }];
  return Object.keys(differing).length > 0 ? [{ op: 'update', profile: differing }] : [];
}

function grants(due: Due, actual: Actual, managed: Managed, left: LeftAlone[]): Change[] {
  const held = new Set(actual.held.map((h) => h.key));
  const missing = sortedUnique(due.entitlements).filter((key) => !held.has(key));
  const usable = due.account === 'present' || actual.account === 'present';
  const changes: Change[] = [];
  for (const key of missing) {
    const why = untouchable(key, managed);
    if (why) left.push({ what: `grant ${key}`, why });
    // Granting to an account that is closed, and not ours to open, would be access waiting for somebody to open it.
    else if (!usable)
      left.push({
        what: `grant ${key}`,
        why: 'unmanaged',
        detail: `the account is ${actual.account} and the policy does not manage it`,
      });
    else changes.push({ op: 'grant', entitlement: key });
  }
  return changes;
}

function revocations(
  due: Due,
  actual: Actual,
  managed: Managed,
  leaving: boolean,
  kinds: readonly string[],
  left: LeftAlone[],
): Change[] {
  const wanted = new Set(due.entitlements);
  const keys: string[] = [];
  for (const held of actual.held) {
    if (wanted.has(held.key)) continue;
    const why = untouchable(held.key, managed);
    if (why) left.push({ what: held.key, why });
    else if (held.how !== 'direct')
      left.push({
        what: held.key,
        why: 'inherited',
        detail: `held by ${held.how === 'group' ? 'a group' : 'inheritance'}`,
      });
    else if (held.closesOnLeave && !leaving) left.push({ what: held.key, why: 'keptOpen' });
    else keys.push(held.key);
  }
  const place = (key: string): number => (kinds.indexOf(kindOf(key)) + kinds.length + 1) % (kinds.length + 1);
  const inOrder = sortedUnique(keys).sort((a, b) => place(a) - place(b));
  return inOrder.map((entitlement) => ({ op: 'revoke', entitlement }));
}

function untouchable(key: string, managed: Managed): 'protected' | 'unmanaged' | undefined {
  if (isProtectedKey(managed.protected, key)) return 'protected';
  return matchesAny(managed.managed, key) ? undefined : 'unmanaged';
}
