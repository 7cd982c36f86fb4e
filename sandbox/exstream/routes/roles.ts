import { randomUUID } from 'node:crypto';
import { recordEffect } from '../../common/effects.ts';
import type { Reply } from '../../common/types.ts';
import { CHOSEN } from '../chosen.ts';
import { CODES, notFound } from '../errors.ts';
import type { Call } from '../kit.ts';
import { bodyOf, chosenRefusal, created, data, deleted, list, param, requiredText, textOf } from '../kit.ts';
import { page } from '../paging.ts';
import { needTenantAdmin, rolesOf } from '../rules/rights.ts';
import { searcher } from '../rules/search.ts';
import type { Role, RolePermissions } from '../state.ts';
import { domainFor } from '../rules/rights.ts';

/** Section 4.2: roles and what they permit. Permission texts are kept as they come. */

export const ROLE_BODY = ['id', 'name', 'description', 'appPermissions', 'adminPermissions'] as const;
export const PERMISSIONS_BODY = ['roleName', 'objectType', 'permissions'] as const;
const NAME_MAX = 255;

/** GET /roles */
export function listRoles(call: Call): Reply {
  const fits = searcher(call);
  const rows = Object.values(call.state.roles).filter((role) => fits([role.name, role.description]));
  return page(call, rows, (role) => role);
}

function roleFrom(call: Call, id: string): Role {
  const body = bodyOf(call);
  const role: Role = {
    id,
    name: requiredText(call, body, 'name', NAME_MAX),
    description: textOf(call, body, 'description', ''),
    appPermissions: textOf(call, body, 'appPermissions', ''),
    adminPermissions: textOf(call, body, 'adminPermissions', ''),
  };
  const same = Object.values(call.state.roles).find((other) => other.name === role.name && other.id !== id);
  if (same) throw chosenRefusal(call, 'ROLE_DUPLICATE', CODES.DUPLICATE, `A role named ${role.name} exists`);
  return role;
}

/** POST /roles */
export function createRole(call: Call): Reply {
  needTenantAdmin(call);
  const role = roleFrom(call, randomUUID());
  call.state.roles[role.id] = role;
  recordEffect(call.ctx, 'role', role.id, null, role);
  return created(call, role);
}

function roleOf(call: Call): Role {
  const role = call.state.roles[param(call, 'uuid').toLowerCase()];
  if (!role) throw notFound(`Role ${param(call, 'uuid')}`);
  return role;
}

/** PUT /roles/{uuid}: the whole role; its permissions follow the name. */
export function putRole(call: Call): Reply {
  needTenantAdmin(call);
  const before = roleOf(call);
  const after = roleFrom(call, before.id);
  call.state.roles[after.id] = after;
  recordEffect(call.ctx, 'role', after.id, before, after);
  for (const [key, row] of Object.entries(call.state.rolePermissions)) {
    if (row.roleName !== before.name || after.name === before.name) continue;
    delete call.state.rolePermissions[key];
    call.state.rolePermissions[permissionKey({ ...row, roleName: after.name })] = { ...row, roleName: after.name };
  }
  return data(call, after);
}

/** DELETE /roles/{uuid} */
export function deleteRole(call: Call): Reply {
  needTenantAdmin(call);
  const role = roleOf(call);
  const uses = Object.entries(call.state.groupRoles).filter(([, row]) => row.roleId === role.id);
  if (uses.length > 0) {
    if (CHOSEN.use(call.ctx, 'ROLE_IN_USE') === 409) {
      throw chosenRefusal(call, 'ROLE_IN_USE', CODES.IN_USE, `Role ${role.name} is given to ${uses.length} groups`);
    }
  }
  for (const [key, row] of uses) {
    delete call.state.groupRoles[key];
    recordEffect(call.ctx, 'groupRole', key, row, null);
  }
  for (const [key, row] of Object.entries(call.state.rolePermissions)) {
    if (row.roleName === role.name) delete call.state.rolePermissions[key];
  }
  delete call.state.roles[role.id];
  recordEffect(call.ctx, 'role', role.id, role, null);
  return deleted(call);
}

function permissionKey(row: RolePermissions): string {
  return `${row.roleName}/${row.objectType}`;
}

/** GET /role-permissions?roleName= */
export function listRolePermissions(call: Call): Reply {
  const roleName = call.query.get('roleName');
  const rows = Object.values(call.state.rolePermissions);
  return list(
    call,
    rows.filter((row) => roleName === null || roleName === '' || row.roleName === roleName),
  );
}

/** POST /role-permissions: one row by role and object type, new or replaced. */
export function postRolePermissions(call: Call): Reply {
  needTenantAdmin(call);
  const body = bodyOf(call);
  const row: RolePermissions = {
    roleName: requiredText(call, body, 'roleName', NAME_MAX),
    objectType: requiredText(call, body, 'objectType'),
    permissions: textOf(call, body, 'permissions', ''),
  };
  if (!Object.values(call.state.roles).some((role) => role.name === row.roleName))
    throw notFound(`Role ${row.roleName}`);
  const before = call.state.rolePermissions[permissionKey(row)] ?? null;
  call.state.rolePermissions[permissionKey(row)] = row;
  recordEffect(call.ctx, 'rolePermissions', permissionKey(row), before, row);
  return created(call, row);
}

/** The groups a permission question is about: one that is named, else the caller's own. */
function groupsAsked(call: Call): string[] {
  const group = call.query.get('groupId');
  return group === null || group === '' ? call.me.groups : [group];
}

/** GET /permissions/{domain}/resources?groupId=&resourceType= : what a group may do, through all its roles there. */
export function effectivePermissions(call: Call): Reply {
  const domain = domainFor(call, 'READ').id;
  const names = new Set(rolesOf(call.state, groupsAsked(call), domain).map((role) => role.name));
  const type = call.query.get('resourceType') ?? '';
  const rows = Object.values(call.state.rolePermissions).filter((row) => names.has(row.roleName));
  return list(
    call,
    rows.filter((row) => type === '' || row.objectType === type || row.objectType === 'all'),
  );
}

/** GET /permissions/{domain}/webapps?groupId= */
export function webappPermissions(call: Call): Reply {
  const domain = domainFor(call, 'READ').id;
  const texts = rolesOf(call.state, groupsAsked(call), domain).map((role) => role.appPermissions);
  call.ctx.chosen('PERMISSION_TEXT');
  return data(call, { webappPermissions: [...new Set(texts)].filter((text) => text !== '').join(' ') });
}
