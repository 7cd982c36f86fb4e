import type { Actual, Change } from '../domain/change.ts';
import type { Decision } from '../domain/decision.ts';
import type { Desired } from '../domain/desired.ts';
import type { PersonRef } from '../domain/person.ts';

/** One person on one target. `person` is the uuid. */
export type Pair = { person: string; target: string };

/** What `resolve` sees before it reads the directory (PROTOCOL rule 1): everything is judged against this number. */
export type Noted = {
  person: PersonRef;
  /** 0: nothing stored yet. */
  newest: number;
  /** The desired of that number. */
  previous?: Desired;
  decisions: readonly Decision[];
  /** Last demand number given to this person. */
  demands: number;
  /** Proofs as they stood before the read: pair target → proved account state, and when its read began. */
  proved: Readonly<Record<string, { account: Actual['account']; readAt: string; desired: number }>>;
  /** Our last account change per target: `disable` on otds tells a departure's own disabling from the directory's. */
  lastAccountOp: Readonly<Record<string, { op: string; at: string; decisionVersion: number }>>;
  /** Latest end of each entitlement once held and since revoked: for conflicts over time windows. */
  heldUntil: Readonly<Record<string, string>>;
};

/** A lease on a pair under one fencing number (PROTOCOL rules 4, 7). */
export type Lease = Pair & { holder: string; fence: number; expiresAt: string };

/** Link between person and account. */
export type Link = { nativeId: string; how: 'created' | 'adopted' | 'id' | 'email' | 'login' | 'match'; by: string };

/** State of a pair read under its lease, in one statement. */
export type PairState = {
  /** Undefined: no desired names this target for this person (yet). */
  desired: Desired | undefined;
  number: number;
  decisions: readonly Decision[];
  decisionVersion: number;
  link: Link | undefined;
  heldUntil: Readonly<Record<string, string>>;
  /** PostgreSQL's now(), before any read of the target that follows. */
  ledgerNow: string;
  /** Latest `mayLandUntil` of open intents of other attempts (and of this attempt's own unknown outcomes); undefined: no doubt. */
  doubtUntil: string | undefined;
};

export type AcquireResult =
  | { ok: true; lease: Lease; state: PairState }
  | { ok: false; holder: string; expiresAt: string };

export type IntendInput = {
  lease: Lease;
  number: number;
  decisionVersion: number;
  change: Change;
  /** What was there before, for evidence. */
  before: string;
  /** Hard limit of the request plus margin, milliseconds: mayLandUntil = now() + this. */
  landsWithinMs: number;
  /** Outcomes of earlier intents of this attempt, settled in the same statement. */
  settle: readonly Settled[];
};
/** `applied`: a definite reply. `refused`: a definite no. `seen`: reply lost, the effect was read back. `unknown` stays open until mayLandUntil. */
export type Settled = { change: number; outcome: 'applied' | 'refused' | 'seen' | 'unknown'; code?: string };

export type IntendResult = { ok: true; change: number } | { ok: false; why: 'leaseLost' | 'movedOn' };

export type ProveInput = {
  lease: Lease;
  number: number;
  decisionVersion: number;
  /** PairState.ledgerNow of the state read before the target was read. */
  readBeganAt: string;
  readLagMs: number;
  actual: Actual;
  /** Nothing differs that we may change: a complete proof. False: something is held, upstream or parked; `open` says what. */
  complete: boolean;
  open: readonly string[];
  /** Next ISO instant at which due changes by time; stored as the pair's due time. */
  dueAt: string | undefined;
  settle: readonly Settled[];
  /** Give the lease back in the same statement. */
  release: boolean;
};

export type ProveResult =
  | { state: 'proved' }
  /** Doubt: nothing closes; come back at `until`, not before (PROTOCOL rule 5). */
  | { state: 'provisional'; until: string }
  /** Not complete: stored as a reading, the pair stays unproved. */
  | { state: 'open' }
  | { state: 'movedOn' }
  /** Lease lost: stored as late, the pair stays unproved. */
  | { state: 'late' };

export type RunRef = { workflowId: string; runId: string; type: string };

export type ClaimResult = { claimed: true } | { claimed: false; by: RunRef };

export type UnprovedPair = Pair & { who: string; since: string; dueAt?: string; provisionalUntil?: string; open: readonly string[]; lastError?: string };

export type TimelineEntry = { at: string; kind: string; target?: string; text: string; run?: string; number?: number };

export type HoldItem = { id: string; who: string; what: string };
export type Hold = { id: string; kind: string; reason: string; at: string; items: readonly HoldItem[]; released: Readonly<Record<string, string>> };

/** New decision, before the ledger numbers and dates it. */
export type NewDecision = Omit<Decision, 'id' | 'version' | 'at'>;

export type ChangeRow = {
  id: number; person: string; who: string; target: string; change: Change; number: number; decisionVersion: number; fence: number;
  before: string; intendedAt: string; mayLandUntil: string; settledAt?: string; outcome?: string; code?: string; provedAt?: string;
};

