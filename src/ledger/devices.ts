import { createHash } from 'node:crypto';
import type { Device, DeviceDriver, DeviceRegistry } from '../systems/push/ports.ts';
import type { Database } from './database.ts';
import { LedgerError } from './errors.ts';
import { seal, unseal, type SealKeys } from './sealing.ts';

/** One statement: known again by its digest, whoever had it before. */
const REGISTER = `
insert into tenure.device (person, driver, platform, digest, sealed) values ($1, $2, $3, $4, $5)
on conflict (driver, digest) do update
  set person = excluded.person, platform = excluded.platform, sealed = excluded.sealed, seen_at = clock_timestamp()`;

const FRESH = "seen_at > now() - interval '60 days'";

const HOLDERS = `
select d.person, coalesce(max(p.who), d.person) as who, array_agg(d.id order by d.seen_at desc, d.id) as devices
from tenure.device d left join tenure.person p on p.uuid = d.person
where d.person > $1 group by d.person order by d.person limit $2`;

/** Devices of people (not evidence: they are deleted when given up). Tokens are sealed; only `tokensOf` opens them. */
export function deviceRegistry(db: Database, keys: SealKeys | undefined): DeviceRegistry {
  return {
    async register({ person, driver, platform, token }) {
      if (!keys)
        throw new LedgerError(
          'LEDGER_FAILED',
          'Device tokens are only kept sealed, and this process has no key: set TENURE_CODEC_KEY.',
        );
      const digest = createHash('sha256').update(token).digest('hex');
      const sealed = seal(token, aboutOf(driver, digest), keys);
      await db.rows('registerDevice', 'registering a device', REGISTER, [person, driver, platform, digest, sealed]);
    },

    devicesOf: (person) =>
      db.rows<Device>(
        'devicesOf',
        'reading devices',
        `select id, driver, platform, tenure_rules.iso(seen_at) as "seenAt", not (${FRESH}) as stale
         from tenure.device where person = $1 order by seen_at desc, id`,
        [person],
      ),

    async tokensOf(person, driver) {
      if (!keys) return [];
      const rows = await db.rows<{ id: string; digest: string; sealed: string }>(
        'tokensOf',
        'reading devices',
        `select id, digest, sealed from tenure.device where person = $1 and driver = $2 and ${FRESH} order by seen_at desc, id`,
        [person, driver],
      );
      return rows.flatMap(({ id, digest, sealed }) => {
        const token = unseal(sealed, aboutOf(driver, digest), keys);
        return token === undefined ? [] : [{ id, token }];
      });
    },

    async drop(id) {
      await db.rows('dropDevice', 'forgetting a device', 'delete from tenure.device where id = $1', [id]);
    },

    async forget(person) {
      await db.rows('forgetDevices', 'forgetting devices', 'delete from tenure.device where person = $1', [person]);
    },

    holders: (after, limit) =>
      db.rows<{ person: string; who: string; devices: string[] }>('holders', 'reading devices', HOLDERS, [
        after ?? '',
        limit,
      ]),
  };
}

/** A sealed token opens only in the row that it was sealed for. */
function aboutOf(driver: DeviceDriver, digest: string): string {
  return `${driver}/${digest}`;
}
