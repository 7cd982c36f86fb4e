import { isObject } from '../../common/fields.ts';
import type { Reply } from '../../common/types.ts';
import { levelOf } from '../catalogue.ts';
import { CHOSEN } from '../chosen.ts';
import { flag, ids, needed, oneOf } from '../input.ts';
import type { Call } from '../kit.ts';
import { chosenRefusal, ok, param } from '../kit.ts';
import { ApiRefusal } from '../refusal.ts';
import type { Route } from '../router.ts';
import type { Grant } from '../rules/assign.ts';
import { principalExists, setAssignment } from '../rules/assign.ts';
import { callerLevel, need } from '../rules/rights.ts';
import type { AnyRole } from '../rules/rolesOf.ts';
import { allRoles, assignmentKey, folderRoles, roleOf } from '../rules/rolesOf.ts';
import { neededFolderId } from '../rules/tree.ts';
import type { Folder } from '../state.ts';

const MOST_ROLES = 10;

/** Folder invites are of the newer permission system only. */
function invitedFolder(call: Call): Folder {
  if (call.state.account.mode === 'legacy') {
    call.ctx.chosen('legacyPermissions');
    throw new ApiRefusal(CHOSEN.value(call.state, 'legacyPermissions') === 404 ? 404 : 403, 'Not allowed');
  }
  return neededFolderId(call, param(call, 'folder_id'));
}

function isFolderRole(role: AnyRole): boolean {
  return role.permission_type === 'content' && role.policy_parameters.includes('folder_id');
}

/** Who has roles on the folder: one row per principal and folder where they were set. */
function readInvites(call: Call): Reply {
  const folder = invitedFolder(call);
  need(call, 'read', folder);
  const rows = new Map<string, { type: string; id: string; folder_id: string; roles: object[] }>();
  for (const { assignment: held, inherited } of folderRoles(call.state, folder)) {
    const at = held.policy_parameters['folder_id'] ?? '';
    const key = `${held.principal_type}|${held.principal_id}|${at}`;
    const row = rows.get(key) ?? { type: held.principal_type, id: held.principal_id, folder_id: at, roles: [] };
    const role = roleOf(call.state, held.role_id);
    if (role) row.roles.push({ id: role.id, name: role.name, description: role.description ?? '', inherited });
    rows.set(key, row);
  }
  const shared = { shared_with: [...rows.values()] };
  if (flag(call.input, 'permitted_roles') !== true) return ok(shared);
  const level = callerLevel(call, folder);
  const permitted = allRoles(call.state)
    .filter((role) => isFolderRole(role) && levelOf(role) <= level)
    .map((role) => ({ id: role.id, name: role.name, description: role.description ?? '' }));
  return ok({ ...shared, permitted_roles: permitted });
}

function changeInvites(call: Call): Reply {
  const folder = invitedFolder(call);
  const principal = call.input['principal'];
  if (!isObject(principal)) throw new ApiRefusal(400, 'Missing required parameter - principal');
  const type = oneOf(principal, 'type', ['user', 'group', 'apiKey']);
  if (type === undefined) throw new ApiRefusal(400, 'Missing required parameter - type');
  const id = needed(principal, 'id');
  const operation = oneOf(call.input, 'operation', ['add', 'remove']);
  if (operation === undefined) throw new ApiRefusal(400, 'Missing required parameter - operation');
  const wanted = ids(call.input, 'roles') ?? [];
  if (wanted.length === 0) throw new ApiRefusal(400, 'Missing required parameter - roles');
  if (wanted.length > MOST_ROLES) throw new ApiRefusal(400, `Too many roles - at most ${MOST_ROLES}`);
  need(call, 'share', folder);
  if (!principalExists(call.state, type, id)) throw new ApiRefusal(404, `Cannot find ${type} with id ${id}`);
  const grants = wanted.map((roleId): Grant => ({
    principal_type: type,
    principal_id: id,
    role_id: grantable(call, folder, roleId).id,
    scope_id: call.env.id,
    policy_parameters: { folder_id: folder.external_id },
  }));
  for (const grant of grants) step(call, folder, grant, operation === 'add');
  return ok({ success: true });
}

function grantable(call: Call, folder: Folder, roleId: string): AnyRole {
  const role = roleOf(call.state, roleId);
  if (!role || !isFolderRole(role)) throw new ApiRefusal(400, `Invalid role ${roleId}`);
  if (levelOf(role) > callerLevel(call, folder)) throw chosenRefusal(call, 'roleAboveOwnLevel', 'Not allowed');
  return role;
}

function step(call: Call, folder: Folder, grant: Grant, add: boolean): void {
  const held = call.state.assignments[assignmentKey(grant)] !== undefined;
  if (add && held) {
    if (CHOSEN.use(call.ctx, 'grantHeldRole') !== 200) throw chosenRefusal(call, 'grantHeldRole', 'Already granted');
  }
  if (!add && !held) {
    const above = folderRoles(call.state, folder).some(
      ({ assignment: a }) => a.role_id === grant.role_id && a.principal_id === grant.principal_id,
    );
    const name = above ? 'removeInheritedRole' : 'removeAbsentRole';
    call.ctx.chosen(name);
    if (CHOSEN.count(call.state, name) !== 200) throw chosenRefusal(call, name, 'Role is not set on this folder');
  }
  setAssignment(call.ctx, grant, add);
}

const path = '/folder_operations/invite/{folder_id}';

export const INVITE_ROUTES: Route[] = [
  { method: 'GET', path, plane: 'environment', takes: ['permitted_roles'], handler: readInvites },
  { method: 'POST', path, plane: 'environment', takes: ['principal', 'operation', 'roles'], handler: changeInvites },
];
