import type { RunType } from '../activities/types.ts';
import { isProtectedPerson } from '../domain/entitlement.ts';
import type { Person } from '../domain/person.ts';
import type { RunRef } from '../ledger/types.ts';
import type { Attempt, EngineDeps } from './engine.ts';
import { saysOf, sha256 } from './resolve.ts';

export type WatchStart = { person: string; uuid: string; type: RunType };
export type WatchPass = {
  people: number;
  changed: number;
  /** Runs to start now, leavers within the brake included. */
  start: WatchStart[];
  hold?: { id: string; people: string[]; limit: number };
  problems: string[];
};

type Known = Awaited<ReturnType<EngineDeps['ledger']['newestDigests']>>;

/**
 * Compares states, not events: the directory with everybody's newest desired (PROTOCOL rule 2). The digests are read before the scan, so that a
 * desired written meanwhile at most makes a run that finds nothing to do. Absence counts only after a complete scan.
 */
export async function comparePass(
  deps: EngineDeps,
  attempt: Attempt,
  isOpen: (run: RunRef) => Promise<boolean>,
): Promise<WatchPass> {
  const known = await deps.ledger.newestDigests();
  const seen = new Set<string>();
  const differing: WatchStart[] = [];
  const problems: string[] = [];
  for await (const page of deps.directory.people({ signal: attempt.signal })) {
    for (const person of page) {
      seen.add(person.uuid);
      try {
        const start = await differs(deps, person, known, attempt.now);
        if (start) differing.push(start);
      } catch (error) {
        // One person with an unreadable date must not hide everybody else.
        if (error instanceof Error && 'code' in error) throw error;
        problems.push(`${person.who} could not be judged: ${error instanceof Error ? error.message : 'unreadable'}`);
      }
    }
    attempt.heartbeat(`${seen.size} people compared`);
  }
  for (const [uuid, before] of known) {
    if (!seen.has(uuid) && before.standing !== 'leaver')
      differing.push({ person: before.who, uuid, type: 'offboarding' });
  }
  await addUndecided(deps, differing, known, isOpen);
  return { people: seen.size, changed: differing.length, problems, ...(await brake(deps, differing, known)) };
}

async function differs(deps: EngineDeps, person: Person, known: Known, now: string): Promise<WatchStart | undefined> {
  if (isProtectedPerson(deps.policy().managed.protected, person.who)) return undefined;
  const before = known.get(person.uuid);
  let says = saysOf(deps, person, { decisions: [], lastAccountOp: {} }, now);
  if (before?.digest === says.digest) return undefined;
  // What the ledger remembers also counts: a departure of ours that was withdrawn, a retention that is over.
  if (before) says = saysOf(deps, person, await deps.ledger.note(person), now);
  if (before?.digest === says.digest) return undefined;
  return { person: person.who, uuid: person.uuid, type: fits(says.standing, before?.standing) };
}

function fits(now: 'joiner' | 'active' | 'leaver', before: 'joiner' | 'active' | 'leaver' | undefined): RunType {
  if (now === 'leaver') return 'offboarding';
  return before === 'active' ? 'roleChange' : 'onboarding';
}

/** Demands that nobody has decided and nobody asks about (a claim of a closed run asks nobody): a run takes them up. */
async function addUndecided(
  deps: EngineDeps,
  differing: WatchStart[],
  known: Known,
  isOpen: (run: RunRef) => Promise<boolean>,
): Promise<void> {
  const already = new Set(differing.map((d) => d.uuid));
  for (const [uuid, { asking }] of await deps.ledger.undecided()) {
    const who = known.get(uuid)?.who;
    if (!who || already.has(uuid)) continue;
    const open = await Promise.all(asking.map(isOpen));
    if (!open.includes(true)) differing.push({ person: who, uuid, type: 'roleChange' });
  }
}

/**
 * More leavers than the brake allows wait, each named, for a release; everybody else starts. Who is named stays held until released by name, also
 * when others of the hold are gone and the rest alone would be within the brake. A release counts for this leaving, not for another one later.
 */
async function brake(
  deps: EngineDeps,
  differing: readonly WatchStart[],
  known: Known,
): Promise<Pick<WatchPass, 'start' | 'hold'>> {
  const leavers = differing.filter((d) => d.type === 'offboarding').sort((a, b) => (a.person < b.person ? -1 : 1));
  if (leavers.length === 0) return { start: [...differing] };
  const limit = deps.settings.leaversPerPass;
  const what = (l: WatchStart): string => `offboarding, last read as number ${known.get(l.uuid)?.number ?? 0}`;
  const holds = (await deps.ledger.holds({ open: false })).filter((h) => h.kind === 'leavers');
  const naming = (l: WatchStart) => holds.filter((h) => h.items.some((i) => i.id === l.person && i.what === what(l)));

  const fresh = leavers.filter((l) => naming(l).length === 0);
  const held = leavers.filter((l) => naming(l).length > 0 && naming(l).every((h) => !(l.person in h.released)));
  const ids = new Set(held.flatMap((l) => naming(l).map((h) => h.id)));
  if (fresh.length > limit) {
    // The same people give the same hold: a pass that dies after this and comes again piles up none.
    const id = `leavers/${sha256(fresh.map((l) => `${l.uuid} ${what(l)}`).join()).slice(0, 12)}`;
    await deps.ledger.hold({
      id,
      kind: 'leavers',
      reason: `${fresh.length} leavers in one pass, more than the ${limit} that may start unasked`,
      items: fresh.map((l) => ({ id: l.person, who: l.person, what: what(l) })),
    });
    held.push(...fresh);
    ids.add(id);
  }
  if (held.length === 0) return { start: [...differing] };
  const people = held.map((l) => l.person).sort();
  return { start: differing.filter((d) => !held.includes(d)), hold: { id: [...ids].join(', '), people, limit } };
}
