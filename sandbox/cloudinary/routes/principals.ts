import { isObject } from '../../common/fields.ts';
import type { Reply } from '../../common/types.ts';
import { CHOSEN } from '../chosen.ts';
import { epoch } from '../ids.ts';
import { flag, text } from '../input.ts';
import type { Call } from '../kit.ts';
import { ok, page, param } from '../kit.ts';
import { invalidField, missingFields, notFoundId } from '../refusal.ts';
import type { Route } from '../router.ts';
import type { Grant } from '../rules/assign.ts';
import {
  applyGrants,
  grantOf,
  needPrincipal,
  needRole,
  operationOf,
  principalExists,
  principalType,
} from '../rules/assign.ts';
import { heldRoles, neededWord, PERMISSION_TYPES, SCOPE_TYPES, shownHeld } from '../rules/v2Filters.ts';

const EMPTY: Reply = { status: 200, body: null };

function principalsOfRole(call: Call): Reply {
  const role = needRole(call.state, param(call, 'role_id'));
  const verbose = flag(call.input, 'verbose') === true;
  const rows = heldRoles(call.state, call.input).filter(({ held }) => held.role_id === role.id);
  const seen = new Set<string>();
  const data = rows.flatMap(({ held }) => {
    const plain = { id: held.principal_id, type: held.principal_type };
    const key = `${plain.type}|${plain.id}`;
    if (!verbose && seen.has(key)) return [];
    seen.add(key);
    if (!verbose) return [plain];
    const at = epoch(held.created_at);
    const { role_id, policy_parameters, scope_id } = held;
    return [
      { ...plain, role_id, policy_parameters, scope_type: role.scope_type, scope_id, created_at: at, updated_at: at },
    ];
  });
  return ok({ data });
}

/** Here a principal is `principal_type` and `principal_id`. */
function updatePrincipals(call: Call): Reply {
  const role = needRole(call.state, param(call, 'role_id'));
  const operation = operationOf(call.input['operation']);
  const grants = itemsOf(call, 'principals').map((item): Grant => {
    const type = principalType(item['principal_type'], 'principal_type');
    const id = idIn(item, 'principal_id');
    return grantOf(call, role, { type, id }, item['scope_id'], item['policy_parameters']);
  });
  applyGrants(call, operation, grants);
  return EMPTY;
}

/** Here it is `type` and `id`. */
function updatePrincipalRoles(call: Call): Reply {
  const operation = operationOf(call.input['operation']);
  const principal = call.input['principal'];
  if (!isObject(principal)) throw missingFields('principal');
  const type = principalType(principal['type'], 'type');
  const id = idIn(principal, 'id');
  const grants = itemsOf(call, 'roles').map((item): Grant => {
    const role = needRole(call.state, item['id']);
    return grantOf(call, role, { type, id }, item['scope_id'], item['policy_parameters']);
  });
  applyGrants(call, operation, grants);
  return EMPTY;
}

function itemsOf(call: Call, name: string): Record<string, unknown>[] {
  const value = call.input[name];
  if (value === undefined || value === null) throw missingFields(name);
  if (!Array.isArray(value) || value.length === 0) throw invalidField(name, value);
  return value.map((item: unknown) => {
    if (!isObject(item)) throw invalidField(name, item);
    return item;
  });
}

function idIn(item: Record<string, unknown>, field: string): string {
  const value = item[field];
  if (value === undefined || value === null || value === '') throw missingFields(field);
  if (typeof value !== 'string') throw invalidField(field, value);
  return value;
}

function rolesOfPrincipal(call: Call): Reply {
  const { input, state } = call;
  const type = principalType(input['principal_type'], 'principal_type');
  const id = idIn(input, 'principal_id');
  neededWord(input, 'permission_type', PERMISSION_TYPES);
  needPrincipal(call, type, id);
  const mine = heldRoles(state, input).filter(({ held }) => held.principal_type === type && held.principal_id === id);
  return ok({ data: mine.map(({ role, held }) => shownHeld(role, held)) });
}

