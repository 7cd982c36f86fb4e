import type { Desired } from '../domain/desired.ts';
import type { Database } from './database.ts';
import type { Ledger, Undecided } from './types.ts';

type Newest = { uuid: string; who: string; number: number; digest: string; standing: Desired['standing'] };

const NEWEST = `
select q.uuid, q.who, d.number, d.digest, d.standing from tenure.person q join tenure.desired d on d.person = q.uuid and d.number = q.newest`;

/** Rule 9: only a decision for this very demand (and text of the rule) counts, unless it was withdrawn. An end by time is no new question. */
const UNDECIDED = `
select q.uuid, jsonb_agg(distinct g ->> 'rule') as rules,
  coalesce((select jsonb_agg(jsonb_build_object('workflowId', c.workflow_id, 'runId', c.run_id, 'type', c.type)) from tenure.claim c
    where c.person = q.uuid and c.type in ('onboarding', 'roleChange')), '[]') as asking
from tenure.person q join tenure.desired d on d.person = q.uuid and d.number = q.newest,
  jsonb_each(d.body -> 'targets') t, jsonb_array_elements(t.value -> 'entitlements') e, jsonb_array_elements(e -> 'grants') g
where d.standing <> 'leaver' and g -> 'approval' is not null
  and not exists (select 1 from tenure.decision x
    where x.person = q.uuid and x.kind in ('approve', 'reject', 'withhold') and x.rule = g ->> 'rule' and x.demand = (g ->> 'demand')::integer
      and coalesce(x.digest = g ->> 'digest', true) and not exists (select 1 from tenure.decision w where w.ends = x.id))
group by q.uuid`;

/** Rule 2: what the watch compares with the directory. */
export function watchRules(db: Database): Pick<Ledger, 'newestDigests' | 'undecided'> {
  return {
    /** Rule 2: one statement. People noted but never stored are not in it, so the watch sees them as new. */
    async newestDigests() {
      const rows = await db.rows<Newest>('newestDigests', 'reading the newest desired of everybody', NEWEST);
      return new Map(rows.map(({ uuid, ...newest }) => [uuid, newest]));
    },

    /** Rule 2, "a demanded approval is undecided": one statement. */
    async undecided() {
      const rows = await db.rows<Undecided & { uuid: string }>('undecided', 'reading undecided demands', UNDECIDED);
      return new Map(rows.map(({ uuid, ...undecided }) => [uuid, undecided]));
    },
  };
}
