import type { Due, Waiting } from './change.ts';
import { judgeConflicts } from './conflicts.ts';
import type { Decision } from './decision.ts';
import { inForce } from './decision.ts';
import type { Desired, DesiredEntitlement, DesiredTarget, Grant } from './desired.ts';
import { earliestAfter, isAfter } from './instant.ts';
import { sortedUnique } from './stable.ts';

export type DueInput = {
  /** What the newest desired says of this target; undefined: it does not name it. */
  desired: DesiredTarget | undefined;
  /** The whole newest desired: conflicts reach across targets, and a leaver is one everywhere. */
  all: Desired | undefined;
  target: string;
  /** Every decision about the person; those ended or withdrawn are sorted out here. */
  decisions: readonly Decision[];
  /** Entitlement key → latest end of each thing once held and since revoked. */
  heldUntil: Readonly<Record<string, string>>;
  /** ISO instant. */
  now: string;
};

/**
 * What is due on one target now: the desired of the policy, less what lacks its approval (rule 9), is withheld (rule 11), has run out of grace,
 * has not begun, or is in conflict. A `depart` in force outranks all of it. `changesAt` is never later than the first instant at which time
 * alone changes the answer; it may be earlier.
 */
export function due(input: DueInput): Due {
  const standing = inForce(input.decisions, input.now);
  const departures = standing.filter((d) => d.kind === 'depart');
  const effective = departures.filter((d) => d.effectiveAt === undefined || !isAfter(d.effectiveAt, input.now));
  const departureTimes = departures.flatMap((d) => [d.effectiveAt, d.endsAt]);
  const urgent = effective.some((d) => d.urgent === true);
  const { desired, now } = input;

  if (effective.length > 0 || input.all?.standing === 'leaver') {
    // Only a departure outranks the directory about its own account.
    const left = effective.length === 0 && desired?.account === 'untouched';
    const account = desired?.account === 'absent' ? 'absent' : left ? 'untouched' : 'disabled';
    return nothing(account, urgent, [], earliestAfter(now, departureTimes));
  }
  if (desired === undefined) return nothing('untouched', false, [], earliestAfter(now, departureTimes));
  if (desired.account === 'disabled' || desired.account === 'absent') {
    return nothing(desired.account, false, [], earliestAfter(now, departureTimes));
  }
  if (desired.notBefore !== undefined && isAfter(desired.notBefore, now)) {
    const waiting = desired.entitlements.flatMap((e) => e.grants.map((grant) => waitingFor(e, grant, 'notYet')));
    return nothing('untouched', false, waiting, earliestAfter(now, [desired.notBefore, ...departureTimes]));
  }
  return active(input, desired, standing, departureTimes);
}

/** The ordinary case: an active person, by time and decisions. */
function active(
  input: DueInput,
  desired: DesiredTarget,
  standing: readonly Decision[],
  departureTimes: readonly (string | undefined)[],
): Due {
  const { now } = input;
  const targets = { ...input.all?.targets, [input.target]: desired };
  const before = dueBeforeConflicts(targets, standing, now);
  const exempt = new Set(standing.flatMap((d) => (d.kind === 'exempt' && d.conflict ? [d.conflict] : [])));
  const judged = judgeConflicts(input.all?.conflicts ?? [], before, input.heldUntil, exempt, now);

  const entitlements: string[] = [];
  const waiting: Waiting[] = [];
  for (const e of desired.entitlements) {
    const grants = e.grants.map((grant) => ({ grant, why: whyNot(e, grant, standing) }));
    const counting = grants.find(({ why, grant }) => why === undefined && grant.demand === before.get(e.key));
    if (!counting) {
      // What is only kept in grace is not asked for again.
      if (e.until === undefined)
        waiting.push(...grants.flatMap(({ grant, why }) => (why ? [waitingFor(e, grant, why)] : [])));
    } else if (judged.leftOut.has(e.key)) {
      waiting.push(waitingFor(e, counting.grant, 'conflict'));
    } else {
      entitlements.push(e.key);
    }
  }
  const times = [
    ...departureTimes,
    ...Object.values(targets).flatMap((t) => [t.notBefore, ...t.entitlements.map((e) => e.until)]),
    ...standing.map((d) => d.endsAt),
    ...judged.windowEnds,
  ];
  const changesAt = earliestAfter(now, times);
  const account = accountOf(desired, entitlements.length > 0);
  return {
    account,
    urgent: false,
    profile: account === 'present' ? desired.profile : {},
    entitlements: sortedUnique(entitlements),
    waiting,
    ...(changesAt === undefined ? {} : { changesAt }),
  };
}

/** Keys due on any target when conflicts are left aside, with the oldest demand that counts for each. */
function dueBeforeConflicts(
  targets: Readonly<Record<string, DesiredTarget>>,
  standing: readonly Decision[],
  now: string,
): Map<string, number> {
  const found = new Map<string, number>();
  for (const target of Object.values(targets)) {
    if (target.account === 'disabled' || target.account === 'absent') continue;
    if (target.notBefore !== undefined && isAfter(target.notBefore, now)) continue;
    for (const e of target.entitlements) {
      if (e.until !== undefined && !isAfter(e.until, now)) continue;
      const demands = e.grants.filter((grant) => whyNot(e, grant, standing) === undefined).map((grant) => grant.demand);
      if (demands.length > 0) found.set(e.key, Math.min(...demands));
    }
  }
  return found;
}

/** Why this grant does not count; undefined: it does. */
function whyNot(e: DesiredEntitlement, grant: Grant, standing: readonly Decision[]): Waiting['why'] | undefined {
  const about = standing.filter((d) => d.rule === grant.rule && (d.demand === undefined || d.demand === grant.demand));
  if (about.some((d) => d.kind === 'withhold')) return 'withheld';
  if (grant.approval === undefined) return undefined;
  // The last word counts: a rejection after an approval ends it, and the other way round.
  const last = about
    .filter((d) => d.kind === 'approve' || d.kind === 'reject')
    .sort((a, b) => a.version - b.version || a.id - b.id)
    .at(-1);
  if (last === undefined) return 'approval';
  if (last.kind === 'reject') return 'rejected';
  const forThis = last.demand === grant.demand && last.digest === grant.digest;
  const named = last.entitlements === undefined || last.entitlements.includes(e.key);
  return forThis && named ? undefined : 'approval';
}

function waitingFor(e: DesiredEntitlement, grant: Grant, why: Waiting['why']): Waiting {
  return { entitlement: e.key, rule: grant.rule, demand: grant.demand, why };
}

function accountOf(desired: DesiredTarget, anythingDue: boolean): Due['account'] {
  if (desired.account !== 'active') return desired.account;
  if (anythingDue || desired.whenUnused === 'keep') return 'present';
  return desired.whenUnused === 'disable' ? 'disabled' : 'untouched';
}

function nothing(
  account: Due['account'],
  urgent: boolean,
  waiting: readonly Waiting[],
  changesAt: string | undefined,
): Due {
  return { account, urgent, profile: {}, entitlements: [], waiting, ...(changesAt === undefined ? {} : { changesAt }) };
}
