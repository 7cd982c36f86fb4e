import type { FaultEffect } from '../../sandbox/common/types.ts';
import type { Due } from '../../src/domain/change.ts';
import type { Person } from '../../src/domain/person.ts';
import type { Target } from '../../src/systems/port.ts';

/** What the system itself says of a person, past all code of ours. */
export type Seen = {
  account: 'present' | 'disabled' | 'absent';
  /** Entitlement keys held directly, of those that `joined` grants. Sorted. */
  held: readonly string[];
};

/** A fault of the wire. `on`: the next requests of that kind. Absent `times`: until cleared. */
export type Fault = { on: 'read' | 'write'; skip?: number; times?: number; fault: FaultEffect };

export type MakeOptions = {
  /** Hard limit of one request, milliseconds. */
  requestMs?: number;
  /** Every reply carries fields that nobody knows yet. */
  unknownFields?: boolean;
  /** With credentials that the system refuses. */
  wrongSecret?: boolean;
};

/** What the suite must know of a target before anything is opened. */
export type Traits = {
  name: string;
  /** Fault kinds that its wire knows; `html` says that it is HTTP. */
  faults: readonly FaultEffect['kind'][];
  /** Its credentials end and can be renewed. */
  expires?: boolean;
};

export const HTTP_FAULTS: Traits['faults'] = ['status', 'hang', 'reset', 'lostReply', 'html', 'truncate', 'stale'];

/**
 * One target with the system (or its stand-in) behind it, as the suite needs it. Everything about people goes through the port; what came of it is
 * read from the system itself.
 */
export type ConformanceBench = {
  /** Seed state, no faults. */
  reset: () => Promise<void>;
  /** A target with no memory of earlier calls. The bench closes what it made. */
  make: (options?: MakeOptions) => Promise<Target>;
  /**
   * Somebody who works here and has nothing on the target yet (where people have accounts without us, as in OTDS: the account and nothing else).
   * `names`: given name and family name.
   */
  newcomer: (names?: { given: string; family: string }) => Promise<Person>;
  /** What the engine would find due for them: account, profile and at least two entitlements of different kinds where there are two. */
  joined: (person: Person) => Due;
  /** The same for a leaver: account disabled (or what stands for it), nothing held. */
  left: (person: Person) => Due;
  /** Patterns that the policy manages here. */
  managed: readonly string[];
  seen: (person: Person) => Promise<Seen>;
  /** What `seen` must say of a leaver. */
  goneAccount: Seen['account'];
  /** Effects since the last call: creations, deletions and changes. `needless`: writes that changed nothing, a repeat. */
  effects: () => Promise<{ made: number; needless: number }>;
  plan: (fault: Fault) => Promise<void>;
  clear: () => Promise<void>;
  /** Another administrator gives or takes the last entitlement of `joined`; giving again or taking what is gone is no error. */
  byHand: (person: Person, entitlement: string, present: boolean) => Promise<void>;
  /** With `expires`: ends the credentials in use, so that a new log-in works (a ticket, a token). */
  expire?: () => Promise<void>;
  /** Never to be shown in an error or a log. */
  secrets: readonly string[];
  logged: () => string;
  close: () => Promise<void>;
};
