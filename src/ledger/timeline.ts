import type { Database } from './database.ts';
import type { Ledger, TimelineEntry } from './types.ts';

type Raw = Pick<TimelineEntry, 'at' | 'kind' | 'text'> & {
  target: string | null;
  run: string | null;
  number: number | null;
};

/** Everything about one person, in order: a view of the evidence (rules/timeline.sql.ts). */
export function timelineRows(db: Database): Pick<Ledger, 'timeline' | 'addTimeline'> {
  return {
    async timeline(person) {
      const rows = await db.rows<Raw>(
        'timeline',
        'reading a timeline',
        'select tenure_rules.iso(at) as at, kind, target, text, run, number from tenure_rules.timeline where person = $1 order by timeline.at, rank, id',
        [person],
      );
      return rows.map(({ target, run, number, ...entry }) => ({
        ...entry,
        ...(target !== null && { target }),
        ...(run !== null && { run }),
        ...(number !== null && { number }),
      }));
    },

    async addTimeline(person, { kind, target, text, run, number }) {
      await db.rows(
        'addTimeline',
        'adding to a timeline',
        'insert into tenure.timeline_entry (person, kind, target, text, run, number) values ($1, $2, $3, $4, $5, $6)',
        [person, kind, target ?? null, text, run ?? null, number ?? null],
      );
    },
  };
}
