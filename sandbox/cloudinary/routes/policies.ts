import type { Reply } from '../../common/types.ts';
import type { SystemPolicy } from '../catalogue.ts';
import { CATALOGUE_DATE, statementOf, SYSTEM_POLICIES, SYSTEM_ROLES } from '../catalogue.ts';
import { cedarErrors } from '../cedar.ts';
import { epoch, newId } from '../ids.ts';
import { flag, text } from '../input.ts';
import type { Call } from '../kit.ts';
import { change, now, ok, page, param, recordWrite, without } from '../kit.ts';
import { ApiRefusal, missingFields, notFoundId } from '../refusal.ts';
import type { Route } from '../router.ts';
import { needPrincipal, principalType } from '../rules/assign.ts';
import { roleOf } from '../rules/rolesOf.ts';
import { neededWord, PERMISSION_TYPES, SCOPE_TYPES, word } from '../rules/v2Filters.ts';
import type { CustomPolicy } from '../state.ts';

export function shownPolicy(policy: SystemPolicy): object {
  const at = epoch(CATALOGUE_DATE);
  return { ...without(policy, 'actions'), policy_statement: statementOf(policy), created_at: at, updated_at: at };
}

function systemPolicies(call: Call): Reply {
  const permission = word(call.input, 'permission_type', PERMISSION_TYPES);
  const scope = word(call.input, 'scope_type', SCOPE_TYPES);
  const some = SYSTEM_POLICIES.filter(
    (p) => (!permission || p.permission_type === permission) && (!scope || p.scope_type === scope),
  );
  return ok({ data: some.map(shownPolicy) });
}

function shownCustom(policy: CustomPolicy): object {
  return { ...policy, created_at: epoch(policy.created_at), updated_at: epoch(policy.updated_at) };
}

function policyOf(call: Call): CustomPolicy {
  const id = param(call, 'policy_id');
  const policy = call.state.policies[id];
  if (!policy) throw notFoundId('policy_id', id);
  return policy;
}

function customPolicies(call: Call): Reply {
  const scope = word(call.input, 'scope_type', SCOPE_TYPES);
  const scopeId = text(call.input, 'scope_id');
  const enabled = flag(call.input, 'enabled');
  const all = Object.values(call.state.policies).filter(
    (p) =>
      (!scope || p.scope_type === scope) &&
      (!scopeId || p.scope_id === scopeId) &&
      (enabled === undefined || p.enabled === enabled),
  );
  const { items, next } = page(all, text(call.input, 'cursor'), 100);
  return ok({ data: items.map(shownCustom), ...(next === null ? {} : { next_cursor: next }) });
}

type Wanted = Pick<CustomPolicy, 'name' | 'description' | 'policy_statement' | 'scope_type' | 'scope_id' | 'enabled'>;

function wantedPolicy(call: Call, needs: string[]): Wanted {
  const { input, state } = call;
  const missing = needs.filter((name) => text(input, name) === undefined || text(input, name) === '');
  if (missing.length > 0) throw missingFields(...missing);
  const statement = text(input, 'policy_statement') ?? '';
  const scope = neededWord(input, 'scope_type', SCOPE_TYPES);
  const scopeId = text(input, 'scope_id') ?? null;
  if (scope === 'prodenv' && scopeId !== null && !state.environments[scopeId]) throw notFoundId('scope_id', scopeId);
  const errors = cedarErrors(statement);
  if (errors.length > 0) {
    const messages = errors.map(({ cedar_message }) => ({ cedar_message }));
    const fields = [{ policy_statement: statement }, { cedar_errors: messages }];
    throw new ApiRefusal(400, 'invalid request', { code: 'ACCOUNTS_00002', details: { fields } });
  }
  const enabled = flag(input, 'enabled') ?? true;
  return {
    name: text(input, 'name') ?? '',
    description: text(input, 'description') ?? null,
    policy_statement: statement,
    scope_type: scope,
    scope_id: scopeId,
    enabled,
  };
}

/** The same statement twice at one scope is refused, by an unchanged PUT too (contract section 5). */
function needNew(call: Call, wanted: Wanted, own: CustomPolicy | null): void {
  const same = Object.values(call.state.policies).some((p) => {
    if (p.policy_statement !== wanted.policy_statement || p.scope_id !== wanted.scope_id) return false;
    return (
      p !== own || (p.enabled === wanted.enabled && p.name === wanted.name && p.description === wanted.description)
    );
  });
  if (!same) return;
  const fields = [{ policy_statement: wanted.policy_statement }];
  throw new ApiRefusal(409, 'already exists for the scope', { details: { fields } });
}

const NEEDED = ['name', 'policy_statement', 'scope_type'];

function createPolicy(call: Call): Reply {
  const wanted = wantedPolicy(call, NEEDED);
  needNew(call, wanted, null);
  const policy: CustomPolicy = { id: newId(24), ...wanted, created_at: now(call), updated_at: now(call) };
  call.state.policies[policy.id] = policy;
  recordWrite(call.ctx, 'policy', policy.id, null, policy);
  return { status: 201, body: { data: shownCustom(policy) } };
}

function updatePolicy(call: Call): Reply {
  const policy = policyOf(call);
  const wanted = wantedPolicy(call, [...NEEDED, 'enabled']);
  needNew(call, wanted, policy);
  change(call.ctx, 'policy', policy.id, policy, wanted);
  return ok({ data: shownCustom(policy) });
}

