/**
 * Names and shapes of the activities, for workflows: types only, nothing is loaded. Each takes one object and returns one.
 * Personal data in them is `login@partition` and nothing else.
 */
import type { Waiting } from '../domain/change.ts';

export type RunType = 'onboarding' | 'roleChange' | 'offboarding';

export type RunName = { workflowId: string; runId: string; type: string };

/** What a hand-started offboarding records before anything else. */
export type DepartInput = { by?: string; reason?: string; urgent?: boolean; lastDay?: string };

export type ResolveInput = {
  person: string;
  /** Which claim to take; absent: none (watch, what-if). */
  claim?: RunType;
  /** Claim whose run was found closed: take it over. */
  replace?: RunName;
  /** Records a `depart` decision first (once per run). */
  depart?: DepartInput;
};

/** One privileged rule that waits for a decision. */
export type Ask = {
  item: string;
  demand: number;
  digest: string;
  entitlements: string[];
  targets: string[];
  group: string;
  withinMs: number;
  remindMs: number;
  /** True: there is a second rung. */
  escalates: boolean;
};

export type ResolvedTarget = {
  target: string;
  /** `account, Marketing, Editors`: what is due there, for summaries. */
  summary: string;
};

export type Resolved = {
  person: string;
  uuid: string;
  number: number;
  /** Newest decision that this resolve knew of. */
  decisionVersion: number;
  /** `leaver` also while a departure is in force and due. */
  standing: 'joiner' | 'active' | 'leaver';
  why?: string;
  /** True: an urgent departure is in force. */
  urgent: boolean;
  targets: ResolvedTarget[];
  /** ISO: nothing is due before it. */
  startsAt?: string;
  /** ISO: a planned departure that is not yet due. */
  leavesAt?: string;
  /** ISO, sorted: ends of graces still to come. */
  graces: string[];
  /** ISO, sorted: ends of the retention on targets that opted in to deletion, still to come. */
  deletions: string[];
  /** Milliseconds from the last proof of a leaver to the re-check. */
  recheckMs: number;
  /** Other open runs of this person, for superseding: told to an offboarding only. */
  others: RunName[];
  asks: Ask[];
  /** Sentences: rules that could not be evaluated, conflicts found. */
  problems: string[];
  /** Notices go out by `notify`; absent: no system can tell anybody, they stay in ledger and log. `manager`: `login@partition`. */
  notices?: { manager?: string };
};

/** Another run of this type is open for the person: hand the input to it. */
export type ResolveResult = { handOver: RunName } | Resolved;

export type ConvergeActivityInput = { person: string; uuid: string; target: string; mode: 'apply' | 'disableOnly' };

export type ConvergeSummary = {
  target: string;
  number: number;
  /**
   * `proved`: read back and right. `provisional`: an older attempt may still land, proof due at `again`. `open`: something is held, upstream or parked.
   * `nothing`: no desired names this target.
   */
  state: 'proved' | 'provisional' | 'open' | 'nothing';
  account: 'present' | 'disabled' | 'absent' | 'unknown';
  /** ISO, for `provisional`. */
  again?: string;
  applied: string[];
  left: { what: string; why: string }[];
  open: string[];
  waiting: Pick<Waiting, 'entitlement' | 'rule' | 'why'>[];
  warnings: string[];
  /** Nobody can say which account is the person's: a `match` decision must. */
  ambiguous: boolean;
  /** Grants that failed for good: code and what was made of it. */
  failed: { what: string; code: string; then: 'undone' | 'held' | 'skipped' }[];
  /** ISO instant of the proof (PostgreSQL's clock), for `proved`. */
  provedAt?: string;
};

export type AskApproversInput = {
  person: string;
  uuid: string;
  item: string;
  demand: number;
  entitlements: string[];
  rung: 'first' | 'second';
  /** True: the same people again. */
  reminder: boolean;
};
/** Who was asked, as `login@partition`. Empty: nobody can be asked, go to the next rung. */
export type AskApproversResult = { approvers: string[] };

export type DecideInput = {
  decision: 'approve' | 'reject' | 'withdraw' | 'match' | 'exempt';
  by: string;
  reason: string;
  /** approve, reject: the rule, where several wait. withdraw: a rule or conflict instead of the departure. match: `<system>:account/<native id>`. exempt: the conflict. */
  item?: string;
  /** exempt: its end. */
  until?: string;
};

