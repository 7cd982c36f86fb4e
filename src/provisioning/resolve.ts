import { createHash } from 'node:crypto';
import { inForce, type Decision } from '../domain/decision.ts';
import type { Desired, Grant } from '../domain/desired.ts';
import { due } from '../domain/due.ts';
import { isProtectedPerson } from '../domain/entitlement.ts';
import { buildDesired } from '../domain/resolveDesired.ts';
import { splitWho, type Person, type PersonRef } from '../domain/person.ts';
import type { Noted, RunRef } from '../ledger/types.ts';
import { EngineError, type Attempt, type EngineDeps } from './engine.ts';

export type Resolution = {
  person: Person;
  desired: Desired;
  noted: Noted;
  stored: boolean;
  problems: readonly string[];
};

/** More refusals in a row than this mean that something writes desireds in a loop; the attempt ends and Temporal tries again. */
const MAX_TRIES = 10;

/** SHA-256 as hex, for digests of desireds and rules. */
export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/**
 * Notes the newest number, *then* reads the directory, then stores the desired by compare-and-set; refused means: read again (PROTOCOL rule 1).
 * Throws UNKNOWN_PERSON and PERSON_PROTECTED (for good), and what the directory throws.
 */
export async function resolve(
  deps: EngineDeps,
  who: string,
  run: RunRef | undefined,
  attempt: Attempt,
): Promise<Resolution> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    attempt.signal.throwIfAborted();
    const { noted, person } = await noteThenRead(deps, who, attempt);
    refuseProtected(deps, person);
    const { desired, demands, problems } = build(deps, person, noted, attempt.now);
    const stored = await deps.ledger.storeDesired(noted, desired, run, demands);
    if (stored)
      return { person, desired: { ...desired, number: stored.number }, noted, stored: stored.stored, problems };
  }
  throw new EngineError(
    'RESOLVE_CONTENDED',
    `The desired access of ${who} is being rewritten all the time; this attempt comes back later.`,
    { retryable: true },
  );
}

/** What-if: the same without a write; somebody the ledger does not know stays unknown to it. */
export async function preview(deps: EngineDeps, who: string, attempt: Attempt): Promise<Resolution> {
  const known = await deps.ledger.personByWho(who);
  const before = known && (await deps.ledger.note(known));
  const found = await deps.directory.person(who, { signal: attempt.signal });
  const person = found ?? (before && absent(before, who));
  if (!person) throw unknownPerson(who);
  const noted = before ?? {
    person,
    newest: 0,
    decisions: [],
    demands: 0,
    proved: {},
    lastAccountOp: {},
    heldUntil: {},
  };
  const { desired, problems } = build(deps, person, noted, attempt.now);
  return { person, desired: { ...desired, number: noted.newest }, noted, stored: false, problems };
}

/** The digest that a person's desired would have now: what the watch compares. */
export function saysOf(
  deps: EngineDeps,
  person: Person,
  noted: Pick<Noted, 'previous' | 'decisions' | 'lastAccountOp'> & Partial<Pick<Noted, 'proved'>>,
  now: string,
): { digest: string; standing: Desired['standing'] } {
  const { desired } = build(deps, person, { ...noted, demands: 0 }, now);
  return { digest: desired.digest, standing: desired.standing };
}

function build(
  deps: EngineDeps,
  person: Person,
  noted: Pick<Noted, 'previous' | 'decisions' | 'demands' | 'lastAccountOp'> & Partial<Pick<Noted, 'proved'>>,
  now: string,
): { desired: Omit<Desired, 'number'>; demands: number; problems: readonly string[] } {
  const { wanted, problems } = deps.policy().evaluate(person);
  const built = buildDesired({
    person,
    wanted,
    previous: noted.previous,
    demands: noted.demands,
    now,
    hash: sha256,
    directory: deps.directory.system,
    reenable: reenable(deps.directory.system, person, noted),
    profiles: deps.profiles(person),
    deleteOn: retentionOver(deps, noted.previous, now),
  });
  return { ...built, desired: onTargetsOnly(deps, built.desired), problems };
}

/** A directory where nothing is granted (LDAP) has no account to touch: a pair of it could never be proved. */
function onTargetsOnly<D extends Pick<Desired, 'targets'>>(deps: EngineDeps, desired: D): D {
  const { system } = deps.directory;
  if (system in deps.targets) return desired;
  const targets = Object.entries(desired.targets).filter(([name]) => name !== system);
  return { ...desired, targets: Object.fromEntries(targets) };
}

/** Targets that opted in to deletion and whose retention, counted from the first "leaver", is over. */
function retentionOver(deps: EngineDeps, previous: Desired | undefined, now: string): string[] {
  return Object.keys(deps.targets).filter((name) => {
    const at = deleteAt(deps, name, previous);
    return at !== undefined && at <= now;
  });
}

/** ISO instant at which a leaver's account on a target may be deleted; undefined: never. */
export function deleteAt(deps: EngineDeps, target: string, desired: Desired | undefined): string | undefined {
  const days = deps.targets[target]?.deleteAfterDays;
  if (days === undefined || desired?.leaverSince === undefined) return undefined;
  return new Date(Date.parse(desired.leaverSince) + days * 86_400_000).toISOString();
}

