import type { Database } from './database.ts';
import { LedgerError } from './errors.ts';
import type { Hold, HoldItem, Ledger } from './types.ts';

const HOLDS = `
select h.id, h.kind, h.reason, tenure_rules.iso(h.held_at) as at,
  jsonb_agg(jsonb_build_object('id', i.id, 'who', i.who, 'what', i.what) order by i.id) as items,
  coalesce(jsonb_object_agg(i.id, i.released_by) filter (where i.released_at is not null), '{}') as released
from tenure.hold h join tenure.hold_item i on i.hold = h.id
group by h.id having not $1 or bool_or(i.released_at is null) order by h.held_at, h.id`;

/** Retries of one revocation count once; refused ones took nothing away. */
const REVOKED = `
select count(distinct (person, target, subject)) as revokes, count(distinct person) as people, (select count(*) from tenure.person where newest > 0) as total
from tenure.change
where op in ('revoke', 'disable', 'delete') and outcome is distinct from 'refused' and intended_at > now() - tenure_rules.ms($1)`;

/** Brakes (DESIGN 2.7): what waits for a person's release, and how much was taken away lately. */
export function holdRows(db: Database): Pick<Ledger, 'hold' | 'releaseHold' | 'holds' | 'revokedWithin'> {
  return {
    /** One transaction, `tenure_rules.hold`. The same id again adds items; what is released stays released. */
    async hold({ id, kind, reason, items }) {
      await db.rows('hold', 'writing a hold', 'select tenure_rules.hold($1, $2, $3, $4)', [
        id,
        kind,
        reason,
        JSON.stringify(items),
      ]);
    },

    /** One transaction, `tenure_rules.release_hold`. */
    async releaseHold(id, by, reason, items) {
      const result = await db.value<{ items: HoldItem[] } | { unknown: string }>(
        'releaseHold',
        'releasing a hold',
        'select tenure_rules.release_hold($1, $2, $3, $4) as r',
        [id, by, reason, [...items]],
      );
      if ('unknown' in result)
        throw new LedgerError(
          'LEDGER_UNKNOWN',
          `There is no hold or item ${result.unknown} to release: list the holds for their names.`,
        );
      return result.items;
    },

    holds: ({ open }) => db.rows<Hold>('holds', 'reading holds', HOLDS, [open]),

    /** Rolling: intents of the last `windowMs`, open or settled, over all runs and targets. One statement. */
    async revokedWithin(windowMs) {
      const [row] = await db.rows<{ revokes: number; people: number; total: number }>(
        'revokedWithin',
        'counting revocations',
        REVOKED,
        [windowMs],
      );
      return row ?? { revokes: 0, people: 0, total: 0 };
    },
  };
}
