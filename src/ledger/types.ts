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
  /**
   * Our last account change per target: `disable` on otds tells a departure's own disabling from the directory's. A closing counts as soon as it may
   * have landed, an opening only once it is known.
   */
  lastAccountOp: Readonly<Record<string, { op: string; at: string; decisionVersion: number }>>;
  /** Latest end of each entitlement once held and since revoked: for conflicts over time windows. */
  heldUntil: Readonly<Record<string, string>>;
};

/** A lease on a pair under one fencing number (PROTOCOL rules 4, 7). `object`: a lease on something that people share; person and target are empty then. */
export type Lease = Pair & { holder: string; fence: number; expiresAt: string; object?: string };

/** Link between person and account. */
export type Link = {
  nativeId: string;
  how: 'created' | 'adopted' | 'id' | 'email' | 'login' | 'match';
  by: string;
  /** For `match`: when it was said. */ decidedAt?: string;
};

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
  /**
   * Until when no read can prove anything: latest `mayLandUntil` of open intents of other attempts (and of this attempt's own unknown outcomes)
   * plus the read lag given, where that is not before `ledgerNow`. Undefined: no doubt now (deletion is safe).
   */
  doubtUntil: string | undefined;
  /** Last change on each subject that the target said it made, while by the read lag given a read may not show it yet. */
  landed: readonly Change[];
};

export type AcquireResult =
  { ok: true; lease: Lease; state: PairState } | { ok: false; holder: string; expiresAt: string };

/** Keys by which an account may be somebody's: uuid, e-mail in lower case, `login@partition` in lower case. */
export type NaturalKeys = { id?: string; email?: string; login?: string };
/** `linked`: the one it belongs to; else everybody without an account there who has one of its natural keys. Uuids. */
export type Owners = { linked: boolean; people: readonly string[] };
export type PersonPair = { person: string; who: string; state: PairState };

export type IntendInput = {
  lease: Lease;
  number: number;
  decisionVersion: number;
  change: Change;
  /** What was there before, for evidence. */
  before: string;
  /** Hard limit of the request plus margin, milliseconds: mayLandUntil = PostgreSQL's clock + this. Start the monotonic limit before this call. */
  landsWithinMs: number;
  /** ISO instant at which due changes by time (`Due.changesAt`): from then on refused as moved on. */
  dueUntil?: string;
  /** Outcomes of earlier intents of this attempt, settled in the same statement, also when the intent is refused. */
  settle: readonly Settled[];
  /** Link learned by the change before (an account created), saved in the same statement. */
  link?: Link;
};
/** `applied`: a definite reply. `refused`: a definite no. `seen`: reply lost, the effect was read back. `unknown` stays open until mayLandUntil. */
export type Settled = { change: number; outcome: 'applied' | 'refused' | 'seen' | 'unknown'; code?: string };

/** `ledgerNow`: PostgreSQL's clock at the intent, a later lower bound for the read that follows the change. */
export type IntendResult =
  { ok: true; change: number; ledgerNow: string } | { ok: false; why: 'leaseLost' | 'movedOn' };

export type ProveInput = {
  lease: Lease;
  number: number;
  decisionVersion: number;
  /** `ledgerNow` of the state (or intent) before the target was read. */
  readBeganAt: string;
  readLagMs: number;
  actual: Actual;
  /** Nothing differs that we may change: a complete proof. False: something is held, upstream or parked; `open` says what. */
  complete: boolean;
  open: readonly string[];
  /** The read does not show a change that was made within the read lag: provisional for as long again. */
  unshown?: boolean;
  /** Next ISO instant at which due changes by time; stored as the pair's due time. */
  dueAt: string | undefined;
  settle: readonly Settled[];
  link?: Link;
  /** Give the lease back in the same statement. Not done for `movedOn`: read and plan again under it. */
  release: boolean;
};

export type ProveResult =
  | { state: 'proved' }
  /** Doubt: nothing closes; come back at `until`, not before (PROTOCOL rule 5). */
  | { state: 'provisional'; until: string }
  /** Not complete: stored as a reading, the pair stays unproved. `until`: in doubt besides. */
  | { state: 'open'; until?: string }
  | { state: 'movedOn' }
  /** Lease lost: stored as late, the pair stays unproved. */
  | { state: 'late' };