/**
 * The ledger: desired, decisions, leases, changes, proofs. Each method is one statement or one transaction (named in its docstring in the
 * implementation together with the PROTOCOL rule it keeps). Times are PostgreSQL's.
 */
export interface Ledger {
  /** Rule 1, first half. Creates the person's row where there is none (rename: updates login). */
  note(person: PersonRef): Promise<Noted>;
  /** By `login@partition`: the person last known under it, for people the directory no longer has. */
  personByWho(who: string): Promise<PersonRef | undefined>;
  /**
   * Rule 1, second half: inserts desired number `noted.newest + 1` unless somebody else did, and unless its digest equals the newest one's
   * (then that number stands, `stored: false, number`). Opens obligations for what it drops (rule 8), makes the pairs unproved (rule 3).
   * Refused (`undefined`): note and read again. A decision version newer than noted is also refused.
   */
  storeDesired(noted: Noted, desired: Omit<Desired, 'number'>, run: RunRef | undefined, demands: number): Promise<{ stored: boolean; number: number } | undefined>;
  /** Rules 3, 9, 10: one transaction writes the decision, raises the version, makes the person's pairs unproved, stores due times. */
  decide(person: string, decision: NewDecision): Promise<Decision>;
  decisions(person: string): Promise<readonly Decision[]>;
  /** Refused or ill-formed `decide` calls are evidence too. */
  recordRefusal(person: string | undefined, entry: { by: string; identity?: string; what: string; why: string }): Promise<void>;

  /** Rules 4, 7: takes the lease under a new fence when it is free, expired or this holder's own, and reads the pair's state in the same transaction. */
  acquire(pair: Pair, holder: string, ttlMs: number): Promise<AcquireResult>;
  /** Compares holder and fence; false: lost. */
  renew(lease: Lease, ttlMs: number): Promise<boolean>;
  release(lease: Lease): Promise<void>;
  /** Fresh state under a held lease; undefined: lease lost. */
  reread(lease: Lease): Promise<PairState | undefined>;
  /** Rule 4: one statement; refuses without a live lease of this holder and fence, or when desired or decisions moved on. */
  intend(input: IntendInput): Promise<IntendResult>;
  /** Rules 3, 5, 6, 8: writes the proof (or provisional, open, late reading) and settles what it outlived, in one transaction. */
  prove(input: ProveInput): Promise<ProveResult>;
  /** The attempt ends without a proof: settles what it knows, stores why (code, our sentence; for `pairs --unproved`), gives the lease back. */
  giveUp(lease: Lease, settle: readonly Settled[], failure: { code: string; message: string } | undefined): Promise<void>;
  /** False: that account is linked to another person already; nothing is written. */
  saveLink(pair: Pair, link: Link): Promise<boolean>;
  links(person: string): Promise<Readonly<Record<string, Link>>>;
  /** Lease on an object that people share (DESIGN 2.4), same table, key `object`. */
  acquireShared(object: string, holder: string, ttlMs: number): Promise<Lease | undefined>;

  /** Unproved pairs that are due at `now()` and have no live lease, oldest first (rule 3, rule 5: not before provisionalUntil). */
  unproved(options: { limit: number; onlyActionable: boolean }): Promise<readonly UnprovedPair[]>;

  /** One open run of each type per person. A claim is replaced when `free` (the caller checked that its run is closed). */
  claim(person: string, run: RunRef, replace?: RunRef): Promise<ClaimResult>;
  releaseClaim(person: string, run: RunRef): Promise<void>;
  openRuns(person: string): Promise<readonly RunRef[]>;

  hold(hold: { id: string; kind: string; reason: string; items: readonly HoldItem[] }): Promise<void>;
  /** Items by id, all when empty; records the releaser. Returns the items really released; unknown ids throw. */
  releaseHold(id: string, by: string, reason: string, items: readonly string[]): Promise<readonly HoldItem[]>;
  holds(options: { open: boolean }): Promise<readonly Hold[]>;
  /** Revocations and distinct people touched within the window, for rolling brakes. `total`: people known. */
  revokedWithin(windowMs: number): Promise<{ revokes: number; people: number; total: number }>;

  /** Newest desired digest of everybody, by uuid: what the watch compares with the directory. */
  newestDigests(): Promise<ReadonlyMap<string, { who: string; number: number; digest: string; standing: Desired['standing'] }>>;
  /** Privileged demands of newest desireds that nobody decided and nobody asks (rule 2): uuid → rules. */
  undecided(): Promise<ReadonlyMap<string, readonly string[]>>;

  timeline(person: string): Promise<readonly TimelineEntry[]>;
  addTimeline(person: string, entry: { kind: string; target?: string; text: string; run?: string; number?: number }): Promise<void>;
  changes(options: { person?: string; target?: string; since?: string; limit: number }): Promise<readonly ChangeRow[]>;
  close(): Promise<void>;
}
