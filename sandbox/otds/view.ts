import type { Json } from '../common/types.ts';
import { Directory } from './directory.ts';
import { fullName } from './model.ts';
import type { Entity, OtdsState, User } from './model.ts';

/** What somebody has, and how: directly, or by which group. For GET /state, not for the vendor's address. */

type Row = { name: string; how: 'direct' | 'group' | 'partition' | 'role'; via?: string };

function groupRows(dir: Directory, user: User): Row[] {
  const direct = new Set(dir.groupMembers.of(user.uuid));
  const rows: Row[] = [];
  for (const uuid of dir.groupMembers.ofDeep(user.uuid)) {
    const group = dir.groups.get(uuid);
    if (!group) continue;
    const via = [...direct].map((d) => dir.groups.get(d)).find((g) => g && dir.groupMembers.ofDeep(g.uuid).has(uuid));
    if (direct.has(uuid)) rows.push({ name: fullName(group), how: 'direct' });
    else rows.push({ name: fullName(group), how: 'group', ...(via ? { via: fullName(via) } : {}) });
  }
  return rows;
}

function roleRows(dir: Directory, user: User): Row[] {
  const direct = dir.roleMembers.of(user.uuid);
  const rows = new Map<string, Row>();
  const note = (uuid: string, how: Row['how'], via?: Entity) => {
    const role = dir.roles.get(uuid);
    if (role && !rows.has(uuid)) rows.set(uuid, { name: fullName(role), how, ...(via ? { via: fullName(via) } : {}) });
  };
  for (const uuid of direct) note(uuid, 'direct');
  for (const g of dir.groupMembers.ofDeep(user.uuid))
    for (const uuid of dir.roleMembers.of(g)) note(uuid, 'group', dir.groups.get(g));
  for (const uuid of dir.roleMembers.ofDeep(user.uuid)) note(uuid, 'role');
  return [...rows.values()];
}

function accessRoleRows(state: OtdsState, dir: Directory, user: User): Row[] {
  const groups = dir.groupMembers.ofDeep(user.uuid);
  return Object.values(state.accessRoles).flatMap(({ name, members }): Row[] => {
    if (members.users.includes(user.uuid)) return [{ name, how: 'direct' }];
    const group = members.groups
      .map((uuid) => (groups.has(uuid) ? dir.groups.get(uuid) : undefined))
      .find((g) => g !== undefined);
    if (group) return [{ name, how: 'group', via: fullName(group) }];
    return members.userPartitions.includes(user.partition) ? [{ name, how: 'partition', via: user.partition }] : [];
  });
}

/** By `login@partition`: the uuid, whether disabled, and every group, role and access role with how it came. */
export function access(state: OtdsState): Record<string, Json> {
  const dir = Directory.of(state);
  const byName = (a: Row, b: Row) => (a.name < b.name ? -1 : 1);
  return Object.fromEntries(
    Object.values(state.users).map((user) => [
      fullName(user),
      {
        uuid: user.uuid,
        disabled: user.attributes['accountDisabled']?.[0] === 'true',
        groups: groupRows(dir, user).toSorted(byName),
        roles: roleRows(dir, user).toSorted(byName),
        accessRoles: accessRoleRows(state, dir, user).toSorted(byName),
      },
    ]),
  );
}
