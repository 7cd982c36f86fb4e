import type { Change } from '../../domain/change.ts';
import { kindOf, restOf } from '../../domain/entitlement.ts';
import { SystemError } from '../errors.ts';
import type { AccountRef, Applied, ApplyContext } from '../port.ts';
import { asApplied } from '../written.ts';
import { isUser, withoutUser } from './accessRoles.ts';
import { createAccount, writable, writeValues } from './accountWrite.ts';
import { isSynchronised } from './attributes.ts';
import type { OtdsClient } from './client.ts';
import { otdsError } from './errors.ts';
import { accountOf, groupByKey } from './locate.ts';
import { keyOf, same, splitKey } from './shapes.ts';
import type { OtdsObject } from './shapes.ts';
import type { Written } from './wire.ts';
import { afterwards, DONE } from './written.ts';

const UPSTREAM: Applied = { outcome: 'upstream' };

/** See `Target.apply`. What the source of a synchronised partition owns is not even tried. */
export async function applyChange(
  client: OtdsClient,
  account: AccountRef,
  change: Change,
  call: ApplyContext,
): Promise<Applied> {
  if (isUpstream(client, account, change)) return UPSTREAM;
  if (change.op === 'create') return createAccount(client, account, change.profile, call.signal);
  const user = await accountOf(client, account, call.signal);
  if (!user) {
    const gone = change.op === 'disable' || change.op === 'delete' || change.op === 'revoke';
    if (gone) return DONE;
    throw otdsError('OTDS_NOT_FOUND', { about: `account of ${account.person.who}`, status: 404 });
  }
  if ('entitlement' in change) return membership(client, user, change, call);
  switch (change.op) {
    case 'disable':
      return writeValues(client, user, { accountDisabled: 'true' }, call.signal);
    case 'enable':
      return writeValues(client, user, { ...writable(client, change.profile), accountDisabled: 'false' }, call.signal);
    case 'update':
      return writeValues(client, user, writable(client, change.profile), call.signal);
    case 'delete': {
      const written = await client.deleteUser(user, call.signal);
      return written.outcome === 'refused' && written.missing ? DONE : asApplied(written);
    }
  }
}

function isUpstream(client: OtdsClient, { person }: AccountRef, change: Change): boolean {
  const { config } = client;
  if (!('entitlement' in change)) return person.ownedUpstream || isSynchronised(config, person.partition);
  if (kindOf(change.entitlement) !== 'group') return false;
  return isSynchronised(config, splitKey(restOf(change.entitlement))?.partition ?? '');
}

function membership(
  client: OtdsClient,
  user: OtdsObject,
  change: { op: 'grant' | 'revoke'; entitlement: string },
  call: ApplyContext,
): Promise<Applied> {
  const name = restOf(change.entitlement);
  switch (kindOf(change.entitlement)) {
    case 'group':
      return groupMembership(client, user, name, change.op, call.signal);
    case 'role':
      return roleMembership(client, user, name, change.op, call.signal);
    case 'accessrole':
      return call.withSharedObject(`otds:accessrole/${name}`, () =>
        accessRoleMembership(client, user, name, change.op, call.signal),
      );
    default:
      throw otdsError('OTDS_UNSUPPORTED', { about: change.entitlement });
  }
}

async function groupMembership(
  client: OtdsClient,
  user: OtdsObject,
  key: string,
  op: 'grant' | 'revoke',
  signal: AbortSignal,
): Promise<Applied> {
  const group = await groupByKey(client, key, signal);
  if (!group) return noContainer(op, `group ${key}`);
  const written = await writeMembership(client, user, group, op, signal);
  return unlessThereAlready(written, op, `group ${key}`, async () => {
    const groups = await client.memberOf('users', user, signal);
    return groups.some((held) => held.uuid === group.uuid);
  });
}

/** By SCIM inside one partition that it serves; else by REST. */
function writeMembership(
  client: OtdsClient,
  user: OtdsObject,
  group: OtdsObject,
  op: 'grant' | 'revoke',
  signal: AbortSignal,
): Promise<Written> {
  const { userPartitionID: partition } = group;
  if (client.scim?.serves(partition) && same(user.userPartitionID, partition))
    return client.scim.member(op, user, group, `group ${keyOf(group)}`, signal);
  return op === 'grant' ? client.addToGroup(user, group, signal) : client.removeFromGroup(user, group, signal);
}

async function roleMembership(
  client: OtdsClient,
  user: OtdsObject,
  name: string,
  op: 'grant' | 'revoke',
  signal: AbortSignal,
): Promise<Applied> {
  const role = await client.role(name, signal);
  if (!role) return noContainer(op, `role ${name}`);
  const written =
    op === 'grant' ? await client.addToRole(user, role, signal) : await client.removeFromRole(user, role, signal);
  return unlessThereAlready(written, op, `role ${name}`, async () => {
    const roles = await client.userRoles(user, signal);
    return roles.some((held) => held.location === role.location);
  });
}

/**
 * An access role is one object that people share. A member is added by a call of its own; to remove one the whole role is read, edited and put
 * back. Either is read again: where another's PUT undid ours, it is done anew, a few times.
 */
async function accessRoleMembership(
  client: OtdsClient,
  user: OtdsObject,
  name: string,
  op: 'grant' | 'revoke',
  signal: AbortSignal,
): Promise<Applied> {
  const about = `access role ${name}`;
  let written: Written | undefined;
  for (let left = client.choices.sharedTries; ; left -= 1) {
    const role = await client.accessRole(name, signal).catch((error: unknown) => {
      if (written && error instanceof SystemError) return 'unread' as const; // the write was answered: that stands
      throw error;
    });
    if (role === 'unread') return DONE;
    if (!role) return noContainer(op, about);
    const isIn = role.accessRoleMembers.users?.some((member) => isUser(member, user)) ?? false;
    if (isIn === (op === 'grant')) return DONE;
    if (left <= 0) throw otdsError('OTDS_SHARED_CHANGED', { about });
    written =
      op === 'grant'
        ? await client.addToAccessRole(name, user, signal)
        : await client.putAccessRole(withoutUser(role, user), signal);
    if (written.outcome !== 'done') return asApplied(written);
  }
}

/** Nothing to be in: a revocation has its effect already. */
function noContainer(op: 'grant' | 'revoke', about: string): Applied {
  if (op === 'revoke') return DONE;
  throw otdsError('OTDS_NOT_FOUND', { about, status: 404 });
}

/** A refused write whose effect is there already (a member added twice, a group deleted meanwhile) is a success. */
async function unlessThereAlready(
  written: Written,
  op: 'grant' | 'revoke',
  about: string,
  isMember: () => Promise<boolean>,
): Promise<Applied> {
  if (written.outcome !== 'refused' || written.error.retryable) return asApplied(written);
  const member = await afterwards(isMember);
  if (member === (op === 'grant')) return DONE;
  if (written.missing && member !== undefined) throw otdsError('OTDS_UNSUPPORTED', { about });
  throw written.error;
}
