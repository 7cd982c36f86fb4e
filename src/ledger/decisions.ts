import type { Decision } from '../domain/decision.ts';
import type { Database } from './database.ts';
import { LedgerError } from './errors.ts';
import type { Ledger } from './types.ts';

/** Rules 3, 9, 10, 11: decisions, numbered per person (rules/decide.sql.ts). */
export function decisionRules(db: Database): Pick<Ledger, 'decide' | 'decisions' | 'recordRefusal'> {
  return {
    /** Rules 3, 9, 10: one transaction, `tenure_rules.decide`. Rule 11: a withholding is an ordinary decision. */
    async decide(person, decision, key) {
      const written = await db.value<Decision | { unknown: 'person' | 'decision' }>(
        'decide',
        'recording a decision',
        'select tenure_rules.decide($1, $2, $3) as r',
        [person, JSON.stringify(decision), key ?? null],
      );
      if ('unknown' in written) {
        throw new LedgerError(
          'LEDGER_UNKNOWN',
          written.unknown === 'person'
            ? 'The ledger does not know the person of this decision: note the person first.'
            : `Decision ${decision.ends} is none of this person's, so it cannot be withdrawn: name one of theirs.`,
        );
      }
      return written;
    },

    /** No rule. By version, everything ever said. */
    decisions: (person) =>
      db.value('decisions', 'reading decisions', 'select tenure_rules.decisions($1) as r', [person]),

    /** No rule: evidence. */
    async recordRefusal(person, entry) {
      await db.rows(
        'recordRefusal',
        'recording a refusal',
        'insert into tenure.refusal (person, by, identity, what, why) values ($1, $2, $3, $4, $5)',
        [person ?? null, entry.by, entry.identity ?? null, entry.what, entry.why],
      );
    },
  };
}
