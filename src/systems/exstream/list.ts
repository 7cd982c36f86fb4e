import type { Actual } from '../../domain/change.ts';
import { isUser } from '../otds/accessRoles.ts';
import { stateOf } from '../otds/attributes.ts';
import type { OtdsClient } from '../otds/client.ts';
import { groupByKey } from '../otds/locate.ts';
import { eachLimited, usersInside } from '../otds/memberships.ts';
import { keyOf, same } from '../otds/shapes.ts';
import type { AccessRole, AccessRoleMember, OtdsObject } from '../otds/shapes.ts';
import type { CallContext, Page } from '../port.ts';
import { PAGE_SIZE } from './choices.ts';
import type { Exstream } from './context.ts';
import { exstreamError, viaOtds } from './errors.ts';
import { accountOf, type Seen } from './people.ts';

type Listed = { nativeId: string; label: string; account: Actual['account'] };

/**
 * Everybody with an account's worth of Exstream: in a carrying group, or named in the access role (the whole partitions it lets in are not people
 * of Exstream). One scan of those groups when the first page is asked for, then pages of it by uuid; a cursor of another process scans again.
 */
export class AccountList {
  private readonly ex: Exstream;
  private scanned: readonly Listed[] | undefined;

  constructor(ex: Exstream) {
    this.ex = ex;
  }

  async page(after: string | undefined, call: CallContext): Promise<Page<Listed>> {
    if (after === undefined || !this.scanned) this.scanned = await viaOtds(scan(this.ex, call.signal));
    const begin = after === undefined ? 0 : this.scanned.findIndex(({ nativeId }) => nativeId > after);
    const items = begin < 0 ? [] : this.scanned.slice(begin, begin + PAGE_SIZE);
    const last = items.at(-1)?.nativeId;
    const isEnd = last === undefined || last === this.scanned.at(-1)?.nativeId;
    if (isEnd) this.scanned = undefined;
    return { items, ...(isEnd ? {} : { next: last }) };
  }
}

async function scan({ otds: { client }, config, carriers }: Exstream, signal: AbortSignal): Promise<Listed[]> {
  const role = await client.accessRole(config.accessRole, signal);
  if (!role) throw exstreamError('EXSTREAM_NO_ACCESS_ROLE', { about: config.accessRole });
  const { concurrent } = client.config.limits;
  const inside = await eachLimited(carriers.all, concurrent, async (carrier) => {
    const group = await groupByKey(client, carrier.group, signal);
    return group ? (await client.members(group, signal)).users : [];
  });
  const byGroup = await letInByGroup(client, role, signal);
  const users = new Map([...inside.flat(), ...byGroup.values()].map((user) => [user.uuid, user]));
  const known = [...users.values()];
  const named = (role.accessRoleMembers.users ?? []).filter((member) => !known.some((user) => isUser(member, user)));
  for (const user of await eachLimited(named, concurrent, (member) => userBehind(client, member, signal)))
    if (user) users.set(user.uuid, user);
  const whole = await eachLimited([...users.values()], concurrent, (user) => withAttributes(client, user, signal));
  return whole
    .filter((user) => user !== undefined)
    .map((user) => listed(user, letInBy(role, user) ?? (byGroup.has(user.uuid) ? 'group' : undefined)))
    .sort((a, b) => (a.nativeId < b.nativeId ? -1 : 1));
}

/** Members of the groups that the access role lets in as a whole. */
async function letInByGroup(
  client: OtdsClient,
  role: AccessRole,
  signal: AbortSignal,
): Promise<Map<string, OtdsObject>> {
  const found = new Map<string, OtdsObject>();
  for (const member of role.accessRoleMembers.groups ?? []) {
    const group = await client.group(refOf(member), signal);
    const users = group ? await usersInside(client, group, signal) : [];
    for (const user of users) found.set(user.uuid, user);
  }
  return found;
}

function letInBy(role: AccessRole, user: OtdsObject): Seen['letInBy'] {
  const { users, userPartitions } = role.accessRoleMembers;
  if ((users ?? []).some((member) => isUser(member, user))) return 'direct';
  return (userPartitions ?? []).some((member) => same(member.name ?? '', user.userPartitionID))
    ? 'inherited'
    : undefined;
}

const refOf = (member: AccessRoleMember): string => member.location ?? member.name ?? '';

async function userBehind(
  client: OtdsClient,
  member: AccessRoleMember,
  signal: AbortSignal,
): Promise<OtdsObject | undefined> {
  return refOf(member) === '' ? undefined : await client.user(refOf(member), signal);
}

/** Members of a group may come without their attributes (a choice of OTDS): then each is asked for. */
async function withAttributes(
  client: OtdsClient,
  user: OtdsObject,
  signal: AbortSignal,
): Promise<OtdsObject | undefined> {
  return (user.values ?? []).length > 0 ? user : await client.user(keyOf(user), signal);
}

function listed(user: OtdsObject, by: Seen['letInBy']): Listed {
  return {
    nativeId: user.uuid,
    label: keyOf(user),
    account: accountOf({ open: stateOf(user) !== 'disabled', letInBy: by }),
  };
}
