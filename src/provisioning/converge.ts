import { describeChange, isRevocation, type Actual, type Change, type Due } from '../domain/change.ts';
import type { Person, PersonRef } from '../domain/person.ts';
import type { Link, PairState, Settled } from '../ledger/types.ts';
import { SystemError } from '../systems/errors.ts';
import type { AccountRef, CallContext } from '../systems/port.ts';
import { allowed } from './brakes.ts';
import { dueOf } from './dueOf.ts';
import {
  EngineError,
  leaseLost,
  type Attempt,
  type ConvergeSummary,
  type EngineDeps,
  type ManagedTarget,
} from './engine.ts';
import { grantFailed, heldBack } from './failures.ts';
import { Landed } from './landed.ts';
import { takeLease, type HeldLease } from './lease.ts';
import { linkAccount } from './links.ts';
import { planFor } from './planFor.ts';
import { emptySummary } from './summary.ts';

export type ConvergeInput = { person: PersonRef; target: string; mode: 'apply' | 'disableOnly' };

/** A pair that still differs after this many reads is moved by somebody else; the attempt gives the lease back and tries again later. */
const MAX_PASSES = 12;

/**
 * Brings one person on one target to what is due: lease, newest desired, full read, plan, then intend and apply each change, read all back, prove.
 * Promises PROTOCOL rules 4 to 8 together with the ledger. Safe to call at any time, any number of times, by anybody.
 * Throws `EngineError` or `SystemError`; a revocation that the target refuses is thrown as retryable, for ever.
 */
export async function converge(deps: EngineDeps, input: ConvergeInput, attempt: Attempt): Promise<ConvergeSummary> {
  const managed = managedTarget(deps, input.target);
  const pair = { person: input.person.uuid, target: input.target };
  const held = await takeLease(deps, pair, input.person.who, attempt, managed.target.describe().readLagMs);
  return await convergeHeld(deps, input, attempt, held);
}

/** The target of that name. @throws {EngineError} for one that is not configured. */
export function managedTarget(deps: EngineDeps, name: string): ManagedTarget {
  const managed = deps.targets[name];
  if (!managed) throw new EngineError('UNKNOWN_TARGET', `No system named ${name} is configured.`, { retryable: false });
  return managed;
}

/** The same under a lease that the caller took; it is given back in any case. */
export async function convergeHeld(
  deps: EngineDeps,
  input: ConvergeInput,
  attempt: Attempt,
  held: HeldLease,
): Promise<ConvergeSummary> {
  const pass = new Convergence(deps, managedTarget(deps, input.target), input, attempt, held);
  try {
    return await pass.run();
  } catch (error) {
    await held.giveUp(pass.unsettled(), error);
    throw error;
  } finally {
    held.stop();
  }
}

/** One attempt on one pair: the state that lives from taking the lease to giving it back. */
class Convergence {
  private readonly deps: EngineDeps;
  private readonly managed: ManagedTarget;
  private readonly input: ConvergeInput;
  private readonly attempt: Attempt;
  private readonly held: HeldLease;
  private readonly summary: ConvergeSummary;
  /** Outcomes the ledger has not been told yet. */
  private settled: Settled[] = [];
  /** Changes whose reply was lost: their effect is looked for in the next read. */
  private unknown: { change: number; what: string; code: string | undefined }[] = [];
  /** After a round without a surprise: the same state with a later lower bound for the next read, so that the ledger need not be asked again. */
  private next: PairState | undefined;
  private readonly lostOnce = new Set<string>();
  private readonly landed: Landed;
  /** The account that this attempt created. */
  private link: Link | undefined;
  private unsavedLink = false;
  /** Changes given up in this attempt, with the reason that stays open. */
  private readonly skipped = new Map<string, string>();
  /** A revocation that the target refuses: told when everything else is done. */
  private stuck: Error | undefined;

