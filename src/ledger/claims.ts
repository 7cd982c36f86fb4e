import type { Database } from './database.ts';
import type { ClaimResult, Ledger, RunRef } from './types.ts';

const RELEASE = `
with released as (delete from tenure.claim where person = $1 and type = $2 and workflow_id = $3 and run_id = $4)
insert into tenure.timeline_entry (person, kind, target, text, run, number)
  select $1, e.entry ->> 'kind', e.entry ->> 'target', e.entry ->> 'text', e.entry ->> 'run', (e.entry ->> 'number')::integer
    from jsonb_array_elements($5::jsonb) with ordinality e(entry, nth) order by e.nth`;

/** "One open run" of each type per person (DESIGN section 6). */
export function claimRows(db: Database): Pick<Ledger, 'claim' | 'releaseClaim' | 'openRuns'> {
  return {
    /**
     * One transaction, `tenure_rules.claim`. Claiming again under the same run succeeds. A departure and a claim cannot miss each other: either
     * `decisions` has the departure, or its offboarding finds the claim.
     */
    async claim(person, run, replace) {
      return await db.value<ClaimResult>(
        'claim',
        'claiming a run',
        'select tenure_rules.claim($1, $2, $3, $4, $5, $6) as r',
        [person, run.type, run.workflowId, run.runId, replace?.workflowId ?? null, replace?.runId ?? null],
      );
    },

    /** One statement, RELEASE below. */
    async releaseClaim(person, run, entries = []) {
      const values = [person, run.type, run.workflowId, run.runId, JSON.stringify(entries)];
      await db.rows('releaseClaim', 'ending a claim', RELEASE, values);
    },

    openRuns: (person) =>
      db.rows<RunRef>(
        'openRuns',
        'reading claims',
        'select workflow_id as "workflowId", run_id as "runId", type from tenure.claim where person = $1 order by claimed_at',
        [person],
      ),
  };
}
