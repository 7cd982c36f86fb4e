import type { AccountRef, Applied, ApplyContext } from '../port.ts';
import { cellOf, rowsOf, withoutRows, withRow, type AccessList } from './accessList.ts';
import { keysOf, type Ftp } from './context.ts';
import { ftpError } from './errors.ts';
import type { PartnerList } from './partnerList.ts';
import { LostReply } from './publish.ts';
import { admits, idOf, writableValues } from './rowValues.ts';

/** Puts the person on the list, or corrects the row that is there. */
export async function grant(ftp: Ftp, list: PartnerList, account: AccountRef, call: ApplyContext): Promise<Applied> {
  if (!admits(list.config, account.person)) throw ftpError('FTP_NOT_ALLOWED', { about: list.name });
  const values = writableValues(ftp.config, list.config, account.person);
  const keys = keysOf(ftp.config, account);
  await list.change((now) => (isRight(now, keys, values) ? undefined : withRow(now, keys, values)), call);
  return { outcome: 'done' };
}

/** Takes the person off these lists. */
export async function removeFrom(
  ftp: Ftp,
  lists: readonly PartnerList[],
  account: AccountRef,
  call: ApplyContext,
): Promise<Applied> {
  const keys = keysOf(ftp.config, account);
  await each(lists, (list) =>
    list.change((now) => (rowsOf(now, keys).length === 0 ? undefined : withoutRows(now, keys)), call),
  );
  return { outcome: 'done' };
}

/** Brings the person's rows on these lists to the present attributes, the name they go by included. */
export async function rewriteRows(
  ftp: Ftp,
  lists: readonly PartnerList[],
  account: AccountRef,
  call: ApplyContext,
): Promise<Applied> {
  const keys = keysOf(ftp.config, account);
  await each(lists, (list) => {
    const values = writableValues(ftp.config, list.config, account.person);
    const stale = (now: AccessList): boolean => rowsOf(now, keys).length > 0 && !isRight(now, keys, values);
    return list.change((now) => (stale(now) ? withRow(now, keys, values) : undefined), call);
  });
  const id = idOf(ftp.config, account.person);
  return { outcome: 'done', ...(id !== undefined && { nativeId: id }) };
}

/** Exactly one row, and its cells are ours. */
function isRight(list: AccessList, keys: readonly string[], values: Readonly<Record<string, string>>): boolean {
  const [row, ...more] = rowsOf(list, keys);
  if (row === undefined || more.length > 0) return false;
  return Object.entries(values).every(([column, value]) => cellOf(list, row, column) === value);
}

/** Side by side; one list that cannot be written keeps no other back. A lost answer outweighs a refusal: the whole is in doubt then. */
async function each(lists: readonly PartnerList[], work: (list: PartnerList) => Promise<void>): Promise<void> {
  const results = await Promise.allSettled(lists.map(async (list) => await work(list)));
  const reasons = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
  if (reasons.length > 0) throw reasons.find((reason) => reason instanceof LostReply) ?? reasons[0];
}