export type RecordDecisionInput = {
  person: string;
  uuid: string;
  decision: DecideInput['decision'];
  by: string;
  reason: string;
  /** approve, reject: the demand it is for. */
  ask?: Pick<Ask, 'item' | 'demand' | 'digest' | 'entitlements'> & { rung: 'first' | 'second' };
  item?: string;
  until?: string;
  /** The handler found it wrong already: record the refusal and answer it. */
  refuse?: { code: string; message: string };
  /** How it came, to find the caller's Temporal identity in the history. */
  via: { updateId: string } | { signal: number } | { rule: string };
};
export type RecordDecisionResult =
  { accepted: true; decision: number; identity?: string } | { accepted: false; code: string; message: string };

/** What a lifecycle run returns: what was done, proved, left alone and why. */
export type RunResult = {
  person: string;
  outcome: 'done' | 'handedOver' | 'superseded' | 'withdrawn' | 'open';
  text: string;
  number: number;
  targets: ConvergeSummary[];
  /** rule → what became of it. */
  decisions: Record<string, string>;
  problems: string[];
  /** What became of each notice; absent where nothing was to tell, or nobody can be told. */
  notices?: NoticeOutcome[];
};

/**
 * `welcome`: what a joiner has now, and instructions. `changed`: what changed and why. `left`: to the manager of a leaver, that all access is closed.
 */
export type NoticeKind = 'welcome' | 'changed' | 'left';

export type NotifyInput = {
  /** Whom it is about. */
  person: string;
  uuid: string;
  /** Desired number that it comes from. */
  number: number;
  kind: NoticeKind;
  /** Recipient, `login@partition`. */
  to: string;
  /** Proved changes, `iconik: grant iconik:team/Marketing`. */
  changes: string[];
};

/** `accepted`: a provider took it, which is not "delivered". `unknown`: it may have. `nobody`: no channel reaches the recipient. */
export type NoticeOutcome = {
  to: string;
  kind: NoticeKind;
  state: 'accepted' | 'unknown' | 'rejected' | 'nobody' | 'failed';
  /** `fcm: accepted`, `email: no_address`, or the code of what went wrong. */
  channels: string[];
};

export type FinishInput = {
  person: string;
  uuid: string;
  type: RunType;
  outcome: string;
  text: string;
  /** One line per thing to tell where no system can: they stay in ledger and log. Recipient `login@partition`. */
  notices: { to: string; text: string }[];
};

export type AbandonInput = { person: string; uuid: string; reason: string };

export type WatchInput = { release?: { hold: string; by: string; reason: string; items: string[] } };
export type ComparePassResult = {
  people: number;
  changed: number;
  started: { person: string; type: RunType; workflowId: string }[];
  alreadyOpen: number;
  hold?: { id: string; people: string[]; limit: number };
  problems: string[];
};
export type SweepResult = { taken: number; proved: number; later: { person: string; target: string; why: string }[] };

export interface OtdsActivities {
  resolvePerson(input: ResolveInput): Promise<ResolveResult>;
  askApprovers(input: AskApproversInput): Promise<AskApproversResult>;
  recordDecision(input: RecordDecisionInput): Promise<RecordDecisionResult>;
  compareDirectory(input: Record<string, never>): Promise<ComparePassResult>;
}

export interface TargetActivities {
  converge(input: ConvergeActivityInput): Promise<ConvergeSummary>;
}

export interface NoticeActivities {
  /** One message to one recipient over their channels, once per key. */
  notify(input: NotifyInput): Promise<NoticeOutcome>;
}

export interface LedgerActivities {
  finishRun(input: FinishInput): Promise<{ ok: true }>;
  /** A cancelled grant run: withholds what is undecided or half done. */
  abandon(input: AbandonInput): Promise<{ withheld: string[]; targets: string[] }>;
  releaseHold(input: {
    hold: string;
    by: string;
    reason: string;
    items: string[];
  }): Promise<{ released: { person: string; what: string }[] }>;
  /** A leaver decides nothing any more: every open run that waits for an approval asks again. */
  rerouteApprovals(input: { person: string }): Promise<{ asked: string[] }>;
  sweep(input: Record<string, never>): Promise<SweepResult>;
}
