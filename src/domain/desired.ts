import type { Person } from './person.ts';

/** What a failed grant becomes: `undo` withholds what the rule grants, `hold` waits for a person, `continue` goes on without it. */
export type OnFailure = 'undo' | 'hold' | 'continue';

/** Who must approve, as the policy's rule says it. */
export type ApprovalRequirement = {
  /** Group of approvers, `name@partition`. */
  group: string;
  /** Milliseconds from asking to escalation, and again from escalation to "no answer = rejected". */
  withinMs: number;
  /** Milliseconds from asking to the reminder. */
  remindMs: number;
  /** Who is asked after `withinMs`; absent: nobody, no answer is a rejection then. */
  otherwise?: { managerOf: 'approver' | 'person' } | { group: string };
  /** True: the giver must not be the beneficiary's manager chain of the same request, nor the one who asked. */
  distinct: boolean;
  /** Milliseconds an approval stays valid; absent: until the demand ends. */
  validMs?: number;
};

/** One reason why an entitlement is desired: a rule, its digest, and the number of the demand it belongs to (PROTOCOL rule 9). */
export type Grant = {
  rule: string;
  /** Digest of the rule's text: an approval of another digest is void. */
  digest: string;
  /** Grows each time a desired begins to demand this rule that the one before did not (or under another digest). */
  demand: number;
  approval?: ApprovalRequirement;
  onFailure: OnFailure;
};

export type DesiredEntitlement = {
  key: string;
  grants: readonly Grant[];
  /** ISO instant: kept in grace until then although no rule grants it any more; starts at the number that first dropped it. */
  until?: string;
};

/** What one target should hold of one person, as the policy last said. Decisions and time come on top in `due`. */
export type DesiredTarget = {
  /**
   * `active`: present while anything is due. `disabled`: a leaver, or disabled in the directory.
   * `absent`: to be deleted (opt-in). `untouched`: the policy says nothing about this account.
   */
  account: 'active' | 'disabled' | 'absent' | 'untouched';
  /** What becomes of an active person's account when nothing is due on the target; `keep`: present all the same (an account to be re-enabled). */
  whenUnused: 'disable' | 'leave' | 'keep';
  /** Attributes of the account, in the target's own names. Only these are ever written. */
  profile: Readonly<Record<string, string>>;
  entitlements: readonly DesiredEntitlement[];
  /** ISO instant before which nothing is due (a joiner's start date). */
  notBefore?: string;
};

/** A pair of entitlements that one person should not hold together (separation of duties), found by the policy. */
export type DesiredConflict = {
  name: string;
  mode: 'enforce' | 'report';
  /** Entitlement keys or patterns on either side, across targets: patterns, because a thing held earlier is in no desired any more. */
  left: readonly string[];
  right: readonly string[];
  /** Milliseconds: also a conflict when the other side ended less than this ago. 0: only at the same time. */
  windowMs: number;
};

/** One row per person and number; never changed after it is written. */
export type Desired = {
  /** Newest number is the one that counts. 0 is "nothing said yet". */
  number: number;
  /** The person as the directory showed them at this number, `attributes` emptied: what a target needs to find the account. */
  person: Person;
  /** `joiner`: starts in the future. `leaver`: disabled, gone, ended or departed. */
  standing: 'joiner' | 'active' | 'leaver';
  /** Why somebody is a leaver: a sentence. */
  why?: string;
  /** ISO instant of the first number that said "leaver"; retention counts from it. */
  leaverSince?: string;
  targets: Readonly<Record<string, DesiredTarget>>;
  conflicts: readonly DesiredConflict[];
  policyDigest: string;
  /**
   * Digest of what directory and policy say (who, standing, account, grants by rule and rule digest, profile, dates, re-enable), independent of
   * earlier numbers: no demand numbers, no graces. Equal digests mean that there is nothing new to say, so no new number.
   */
  digest: string;
};
