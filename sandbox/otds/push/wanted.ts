import { Directory } from '../directory.ts';
import { parseDn } from '../dn.ts';
import type { OtdsState, Resource, User } from '../model.ts';

/** Who belongs at a receiver: the members of the access roles of its resource (contract, sections 7 and 9). */
export type Wanted = { users: Set<string>; groups: Set<string> };

/** Everybody below a group, groups included. */
function addGroup(dir: Directory, uuid: string, wanted: Wanted): void {
  if (wanted.groups.has(uuid) || !dir.groups.get(uuid)) return;
  wanted.groups.add(uuid);
  const { users, groups } = dir.groupMembers.list(uuid);
  for (const user of users) wanted.users.add(user);
  for (const group of groups) addGroup(dir, group, wanted);
}

function addRole(dir: Directory, uuid: string, wanted: Wanted): void {
  const { users, groups, roles } = dir.roleMembers.list(uuid);
  for (const user of users) wanted.users.add(user);
  for (const group of groups) addGroup(dir, group, wanted);
  for (const role of roles) addRole(dir, role, wanted);
}

function inUnit(u: User, dn: string): boolean {
  const unit = parseDn(dn);
  if (unit?.partition !== u.partition) return false;
  return unit.unit === null || (u.ou ?? 'users').toLowerCase() === unit.unit.toLowerCase();
}

/** With `pushAllGroups` also every group that holds somebody who is pushed. */
export function wantedAt(state: OtdsState, resource: Resource): Wanted {
  const dir = Directory.of(state);
  const wanted: Wanted = { users: new Set(), groups: new Set() };
  for (const { resources, members, attributes } of Object.values(state.accessRoles)) {
    if (!resources.includes(resource.resourceName)) continue;
    const partitions = new Set(members.userPartitions);
    const units = members.organizationalUnits;
    if (partitions.size + units.length > 0)
      for (const u of Object.values(state.users))
        if (partitions.has(u.partition) || units.some((dn) => inUnit(u, dn))) wanted.users.add(u.uuid);
    for (const g of Object.values(state.groups)) if (partitions.has(g.partition)) wanted.groups.add(g.uuid);
    for (const uuid of members.users) if (dir.users.get(uuid)) wanted.users.add(uuid);
    for (const uuid of members.groups) addGroup(dir, uuid, wanted);
    for (const uuid of members.roles) addRole(dir, uuid, wanted);
    if (attributes['pushAllGroups']?.[0]?.toLowerCase() === 'true')
      for (const user of wanted.users) for (const group of dir.groupMembers.of(user)) wanted.groups.add(group);
  }
  return wanted;
}
