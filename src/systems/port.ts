import type { Actual, Change } from '../domain/change.ts';
import type { Person, PersonRef } from '../domain/person.ts';

/** Everything a call to a system gets besides its arguments. */
export type CallContext = {
  /** Cancels the call; combined with the request's own hard time limit. */
  signal: AbortSignal;
};

/** What `describe()` says of a target: constants, no I/O. */
export type TargetDescription = {
  system: string;
  /** Entitlement kinds with one sentence each: what holding it means there. In the order in which they are taken away. */
  kinds: Readonly<Record<string, string>>;
  /** Hard limit of one request, milliseconds; enforced by abort on a monotonic clock. */
  requestLimitMs: number;
  /** How late a read may lag behind a write, milliseconds (PROTOCOL rule 5). */
  readLagMs: number;
  /** Names of the profile attributes that `apply` can write. */
  profile: readonly string[];
  /** What a proof by `read` cannot cover, one sentence each. */
  proofLimits: readonly string[];
  /** True: nothing is created, the first grant makes the account (a partner's list knows rows only). */
  opensWithGrant?: boolean;
};

export type ProbeResult = {
  reachable: boolean;
  credentials: boolean;
  version?: string;
  /** System clock minus ours, milliseconds, where the system tells its time. */
  clockSkewMs?: number;
  /** Named capability → present? */
  capabilities: Readonly<Record<string, boolean>>;
  /** One sentence per thing to mend. */
  problems: readonly string[];
};

/** An account that may be the person's. */
export type Candidate = { nativeId: string; how: 'id' | 'email' | 'login'; label: string };

/** Which account on the target a call is about. */
export type AccountRef = {
  person: Person;
  /** From the link; absent before one exists. */
  nativeId?: string;
};

/** Outcome of one change. */
export type Applied = {
  /** `done`: a definite success. `unknown`: the reply was lost or timed out; read back before anything else. `upstream`: the source owns it. */
  outcome: 'done' | 'unknown' | 'upstream';
  /** For `create`. */
  nativeId?: string;
  /** For `unknown`: coded reason. */
  code?: string;
};

/** Exact keys by which an account may be somebody's, as `find` would: uuid of the directory, e-mail in lower case, `login@partition`. */
export type NaturalKeys = { id?: string; email?: string; login?: string };

/** One account as a bulk read shows it. A list may lag and leaves out warnings: it reports, it never proves. */
export type Listed = {
  nativeId: string;
  /** For people to read: an e-mail, a login. */
  label: string;
  keys: NaturalKeys;
  actual: Actual;
};

export type Page<T> = { items: readonly T[]; next?: string };

/**
 * The one port every target implements. All calls are idempotent by target state: applying a change whose effect is already there succeeds.
 * They throw `SystemError` only; a lost reply on a write is the outcome `unknown`, never an error.
 */
export interface Target {
  describe(): TargetDescription;
  /** Credentials, capabilities, version. Never throws for a system that is down: it says so. */
  probe(call: CallContext): Promise<ProbeResult>;
  /** Accounts that may be this person's, by the target's natural keys, exact matches only. */
  find(person: Person, call: CallContext): Promise<readonly Candidate[]>;
  /**
   * Full read of one person: account, profile, all that is held of the kinds of `describe()`. By id, never from a lagging list.
   * `interest`: entitlement keys and patterns (managed and desired) that matter; what lies outside may be left out.
   */
  read(account: AccountRef, interest: readonly string[], call: CallContext): Promise<Actual>;
  /** Makes one change. `actual` is the read it was planned from. */
  apply(account: AccountRef, change: Change, actual: Actual, call: ApplyContext): Promise<Applied>;
  /**
   * Bulk read for reconciliation: every account, page by page, in as few calls as the system allows; what is the same for everybody is read with
   * the first page (absent `page`) and again where a later page comes without it. Memory does not grow with the number of people beyond the index
   * a system needs. `interest`: as for `read`.
   */
  list(page: string | undefined, interest: readonly string[], call: CallContext): Promise<Page<Listed>>;
}

/** `apply` also gets a lock on objects that people share (an access role is replaced whole): held while `work` runs, under the ledger's lease. */
export type ApplyContext = CallContext & {
  withSharedObject<T>(object: string, work: () => Promise<T>): Promise<T>;
};

/**
 * Who changed in a directory. `watermark` is handed to the next question. `everybody`: nobody can say (no or another server's watermark, a changed
 * group): compare all. Absence is never told here: only a complete scan says it.
 */
export type PeopleChanged = { watermark: string; people: readonly Person[] | 'everybody' };

/** Where people are read: OTDS itself, or the directory above it. */
export interface Directory {
  readonly system: string;
  probe(call: CallContext): Promise<ProbeResult>;
  /** By `login@partition` (or uuid); undefined where the directory has no such person. Effective groups included. */
  person(who: string, call: CallContext): Promise<Person | undefined>;
  /** Everyone, complete scan; throws if it cannot be complete (PROTOCOL: act on absence only after a complete scan). */
  people(call: CallContext): AsyncIterable<readonly Person[]>;
  /** Direct and nested members of a group `name@partition` that are active now. */
  membersOf(group: string, call: CallContext): Promise<readonly PersonRef[]>;
  /** Names of every group, `name@partition`, for policy checks. */
  groups(call: CallContext): Promise<readonly string[]>;
  /** Optional, where the directory stamps its changes: people changed since a watermark (undefined: the first time), some of them perhaps told twice. */
  changes?(since: string | undefined, call: CallContext): Promise<PeopleChanged>;
}

/** What is told to one person. */
export type Message = {
  /** The same key is the same message, told once. */
  key: string;
  /** Whom it is about, by uuid. */
  about: string;
  /** Short, without personal data: it stands on locked screens. */
  title: string;
  text: string;
};

/** What became of a message on one channel. `accepted`: the provider took it, which is not "delivered". `unknown`: it may have. */
export type ChannelOutcome = {
  channel: string;
  state: 'accepted' | 'unknown' | 'rejected' | 'later' | 'no_device' | 'no_address';
  code?: string;
  /** True: by an earlier call of the same key, nothing was sent now. */
  before?: true;
};

/** How people are told something. */
export interface Messenger {
  /** What a joiner is told besides: where to sign in, whom to ask. */
  readonly instructions: string | undefined;
  /**
   * Tells one person over their channels, once per key: call it again at any time, it goes on where it was. Throws a retryable `SystemError` when
   * nobody has accepted the message yet and a later try may help.
   */
  tell(message: Message, recipient: Person, call: CallContext): Promise<readonly ChannelOutcome[]>;
}
