import { isRevocation, type Change } from '../domain/change.ts';
import { stableJson } from '../domain/stable.ts';

/** What is left of a plan when changes that were made, and that a late read does not show yet, are not made again. */
export type Sifted = { changes: readonly Change[]; unshown: boolean };

/** Changes of one attempt that its target said it made, for as long as a read may not show them: a repeat would only strain the target. */
export class Landed {
  private readonly readLagMs: number;
  /** By subject, the last one: its text, and the end of the lag on the monotonic clock. */
  private readonly own = new Map<string, { change: string; until: number }>();

  constructor(readLagMs: number) {
    this.readLagMs = readLagMs;
  }

  note(change: Change): void {
    if (this.readLagMs === 0) return;
    const until = performance.now() + this.readLagMs;
    this.own.set('entitlement' in change ? change.entitlement : 'account', { change: stableJson(change), until });
  }

  /** `earlier`: those of other attempts, from the ledger. While an account that was made or opened does not show, nothing is granted to it either. */
  sift(planned: readonly Change[], earlier: readonly Change[]): Sifted {
    const now = performance.now();
    const mine = [...this.own.values()].filter(({ until }) => until >= now).map(({ change }) => change);
    const landed = new Set([...mine, ...earlier.map(stableJson)]);
    const unshown = planned.filter((change) => landed.has(stableJson(change)));
    if (unshown.length === 0) return { changes: planned, unshown: false };
    const closed = unshown.some(({ op }) => op === 'create' || op === 'enable');
    const rest = planned.filter((change) => !unshown.includes(change));
    return { changes: closed ? rest.filter(isRevocation) : rest, unshown: true };
  }
}
