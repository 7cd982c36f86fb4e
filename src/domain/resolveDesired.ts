import type {
  ApprovalRequirement,
  Desired,
  DesiredConflict,
  DesiredEntitlement,
  DesiredTarget,
  Grant,
  OnFailure,
} from './desired.ts';
import { systemOf } from './entitlement.ts';
import { at, earliestAfter, iso, isAfter } from './instant.ts';
import type { Person } from './person.ts';
import { sortedUnique, stableJson } from './stable.ts';

/** One entitlement that one rule grants to one person. */
export type WantedGrant = {
  key: string;
  rule: string;
  /** Digest of the rule's text and of what it grants this person. */
  digest: string;
  approval?: ApprovalRequirement;
  onFailure: OnFailure;
};

/** What the policy says of one person, before numbers, demands and grace. */
export type Wanted = {
  grants: readonly WantedGrant[];
  /** Every system the policy speaks of: a leaver is disabled on all of them. */
  systems: readonly string[];
  /** Per system what the rules say; systems without an entry are left alone when unused. */
  accounts: Readonly<Record<string, { whenUnused: 'disable' | 'leave'; profile: Readonly<Record<string, string>> }>>;
  /** Milliseconds that an entitlement is kept after its rule stopped granting it. */
  grace: { defaultMs: number; rules: Readonly<Record<string, number>> };
  conflicts: readonly DesiredConflict[];
  policyDigest: string;
  /** Digest of what the policy manages and protects: part of the desired's digest. */
  scopeDigest: string;
};

export type BuildDesiredInput = {
  person: Person;
  wanted: Wanted;
  /** The newest desired stored, if any. */
  previous?: Desired | undefined;
  /** Last demand number given to this person. */
  demands: number;
  /** ISO instant. */
  now: string;
  /** Text → digest, for instance the hex of SHA-256. */
  hash: (text: string) => string;
  /** The system the person comes from; its account is only touched to disable a leaver. Default `otds`. */
  directory?: string;
  /** True: a departure of ours was withdrawn and our own disabling in the directory still stands: the person is active, and enabled again there. */
  reenable?: boolean;
  /** Attributes every account on a system gets, before the rules' own. Default: none. */
  profiles?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Systems on which a leaver's account is to be deleted (retention over, deletion opted in). Default: none. */
  deleteOn?: readonly string[];
};

/**
 * Joins what the policy says with what was said before: demand numbers (PROTOCOL rule 9), grace, standing. Returns the desired to store and the
 * last demand number given. The digest is made of what directory and policy say now, so it can be compared without knowing what was said before.
 */
export function buildDesired(input: BuildDesiredInput): { desired: Omit<Desired, 'number'>; demands: number } {
  const { person, wanted } = input;
  const { standing, why } = standingOf(input);
  const leaver = standing === 'leaver';
  const { grants, demands } = numberDemands(input, standing);
  const desired: Omit<Desired, 'number'> = {
    person: { ...person, attributes: {} },
    standing,
    ...(why === undefined ? {} : { why }),
    ...(leaver ? { leaverSince: input.previous?.leaverSince ?? input.now } : {}),
    targets: leaver ? leaverTargets(input) : activeTargets(input, grants),
    conflicts: leaver ? [] : wanted.conflicts,
    policyDigest: wanted.policyDigest,
    digest: saysDigest(input, standing),
  };
  return { desired, demands };
}

/** Digest of what directory and policy say: see `Desired.digest`. */
function saysDigest(input: BuildDesiredInput, standing: Desired['standing']): string {
  const { person, wanted } = input;
  const says = {
    who: [person.uuid, person.who, person.fields['email'] ?? ''],
    dates: [person.startAt ?? '', person.endAt ?? ''],
    standing,
    systems: wanted.systems,
    scope: wanted.scopeDigest,
    ...(standing === 'leaver'
      ? { deleteOn: sortedUnique(input.deleteOn ?? []), closes: closesDirectory(input) }
      : {
          grants: sortedUnique(wanted.grants.map((grant) => stableJson([grant.key, grant.rule, grant.digest]))),
          accounts: wanted.accounts,
          profiles: input.profiles ?? {},
          conflicts: wanted.conflicts,
          reenable: input.reenable ?? false,
        }),
  };
  return input.hash(stableJson(says));
}

function standingOf(input: BuildDesiredInput): { standing: Desired['standing']; why?: string } {
  const { person, now } = input;
  if (person.state === 'absent') return { standing: 'leaver', why: 'The directory no longer has this person.' };
  if (person.state === 'disabled' && !input.reenable)
    return { standing: 'leaver', why: 'The directory says that the account is disabled.' };
  if (hasEnded(input)) return { standing: 'leaver', why: `The end date has passed (${person.endAt}).` };
  if (person.startAt !== undefined && isAfter(person.startAt, now)) return { standing: 'joiner' };
  return { standing: 'active' };
}

function hasEnded({ person, now }: BuildDesiredInput): boolean {
  return person.endAt !== undefined && !isAfter(person.endAt, now);
}

/**
 * Does a leaver's account in the directory itself want closing? Not where the directory has closed it: written again on an older reading it would
 * undo a return that came meanwhile, and the next reading would believe it.
 */