export type RunRef = { workflowId: string; runId: string; type: string };

/** `decisions`: as they stand once the claim does; who decides later sees the claim. */
export type ClaimResult = { claimed: true; decisions: readonly Decision[] } | { claimed: false; by: RunRef };

export type UnprovedPair = Pair & {
  who: string;
  since: string;
  dueAt?: string;
  provisionalUntil?: string;
  nextTryAt?: string;
  open: readonly string[];
  lastError?: string;
};

/** Last valid proof of a pair. `current`: nothing newer made the pair unproved. */
export type Proved = { actual: Actual; readAt: string; number: number; decisionVersion: number; current: boolean };

/** Rules that nobody decided for their present demand. `asking`: claims of runs that would ask; the caller checks that they are really open. */
export type Undecided = { rules: readonly string[]; asking: readonly RunRef[] };

export type TimelineEntry = { at: string; kind: string; target?: string; text: string; run?: string; number?: number };

/** Before the ledger dates it. */
export type NewTimelineEntry = Omit<TimelineEntry, 'at'>;

export type HoldItem = { id: string; who: string; what: string };
/** `released`: item id → who released it. */
export type Hold = {
  id: string;
  kind: string;
  reason: string;
  at: string;
  items: readonly HoldItem[];
  released: Readonly<Record<string, string>>;
};

/** New decision, before the ledger numbers and dates it. */
export type NewDecision = Omit<Decision, 'id' | 'version' | 'at'>;