  constructor(deps: EngineDeps, managed: ManagedTarget, input: ConvergeInput, attempt: Attempt, held: HeldLease) {
    this.deps = deps;
    this.managed = managed;
    this.input = input;
    this.attempt = attempt;
    this.held = held;
    this.summary = emptySummary(input.target);
    this.landed = new Landed(managed.target.describe().readLagMs);
  }

  async run(): Promise<ConvergeSummary> {
    await this.pause('converge.leased');
    let state: PairState | undefined = this.held.state;
    for (let pass = 0; pass < MAX_PASSES; pass++) {
      this.attempt.signal.throwIfAborted();
      if (!state) throw leaseLost(this.input.person.who, this.input.target);
      if (!state.desired) return await this.nothing();
      this.next = undefined;
      const done = await this.once(state, state.desired.person);
      if (done) return done;
      state = this.next ?? (await this.held.reread());
    }
    throw new EngineError(
      'NOT_CONVERGING',
      `${this.input.target} still differs for ${this.input.person.who} after ${MAX_PASSES} reads: somebody else is changing it. It is tried again later.`,
      {
        retryable: true,
      },
    );
  }

  /** Outcomes to hand to the ledger when the attempt ends early. */
  unsettled(): readonly Settled[] {
    return [
      ...this.settled,
      ...this.unknown.map((u) => ({ change: u.change, outcome: 'unknown' as const, ...(u.code && { code: u.code }) })),
    ];
  }

  private async nothing(): Promise<ConvergeSummary> {
    await this.held.release();
    return { ...this.summary, state: 'nothing' };
  }

  /** One read, plan and round of changes. Undefined: read again. */
  private async once(from: PairState, person: Person): Promise<ConvergeSummary | undefined> {
    let state: PairState | undefined = from;
    const due = dueOf(state, this.input.target, this.attempt.now);
    const open: string[] = [];
    const link = await linkAccount(this.deps, this.held, this.managed, person, state, due, this.call());
    if (link.ambiguous) open.push(link.ambiguous);
    this.summary.ambiguous = link.ambiguous !== undefined;
    const account: AccountRef = { person, ...(link.nativeId && { nativeId: link.nativeId }) };
    const actual = await this.read(account, due);
    const policy = this.deps.policy();
    const planned = planFor(this.managed.target.describe(), due, actual, policy.managed, {
      mode: this.input.mode,
      person: person.who,
    });
    this.settleSeen(planned.changes);
    const { changes, unshown } = this.landed.sift(planned.changes, state.landed);
    const held = await heldBack(this.deps, person.who, this.input.target, state, due, changes);
    for (const [what, why] of held) if (!this.skipped.has(what)) this.skipped.set(what, why);
    const now = await allowed(
      this.deps,
      this.managed.mode,
      person.who,
      this.input.target,
      state,
      due,
      changes.filter((c) => !this.skipped.has(describeChange(c))),
      !!link.ambiguous,
    );
    open.push(...now.open, ...this.skipped.values());
    this.report(state, due, actual, [...planned.left, ...now.left], open);
    if (now.changes.length === 0 && this.stuck) throw this.stuck;
    if (now.changes.length === 0) return await this.prove(state, due, actual, open, changes.length === 0, unshown);
    for (const change of now.changes) {
      state = await this.make(change, account, actual, state, due);
      if (!state) return undefined;
    }
    if (this.unknown.length === 0) this.next = state;
    return undefined;
  }

  private async read(account: AccountRef, due: Due): Promise<Actual> {
    const actual = account.nativeId
      ? await this.managed.target.read(
          account,
          [...this.deps.policy().managed.managed, ...due.entitlements],
          this.call(),
        )
      : { account: 'absent' as const, profile: {}, held: [], warnings: [] };
    await this.pause('converge.read');
    return actual;
  }

