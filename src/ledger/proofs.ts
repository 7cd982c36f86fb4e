import type { Database } from './database.ts';
import type { Backoff } from './options.ts';
import type { Ledger, ProveResult, Proved } from './types.ts';

const PROVED = `
select q.target, r.actual, tenure_rules.iso(r.read_began_at) as "readAt", r.number, r.decision_version as "decisionVersion",
  not (q.unproved or coalesce(q.due_at <= clock_timestamp(), false)) as current
from tenure.pair q join lateral (
  select * from tenure.proof r where r.person = q.person and r.target = q.target and r.state = 'proved' order by r.id desc limit 1) r on true
where q.person = $1`;

/** Rules 3, 5, 6, 8: proofs (rules/prove.sql.ts). Rule 13 reads them. */
export function proofRules(db: Database, openWait: Backoff): Pick<Ledger, 'prove' | 'proofs' | 'disturb'> {
  return {
    /** Rules 3, 5, 6, 8: one transaction, `tenure_rules.prove`. */
    prove: (input) =>
      db.value<ProveResult>(
        'prove',
        'writing a proof',
        'select tenure_rules.prove($1, $2::interval, $3::interval) as r',
        [JSON.stringify(input), `${openWait.firstMs} ms`, `${openWait.longestMs} ms`],
      ),

    /** Rule 13: what reconciliation compares with. One statement. */
    async proofs(person) {
      const rows = await db.rows<Proved & { target: string }>('proofs', 'reading proofs', PROVED, [person]);
      return Object.fromEntries(rows.map(({ target, ...proved }) => [target, proved]));
    },

    /** Rule 13: actual is no longer what was proved. One transaction. */
    async disturb(pair, why) {
      await db.rows(
        'disturb',
        'marking a pair unproved',
        `with entry as (insert into tenure.timeline_entry (person, target, kind, text) values ($1, $2, 'drift', $3) returning person, target)
         select tenure_rules.disturb(person, target) from entry`,
        [pair.person, pair.target, why],
      );
    },
  };
}
