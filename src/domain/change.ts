/** What is due on one target now: desired, decisions and time brought together. */
export type Due = {
  account: 'present' | 'disabled' | 'absent' | 'untouched';
  /** True: an urgent departure is in force. */
  urgent: boolean;
  profile: Readonly<Record<string, string>>;
  /** Entitlement keys, sorted, without repeats. */
  entitlements: readonly string[];
  /** Desired but not due, and why. */
  waiting: readonly Waiting[];
  /** Earliest ISO instant at which time alone changes this answer; written to the pair as its due time. */
  changesAt?: string;
};

export type Waiting = {
  entitlement: string;
  rule: string;
  demand: number;
  why: 'approval' | 'rejected' | 'withheld' | 'conflict' | 'notYet';
};

/** One thing that a person really holds on a target. */
export type Held = {
  key: string;
  /** `direct` can be taken away from this person alone; the others are reported, never revoked. */
  how: 'direct' | 'inherited' | 'group';
  /** True: only ever closed for a leaver (own shares), left alone otherwise. */
  closesOnLeave?: boolean;
};

/** What a target says about one person, by a full read. */
export type Actual = {
  account: 'present' | 'disabled' | 'absent';
  /** True: disabled in the harder way where a target has two (iconik BLOCKED). */
  blocked?: boolean;
  /** Native id of the account, where it exists. */
  nativeId?: string;
  profile: Readonly<Record<string, string>>;
  held: readonly Held[];
  /** Things a person must be told that no change can mend ("2 application tokens act as this user"), one sentence each. */
  warnings: readonly string[];
  /** Every place that was looked at, where a target can tell: a proof of a leaver shows what it covers. */
  checked?: readonly string[];
};

export type AccountOp = 'create' | 'enable' | 'disable' | 'update' | 'delete';

export type Change =
  | {
      op: AccountOp;
      /** For create, enable and update: attributes to write. */ profile: Readonly<Record<string, string>>;
      urgent?: boolean;
    }
  | { op: 'grant' | 'revoke'; entitlement: string };

/** True where the change takes access away. */
export function isRevocation(change: Change): boolean {
  return change.op === 'revoke' || change.op === 'disable' || change.op === 'delete';
}

/** Short form for summaries and evidence: `grant iconik:team/Marketing`, `disable account`. */
export function describeChange(change: Change): string {
  return 'entitlement' in change ? `${change.op} ${change.entitlement}` : `${change.op} account`;
}

/** Something that differs and is left alone, with the reason. */
export type LeftAlone = {
  what: string;
  why:
    | 'unmanaged'
    | 'protected'
    | 'inherited'
    | 'observe'
    | 'adopt'
    | 'frozen'
    | 'held'
    | 'ownedUpstream'
    | 'ambiguous'
    | 'keptOpen';
  detail?: string;
};

export type Plan = { changes: readonly Change[]; left: readonly LeftAlone[] };

/** Which access the policy may touch at all. Patterns use the entitlement grammar with `*` and `**`. */
export type Managed = { managed: readonly string[]; protected: readonly string[] };