  /** A lost reply whose effect stands in the new read was a success; the others stay in doubt until `mayLandUntil`. */
  private settleSeen(stillPlanned: readonly Change[]): void {
    const missing = new Set(stillPlanned.map(describeChange));
    for (const lost of this.unknown) {
      this.settled.push({
        change: lost.change,
        outcome: missing.has(lost.what) ? 'unknown' : 'seen',
        ...(lost.code && { code: lost.code }),
      });
      if (!missing.has(lost.what)) this.done(lost.what);
      else this.lostAgain(lost.what, lost.code);
    }
    this.unknown = [];
  }

  /** One lost call is repeated at once; a second one means that the target is not well: the attempt ends and comes back at the run's pace. */
  private lostAgain(what: string, code: string | undefined): void {
    if (this.lostOnce.has(what)) {
      throw new EngineError(
        'OUTCOME_UNKNOWN',
        `${this.input.target} does not answer whether it did "${what}" for ${this.input.person.who} (${code ?? 'no reply'}), and it is not there. It is tried again later.`,
        { retryable: true },
      );
    }
    this.lostOnce.add(what);
  }

  /** Intends and applies one change. Undefined: desired or decisions moved on, or the rest of the plan no longer stands: plan again. */
  private async make(
    change: Change,
    account: AccountRef,
    actual: Actual,
    state: PairState,
    due: Due,
  ): Promise<PairState | undefined> {
    const what = describeChange(change);
    await this.pause('converge.intent', what);
    const limitMs = this.managed.target.describe().requestLimitMs;
    // Before the intent is written: the effect must not land later than the intent says.
    const limit = AbortSignal.timeout(limitMs);
    const intent = await this.held.intend({
      number: state.number,
      decisionVersion: state.decisionVersion,
      change,
      before: JSON.stringify({ account: actual.account, held: actual.held.map((h) => h.key) }),
      landsWithinMs: limitMs + this.deps.settings.landingMarginMs,
      ...(due.changesAt && { dueUntil: due.changesAt }),
      ...this.news(),
    });
    if (!intent.ok) {
      if (intent.why === 'leaseLost') throw leaseLost(this.input.person.who, this.input.target);
      return undefined;
    }
    await this.pause('converge.intended', what);
    let planStands: boolean;
    try {
      planStands = await this.apply(change, intent.change, account, actual, limit);
    } catch (error) {
      planStands = await this.refused(change, intent.change, error, state, due);
    }
    await this.pause('converge.applied', what);
    this.attempt.heartbeat(what);
    return planStands ? { ...state, ledgerNow: intent.ledgerNow, ...(this.link && { link: this.link }) } : undefined;
  }

  /** What the ledger has not been told yet, to travel with the next statement. */
  private news(): { settle: readonly Settled[]; link?: Link } {
    const news = { settle: this.settled, ...(this.unsavedLink && this.link && { link: this.link }) };
    this.settled = [];
    this.unsavedLink = false;
    return news;
  }

  /** False: nothing that follows can be done before another read. */
  private async apply(
    change: Change,
    id: number,
    account: AccountRef,
    actual: Actual,
    limit: AbortSignal,
  ): Promise<boolean> {
    const what = describeChange(change);
    const signal = AbortSignal.any([this.held.signal, limit]);
    const withSharedObject = <T>(object: string, work: () => Promise<T>): Promise<T> =>
      this.held.withShared(object, signal, work);
    const applied = await this.managed.target.apply(account, change, actual, { signal, withSharedObject });
    if (applied.outcome === 'unknown') {
      this.unknown.push({ change: id, what, code: applied.code });
      return 'entitlement' in change;
    }
    const upstream = applied.outcome === 'upstream';
    if (upstream)
      this.skipped.set(what, `${what}: owned upstream; reported to the owner, watched until the import shows it`);
    else {
      this.done(what);
      this.landed.note(change);
    }
    this.settled.push({
      change: id,
      outcome: upstream ? 'refused' : 'applied',
      ...(upstream && { code: 'OWNED_UPSTREAM' }),
    });
    if (applied.nativeId !== undefined && applied.nativeId !== account.nativeId) {
      account.nativeId = applied.nativeId;
      this.link = { nativeId: applied.nativeId, how: 'created', by: 'tenure' };
      this.unsavedLink = true;
    }
    return true;
  }