export type ChangeRow = {
  /** `settledAt` with `outcome`: as in `Settled`, or `outlived`: nobody reported, and a later valid proof read after `mayLandUntil`. */
  id: number;
  person: string;
  who: string;
  target: string;
  change: Change;
  number: number;
  decisionVersion: number;
  fence: number;
  before: string;
  intendedAt: string;
  mayLandUntil: string;
  settledAt?: string;
  outcome?: string;
  code?: string;
  provedAt?: string;
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
  storeDesired(
    noted: Noted,
    desired: Omit<Desired, 'number'>,
    run: RunRef | undefined,
    demands: number,
  ): Promise<{ stored: boolean; number: number } | undefined>;
  /**
   * Rules 3, 9, 10: one transaction writes the decision, raises the version, makes the person's pairs unproved, stores due times.
   * `key`: the caller's own name for it, so that a repeat (reply lost) returns the decision already written.
   */
  decide(person: string, decision: NewDecision, key?: string): Promise<Decision>;
  decisions(person: string): Promise<readonly Decision[]>;
  /** Refused or ill-formed `decide` calls are evidence too. */
  recordRefusal(
    person: string | undefined,
    entry: { by: string; identity?: string; what: string; why: string },
  ): Promise<void>;

  /** Rules 4, 7: takes the lease under a new fence when it is free, expired or this holder's own, and reads the pair's state in the same transaction. */
  acquire(pair: Pair, holder: string, ttlMs: number, readLagMs?: number): Promise<AcquireResult>;
  /** Compares holder and fence; false: lost, also when it expired and nobody took it. */
  renew(lease: Lease, ttlMs: number): Promise<boolean>;
  release(lease: Lease): Promise<void>;
  /** Fresh state under a held lease; undefined: lease lost. */
  reread(lease: Lease, readLagMs?: number): Promise<PairState | undefined>;
  /** Rule 4: one statement; refuses without a live lease of this holder and fence, or when desired or decisions moved on. */
  intend(input: IntendInput): Promise<IntendResult>;
  /** Rules 3, 5, 6, 8: writes the proof (or provisional, open, late reading) and settles what it outlived, in one transaction. */
  prove(input: ProveInput): Promise<ProveResult>;
  /** The attempt ends without a proof: settles what it knows, stores why (code, our sentence; for `pairs --unproved`), gives the lease back. */
  giveUp(
    lease: Lease,
    settle: readonly Settled[],
    failure: { code: string; message: string } | undefined,
  ): Promise<void>;
  /** False: that account is linked to another person already; nothing is written. But `how: 'match'` moves it, unless a later match gave it there: a person said whose it is. */
  saveLink(pair: Pair, link: Link): Promise<boolean>;
  links(person: string): Promise<Readonly<Record<string, Link>>>;
  /** Lease on an object that people share (DESIGN 2.4), same table, key `object`. */
  acquireShared(object: string, holder: string, ttlMs: number): Promise<Lease | undefined>;

  /** Rule 7 for a page of people on one target, in one statement: each lease is taken or not by itself. By person. */
  acquirePage(
    target: string,
    persons: readonly string[],
    holder: string,
    ttlMs: number,
    readLagMs: number,
  ): Promise<ReadonlyMap<string, AcquireResult>>;
  /** Renews leases of one holder on one target; answers the persons whose lease is still held. */
  renewPage(leases: readonly Lease[], ttlMs: number): Promise<ReadonlySet<string>>;
  /** Whose accounts of a target may be, by native id. */
  owners(
    target: string,
    accounts: readonly ({ nativeId: string } & NaturalKeys)[],
  ): Promise<ReadonlyMap<string, Owners>>;
  /** State of these people's pairs as anybody may see it, without a lease, in the order of uuids. One statement. */
  pairStates(target: string, persons: readonly string[], readLagMs: number): Promise<readonly PersonPair[]>;
  /** Uuids of those whose newest desired names the target, in their order, so many after one. */
  peopleAfter(target: string, after: string, limit: number): Promise<readonly string[]>;
  /** Every entitlement that any newest desired names on the target. */
  desiredKeys(target: string): Promise<readonly string[]>;

  /** Rule 13: last valid proof of each target, to compare actual with. */
  proofs(person: string): Promise<Readonly<Record<string, Proved>>>;
  /** Rule 13: actual is no longer what was proved; the pair becomes unproved and `why` stands in the timeline. */
  disturb(pair: Pair, why: string): Promise<void>;

  /**
   * Unproved pairs, oldest first (rules 3, 10). `onlyActionable`: without those under a live lease, before `provisionalUntil` (rule 5), or put
   * off after an open proof or a failure until `nextTryAt`.
   */
  unproved(options: { limit: number; onlyActionable: boolean }): Promise<readonly UnprovedPair[]>;

  /** One open run of each type per person. A claim is replaced when `free` (the caller checked that its run is closed). */
  claim(person: string, run: RunRef, replace?: RunRef): Promise<ClaimResult>;
  /** Ends the run's claim and writes `entries` into the timeline, in this order, in one statement. */
  releaseClaim(person: string, run: RunRef, entries?: readonly NewTimelineEntry[]): Promise<void>;
  openRuns(person: string): Promise<readonly RunRef[]>;

  hold(hold: { id: string; kind: string; reason: string; items: readonly HoldItem[] }): Promise<void>;
  /** Items by id, all when empty; records the releaser. Returns the items really released; unknown ids throw. */
  releaseHold(id: string, by: string, reason: string, items: readonly string[]): Promise<readonly HoldItem[]>;
  holds(options: { open: boolean }): Promise<readonly Hold[]>;
  /** Revocations and distinct people touched within the window, for rolling brakes. `total`: people known. */
  revokedWithin(windowMs: number): Promise<{ revokes: number; people: number; total: number }>;

  /** Newest desired digest of everybody, by uuid: what the watch compares with the directory. */
  newestDigests(): Promise<
    ReadonlyMap<string, { who: string; number: number; digest: string; standing: Desired['standing'] }>
  >;
  /** Privileged demands of newest desireds that nobody decided (rule 2), by uuid, with the runs that claim to ask. */
  undecided(): Promise<ReadonlyMap<string, Undecided>>;

  timeline(person: string): Promise<readonly TimelineEntry[]>;
  addTimeline(person: string, entry: NewTimelineEntry): Promise<void>;
  /** Newest first. `person` is the uuid. */
  changes(options: { person?: string; target?: string; since?: string; limit: number }): Promise<readonly ChangeRow[]>;
  close(): Promise<void>;
}
