import type { Actual, Held } from '../../domain/change.ts';
import type { AccountRef, CallContext } from '../port.ts';
import { cellOf, rowsOf, type AccessList } from './accessList.ts';
import { keysOf, PREFIX, type Ftp } from './context.ts';
import type { PartnerList } from './partnerList.ts';
import { admits, idOf, rowValues } from './rowValues.ts';

type Seen = { list: PartnerList; now: AccessList };

/**
 * What these lists, read back from their servers, say of one person. Present: has a row on one of them. One that cannot be read fails the whole: absence
 * is only proved by reading.
 */
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
  return {
    account: held.length > 0 ? 'present' : 'absent',
    ...(account.nativeId !== undefined && { nativeId: account.nativeId }),
    profile: profileOf(ftp, account, keys, seen),
    held,
    warnings: seen.flatMap((it) => warningsOf(it, account, keys)),
  };
}

/** The id that the rows show; another than the present one where a row shows that, or where another cell of it is out of date. */
function profileOf(
  { config }: Ftp,
  { person }: AccountRef,
  keys: readonly string[],
  seen: readonly Seen[],
): Actual['profile'] {
  const present = idOf(config, person);
  const shown = seen.flatMap(({ list, now }) => {
    const values = Object.entries(rowValues(config, list.config, person));
    return rowsOf(now, keys).map((row) => {
      const id = cellOf(now, row, list.config.list.key);
      const right = values.every(([column, value]) => cellOf(now, row, column) === value);
      return right || id !== present ? id : `${id} (row out of date)`;
    });
  });
  const id = shown.find((one) => one !== present) ?? shown[0];
  return id === undefined ? {} : { id };
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
