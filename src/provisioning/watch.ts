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
  released: readonly string[],
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
  return { people: seen.size, changed: differing.length, problems, ...(await brake(deps, differing, released)) };
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

/** More leavers than the brake allows wait, each named, for a release; everybody else starts. */
async function brake(
  deps: EngineDeps,
  differing: readonly WatchStart[],
  released: readonly string[],
): Promise<Pick<WatchPass, 'start' | 'hold'>> {
  const leavers = differing.filter((d) => d.type === 'offboarding').sort((a, b) => (a.person < b.person ? -1 : 1));
  const limit = deps.settings.leaversPerPass;
  const waiting = leavers.filter((l) => !released.includes(l.person));
  if (waiting.length <= limit) return { start: [...differing] };
  // The same people give the same hold: a pass a minute does not pile up holds.
  const id = `leavers/${sha256(waiting.map((l) => l.uuid).join()).slice(0, 12)}`;
  const before = (await deps.ledger.holds({ open: false })).find((h) => h.id === id);
  const held = waiting.filter((l) => !(l.person in (before?.released ?? {})));
  if (held.length === 0) return { start: [...differing] };
  const reason = `${waiting.length} leavers in one pass, more than the ${limit} that may start unasked`;
  if (!before)
    await deps.ledger.hold({
      id,
      kind: 'leavers',
      reason,
      items: waiting.map((l) => ({ id: l.person, who: l.person, what: 'offboarding' })),
    });
  return { start: differing.filter((d) => !held.includes(d)), hold: { id, people: held.map((l) => l.person), limit } };
}
