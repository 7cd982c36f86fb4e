import type { Managed } from '../domain/change.ts';
import type { ConvergeSummary } from '../activities/types.ts';
import type { Mode } from '../config/types.ts';
import type { Person } from '../domain/person.ts';
import type { Ledger } from '../ledger/types.ts';
import type { Brake } from '../domain/brakes.ts';
import type { Wanted } from '../domain/resolveDesired.ts';
import type { Directory, Target } from '../systems/port.ts';
import type { Logger } from '../log.ts';

/**
 * Named places where a test may stop or kill an attempt. Production passes no hooks.
 * `resolve.noted` → `resolve.read` → (stored) → `converge.leased` → `converge.read` → `converge.intent` (before it is written) →
 * `converge.intended` (written, call not made) → `converge.applied` (call answered) → `converge.proof` (before it is written) → `converge.proved`.
 */
export type PausePoint =
  | 'resolve.noted'
  | 'resolve.read'
  | 'converge.leased'
  | 'converge.read'
  | 'converge.intent'
  | 'converge.intended'
  | 'converge.applied'
  | 'converge.proof'
  | 'converge.proved';

export type Hooks = {
  at(point: PausePoint, where: { person: string; target?: string; change?: string }): Promise<void>;
};

/** One target as the engine sees it. */
export type ManagedTarget = { target: Target; mode: Mode; deleteAfterDays?: number };

/** The last good policy, ready to use. */
export type PolicyInForce = {
  managed: Managed;
  brakes: readonly Brake[];
  /** All writes stop but urgent revocations. */
  freeze?: { since: string; by: string; reason: string };
  /** What the policy says of a person; `problems` are sentences for people (a rule that could not be evaluated grants nothing). */
  evaluate(person: Person): { wanted: Wanted; problems: readonly string[] };
};

export type EngineSettings = {
  leaseMs: number;
  landingMarginMs: number;
  /** From a leaver's last proof to the re-check, milliseconds. */
  recheckMs: number;
  /** A pass that would start more leavers than this holds them. */
  leaversPerPass: number;
  /** An unproved pair younger than this is left to its own run, milliseconds. */
  sweepAfterMs: number;
};

export type EngineDeps = {
  ledger: Ledger;
  directory: Directory;
  targets: Readonly<Record<string, ManagedTarget>>;
  /** The last good policy; read anew at each use. */
  policy: () => PolicyInForce;
  /** Attributes of a person's account per system, as the configuration maps them. */
  profiles: (person: Person) => Readonly<Record<string, Readonly<Record<string, string>>>>;
  settings: EngineSettings;
  log: Logger;
  hooks?: Hooks;
};

/** What an activity hands to the engine besides its input. */
export type Attempt = {
  /** Unique per attempt: holder of the lease. */
  holder: string;
  /** Business time: the attempt's scheduled time, ISO. */
  now: string;
  signal: AbortSignal;
  /** Called after each proved or applied change; may carry details. */
  heartbeat: (detail: string) => void;
};

export type { ConvergeSummary };

/** The product's own errors: code, plain sentence, whether trying again can help. */
export class EngineError extends Error {
  readonly code: string;
  readonly retryable: boolean;
  readonly retryAt: string | undefined;

  constructor(code: string, message: string, options: { retryable: boolean; retryAt?: string | undefined }) {
    super(message);
    this.name = 'EngineError';
    this.code = code;
    this.retryable = options.retryable;
    this.retryAt = options.retryAt;
  }
}

/** The lease went to somebody else, or ran out: start again from the lease (PROTOCOL rule 4). */
export function leaseLost(who: string, target: string): EngineError {
  return new EngineError(
    'LEASE_LOST',
    `The lease on ${who} at ${target} was lost while working; the attempt starts again.`,
    {
      retryable: true,
    },
  );
}