function deletePolicy(call: Call): Reply {
  const policy = policyOf(call);
  delete call.state.policies[policy.id];
  recordWrite(call.ctx, 'policy', policy.id, policy, null);
  return { status: 204, body: null };
}

function effective(call: Call): Reply {
  const { input, state } = call;
  const scope = text(input, 'scope_id');
  if (text(input, 'principal_type')) {
    const type = principalType(input['principal_type'], 'principal_type');
    if (text(input, 'principal_id')) needPrincipal(call, type, text(input, 'principal_id') ?? '');
  }
  const scopeType = word(input, 'scope_type', SCOPE_TYPES);
  const held = Object.values(state.assignments).filter(
    (a) =>
      (!text(input, 'principal_type') || a.principal_type === text(input, 'principal_type')) &&
      (!text(input, 'principal_id') || a.principal_id === text(input, 'principal_id')) &&
      (!scopeType || roleOf(state, a.role_id)?.scope_type === scopeType) &&
      (!scope || a.scope_id === scope || a.scope_id === 'all'),
  );
  const principals = new Map<string, { principal_type: string; principal_id: string; roles: object[] }>();
  for (const a of held) {
    const key = `${a.principal_type}|${a.principal_id}`;
    const entry = principals.get(key) ?? { principal_type: a.principal_type, principal_id: a.principal_id, roles: [] };
    const role = roleOf(state, a.role_id);
    const policies = SYSTEM_POLICIES.filter((p) => role?.system_policy_ids.includes(p.id));
    const shown = policies.map((p) => ({ id: p.id, policy_statement: filled(statementOf(p), a.policy_parameters) }));
    entry.roles.push({ id: a.role_id, system_policies: shown });
    principals.set(key, entry);
  }
  const custom = Object.values(state.policies)
    .filter((p) => p.enabled && (!scope || p.scope_id === scope))
    .map(({ id, policy_statement }) => ({ id, policy_statement }));
  return ok({ data: { principals: [...principals.values()], custom_policies: custom } });
}

function filled(statement: string, parameters: Record<string, string>): string {
  return Object.entries(parameters).reduce((text, [name, value]) => text.replace(`<${name}>`, value), statement);
}

function catalog(): Reply {
  const system_policies = SYSTEM_POLICIES.map((p) => ({
    ...without(p, 'actions', 'policy_parameters'),
    policy: statementOf(p),
  }));
  const system_roles = SYSTEM_ROLES.map((role) => without(role, 'created_at', 'updated_at', 'policy_parameters'));
  return ok({ catalog: { system_policies, system_roles } });
}

const APPLIES = { principalTypes: ['APIKey', 'User', 'Group'], resourceTypes: ['Folder', 'Asset', 'Collection'] };
const ANCESTORS = { type: 'Set', element: { type: 'String' }, required: true };

function schema(): Reply {
  const names = ['create', 'read', 'update', 'delete', 'move', 'moderate', 'share'];
  const actions = Object.fromEntries(names.map((name) => [name, { appliesTo: APPLIES }]));
  const asset = { ancestor_ids: ANCESTORS, resource_type: { type: 'String', required: true } };
  const folder = { ancestor_ids: ANCESTORS, name: { type: 'String', required: true } };
  const entityTypes = {
    User: { shape: { type: 'Record', attributes: { root: { type: 'Boolean', required: false } } } },
    Asset: { shape: { type: 'Record', attributes: asset } },
    Folder: { shape: { type: 'Record', attributes: folder } },
  };
  return ok({ schema: { Cloudinary: { actions, entityTypes } } });
}

function validate(call: Call): Reply {
  const policy = text(call.input, 'policy');
  if (!policy) throw missingFields('policy');
  const errors = cedarErrors(policy);
  return ok({ valid: errors.length === 0, errors });
}

const path = '/policies/custom/{policy_id}';
const FIELDS = ['name', 'description', 'policy_statement', 'scope_type', 'scope_id', 'enabled'];

export const POLICY_ROUTES: Route[] = [
  {
    method: 'GET',
    path: '/policies/system',
    plane: 'permissions',
    takes: ['permission_type', 'scope_type'],
    handler: systemPolicies,
  },
  {
    method: 'GET',
    path: '/policies/custom',
    plane: 'permissions',
    takes: ['scope_type', 'scope_id', 'enabled', 'cursor'],
    handler: customPolicies,
  },
  { method: 'POST', path: '/policies/custom', plane: 'permissions', takes: FIELDS, handler: createPolicy },
  { method: 'GET', path, plane: 'permissions', handler: (call) => ok({ data: shownCustom(policyOf(call)) }) },
  { method: 'PUT', path, plane: 'permissions', takes: FIELDS, handler: updatePolicy },
  { method: 'DELETE', path, plane: 'permissions', handler: deletePolicy },
  {
    method: 'GET',
    path: '/policies/effective',
    plane: 'permissions',
    takes: ['scope_type', 'scope_id', 'principal_type', 'principal_id'],
    handler: effective,
  },
  { method: 'GET', path: '/catalog', plane: 'public', handler: catalog },
  { method: 'GET', path: '/schema', plane: 'public', handler: schema },
  { method: 'POST', path: '/validate', plane: 'public', takes: ['policy'], handler: validate },
];
