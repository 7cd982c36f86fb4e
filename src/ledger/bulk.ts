import type { Desired } from '../domain/desired.ts';
import type { Database } from './database.ts';
import { stateOf, type RawAcquired, type RawState } from './leases.ts';
import type { AcquireResult, Ledger, Owners } from './types.ts';

type RawPair = {
  person: string;
  who: string;
  desired: Omit<Desired, 'number'> | null;
  state: Omit<RawState, 'desired'>;
};

/** Many pairs of one target in one statement (rules/bulk.sql.ts). */
export function bulkRules(
  db: Database,
): Pick<Ledger, 'acquirePage' | 'renewPage' | 'owners' | 'pairStates' | 'peopleAfter' | 'desiredKeys'> {
  return {
    /** Rule 7: one statement, `tenure_rules.acquire_page`. */
    async acquirePage(target, persons, holder, ttlMs, readLagMs) {
      const rows = await db.value<(RawAcquired & { person: string })[]>(
        'acquirePage',
        'taking a page of leases',
        'select tenure_rules.acquire_page($1, $2, $3, tenure_rules.ms($4), tenure_rules.ms($5)) as r',
        [target, persons, holder, ttlMs, readLagMs],
      );
      return new Map(
        rows.map((raw): [string, AcquireResult] => [
          raw.person,
          raw.ok
            ? { ok: true, lease: raw.lease, state: stateOf(raw.state) }
            : { ok: false, holder: raw.holder, expiresAt: raw.expiresAt },
        ]),
      );
    },

    /** Rule 7: one statement, `tenure_rules.renew_page`. */
    async renewPage(leases, ttlMs) {
      const [first] = leases;
      if (!first) return new Set();
      const held = await db.value<string[]>(
        'renewPage',
        'renewing a page of leases',
        'select tenure_rules.renew_page($1, $2, $3, tenure_rules.ms($4)) as r',
        [first.target, JSON.stringify(leases.map(({ person, fence }) => ({ person, fence }))), first.holder, ttlMs],
      );
      return new Set(held);
    },

    /** One statement, `tenure_rules.owners`. */
    async owners(target, accounts) {
      const owners = await db.value<Record<string, Owners>>(
        'owners',
        'finding whose accounts are',
        'select tenure_rules.owners($1, $2) as r',
        [target, JSON.stringify(accounts)],
      );
      return new Map(Object.entries(owners));
    },

    /** One statement, `tenure_rules.people_named`. */
    async pairStates(target, persons, readLagMs) {
      const rows = await db.rows<RawPair>(
        'pairStates',
        'reading a page of pairs',
        'select * from tenure_rules.people_named($1, $2, tenure_rules.ms($3))',
        [target, persons, readLagMs],
      );
      return rows.map(({ person, who, desired, state }) => ({
        person,
        who,
        state: stateOf({ ...state, desired: desired && { ...desired, number: state.number } }),
      }));
    },

    /** One statement, `tenure_rules.people_after`. */
    peopleAfter: (target, after, limit) =>
      db.value<string[]>(
        'peopleAfter',
        'listing who is looked after',
        'select tenure_rules.people_after($1, $2, $3) as r',
        [target, after, limit],
      ),

    /** One statement, `tenure_rules.desired_keys`. */
    desiredKeys: (target) =>
      db.value<string[]>('desiredKeys', 'listing what is desired', 'select tenure_rules.desired_keys($1) as r', [
        target,
      ]),
  };
}
