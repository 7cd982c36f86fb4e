import type { Database } from './database.ts';
import type { ChangeRow, IntendResult, Ledger } from './types.ts';

/** Columns that are absent until there is something to say. */
type Late = 'settledAt' | 'outcome' | 'code' | 'provedAt';
type RawChange = Omit<ChangeRow, Late> & Record<Late, string | null>;

/** A change is proved by the first valid proof of its pair that covers it (rule 6). */
const CHANGES = `
select c.id, c.person, q.who, c.target, c.change, c.number, c.decision_version as "decisionVersion", c.fence, c.before,
  tenure_rules.iso(c.intended_at) as "intendedAt", tenure_rules.iso(c.may_land_until) as "mayLandUntil", tenure_rules.iso(c.settled_at) as "settledAt",
  c.outcome, c.code,
  (select tenure_rules.iso(min(r.written_at)) from tenure.proof r
    where r.person = c.person and r.target = c.target and r.state = 'proved' and r.covers >= c.id and c.outcome is distinct from 'refused') as "provedAt"
from tenure.change c join tenure.person q on q.uuid = c.person
where ($1::text is null or c.person = $1) and ($2::text is null or c.target = $2) and ($3::timestamptz is null or c.intended_at >= $3)
order by c.id desc limit $4`;

/** Rule 4: intents (rules/intend.sql.ts), and reading them back. */
export function intentRules(db: Database): Pick<Ledger, 'intend' | 'changes'> {
  return {
    /** Rules 4 and 8: one transaction, `tenure_rules.intend`; its insert carries the conditions. */
    intend: (input) =>
      db.value<IntendResult>('intend', 'writing an intent', 'select tenure_rules.intend($1) as r', [
        JSON.stringify(input),
      ]),

    /** No rule. Newest first. */
    async changes({ person, target, since, limit }) {
      const rows = await db.rows<RawChange>('changes', 'reading changes', CHANGES, [
        person ?? null,
        target ?? null,
        since ?? null,
        limit,
      ]);
      return rows.map(({ settledAt, outcome, code, provedAt, ...row }) => ({
        ...row,
        ...(settledAt && { settledAt }),
        ...(outcome && { outcome }),
        ...(code && { code }),
        ...(provedAt && { provedAt }),
      }));
    },
  };
}
