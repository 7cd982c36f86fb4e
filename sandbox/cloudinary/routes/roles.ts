import type { Reply } from '../../common/types.ts';
import { SYSTEM_POLICIES } from '../catalogue.ts';
import { CHOSEN } from '../chosen.ts';
import { newId } from '../ids.ts';
import { flag, parsedJson, text } from '../input.ts';
import type { Call } from '../kit.ts';
import { change, chosenRefusal, now, ok, param, recordWrite } from '../kit.ts';
import { ApiRefusal, invalidField, missingFields } from '../refusal.ts';
import type { Route } from '../router.ts';
import { needRole } from '../rules/assign.ts';
import type { AnyRole } from '../rules/rolesOf.ts';
import { allRoles } from '../rules/rolesOf.ts';
import { MANAGEMENT_TYPES, neededWord, PERMISSION_TYPES, SCOPE_TYPES, shownRole, word } from '../rules/v2Filters.ts';
import type { Role } from '../state.ts';
import { shownPolicy } from './policies.ts';

function listRoles(call: Call): Reply {
  const { input } = call;
  const permission = neededWord(input, 'permission_type', PERMISSION_TYPES);
  const scope = word(input, 'scope_type', SCOPE_TYPES);
  const management = word(input, 'management_type', MANAGEMENT_TYPES);
  const parameters = parametersFilter(call);
  const roles = allRoles(call.state).filter(
    (role) =>
      role.permission_type === permission &&
      (scope === undefined || role.scope_type === scope) &&
      (management === undefined || role.management_type === management) &&
      (parameters === undefined || JSON.stringify(role.policy_parameters) === JSON.stringify(parameters)),
  );
  return ok({ data: roles.map(shownRole) });
}

/** `policy_parameters` is a JSON array inside the query. */
function parametersFilter(call: Call): string[] | undefined {
  const value = text(call.input, 'policy_parameters');
  if (value === undefined || value === '') return undefined;
  const parsed = parsedJson(value);
  if (!Array.isArray(parsed)) throw invalidField('policy_parameters', value);
  return parsed.map((name) => String(name));
}

function withPolicies(role: AnyRole): object {
  const policies = SYSTEM_POLICIES.filter((policy) => role.system_policy_ids.includes(policy.id));
  return { ...shownRole(role), policies: policies.map(shownPolicy) };
}

function needCustomRoles(call: Call): void {
  if (CHOSEN.value(call.state, 'customRoles') === 'enabled') return;
  call.ctx.chosen('customRoles');
  throw new ApiRefusal(403, 'not enabled');
}

function policyIds(call: Call): string[] | undefined {
  const value = call.input['system_policy_ids'];
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) throw invalidField('system_policy_ids', value);
  for (const id of value) if (!SYSTEM_POLICIES.some((p) => p.id === id)) throw invalidField('system_policy_ids', id);
  return value.map((id) => String(id));
}

function freeName(call: Call, name: string, own?: string): void {
  const taken = allRoles(call.state).some(
    (r) => r.id !== own && r.name.toLowerCase() === name.toLowerCase() && r.management_type === 'custom',
  );
  if (taken) throw new ApiRefusal(409, 'already exists', { details: { fields: [{ name }] } });
}

function createRole(call: Call): Reply {
  needCustomRoles(call);
  const { input, state } = call;
  const missing = ['name', 'permission_type', 'scope_type'].filter((name) => !text(input, name));
  if (missing.length > 0) throw missingFields(...missing);
  const name = text(input, 'name') ?? '';
  const permission = neededWord(input, 'permission_type', PERMISSION_TYPES);
  const scope = neededWord(input, 'scope_type', SCOPE_TYPES);
  if (permission === 'content' && scope === 'account') throw invalidField('scope_type', scope);
  const ids = policyIds(call) ?? [];
  const wrong = SYSTEM_POLICIES.find(
    (p) => ids.includes(p.id) && (p.permission_type !== permission || p.scope_type !== scope),
  );
  if (wrong) throw invalidField('system_policy_ids', wrong.id);
  freeName(call, name);
  const id = text(input, 'id') || `${name.toLowerCase().replace(/[^a-z0-9]+/g, '_')}_${newId(8)}`;
  if (allRoles(state).some((role) => role.id === id))
    throw new ApiRefusal(409, 'already exists', { details: { fields: [{ id }] } });
  const role: Role = {
    id,
    name,
    description: text(input, 'description') ?? null,
    permission_type: permission,
    scope_type: scope,
    system_policy_ids: ids,
    created_at: now(call),
    updated_at: now(call),
  };
  state.roles[id] = role;
  recordWrite(call.ctx, 'role', id, null, role);
  return { status: 201, body: { data: withPolicies(needRole(state, id)) } };
}

/** A custom role to be changed; the system's own are not. */
function customRole(call: Call): Role {
  const id = param(call, 'role_id');
  needRole(call.state, id);
  const role = call.state.roles[id];
  if (!role) throw new ApiRefusal(403);
  return role;
}

/** The whole role: what is left out becomes empty. */
function updateRole(call: Call): Reply {
  const role = customRole(call);
  const name = text(call.input, 'name');
  if (!name) throw missingFields('name');
  freeName(call, name, role.id);
  const changes = {
    name,
    description: text(call.input, 'description') ?? null,
    system_policy_ids: policyIds(call) ?? [],
  };
  change(call.ctx, 'role', role.id, role, changes);
  return ok({ data: withPolicies(needRole(call.state, role.id)) });
}

function deleteRole(call: Call): Reply {
  const role = customRole(call);
  const held = Object.entries(call.state.assignments).filter(([, a]) => a.role_id === role.id);
  if (held.length > 0 && flag(call.input, 'force') !== true) {
    call.ctx.chosen('deleteRoleInUse');
    throw CHOSEN.count(call.state, 'deleteRoleInUse') === 409
      ? chosenRefusal(call, 'deleteRoleInUse', 'role has principals')
      : new ApiRefusal(400, 'role has principals');
  }
  for (const [key, assignment] of held) {
    delete call.state.assignments[key];
    recordWrite(call.ctx, 'assignment', key, assignment, null);
  }
  delete call.state.roles[role.id];
  recordWrite(call.ctx, 'role', role.id, role, null);
  return { status: 204, body: null };
}

const CONTENT = ['folder_id', 'asset_id', 'collection_id', 'param_key', 'param_value'];
const EDIT = ['name', 'description', 'system_policy_ids'];
const path = '/roles/{role_id}';

export const ROLE_ROUTES: Route[] = [
  {
    method: 'GET',
    path: '/roles',
    plane: 'permissions',
    takes: ['permission_type', 'scope_type', 'management_type', 'policy_parameters'],
    handler: listRoles,
  },
  {
    method: 'POST',
    path: '/roles',
    plane: 'permissions',
    takes: [...EDIT, 'id', 'permission_type', 'scope_type'],
    handler: createRole,
  },
  {
    method: 'GET',
    path,
    plane: 'permissions',
    takes: CONTENT,
    handler: (call) => ok({ data: withPolicies(needRole(call.state, param(call, 'role_id'))) }),
  },
  { method: 'PUT', path, plane: 'permissions', takes: EDIT, handler: updateRole },
  { method: 'DELETE', path, plane: 'permissions', takes: ['force'], handler: deleteRole },
];
