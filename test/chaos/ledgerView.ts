/** What the driver asks the ledger, with statements of its own; the oracle asks nothing of it. Survives restarts of the ledger. */
import pg from 'pg';
import { until } from '../support/until.ts';
import type { Desired } from './lives.ts';

export type UnprovedPair = { who: string; target: string; why: string };

export class LedgerView {
  readonly #pool: pg.Pool;

  constructor(url: string) {
    this.#pool = new pg.Pool({ connectionString: url, max: 3, connectionTimeoutMillis: 2_000 });
    this.#pool.on('error', () => undefined);
  }

  /** Rows, or undefined while the ledger is away. */
  async #ask<Row extends object>(sql: string, values: readonly unknown[] = []): Promise<Row[] | undefined> {
    try {
      return (await this.#pool.query<Row>(sql, [...values])).rows;
    } catch (error) {
      // A mistake of ours is told; an outage is waited out.
      if (error instanceof pg.DatabaseError && !/^(57|08|53)/.test(error.code ?? '')) throw error;
      return undefined;
    }
  }

  async desired(who: string): Promise<Desired | undefined> {
    const sql = `select d.body from tenure.person q join tenure.desired d on d.person = q.uuid and d.number = q.newest where q.who = $1`;
    return (await this.#ask<{ body: Desired }>(sql, [who]))?.[0]?.body;
  }

  /** The account was proved disabled by a proof that knew of every departure recorded. False: not yet, or none recorded. */
  async provedDisabled(who: string): Promise<boolean> {
    const sql = `select 1 from tenure.person q join tenure.pair r on r.person = q.uuid and r.target = 'otds'
      where q.who = $1 and not r.unproved and r.proved_account = 'disabled'
        and r.proved_decision_version >= (select max(d.version) from tenure.decision d where d.person = q.uuid and d.kind = 'depart')`;
    return ((await this.#ask(sql, [who]))?.length ?? 0) > 0;
  }

  /** Everything about the person is proved: nothing that was begun earlier can still land. */
  async proved(who: string): Promise<boolean> {
    const sql = `select bool_and(not r.unproved) as proved from tenure.person q join tenure.pair r on r.person = q.uuid where q.who = $1`;
    return (await this.#ask<{ proved: boolean | null }>(sql, [who]))?.[0]?.proved === true;
  }

  /** Devices in the registry, by the uuid of their owner. */
  async devices(): Promise<Record<string, number>> {
    const sql = 'select person, count(*)::integer as n from tenure.device group by person';
    const rows = await until('the ledger to answer', () => this.#ask<{ person: string; n: number }>(sql));
    return Object.fromEntries(rows.map(({ person, n }) => [person, n]));
  }

  /** Pairs that are unproved now or become so by time within the next `withinMs`. */
  async unproved(withinMs: number): Promise<UnprovedPair[] | undefined> {
    const sql = `select p.who, q.target, concat_ws('; ', case when q.unproved then 'unproved since ' || q.unproved_since end, 'due ' || q.due_at,
        'provisional until ' || q.provisional_until, 'next try ' || q.next_try_at, nullif(array_to_string(q.open, ', '), ''), q.last_error) as why
      from tenure.pair q join tenure.person p on p.uuid = q.person
      where q.unproved or q.due_at <= now() + $1 * interval '1 millisecond' order by 1, 2`;
    return await this.#ask<UnprovedPair>(sql, [withinMs]);
  }

  /** Leases that somebody holds although nobody works any more; revocations that nobody closed. */
  async leftovers(): Promise<string[]> {
    const held = `select 1 from tenure.lease l where l.holder is not null and l.expires_at > clock_timestamp()`;
    // An attempt of a run that was just ended finds out at its next heartbeat.
    await until('all leases to be given back', async () => (await this.#ask(held))?.length === 0).catch(
      () => undefined,
    );
    const sql = `select 'lease ' || l.key || ' of ' || l.holder as what from tenure.lease l where l.holder is not null and l.expires_at > clock_timestamp()
      union all select 'revocation of ' || o.subject || ' on ' || o.target || ' from ' || p.who || ' not closed (number ' || o.number || ')'
        from tenure.obligation o join tenure.person p on p.uuid = o.person where o.closed_at is null
      union all select 'change ' || c.id || ' (' || c.op || ' ' || c.subject || ') never settled' from tenure.change c where c.settled_at is null`;
    const rows = await until('the ledger to answer', () => this.#ask<{ what: string }>(sql));
    return rows.map((row) => row.what);
  }

  /** Evidence of a seed that failed, for whoever looks. */
  async evidence(): Promise<Record<string, unknown>> {
    const tables = [
      'person',
      'desired',
      'decision',
      'pair',
      'lease',
      'change',
      'proof',
      'obligation',
      'claim',
      'timeline_entry',
      'failure',
    ];
    const rows = await Promise.all(
      tables.map(async (name) => [name, await this.#ask(`select * from tenure.${name}`)] as const),
    );
    return Object.fromEntries(rows);
  }

  async close(): Promise<void> {
    await this.#pool.end().catch(() => undefined);
  }
}
