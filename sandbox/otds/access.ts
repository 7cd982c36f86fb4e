import type { Call } from './call.ts';
import { refused } from './errors.ts';
import { fullName } from './model.ts';
import type { OtdsState, Partition, User } from './model.ts';
import { Directory } from './directory.ts';

/** The built-in partition of administrators. */
export const ADMIN_PARTITION = 'otds.admin';
const ADMIN_GROUPS = ['otadmins', 'otdsadmins'];

/** A member, direct or nested, of one of the administrators' groups. */
export function isSystemAdmin(state: OtdsState, user: User): boolean {
  const dir = Directory.of(state);
  const deep = dir.groupMembers.ofDeep(user.uuid);
  return ADMIN_GROUPS.some((name) => dir.groups.named(name, ADMIN_PARTITION).some((g) => deep.has(g.uuid)));
}

/** Writes need an administrator, of the whole or of that partition. */
export function needAdmin(call: Call, partition?: string): void {
  const user = call.who?.user;
  if (user && isSystemAdmin(call.state, user)) return;
  const place = partition === undefined ? undefined : call.state.partitions[partition];
  if (user && place?.administrators.some((a) => a.toLowerCase() === fullName(user).toLowerCase())) return;
  throw refused('ERR_FORBIDDEN', 'The caller is not authorized to perform this operation');
}

/** Refuses what a synchronised partition takes from its source only. */
export function needNative(partition: Partition, what: string): void {
  if (partition.synchronised)
    throw refused('SYNC_PARTITION', `${what} is not allowed in the synchronized partition ${partition.name}`);
}
