import type { Database } from './database.ts';
import type { Ledger, UnprovedPair } from './types.ts';

type Late = 'dueAt' | 'provisionalUntil' | 'nextTryAt' | 'lastError';
type Raw = Omit<UnprovedPair, Late> & Record<Late, string | null>;

/** Unproved by a newer row (rule 3) or by time (rule 10). Actionable: nobody works on it, and its time has come (rule 5). */
const UNPROVED = `
select q.person, p.who, q.target, tenure_rules.iso(case when q.unproved then q.unproved_since else q.due_at end) as since,
  tenure_rules.iso(q.due_at) as "dueAt", tenure_rules.iso(q.provisional_until) as "provisionalUntil", tenure_rules.iso(q.next_try_at) as "nextTryAt",
  q.open, q.last_error as "lastError"
from tenure.pair q join tenure.person p on p.uuid = q.person
where (q.unproved or q.due_at <= now())
  and (not $2 or (coalesce(q.provisional_until <= now(), true) and coalesce(q.next_try_at <= now(), true)
    and not exists (select 1 from tenure.lease l where l.key = tenure_rules.pair_key(q.person, q.target) and l.holder is not null and l.expires_at > now())))
order by case when q.unproved then q.unproved_since else q.due_at end, q.person, q.target limit $1`;

/** Rules 3, 5, 10: what the sweep takes up. */
export function unprovedRules(db: Database): Pick<Ledger, 'unproved'> {
  return {
    /** One statement. Reading clears nothing: only a proof does (rule 3). */
    async unproved({ limit, onlyActionable }) {
      const rows = await db.rows<Raw>('unproved', 'listing unproved pairs', UNPROVED, [limit, onlyActionable]);
      return rows.map(({ dueAt, provisionalUntil, nextTryAt, lastError, ...row }) => ({
        ...row,
        ...(dueAt && { dueAt }),
        ...(provisionalUntil && { provisionalUntil }),
        ...(nextTryAt && { nextTryAt }),
        ...(lastError && { lastError }),
      }));
    },
  };
}