  /**
   * A definite no. Retryable: the attempt ends and Temporal tries again. For good: what the rule's `onFailure` says, or escalation for a revocation.
   * False: the rest of the plan no longer stands (the rule is withheld, or nothing can follow a refused account).
   */
  private async refused(change: Change, id: number, error: unknown, state: PairState, due: Due): Promise<boolean> {
    const what = describeChange(change);
    if (!(error instanceof SystemError)) {
      this.unknown.push({ change: id, what, code: 'ABORTED' });
      throw error;
    }
    this.settled.push({ change: id, outcome: 'refused', code: error.code });
    if (isRevocation(change) && aboutThisChange(error)) {
      // What cannot be taken away now must not keep the rest.
      this.stuck ??= error.retryable ? error : this.revocationRefused(what, error);
      this.skipped.set(what, `${what}: ${error.code}`);
      return true;
    }
    if (error.retryable) throw error;
    const outcome = await grantFailed(this.deps, this.input.person, this.input.target, change, error, state, due);
    if (outcome.then !== 'undone') this.skipped.set(what, outcome.text);
    this.summary.failed.push({ what, code: error.code, then: outcome.then });
    return outcome.then !== 'undone' && 'entitlement' in change;
  }

  private revocationRefused(what: string, error: SystemError): EngineError {
    return new EngineError(
      'REVOCATION_REFUSED',
      `${this.input.target} refuses to ${what} of ${this.input.person.who} (${error.code}): ${error.message} Tenure goes on trying; somebody must look.`,
      { retryable: true },
    );
  }

  private async prove(
    state: PairState,
    due: Due,
    actual: Actual,
    open: readonly string[],
    nothingDiffers: boolean,
    unshown: boolean,
  ): Promise<ConvergeSummary | undefined> {
    await this.pause('converge.proof');
    const complete = nothingDiffers && open.length === 0 && this.input.mode === 'apply';
    const result = await this.held.prove({
      number: state.number,
      decisionVersion: state.decisionVersion,
      readBeganAt: state.ledgerNow,
      readLagMs: this.managed.target.describe().readLagMs,
      actual,
      complete,
      open: [...open],
      unshown,
      dueAt: due.changesAt,
      ...this.news(),
      release: true,
    });
    if (result.state === 'movedOn') return undefined;
    if (result.state === 'late') throw leaseLost(this.input.person.who, this.input.target);
    await this.pause('converge.proved');
    return {
      ...this.summary,
      state: result.state,
      ...(result.state === 'provisional' && { again: result.until }),
      ...(result.state === 'proved' && { provedAt: state.ledgerNow }),
    };
  }

  private report(
    state: PairState,
    due: Due,
    actual: Actual,
    left: readonly { what: string; why: string }[],
    open: readonly string[],
  ): void {
    Object.assign(this.summary, {
      number: state.number,
      account: actual.account,
      // What comes through a team is no difference; it goes with the team.
      left: left.filter((l) => l.why !== 'keptOpen' && l.why !== 'inherited').map(({ what, why }) => ({ what, why })),
      open: [...open],
      waiting: due.waiting.map(({ entitlement, rule, why }) => ({ entitlement, rule, why })),
      warnings: [...actual.warnings],
    });
  }

  private done(what: string): void {
    if (!this.summary.applied.includes(what)) this.summary.applied.push(what);
  }

  private call(): CallContext {
    return { signal: this.held.signal };
  }

  private async pause(point: Parameters<NonNullable<EngineDeps['hooks']>['at']>[0], change?: string): Promise<void> {
    await this.deps.hooks?.at(point, {
      person: this.input.person.who,
      target: this.input.target,
      ...(change && { change }),
    });
  }
}

/** A no to this one change, not to our credentials or our pace. */
function aboutThisChange(error: SystemError): boolean {
  return !error.retryable || (error.status !== undefined && ![401, 429].includes(error.status) && error.status < 500);
}
