import type { Database } from './database.ts';
import type { Backoff } from './options.ts';
import type { AcquireResult, Lease, Ledger, PairState } from './types.ts';

/** Nulls of the database are absent in the product. */
export type RawState = Omit<PairState, 'desired' | 'link' | 'doubtUntil'> & {
  desired: PairState['desired'] | null;
  link: PairState['link'] | null;
  doubtUntil: string | null;
};
export type RawAcquired = Extract<AcquireResult, { ok: false }> | { ok: true; lease: Lease; state: RawState };

export const stateOf = (raw: RawState): PairState => ({
  ...raw,
  desired: raw.desired ?? undefined,
  link: raw.link ?? undefined,
  doubtUntil: raw.doubtUntil ?? undefined,
});

const pairKey = (pair: { person: string; target: string }): string => `pair:${pair.person}/${pair.target}`;
const leaseKey = (lease: Lease): string => (lease.object === undefined ? pairKey(lease) : `object:${lease.object}`);

/** Rules 4 and 7: leases, their fencing numbers, and what a holder sees (rules/lease.sql.ts). */
export function leaseRules(
  db: Database,
  failureWait: Backoff,
): Pick<Ledger, 'acquire' | 'renew' | 'release' | 'reread' | 'acquireShared' | 'giveUp'> {
  const waits = [`${failureWait.firstMs} ms`, `${failureWait.longestMs} ms`];
  return {
    /** Rule 7, with the state of the pair in the same transaction: `tenure_rules.acquire`. */
    async acquire(pair, holder, ttlMs, readLagMs = 0) {
      const raw = await db.value<RawAcquired>(
        'acquire',
        'taking a lease',
        'select tenure_rules.acquire($1, $2, $3, tenure_rules.ms($4), tenure_rules.ms($5)) as r',
        [pair.person, pair.target, holder, ttlMs, readLagMs],
      );
      return raw.ok ? { ok: true, lease: raw.lease, state: stateOf(raw.state) } : raw;
    },

    /** Rule 7: one statement, `tenure_rules.renew`. */
    renew: (lease, ttlMs) =>
      db.value('renew', 'renewing a lease', 'select tenure_rules.renew($1, $2, $3, tenure_rules.ms($4)) as r', [
        leaseKey(lease),
        lease.holder,
        lease.fence,
        ttlMs,
      ]),

    /** Rule 7: one statement, `tenure_rules.release`. */
    async release(lease) {
      await db.rows('release', 'giving a lease back', 'select tenure_rules.release($1, $2, $3)', [
        leaseKey(lease),
        lease.holder,
        lease.fence,
      ]);
    },

    /** Rule 4, "read and plan again under the same lease": `tenure_rules.reread`. */
    async reread(lease, readLagMs = 0) {
      const raw = await db.value<RawState | null>(
        'reread',
        'reading a pair again',
        'select tenure_rules.reread($1, $2, $3, $4, tenure_rules.ms($5)) as r',
        [lease.person, lease.target, lease.holder, lease.fence, readLagMs],
      );
      return raw ? stateOf(raw) : undefined;
    },

    /** Rule 7 for an object that people share: `tenure_rules.take`. */
    async acquireShared(object, holder, ttlMs) {
      const [taken] = await db.rows<{ fence: number | null; expiresAt: string }>(
        'acquireShared',
        'taking the lease of a shared object',
        'select l.fence, tenure_rules.iso(l.expires_at) as "expiresAt" from tenure_rules.take($1, $2, tenure_rules.ms($3)) l',
        [`object:${object}`, holder, ttlMs],
      );
      if (!taken || taken.fence === null) return undefined;
      return { person: '', target: '', object, holder, fence: taken.fence, expiresAt: taken.expiresAt };
    },

    /** Rules 6 and 7: what is known of the changes, why it failed, the lease; one transaction, `tenure_rules.give_up`. */
    async giveUp(lease, settle, failure) {
      await db.rows(
        'giveUp',
        'ending an attempt',
        'select tenure_rules.give_up($1, $2, $3, $4::interval, $5::interval)',
        [JSON.stringify(lease), JSON.stringify(settle), JSON.stringify(failure ?? {}), ...waits],
      );
    },
  };
}
