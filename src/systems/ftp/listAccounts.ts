import type { CallContext, Listed, NaturalKeys, Page } from '../port.ts';
import { cellOf, sameKey } from './accessList.ts';
import { PREFIX, type Ftp } from './context.ts';
import type { PartnerList } from './partnerList.ts';

/** Somebody on lists: the name of the first row met, and the lists. */
type Met = { name: string; held: string[] };

/**
 * Everybody on these lists, once each. One page holds all of them where they are few; else each page is a slice of the names by their hash, and reads the
 * lists anew: so memory holds one list and a page of names however many people there are. Token: `slice/slices`.
 */
export async function listAccounts(
  ftp: Ftp,
  lists: readonly PartnerList[],
  page: string | undefined,
  call: CallContext,
): Promise<Page<Listed>> {
  const [slice, known] = page === undefined ? [0, 1] : slicesOf(page);
  let slices = known;
  const met = new Map<string, Met>();
  for (const list of lists) {
    const now = await list.read(call.signal);
    for (const [key, [row]] of now.rows) {
      if (key === '' || row === undefined || hash(key) % slices !== slice) continue;
      const before = met.get(key);
      if (before) before.held.push(PREFIX + list.name);
      else met.set(key, { name: cellOf(now, row, list.config.list.key).trim(), held: [PREFIX + list.name] });
    }
    // Only the first page may find that it is too many: names of other slices are dropped as soon as that shows.
    while (page === undefined && met.size > ftp.choices.namesPerPage) {
      slices *= 2;
      for (const key of met.keys()) if (hash(key) % slices !== slice) met.delete(key);
    }
  }
  const items = [...met.entries()].map(([key, one]) => listed(ftp, key, one));
  return { items, ...(slice + 1 < slices && { next: `${slice + 1}/${slices}` }) };
}

function listed({ config }: Ftp, key: string, { name, held }: Met): Listed {
  return {
    nativeId: name,
    label: name,
    keys: naturalKeys(config.profile.id, sameKey(key)),
    actual: {
      account: 'present',
      nativeId: name,
      profile: { id: name },
      held: held.map((entitlement) => ({ key: entitlement, how: 'direct' })),
      warnings: [],
    },
  };
}

/** Only what the directory knows people by. */
function naturalKeys(source: string, key: string): NaturalKeys {
  if (source === 'who') return { login: key };
  return source === 'email' ? { email: key } : {};
}

function slicesOf(token: string): [number, number] {
  const [slice, slices] = token.split('/').map(Number);
  if (slice === undefined || slices === undefined || !(slice < slices)) throw new Error('This is no page of ours.');
  return [slice, slices];
}

/** FNV-1a, 32 bits, folded (its low bits alone are too regular): the same everywhere, so that a token holds on another worker. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) h = Math.imul(h ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return (h ^ (h >>> 15)) >>> 0;
}
