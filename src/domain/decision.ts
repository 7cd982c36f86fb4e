import { isAfter } from './instant.ts';

/** Something a person (or a rule of procedure, for a person) said. Rows are only ever added; `withdraw` ends an earlier one. */
export type DecisionKind = 'approve' | 'reject' | 'depart' | 'withhold' | 'release' | 'exempt' | 'match' | 'withdraw';

export type Decision = {
  id: number;
  /** Per person, grows by one with each decision: the "decision version" of PROTOCOL rules 3 and 4. */
  version: number;
  kind: DecisionKind;
  /** `login@partition` of the giver, or `tenure` for a rule of procedure. A claim: `identity` is what the caller was. */
  by: string;
  identity?: string;
  reason: string;
  /** ISO instant, PostgreSQL's clock. */
  at: string;
  /** approve, reject, withhold: the rule, its demand and digest. */
  rule?: string;
  demand?: number;
  digest?: string;
  /** Entitlements it was given for. */
  entitlements?: readonly string[];
  /** exempt: the conflict's name. */
  conflict?: string;
  /** release: the hold. */
  hold?: string;
  /** depart: not before this ISO instant (the last day's end); absent: at once. */
  effectiveAt?: string;
  /** depart: `urgent` goes through freeze and brakes, and blocks rather than deactivates where a target can. */
  urgent?: boolean;
  /** ISO instant after which it no longer holds. Written with the decision as a due time (PROTOCOL rule 10). */
  endsAt?: string;
  /** withdraw: id of the decision it ends. */
  ends?: number;
};

/** Decisions still in force at `now`: not ended by time, not withdrawn. Order kept. */
export function inForce(decisions: readonly Decision[], now: string): Decision[] {
  const withdrawn = new Set(decisions.filter((d) => d.kind === 'withdraw').map((d) => d.ends));
  return decisions.filter((d) => !withdrawn.has(d.id) && (d.endsAt === undefined || isAfter(d.endsAt, now)));
}
