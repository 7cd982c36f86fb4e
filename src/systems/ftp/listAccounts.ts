import type { Actual } from '../../domain/change.ts';
import type { CallContext, Page } from '../port.ts';
import { cellOf } from './accessList.ts';
import type { Ftp } from './context.ts';

type Item = { nativeId: string; label: string; account: Actual['account'] };

/**
 * Everybody on any list, once each, page by page. A page is a slice of all names by their hash and reads every list anew, one after the other: so memory
 * holds one list and a slice of names however many people there are, and an account is never split over pages. Token: `slice/slices`.
 */
export async function listAccounts(ftp: Ftp, page: string | undefined, call: CallContext): Promise<Page<Item>> {
  const [slice, slices] = page === undefined ? [0, await slicesNeeded(ftp, call)] : slicesOf(page);
  const names = new Map<string, string>();
  for (const list of ftp.lists.values()) {
    const now = await list.read(call.signal);
    for (const [key, [row]] of now.rows) {
      if (key === '' || row === undefined || hash(key) % slices !== slice || names.has(key)) continue;
      names.set(key, cellOf(now, row, list.config.list.key).trim());
    }
  }
  const items = [...names.values()].map((name): Item => ({ nativeId: name, label: name, account: 'present' }));
  return { items, ...(slice + 1 < slices && { next: `${slice + 1}/${slices}` }) };
}

function slicesOf(token: string): [number, number] {
  const [slice, slices] = token.split('/').map(Number);
  if (slice === undefined || slices === undefined || !(slice < slices)) throw new Error('This is no page of ours.');
  return [slice, slices];
}

async function slicesNeeded(ftp: Ftp, call: CallContext): Promise<number> {
  let bytes = 0;
  for (const list of ftp.lists.values()) bytes += await list.size(call.signal);
  return Math.max(1, Math.ceil(bytes / ftp.choices.sliceBytes));
}

/** FNV-1a, 32 bits: the same everywhere, so that a token holds on another worker. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) h = Math.imul(h ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return h;
}
