import type { Database } from './database.ts';
import type { Ledger, RunRef } from './types.ts';

/** "One open run" of each type per person (DESIGN section 6). */
export function claimRows(db: Database): Pick<Ledger, 'claim' | 'releaseClaim' | 'openRuns'> {
  return {
    /** One transaction, `tenure_rules.claim`. Claiming again under the same run succeeds. */
    async claim(person, run, replace) {
      const by = await db.value<RunRef | null>(
        'claim',
        'claiming a run',
        'select tenure_rules.claim($1, $2, $3, $4, $5, $6) as r',
        [person, run.type, run.workflowId, run.runId, replace?.workflowId ?? null, replace?.runId ?? null],
      );
      return by ? { claimed: false, by } : { claimed: true };
    },

    async releaseClaim(person, run) {
      await db.rows(
        'releaseClaim',
        'ending a claim',
        'delete from tenure.claim where person = $1 and type = $2 and workflow_id = $3 and run_id = $4',
        [person, run.type, run.workflowId, run.runId],
      );
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
