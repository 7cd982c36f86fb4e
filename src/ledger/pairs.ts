import type { Database } from './database.ts';

/** One person on one target, as the ledger has it: for operators. Times ISO. */
export type PairRow = {
  person: string;
  who: string;
  target: string;
  /** False also when its due time has come: time alone makes a pair unproved. */
  proved: boolean;
  /** Number of the newest desired, and the one that was last proved. */
  newest: number;
  provedNumber?: number;
  provedAt?: string;
  account?: string;
  /** Since when it is unproved. */
  since?: string;
  dueAt?: string;
  provisionalUntil?: string;
  nextTryAt?: string;
  /** Who works on it now: holder of a live lease. */
  workedOnBy?: string;
  /** Why the last reading was no complete proof. */
  open: readonly string[];
  lastError?: string;
  link?: { nativeId: string; how: string; by: string };
};

type PairQuery = { person?: string; target?: string; unproved?: boolean; limit: number };

type Nullable = {
  [K in Exclude<keyof PairRow, 'person' | 'who' | 'target' | 'proved' | 'newest' | 'open'>]-?: PairRow[K] | null;
};
type Raw = Pick<PairRow, 'person' | 'who' | 'target' | 'proved' | 'newest' | 'open'> & Nullable;

const PAIRS = `
select q.person, p.who, q.target, not (q.unproved or coalesce(q.due_at <= now(), false)) as proved, p.newest, q.proved_number as "provedNumber",
  tenure_rules.iso(q.proved_at) as "provedAt", q.proved_account as account,
  tenure_rules.iso(case when q.unproved then q.unproved_since when q.due_at <= now() then q.due_at end) as since,
  tenure_rules.iso(q.due_at) as "dueAt", tenure_rules.iso(q.provisional_until) as "provisionalUntil", tenure_rules.iso(q.next_try_at) as "nextTryAt",
  l.holder as "workedOnBy", q.open, q.last_error as "lastError",
  case when k.native_id is not null then jsonb_build_object('nativeId', k.native_id, 'how', k.how, 'by', k.by) end as link
from tenure.pair q join tenure.person p on p.uuid = q.person
  left join tenure.link k on k.person = q.person and k.target = q.target
  left join tenure.lease l on l.key = tenure_rules.pair_key(q.person, q.target) and l.holder is not null and l.expires_at > now()
where ($1::text is null or q.person = $1) and ($2::text is null or q.target = $2) and (not $3 or q.unproved or q.due_at <= now())
order by (q.unproved or coalesce(q.due_at <= now(), false)) desc, p.who, q.target limit $4`;

export type PairView = {
  /** Pairs for people to look at, unproved ones first. One statement; reading clears nothing. */
  pairs(query: PairQuery): Promise<readonly PairRow[]>;
};

export function pairView(db: Database): PairView {
  return {
    async pairs({ person, target, unproved = false, limit }) {
      const rows = await db.rows<Raw>('pairs', 'listing pairs', PAIRS, [
        person ?? null,
        target ?? null,
        unproved,
        limit,
      ]);
      // PostgreSQL says null where there is nothing; our shapes leave the field out.
      return rows.map(
        (row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as PairRow,
      );
    },
  };
}
