import { matchesAny } from '../../domain/entitlement.ts';
import type { OtdsClient } from './client.ts';
import { eachLimited } from './memberships.ts';
import type { Effective } from './memberships.ts';
import { keyOf, same } from './shapes.ts';
import type { AccessRole, AccessRoleMember, OtdsObject, OtdsRole } from './shapes.ts';

const PREFIX = 'otds:accessrole/';

/** The access roles that `interest` can mean, read one by one; a name that does not exist is left out. */
export async function accessRolesOf(
  client: OtdsClient,
  interest: readonly string[],
  signal: AbortSignal,
): Promise<AccessRole[]> {
  const patterns = interest.some((key) => key.includes('*'));
  const listed = patterns ? await client.accessRoleNames(signal) : [];
  const named = interest
    .filter((key) => key.startsWith(PREFIX) && !key.includes('*'))
    .map((key) => key.slice(PREFIX.length));
  const names = [...new Set([...named, ...listed.filter((name) => matchesAny(interest, `${PREFIX}${name}`))])];
  const roles = await eachLimited(names, client.config.limits.concurrent, (name) => client.accessRole(name, signal));
  // Exactly this spelling: keys are compared as texts.
  return roles.filter((role) => role !== undefined).filter((role) => names.includes(role.name));
}

/** How a user comes to hold an access role; undefined: not at all, as far as partitions, groups, roles and the user's own entry tell. */
export function holding(
  role: AccessRole,
  user: OtdsObject,
  groups: Effective,
  roles: readonly OtdsRole[],
): 'direct' | 'group' | 'inherited' | undefined {
  const members = role.accessRoleMembers;
  if (entriesOf(role, user).length > 0) return 'direct';
  if (members.groups?.some((member) => groups.all.some((group) => isObject(member, group)))) return 'group';
  const byPartition = members.userPartitions?.some((member) => same(member.name ?? '', user.userPartitionID));
  const byRole = members.roles?.some((member) => roles.some((held) => same(member.location ?? '', held.location)));
  return byPartition || byRole ? 'inherited' : undefined;
}

type ByText = ReadonlyMap<string, readonly AccessRoleMember[]>;

/** By every text that an entry may be known by: a role can have as many entries as there are people. */
const indexes = new WeakMap<readonly AccessRoleMember[], ByText>();

/** The role's own entries of this user. */
export function entriesOf(role: AccessRole, user: OtdsObject): AccessRoleMember[] {
  const users = role.accessRoleMembers.users ?? [];
  const index = indexes.get(users) ?? byText(users);
  indexes.set(users, index);
  const texts = new Set([user.location, keyOf(user), user.name, user.id].map((text) => text.toLowerCase()));
  const near = new Set([...texts].flatMap((text) => index.get(text) ?? []));
  return [...near].filter((member) => isUser(member, user));
}

function byText(members: readonly AccessRoleMember[]): ByText {
  const index = new Map<string, AccessRoleMember[]>();
  for (const member of members) {
    for (const text of [member.location, member.name, member.displayName]) {
      if (!text) continue;
      const key = text.toLowerCase();
      const known = index.get(key);
      if (known) known.push(member);
      else index.set(key, [member]);
    }
  }
  return index;
}

/** True where the role is given to organisational units: who is in one cannot be told without parsing DNs. */
export function hasUnits(role: AccessRole): boolean {
  return (role.accessRoleMembers.organizationalUnits ?? []).length > 0;
}

/** The role without this user; every other member and field as it was read. */
export function withoutUser(role: AccessRole, user: OtdsObject): AccessRole {
  const members = role.accessRoleMembers;
  return {
    ...role,
    accessRoleMembers: { ...members, users: (members.users ?? []).filter((member) => !isUser(member, user)) },
  };
}

/**
 * Is this entry the user? By DN; and by partition and name too, since the DN of an entry may have another form: to miss somebody who is in would
 * leave a leaver access.
 */
export function isUser(member: AccessRoleMember, user: OtdsObject): boolean {
  return isObject(member, user);
}

function isObject(member: AccessRoleMember, object: OtdsObject): boolean {
  if (member.location && same(member.location, object.location)) return true;
  const names = [member.name, member.displayName].filter((name) => typeof name === 'string');
  // A login with an `@` looks like somebody of another partition: the entry's own partition decides where it says one.
  if (!member.userPartition) return names.some((name) => same(name, keyOf(object)));
  if (!same(member.userPartition, object.userPartitionID)) return false;
  return names.some((name) => [keyOf(object), object.name, object.id].some((known) => same(name, known)));
}
