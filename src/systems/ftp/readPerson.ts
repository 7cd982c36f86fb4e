import type { Actual, Held } from '../../domain/change.ts';
import type { AccountRef, CallContext } from '../port.ts';
import { cellOf, rowsOf, type AccessList } from './accessList.ts';
import { keysOf, PREFIX, type Ftp } from './context.ts';
import type { PartnerList } from './partnerList.ts';
import { admits, attributesOf } from './rowValues.ts';

type Seen = { list: PartnerList; now: AccessList };

/** What these lists, read back from their servers, say of one person. One that cannot be read fails the whole: absence is only proved by reading. */
export async function readPerson(
  ftp: Ftp,
  account: AccountRef,
  lists: readonly PartnerList[],
  call: CallContext,
): Promise<Actual> {
  const keys = keysOf(ftp.config, account);
  const read = await Promise.all(lists.map(async (list) => ({ list, now: await list.read(call.signal) })));
  const seen = read.filter(({ now }) => rowsOf(now, keys).length > 0);
  const held = seen.map(({ list }): Held => ({ key: PREFIX + list.name, how: 'direct' }));
  const open = held.length > 0 || (account.nativeId !== undefined && ftp.opened.has(account.nativeId));
  return {
    account: open ? 'present' : 'disabled',
    ...(account.nativeId !== undefined && { nativeId: account.nativeId }),
    profile: profileOf(ftp, account, keys, seen),
    held,
    warnings: seen.flatMap((it) => warningsOf(it, account, keys)),
  };
}

/** An attribute is as the rows show it; where one differs from the present value, that one. What no row shows cannot differ. */
function profileOf(
  ftp: Ftp,
  account: AccountRef,
  keys: readonly string[],
  seen: readonly Seen[],
): Record<string, string> {
  const present = attributesOf(ftp.config, account.person);
  const profile = { ...present };
  for (const { list, now } of seen) {
    const shown = [[list.config.list.key, 'id'] as const, ...Object.entries(list.config.list.columns)];
    for (const row of rowsOf(now, keys)) {
      for (const [column, attribute] of shown) {
        const value = cellOf(now, row, column);
        if (value !== present[attribute]) profile[attribute] = value;
      }
    }
  }
  return profile;
}

function warningsOf({ list, now }: Seen, { person }: AccountRef, keys: readonly string[]): string[] {
  const rows = rowsOf(now, keys).length;
  return [
    ...(rows > 1
      ? [`The access list of ${list.name} has ${rows} rows for this person; all go with a revocation.`]
      : []),
    ...(admits(list.config, person)
      ? []
      : [`Is on the access list of ${list.name}, whose allow rule does not admit them.`]),
  ];
}
