import type {
  IntendInput,
  IntendResult,
  Lease,
  Link,
  Pair,
  PairState,
  ProveInput,
  ProveResult,
  Settled,
} from '../ledger/types.ts';
import type { PersonRef } from '../domain/person.ts';
import { SystemError } from '../systems/errors.ts';
import { EngineError, leaseLost, type Attempt, type EngineDeps } from './engine.ts';

/** Longest wait between two tries for a lease that somebody else holds, milliseconds. */
const BUSY_RETRY_MS = 2_000;
/** How often a shared object's lease is asked for again, milliseconds. */
const SHARED_RETRY_MS = 50;

/** A lease on a pair while it is held: what the engine may do only under it (PROTOCOL rules 4, 6, 7). */
export type HeldLease = {
  readonly state: PairState;
  /** Aborted when the activity is cancelled or the lease is lost. */
  readonly signal: AbortSignal;
  reread(): Promise<PairState | undefined>;
  intend(input: Omit<IntendInput, 'lease'>): Promise<IntendResult>;
  prove(input: Omit<ProveInput, 'lease'>): Promise<ProveResult>;
  saveLink(link: Link): Promise<boolean>;
  withShared<T>(object: string, signal: AbortSignal, work: () => Promise<T>): Promise<T>;
  release(): Promise<void>;
  /** Ends without a proof; tells the ledger what is known. Never throws over the error that is already on its way. */
  giveUp(settle: readonly Settled[], error: unknown): Promise<void>;
  /** Stops renewing. */
  stop(): void;
};

/**
 * Takes the lease under a new fencing number and keeps it alive while the attempt works (renewed at a third of its life).
 * Held by somebody else: throws retryable `LEASE_HELD`, never waits inside the activity.
 */
export async function takeLease(
  deps: EngineDeps,
  pair: Pair,
  who: string,
  attempt: Attempt,
  readLagMs: number,
): Promise<HeldLease> {
  const { ledger, settings } = deps;
  const acquired = await ledger.acquire(pair, attempt.holder, settings.leaseMs, readLagMs);
  if (!acquired.ok) throw leaseHeld(who, pair.target, acquired.expiresAt);
  const lost = new AbortController();
  const stop = keepAlive(deps, pair.target, async () => {
    if (!(await ledger.renew(acquired.lease, settings.leaseMs))) lost.abort(leaseLost(who, pair.target));
  });
  return held(deps, acquired, AbortSignal.any([attempt.signal, lost.signal]), readLagMs, stop);
}

/** Leases of a page of people: who holds one now, and who is worked on by somebody else. `stop` ends the renewal of all. */
export type LeasePage = { held: ReadonlyMap<string, HeldLease>; busy: readonly string[]; stop(): void };

/** As `takeLease` for many people on one target: one statement takes what is free, one renews what is still held. */
export async function takePage(
  deps: EngineDeps,
  target: string,
  people: readonly PersonRef[],
  attempt: Attempt,
  readLagMs: number,
): Promise<LeasePage> {
  const { ledger, settings } = deps;
  const names = new Map(people.map((person) => [person.uuid, person.who]));
  const acquired = await ledger.acquirePage(target, [...names.keys()], attempt.holder, settings.leaseMs, readLagMs);
  const mine = new Map<string, HeldLease>();
  const renewing = new Map<string, { lease: Lease; lost: AbortController }>();
  for (const [person, result] of acquired) {
    if (!result.ok) continue;
    const lost = new AbortController();
    renewing.set(person, { lease: result.lease, lost });
    const signal = AbortSignal.any([attempt.signal, lost.signal]);
    mine.set(
      person,
      held(deps, result, signal, readLagMs, () => void renewing.delete(person)),
    );
  }
  const stop = keepAlive(deps, target, async () => {
    const leases = [...renewing.values()].map(({ lease }) => lease);
    const alive = await ledger.renewPage(leases, settings.leaseMs);
    for (const { person } of leases)
      if (!alive.has(person)) renewing.get(person)?.lost.abort(leaseLost(names.get(person) ?? person, target));
  });
  const busy = [...acquired].flatMap(([person, result]) => (result.ok ? [] : [person]));
  return { held: mine, busy, stop };
}

/** Renews at a third of the lease's life until stopped. */
function keepAlive({ settings, log }: EngineDeps, target: string, renew: () => Promise<void>): () => void {
  const renewal = setInterval(() => {
    // A ledger that is away for a moment does not end the attempt: the next statement that needs the lease decides.
    renew().catch((error: unknown) =>
      log.warn({ code: errorCode(error), target }, 'The lease could not be renewed; trying again'),
    );
  }, settings.leaseMs / 3);
  renewal.unref();
  return () => clearInterval(renewal);
}

function held(
  deps: EngineDeps,
  { lease, state }: { lease: Lease; state: PairState },
  signal: AbortSignal,
  readLagMs: number,
  stop: () => void,
): HeldLease {
  const { ledger } = deps;
  const pair = { person: lease.person, target: lease.target };
  let given = false;
  return {
    state,
    signal,
    reread: () => ledger.reread(lease, readLagMs),
    intend: (input) => ledger.intend({ ...input, lease }),
    prove: async (input) => {
      const result = await ledger.prove({ ...input, lease });
      given = result.state !== 'movedOn';
      return result;
    },
    saveLink: (link) => ledger.saveLink(pair, link),
    withShared: (object, within, work) => shared(deps, object, lease, within, work),
    release: async () => {
      given = true;
      await ledger.release(lease);
    },
    giveUp: async (settle, error) => {
      if (given) return;
      try {
        await ledger.giveUp(lease, settle, failureOf(error));
      } catch (second) {
        deps.log.warn(
          { code: errorCode(second), target: pair.target },
          'The ledger could not be told how the attempt ended; the lease runs out by itself',
        );
      }
    },
    stop,
  };
}

function leaseHeld(who: string, target: string, expiresAt: string): EngineError {
  return new EngineError(
    'LEASE_HELD',
    `Another attempt is changing ${who} at ${target}; this one comes back when it is done.`,
    { retryable: true, retryAt: earlier(expiresAt, BUSY_RETRY_MS) },
  );
}

/** Runs `work` while holding the object's own lease: a replace of a shared object must not lose another person's change (DESIGN 2.4). */
async function shared<T>(
  deps: EngineDeps,
  object: string,
  pair: Lease,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    const lease = await deps.ledger.acquireShared(object, `${pair.holder}#${pair.fence}`, deps.settings.leaseMs);
    if (lease) {
      try {
        return await work();
      } finally {
        await deps.ledger.release(lease);
      }
    }
    await new Promise((resolve) => setTimeout(resolve, SHARED_RETRY_MS));
  }
}

function failureOf(error: unknown): { code: string; message: string } | undefined {
  if (error instanceof EngineError || error instanceof SystemError) return { code: error.code, message: error.message };
  return { code: errorCode(error), message: 'The attempt ended without an answer; see the log of the worker.' };
}

function errorCode(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.name : 'UNKNOWN';
}

function earlier(expiresAt: string, withinMs: number): string {
  const soon = new Date(Date.now() + withinMs).toISOString();
  return expiresAt < soon ? expiresAt : soon;
}
