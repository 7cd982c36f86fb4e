import { CHOSEN } from '../chosen.ts';
import type { Call } from '../kit.ts';
import { ApiRefusal, chosenRefusal, notFound, param } from '../kit.ts';
import type { Group } from '../state.ts';

/** The three faces of one thing (contract section 5): legacy groups, teams, role groups. */
export type Face = { path: string; kind: Group['kind']; roles: string; what: string };

export const GROUPS: Face = { path: '/API/users/v1/groups', kind: null, roles: 'groups', what: 'Group' };
export const TEAMS: Face = { path: '/API/users/v1/teams', kind: 'TEAM', roles: 'teams', what: 'Team' };
export const ROLE_GROUPS: Face = {
  path: '/API/users/v1/role_groups',
  kind: 'ROLE_GROUP',
  roles: 'role_groups',
  what: 'Role group',
};

/** Whether a group shows under that path: `/groups/` shows every kind, and in a legacy domain all are plain groups. */
export function shows(call: Call, face: Face, group: Group): boolean {
  if (face.kind === null) return true;
  return call.state.domain.model === 'simplified' && group.kind === face.kind;
}

export function pathGroup(call: Call, face: Face, name = 'id'): Group {
  const group = call.state.groups[param(call, name)];
  if (!group || !shows(call, face, group)) throw notFound(face.what);
  return group;
}

/** Teams and role groups are not there to write in a domain that was not migrated. */
export function needModel(call: Call, face: Face): void {
  if (face.kind !== null && call.state.domain.model === 'legacy') {
    throw new ApiRefusal(400, 'The domain has not been migrated to simplified ACLs');
  }
  if (face.kind === null && call.state.domain.model === 'simplified') {
    const refused = CHOSEN.use(call.ctx, 'orphanGroup') === 403;
    if (refused) throw chosenRefusal(call, 'orphanGroup', 'Groups cannot be created in a migrated domain');
  }
}

export function refuseSystem(call: Call, group: Group): void {
  if (!group.is_system) return;
  if (CHOSEN.use(call.ctx, 'systemGroups') === 'refuse') {
    throw new ApiRefusal(403, `System group ${group.name} cannot be changed`);
  }
}