/** The number is noted before the read that counts. A person unknown to the ledger was at number 0 before the read if they still are after it. */
async function noteThenRead(
  deps: EngineDeps,
  who: string,
  attempt: Attempt,
): Promise<{ noted: Noted; person: Person }> {
  const call = { signal: attempt.signal };
  const known = await deps.ledger.personByWho(who);
  const before = known && (await deps.ledger.note(known));
  await deps.hooks?.at('resolve.noted', { person: who });
  const person = await deps.directory.person(who, call);
  await deps.hooks?.at('resolve.read', { person: who });
  if (before && (!person || person.uuid === before.person.uuid))
    return { noted: before, person: person ?? absent(before, who) };
  if (!person) throw unknownPerson(who);
  const noted = await deps.ledger.note(person);
  if (noted.newest === 0) return { noted, person };
  const again = await deps.directory.person(person.who, call);
  if (!again || again.uuid !== person.uuid)
    throw new EngineError(
      'PERSON_MOVING',
      `${who} is being renamed or replaced in the directory right now; this attempt comes back later.`,
      { retryable: true },
    );
  return { noted, person: again };
}

/** Somebody the directory no longer has: the person last known, absent. */
function absent(noted: Noted, who: string): Person {
  const last = noted.previous?.person;
  if (!last) throw unknownPerson(who);
  return { ...last, ...noted.person, state: 'absent', groups: [] };
}

function unknownPerson(who: string): EngineError {
  const hint = splitWho(who)
    ? 'Is the partition right, and does Tenure look after it (config: directory partitions)?'
    : 'People are written login@partition.';
  return new EngineError(
    'UNKNOWN_PERSON',
    `The field "person" names ${who}, whom the directory does not have. ${hint}`,
    { retryable: false },
  );
}

function refuseProtected(deps: EngineDeps, person: PersonRef): void {
  if (!isProtectedPerson(deps.policy().managed.protected, person.who)) return;
  throw new EngineError(
    'PERSON_PROTECTED',
    `The field "person" names ${person.who}, whom the policy protects: Tenure never touches this account.`,
    { retryable: false },
  );
}

/**
 * A departure of ours was withdrawn, and the directory's "disabled" is our own doing: then the person counts as active and is enabled again.
 * Anything else that says disabled is the directory's word.
 */
function reenable(
  directory: string,
  person: Person,
  noted: Pick<Noted, 'decisions' | 'lastAccountOp' | 'previous'> & Partial<Pick<Noted, 'proved'>>,
): boolean {
  if (person.state !== 'disabled') return false;
  const ours = noted.lastAccountOp[directory];
  if (ours?.op !== 'disable') return false;
  // Seen open since: whoever closed it after that, it was not us.
  const proof = noted.proved?.[directory];
  if (proof?.account === 'present' && proof.readAt > ours.at) return false;
  const ended = noted.decisions.filter((d) => d.kind === 'withdraw').map((d) => d.ends);
  const departures = noted.decisions.filter((d) => d.kind === 'depart');
  const causing = departures.filter((d) => d.version <= ours.decisionVersion).at(-1);
  return causing !== undefined && ended.includes(causing.id) && departures.every((d) => ended.includes(d.id));
}

/** Departures that OTDS itself ended: our disabling was proved before the read began, and the read shows the account enabled again. */
export function endedByReenable(
  directory: string,
  resolution: Pick<Resolution, 'person' | 'noted'>,
  now: string,
): readonly Decision[] {
  const { person, noted } = resolution;
  const proof = noted.proved[directory];
  if (person.state !== 'active' || proof?.account !== 'disabled') return [];
  return inForce(noted.decisions, now).filter(
    (d) => d.kind === 'depart' && (d.effectiveAt ?? d.at) <= now && d.at < proof.readAt,
  );
}

/** A privileged rule of the newest desired that nobody has decided for this demand. */
export type OpenAsk = { grant: Grant; entitlements: string[]; targets: string[] };

/** Rules that wait for a decision now, with everything they would grant. */
export function openAsks(
  desired: Desired,
  decisions: readonly Decision[],
  heldUntil: Noted['heldUntil'],
  now: string,
): OpenAsk[] {
  const asks = new Map<string, OpenAsk>();
  for (const [target, said] of Object.entries(desired.targets)) {
    const { waiting } = due({ desired: said, all: desired, target, decisions, heldUntil, now });
    for (const w of waiting.filter((x) => x.why === 'approval')) {
      const grant = said.entitlements
        .find((e) => e.key === w.entitlement)
        ?.grants.find((g) => g.rule === w.rule && g.demand === w.demand);
      if (!grant) continue;
      const ask = asks.get(`${w.rule}#${w.demand}`) ?? { grant, entitlements: [], targets: [] };
      ask.entitlements.push(w.entitlement);
      if (!ask.targets.includes(target)) ask.targets.push(target);
      asks.set(`${w.rule}#${w.demand}`, ask);
    }
  }
  return [...asks.values()];
}
