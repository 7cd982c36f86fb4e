import type { Database } from './database.ts';
import type { Ledger, Link } from './types.ts';

/** No rule: which account is whose. One account belongs to one person. */
export function linkRows(db: Database): Pick<Ledger, 'saveLink' | 'links'> {
  return {
    /** One transaction, `tenure_rules.save_link`. */
    saveLink: (pair, link) =>
      db.value('saveLink', 'linking an account', 'select tenure_rules.save_link($1, $2, $3) as r', [
        pair.person,
        pair.target,
        JSON.stringify(link),
      ]),

    async links(person) {
      const rows = await db.rows<Link & { target: string }>(
        'links',
        'reading links',
        'select target, native_id as "nativeId", how, by from tenure.link where person = $1',
        [person],
      );
      return Object.fromEntries(rows.map(({ target, ...link }) => [target, link]));
    },
  };
}
