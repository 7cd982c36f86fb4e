import type { Change } from '../../domain/change.ts';
import { SystemError } from '../errors.ts';
import { groupByKey } from '../otds/locate.ts';
import type { AccountRef, Applied, ApplyContext, CallContext } from '../port.ts';
import type { Carrier } from './carriers.ts';
import type { Exstream } from './context.ts';
import { appliedViaOtds, exstreamError, viaOtds } from './errors.ts';
import { accountOf, seePerson } from './people.ts';
import { same, type GroupRole } from './shapes.ts';

const DONE: Applied = { outcome: 'done' };

/** See `Target.apply`. Memberships and the access role are written by the OTDS target, as for a person of this uuid. */
export async function applyChange(
  ex: Exstream,
  account: AccountRef,
  change: Change,
  call: ApplyContext,
): Promise<Applied> {
  switch (change.op) {
    case 'grant':
    case 'revoke':
      return await applyRole(ex, account, change.op, change.entitlement, call);
    case 'create':
    case 'enable':
      return await openDoor(ex, account, call);
    case 'update':
      return DONE; // no attribute is written
    case 'disable':
    case 'delete':
      return await closeDoor(ex, account, call);
  }
}

async function applyRole(
  ex: Exstream,
  account: AccountRef,
  op: 'grant' | 'revoke',
  key: string,
  call: ApplyContext,
): Promise<Applied> {
  const carrier = ex.carriers.of(key);
  if (!carrier) throw exstreamError('EXSTREAM_UNKNOWN_ENTITLEMENT', { about: key });
  if (op === 'grant') {
    const ready = await ensureGroupRole(ex, carrier, account, call);
    if (ready.outcome !== 'done') return ready;
  }
  // A revocation leaves the group its role: others hold it by the same.
  return await inOtds(ex, account, op, `otds:group/${carrier.group}`, call);
}

/** The carrying group has its role; made where that is allowed, under a lock. */
async function ensureGroupRole(
  ex: Exstream,
  carrier: Carrier,
  account: AccountRef,
  call: ApplyContext,
): Promise<Applied> {
  if (await hasRole(ex, carrier, call)) return DONE;
  if (!ex.config.manageGroupRoles) throw exstreamError('EXSTREAM_NO_GROUP_ROLE', { about: carrier.key });
  return await call.withSharedObject(`exstream:grouprole/${carrier.role}@${carrier.domain}`, async () => {
    if (await hasRole(ex, carrier, call)) return DONE;
    if (await hasOthers(ex, carrier, account, call))
      throw exstreamError('EXSTREAM_GROUP_IN_USE', { about: carrier.key });
    return await giveRole(ex, carrier, call);
  });
}

/** Written once and read again: the reply does not count, the row does. */
async function giveRole(ex: Exstream, carrier: Carrier, call: CallContext): Promise<Applied> {
  const design = ex.designIn(carrier.domain);
  const role = await design.role(carrier.role, call);
  if (!role) throw exstreamError('EXSTREAM_NOT_FOUND', { about: `role ${carrier.role}` });
  const domain = { id: carrier.domain };
  const row: GroupRole = { group: carrier.group, roleName: role.name, roleId: role.id, domain };
  const written = await design.addGroupRole(row, call);
  if (written.outcome === 'unknown') return written;
  const there = await hasRole(ex, carrier, call).catch((error: unknown) => {
    // The write was answered: that answer stands.
    if (error instanceof SystemError) return written.outcome === 'done';
    throw error;
  });
  if (there) return DONE;
  throw written.outcome === 'refused' ? written.error : exstreamError('EXSTREAM_NOT_KEPT', { about: carrier.key });
}

/** Whoever is in the group already gets the role with it, due or not: one whose row somebody took away is not ours to bring back. */
async function hasOthers(
  { otds: { client } }: Exstream,
  carrier: Carrier,
  { person, nativeId }: AccountRef,
  { signal }: CallContext,
): Promise<boolean> {
  const inside = async () => {
    const group = await groupByKey(client, carrier.group, signal);
    return group ? await client.members(group, signal) : { users: [], groups: [] };
  };
  const { users, groups } = await viaOtds(inside());
  return groups.length > 0 || users.some(({ uuid }) => uuid !== (nativeId ?? person.uuid));
}

async function hasRole(ex: Exstream, { role, domain, group }: Carrier, call: CallContext): Promise<boolean> {
  const rows = await ex.designIn(domain).groupRoles(domain, call);
  return rows.some((row) => row.roleName === role && row.domain.id === domain && same(row.group, group));
}

/** Lets the person in by name, where nothing else does. */
async function openDoor(ex: Exstream, account: AccountRef, call: ApplyContext): Promise<Applied> {
  const seen = await seePerson(ex, account, call);
  const about = account.person.who;
  if (!seen) throw exstreamError('EXSTREAM_NO_PERSON', { about });
  const nativeId = seen.user.uuid;
  if (accountOf(seen) === 'present') return { ...DONE, nativeId };
  if (seen.letInBy !== undefined) throw exstreamError('EXSTREAM_OTDS_CLOSED', { about });
  return { ...(await inOtds(ex, account, 'grant', door(ex), call)), nativeId };
}

/** Takes the person's own entry out of the access role. What lets in whole groups is not ours to change. */
async function closeDoor(ex: Exstream, account: AccountRef, call: ApplyContext): Promise<Applied> {
  const seen = await seePerson(ex, account, call);
  if (!seen || seen.letInBy === undefined) return DONE;
  if (seen.letInBy === 'direct') return await inOtds(ex, account, 'revoke', door(ex), call);
  if (!seen.open) return DONE;
  throw exstreamError('EXSTREAM_HELD_OPEN', { about: account.person.who });
}

const door = ({ config }: Exstream): string => `otds:accessrole/${config.accessRole}`;

async function inOtds(
  { otds }: Exstream,
  account: AccountRef,
  op: 'grant' | 'revoke',
  entitlement: string,
  call: ApplyContext,
): Promise<Applied> {
  const asRead = { account: 'present', profile: {}, held: [], warnings: [] } as const;
  return await appliedViaOtds(otds.target.apply(account, { op, entitlement }, asRead, call));
}
