import type { Desired } from '../domain/desired.ts';
import type { PersonRef } from '../domain/person.ts';
import type { Database } from './database.ts';
import type { Ledger, Noted } from './types.ts';

type Raw = Omit<Noted, 'person' | 'previous'> & { previous: Desired | null };

/** Rules 1, 8, 9: desired, written by compare-and-set (rules/resolve.sql.ts). */
export function resolveRules(db: Database): Pick<Ledger, 'note' | 'personByWho' | 'storeDesired'> {
  return {
    /** Rule 1, first half: one transaction. Read the directory only after this returned. */
    async note(person) {
      const raw = await db.value<Raw>(
        'note',
        'noting the newest desired',
        'select tenure_rules.note($1, $2, $3, $4) as r',
        [person.uuid, person.login, person.partition, person.who],
      );
      const { previous, ...rest } = raw;
      return { person, ...rest, ...(previous && { previous }) };
    },

    /** No rule. A login that two people had one after the other means the later one. */
    async personByWho(who) {
      const rows = await db.rows<PersonRef>(
        'personByWho',
        'looking a person up',
        'select uuid, login, partition, who from tenure.person where who = $1 order by who_since desc limit 1',
        [who],
      );
      return rows[0];
    },

    /** Rule 1, second half, with rules 3 and 8 in the same transaction: `tenure_rules.store_desired`. */
    async storeDesired(noted, desired, run, demands) {
      const version = noted.decisions.at(-1)?.version ?? 0;
      const stored = await db.value<{ stored: boolean; number: number } | null>(
        'storeDesired',
        'storing a desired',
        'select tenure_rules.store_desired($1, $2, $3, $4, $5, $6) as r',
        [noted.person.uuid, noted.newest, version, JSON.stringify(desired), run ? JSON.stringify(run) : null, demands],
      );
      return stored ?? undefined;
    },
  };
}
