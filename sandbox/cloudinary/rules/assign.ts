import { isObject } from '../../common/fields.ts';
import type { Context } from '../../common/types.ts';
import { CHOSEN } from '../chosen.ts';
import { iso } from '../ids.ts';
import type { Call } from '../kit.ts';
import { chosenRefusal, recordWrite } from '../kit.ts';
import { ApiRefusal, invalidField, missingFields, notFoundId } from '../refusal.ts';
import type { Assignment, PrincipalType, State } from '../state.ts';
import { PRINCIPAL_TYPES } from '../state.ts';
import type { AnyRole } from './rolesOf.ts';
import { assignmentKey, roleOf } from './rolesOf.ts';

/** One wanted step: this principal gets or loses this role here. */
export type Grant = Omit<Assignment, 'created_at'>;

export function principalType(value: unknown, field: string): PrincipalType {
  if (value === undefined || value === null || value === '') throw missingFields(field);
  const known = PRINCIPAL_TYPES.find((type) => type === value);
  if (!known) throw invalidField(field, value);
  return known;
}

export function principalExists(state: State, type: PrincipalType, id: string): boolean {
  if (type === 'user') return state.users[id] !== undefined;
  if (type === 'group') return state.groups[id] !== undefined;
  return type === 'apiKey' ? state.keys[id] !== undefined : state.provisioningKeys[id] !== undefined;
}

export function needPrincipal(call: Call, type: PrincipalType, id: string): void {
  if (type === 'apiKey') call.ctx.chosen('apiKeyId');
  if (principalExists(call.state, type, id)) return;
  if (CHOSEN.use(call.ctx, 'unknownParameterValue') === 404) throw notFoundId('principal_id', id);
}

export function needRole(state: State, id: unknown): AnyRole {
  if (typeof id !== 'string' || id === '') throw missingFields('role_id');
  const role = roleOf(state, id);
  if (!role) throw notFoundId('role_id', id);
  return role;
}

/** Checks role, scope and parameter, and gives the step in full. */
export function grantOf(
  call: Call,
  role: AnyRole,
  principal: { type: PrincipalType; id: string },
  scopeId: unknown,
  parameters: unknown,
): Grant {
  needPrincipal(call, principal.type, principal.id);
  return {
    principal_type: principal.type,
    principal_id: principal.id,
    role_id: role.id,
    scope_id: scopeOf(call, role, scopeId),
    policy_parameters: parametersOf(call, role, parameters),
  };
}

function scopeOf(call: Call, role: AnyRole, scopeId: unknown): string {
  if (role.scope_type === 'account') return call.state.account.id;
  if (scopeId === undefined || scopeId === null || scopeId === '') {
    call.ctx.chosen('missingScope');
    throw missingFields('scope_id');
  }
  if (typeof scopeId !== 'string') throw invalidField('scope_id', scopeId);
  if (scopeId !== 'all' && !call.state.environments[scopeId]) {
    if (CHOSEN.use(call.ctx, 'unknownParameterValue') === 404) throw notFoundId('scope_id', scopeId);
  }
  return scopeId;
}

/** A content role needs exactly its parameter; a global one takes none (contract section 5). */
function parametersOf(call: Call, role: AnyRole, parameters: unknown): Record<string, string> {
  const actual = parameters === undefined || parameters === null ? {} : parameters;
  if (!isObject(actual)) throw invalidField('policy_parameters', parameters);
  const names = Object.keys(actual);
  const required = role.policy_parameters;
  if (required.some((name) => typeof actual[name] !== 'string') || names.some((name) => !required.includes(name))) {
    call.ctx.chosen('missingParameter');
    const message = String(CHOSEN.value(call.state, 'missingParameter'));
    throw new ApiRefusal(400, message, { details: { actual, required } });
  }
  for (const name of required) needTarget(call, name, String(actual[name]));
  return Object.fromEntries(required.map((name) => [name, String(actual[name])]));
}

function needTarget(call: Call, name: string, id: string): void {
  const held = name === 'folder_id' ? call.state.folders : call.state.collections;
  if (held[id]) return;
  if (CHOSEN.use(call.ctx, 'unknownParameterValue') === 404) throw notFoundId(name, id);
}

export function operationOf(value: unknown): 'add' | 'remove' {
  if (value === undefined || value === null || value === '') throw missingFields('operation');
  if (value !== 'add' && value !== 'remove') throw invalidField('operation', value);
  return value;
}

/** Does all steps, or none when one of them is refused. */
export function applyGrants(call: Call, operation: 'add' | 'remove', grants: Grant[]): void {
  const name = operation === 'add' ? 'grantHeldRole' : 'removeAbsentRole';
  const needless = grants.some(
    (g) => (call.state.assignments[assignmentKey(g)] !== undefined) === (operation === 'add'),
  );
  if (needless) {
    call.ctx.chosen(name);
    if (CHOSEN.count(call.state, name) !== 200) throw chosenRefusal(call, name);
  }
  for (const grant of grants) setAssignment(call.ctx, grant, operation === 'add');
}

/** Gives or takes one role; a step that changes nothing is written down as such. */
export function setAssignment(ctx: Context<State>, grant: Grant, present: boolean): void {
  const key = assignmentKey(grant);
  const held = ctx.state.assignments[key];
  if (present) {
    ctx.state.assignments[key] = held ?? { ...grant, created_at: iso(ctx.now()) };
    recordWrite(ctx, 'assignment', key, held ?? null, ctx.state.assignments[key]);
  } else {
    delete ctx.state.assignments[key];
    recordWrite(ctx, 'assignment', key, held ?? null, null);
  }
}