function closesDirectory(input: BuildDesiredInput): boolean {
  return input.person.state !== 'absent' && hasEnded(input);
}

/** Everything named now or before: account closed, nothing kept, no grace. */
function leaverTargets(input: BuildDesiredInput): Record<string, DesiredTarget> {
  const directory = input.directory ?? 'otds';
  const closed = (name: string) => (name !== directory || closesDirectory(input) ? 'disabled' : 'untouched');
  const names = sortedUnique([directory, ...input.wanted.systems, ...Object.keys(input.previous?.targets ?? {})]);
  return Object.fromEntries(
    names.map((name) => [
      name,
      {
        account: input.deleteOn?.includes(name) ? ('absent' as const) : closed(name),
        whenUnused: input.wanted.accounts[name]?.whenUnused ?? 'leave',
        profile: {},
        entitlements: [],
      },
    ]),
  );
}

/**
 * Every system the policy speaks of, so that each pair is known, proved, and closed at once when a departure comes. An account is only ours (created,
 * updated, disabled when unused) where something is granted now or was before; elsewhere it is untouched.
 */
function activeTargets(
  input: BuildDesiredInput,
  grants: ReadonlyMap<string, readonly Grant[]>,
): Record<string, DesiredTarget> {
  const { person, wanted, previous, now } = input;
  const directory = input.directory ?? 'otds';
  const notBefore = earliestAfter(now, [person.startAt]);
  const granted = new Set([...grants.keys()].map(systemOf));
  const names = sortedUnique([directory, ...wanted.systems, ...granted, ...Object.keys(previous?.targets ?? {})]);
  const targets: Record<string, DesiredTarget> = {};
  for (const name of names) {
    const wantedNow: DesiredEntitlement[] = [...grants]
      .filter(([key]) => systemOf(key) === name)
      .map(([key, list]) => ({ key, grants: list }));
    const kept = inGrace(input, name, grants);
    const entitlements = [...wantedNow, ...kept].sort((a, b) => (a.key < b.key ? -1 : 1));
    const said = wanted.accounts[name];
    const ours = name !== directory && (granted.has(name) || previous?.targets[name]?.account === 'active');
    const account: Pick<DesiredTarget, 'account' | 'whenUnused'> =
      name === directory && input.reenable
        ? { account: 'active', whenUnused: 'keep' }
        : { account: ours ? 'active' : 'untouched', whenUnused: said?.whenUnused ?? 'leave' };
    const profile = ours ? { ...input.profiles?.[name], ...said?.profile } : {};
    targets[name] = { ...account, profile, entitlements, ...(notBefore === undefined ? {} : { notBefore }) };
  }
  return targets;
}

/** What the desired before had, and no rule grants any more, until its grace ends. Grace begins at the first number that dropped it. */
function inGrace(
  input: BuildDesiredInput,
  target: string,
  grants: ReadonlyMap<string, readonly Grant[]>,
): DesiredEntitlement[] {
  const { previous, now } = input;
  // Nobody in grace before the first day, and a returning leaver starts from nothing.
  if (previous?.standing !== 'active') return [];
  const kept: DesiredEntitlement[] = [];
  for (const before of previous.targets[target]?.entitlements ?? []) {
    if (grants.has(before.key)) continue;
    if (before.until !== undefined) {
      if (isAfter(before.until, now)) kept.push(before);
      continue;
    }
    const graceMs = Math.max(0, ...before.grants.map((grant) => graceOf(input.wanted, grant)));
    if (graceMs > 0) kept.push({ ...before, until: iso(at(now) + graceMs) });
  }
  return kept;
}

/** A privileged rule has no grace unless it says so itself; a rule that is gone has the default. */
function graceOf(wanted: Wanted, grant: Grant): number {
  return wanted.grace.rules[grant.rule] ?? (grant.approval ? 0 : wanted.grace.defaultMs);
}

/**
 * Grants by entitlement key, each with its demand number: the number of before where the rule was demanded before under the same digest, else a new
 * one, one per rule. What was only kept in grace is not demanded.
 */
function numberDemands(
  input: BuildDesiredInput,
  standing: Desired['standing'],
): { grants: Map<string, Grant[]>; demands: number } {
  const grants = new Map<string, Grant[]>();
  let demands = input.demands;
  if (standing === 'leaver') return { grants, demands };
  const known = new Map<string, number>();
  for (const target of Object.values(input.previous?.targets ?? {})) {
    for (const e of target.entitlements) {
      if (e.until === undefined) for (const grant of e.grants) known.set(demandKey(grant), grant.demand);
    }
  }
  const ordered = [...input.wanted.grants].sort((a, b) => order(a.rule, b.rule) || order(a.key, b.key));
  for (const { key, ...wanted } of ordered) {
    let demand = known.get(demandKey(wanted));
    if (demand === undefined) {
      demands += 1;
      demand = demands;
      known.set(demandKey(wanted), demand);
    }
    const list = grants.get(key) ?? [];
    if (!list.some((grant) => grant.rule === wanted.rule)) list.push({ ...wanted, demand });
    grants.set(key, list);
  }
  return { grants, demands };
}

function demandKey(grant: { rule: string; digest: string }): string {
  return `${grant.rule}\n${grant.digest}`;
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
