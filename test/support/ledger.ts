/** What the tests of the ledger's rules share: two ledgers on one database, people, desireds, readings. Time is moved, never waited for. */
import { createHash, randomUUID } from 'node:crypto';
import pg from 'pg';
import type { Actual, Change } from '../../src/domain/change.ts';
import type { Desired, DesiredTarget, Grant } from '../../src/domain/desired.ts';
import type { PersonRef } from '../../src/domain/person.ts';
import { createLedger, type PostgresLedger } from '../../src/ledger/index.ts';
import type { IntendInput, Lease, Ledger, Pair, PairState, ProveInput } from '../../src/ledger/types.ts';
import { freshDatabase } from './server.ts';

export type Bench = {
  /** Two processes' view of one database. */
  a: PostgresLedger;
  b: PostgresLedger;
  /** Straight to PostgreSQL. */
  sql: <Row extends object>(text: string, values?: readonly unknown[]) => Promise<Row[]>;
  /**
   * Directed interleaving: runs the statement `first` and keeps its transaction open until `second` waits for it (or is done); then commits and
   * returns what became of `second`.
   */
  overlap: <T>(first: { text: string; values: readonly unknown[] }, second: () => Promise<T>) => Promise<T>;
  url: string;
  close: () => Promise<void>;
};

export async function openBench(): Promise<Bench> {
  const database = await freshDatabase();
  const a = createLedger({ url: database.url });
  const b = createLedger({ url: database.url });
  const pool = new pg.Pool({ connectionString: database.url, max: 2 });
  pool.on('error', () => undefined);
  return {
    a,
    b,
    url: database.url,
    overlap: (first, second) => overlap(pool, first, second),
    sql: async <Row extends object>(text: string, values: readonly unknown[] = []) =>
      (await pool.query<Row>(text, [...values])).rows,
    close: async () => {
      await Promise.all([a.close(), b.close(), pool.end()]);
      await database.drop();
    },
  };
}

async function overlap<T>(
  pool: pg.Pool,
  first: { text: string; values: readonly unknown[] },
  second: () => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query(first.text, [...first.values]);
    let done = false;
    const result = second().finally(() => (done = true));
    const waits = `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    while (!done && (await pool.query(waits)).rowCount === 0);
    await client.query('commit');
    return await result;
  } finally {
    client.release();
  }
}

export function somebody(login = 'ada.byrne', partition = 'staff'): PersonRef {
  return { uuid: randomUUID(), login, partition, who: `${login}@${partition}` };
}

export const T = 'iconik';
export const X = 'iconik:team/Marketing';
export const Y = 'iconik:roles/editor';

/** A grant of rule `marketing`; with `approval` it is privileged. */
export function grant(over: Partial<Grant> = {}): Grant {
  return { rule: 'marketing', digest: 'r1', demand: 1, onFailure: 'undo', ...over };
}

export const APPROVAL = { group: 'Security Approvers@staff', withinMs: 1000, remindMs: 500, distinct: true };

export function target(keys: readonly string[], over: Partial<DesiredTarget> = {}): DesiredTarget {
  const entitlements = keys.map((key) => ({ key, grants: [grant()] }));
  return { account: 'active', whenUnused: 'disable', profile: {}, entitlements, ...over };
}

/** A desired that names `targets`; its digest is that of its content. */
export function desired(
  person: PersonRef,
  targets: Readonly<Record<string, DesiredTarget>>,
  standing: Desired['standing'] = 'active',
): Omit<Desired, 'number'> {
  const body = { standing, targets, conflicts: [], policyDigest: 'p1' };
  const digest = createHash('sha256').update(JSON.stringify(body)).digest('hex');
  const whole = {
    ...person,
    state: 'active',
    type: 'employee',
    groups: [],
    fields: {},
    attributes: {},
    ownedUpstream: false,
  } as const;
  return { ...body, digest, person: whole };
}

/** Notes and stores at once, as a resolve that nobody disturbs. */
export async function store(
  ledger: Ledger,
  person: PersonRef,
  wanted: Omit<Desired, 'number'>,
  demands = 0,
): Promise<number> {
  const stored = await ledger.storeDesired(await ledger.note(person), wanted, undefined, demands);
  if (!stored) throw new Error('The desired was refused.');
  return stored.number;
}

export type Held = { lease: Lease; state: PairState };

export async function take(ledger: Ledger, pair: Pair, holder: string, ttlMs = 60_000): Promise<Held> {
  const taken = await ledger.acquire(pair, holder, ttlMs);
  if (!taken.ok) throw new Error(`The lease is ${taken.holder}'s.`);
  return taken;
}

export const grantX: Change = { op: 'grant', entitlement: X };
export const revokeX: Change = { op: 'revoke', entitlement: X };

export function intent({ lease, state }: Held, change: Change, over: Partial<IntendInput> = {}): IntendInput {
  const { number, decisionVersion } = state;
  return { lease, number, decisionVersion, change, before: '', landsWithinMs: 60_000, settle: [], ...over };
}

/** Intends, or fails the test. */
export async function intended(
  ledger: Ledger,
  held: Held,
  change: Change,
  over: Partial<IntendInput> = {},
): Promise<number> {
  const result = await ledger.intend(intent(held, change, over));
  if (!result.ok) throw new Error(`The intent was refused: ${result.why}.`);
  return result.change;
}

export function actual(keys: readonly string[], account: Actual['account'] = 'present'): Actual {
  return { account, profile: {}, held: keys.map((key) => ({ key, how: 'direct' })), warnings: [] };
}

/** A complete proof whose read began at the state's own time; gives the lease back. */
export function proof({ lease, state }: Held, seen: Actual, over: Partial<ProveInput> = {}): ProveInput {
  const { number, decisionVersion, ledgerNow } = state;
  const complete = { readBeganAt: ledgerNow, readLagMs: 0, actual: seen, complete: true, open: [], dueAt: undefined };
  return { lease, number, decisionVersion, ...complete, settle: [], release: true, ...over };
}

/** Converges nothing: takes the lease, proves what `seen` says. */
export async function prove(ledger: Ledger, pair: Pair, seen: Actual): Promise<void> {
  const result = await ledger.prove(proof(await take(ledger, pair, 'prover'), seen));
  if (result.state !== 'proved') throw new Error(`Not proved: ${result.state}.`);
}

export async function isUnproved(ledger: Ledger, pair: Pair): Promise<boolean> {
  return (await ledger.unproved({ limit: 1000, onlyActionable: false })).some(
    (p) => p.person === pair.person && p.target === pair.target,
  );
}

/** The lease's time runs out now, as if its holder had been too slow. */
export async function expire(bench: Bench, pair: Pair): Promise<void> {
  await bench.sql(`update tenure.lease set expires_at = now() - interval '1 second' where key = $1`, [
    `pair:${pair.person}/${pair.target}`,
  ]);
}

/** An instant `ms` after another, keeping microseconds out of it. */
export const later = (iso: string, ms: number): string => new Date(Date.parse(iso) + ms).toISOString();