/** The access-review feed: principals with what they hold themselves, a page at a time. */
function inspect(call: Call): Reply {
  const { input, state } = call;
  neededWord(input, 'scope_type', SCOPE_TYPES);
  const scope = text(input, 'scope_id');
  if (scope && scope !== 'all' && scope !== state.account.id && !state.environments[scope])
    throw notFoundId('scope_id', scope);
  const parameters = input['policy_parameters'];
  if (parameters !== undefined && parameters !== null && !isObject(parameters))
    throw invalidField('policy_parameters', parameters);
  const texts = isObject(parameters) ? Object.entries(parameters).map(([k, v]) => [k, String(v)] as const) : undefined;
  const wanted = wantedPrincipals(call);
  const byPrincipal = new Map<string, { type: string; id: string; roles: object[] }>();
  for (const { role, held } of heldRoles(state, input, texts && Object.fromEntries(texts))) {
    const key = `${held.principal_type}|${held.principal_id}`;
    if (wanted && !wanted.has(key)) continue;
    const entry = byPrincipal.get(key) ?? { type: held.principal_type, id: held.principal_id, roles: [] };
    entry.roles.push(shownHeld(role, held));
    byPrincipal.set(key, entry);
  }
  return inspected(call, [...byPrincipal.values()]);
}

function inspected(call: Call, all: object[]): Reply {
  const { items, next } = page(all, text(call.input, 'cursor'), CHOSEN.count(call.state, 'inspectPageSize'));
  for (const name of ['rolesByGroup', 'cursorPlace', 'inspectPageSize'] as const) call.ctx.chosen(name);
  const cursor = next === null ? {} : { next_cursor: next };
  if (CHOSEN.value(call.state, 'cursorPlace') === 'data') return ok({ data: { principals: items, ...cursor } });
  return ok({ data: { principals: items }, ...cursor });
}

/** The principals asked for as `type|id`; undefined for everybody. */
function wantedPrincipals(call: Call): Set<string> | undefined {
  const { input, req } = call;
  if (req.method === 'POST') {
    const items = itemsOf(call, 'principals');
    return new Set(items.map((item) => `${principalType(item['type'], 'type')}|${idIn(item, 'id')}`));
  }
  const id = text(input, 'principal_id');
  if (!id && !text(input, 'principal_type')) return undefined;
  const type = principalType(input['principal_type'], 'principal_type');
  if (!id)
    return new Set(
      Object.values(call.state.assignments).flatMap((a) =>
        a.principal_type === type ? [`${type}|${a.principal_id}`] : [],
      ),
    );
  if (!principalExists(call.state, type, id)) needPrincipal(call, type, id);
  return new Set([`${type}|${id}`]);
}

const CONTENT = ['folder_id', 'asset_id', 'collection_id', 'param_key', 'param_value'];
const SCOPE = ['scope_type', 'scope_id'];
const WHO = ['principal_type', 'principal_id'];

export const PRINCIPAL_ROUTES: Route[] = [
  {
    method: 'GET',
    path: '/roles/{role_id}/principals',
    plane: 'permissions',
    takes: [...SCOPE, 'verbose', ...CONTENT],
    handler: principalsOfRole,
  },
  {
    method: 'PUT',
    path: '/roles/{role_id}/principals',
    plane: 'permissions',
    takes: ['operation', 'principals'],
    handler: updatePrincipals,
  },
  {
    method: 'GET',
    path: '/principal_roles',
    plane: 'permissions',
    takes: [...WHO, 'permission_type', 'management_type', ...SCOPE, ...CONTENT],
    handler: rolesOfPrincipal,
  },
  {
    method: 'PUT',
    path: '/principal_roles',
    plane: 'permissions',
    takes: ['operation', 'principal', 'roles'],
    handler: updatePrincipalRoles,
  },
  {
    method: 'GET',
    path: '/principal_roles/inspect',
    plane: 'permissions',
    takes: [...SCOPE, ...WHO, ...CONTENT, 'cursor'],
    handler: inspect,
  },
  {
    method: 'POST',
    path: '/principal_roles/inspect',
    plane: 'permissions',
    takes: [...SCOPE, 'principals', 'policy_parameters', 'cursor'],
    handler: inspect,
  },
];
