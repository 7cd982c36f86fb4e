import type { DesiredConflict } from './desired.ts';
import { matchesAny } from './entitlement.ts';
import { at, iso } from './instant.ts';

/** What is due before conflicts are judged: entitlement key → number of the oldest demand that counts for it. */
export type DueBefore = ReadonlyMap<string, number>;

export type ConflictJudgement = {
  /** Entitlement key → name of the conflict that leaves it out. */
  leftOut: ReadonlyMap<string, string>;
  /** Instants (ISO) at which a window ends. */
  windowEnds: readonly string[];
};

/**
 * Separation of duties on one person, over all targets. Of two sides due at once the one with the younger demand is left out; demands of equal
 * age leave out both. Where only one side is due and the other was held less than `windowMs` ago, the side that is due waits.
 * Conflicts in mode `report` and exempted ones leave out nothing. Each conflict is judged by itself: one that leaves a thing out does not make room for another.
 */
export function judgeConflicts(
  conflicts: readonly DesiredConflict[],
  due: DueBefore,
  heldUntil: Readonly<Record<string, string>>,
  exempt: ReadonlySet<string>,
  now: string,
): ConflictJudgement {
  const leftOut = new Map<string, string>();
  const windowEnds: string[] = [];
  for (const conflict of conflicts) {
    if (conflict.mode !== 'enforce' || exempt.has(conflict.name)) continue;
    const left = [...due.keys()].filter((key) => matchesAny(conflict.left, key));
    // A thing named by both sides is not in conflict with itself.
    const right = [...due.keys()].filter((key) => matchesAny(conflict.right, key) && !left.includes(key));
    if (left.length > 0 && right.length > 0) {
      const [leftAge, rightAge] = [oldest(left, due), oldest(right, due)];
      const losers = [...(leftAge >= rightAge ? left : []), ...(rightAge >= leftAge ? right : [])];
      for (const key of losers) leftOut.set(key, conflict.name);
      continue;
    }
    const dueSide = left.length > 0 ? left : right;
    const otherSide = left.length > 0 ? conflict.right : conflict.left;
    if (dueSide.length === 0) continue;
    const ends = lastWindowEnd(otherSide, dueSide, heldUntil, conflict.windowMs, at(now));
    if (ends > at(now)) {
      windowEnds.push(iso(ends));
      for (const key of dueSide) leftOut.set(key, conflict.name);
    }
  }
  return { leftOut, windowEnds };
}

function oldest(keys: readonly string[], due: DueBefore): number {
  return Math.min(...keys.map((key) => due.get(key) ?? Infinity));
}

function lastWindowEnd(
  patterns: readonly string[],
  dueSide: readonly string[],
  heldUntil: Readonly<Record<string, string>>,
  windowMs: number,
  now: number,
): number {
  const ends = Object.entries(heldUntil)
    .filter(([key]) => matchesAny(patterns, key) && !dueSide.includes(key))
    // What was dropped and is not revoked yet is held until the ledger's own now.
    .map(([, until]) => Math.min(at(until), now) + windowMs);
  return Math.max(-Infinity, ...ends);
}
