import { ids, text } from '../input.ts';
import { epoch } from '../ids.ts';
import { invalidField, missingFields } from '../refusal.ts';
import type { Assignment, State } from '../state.ts';
import type { AnyRole } from './rolesOf.ts';
import { roleOf } from './rolesOf.ts';

type Input = Record<string, unknown>;

/** v2: one of some words; `needed` makes a missing one an error. */
export function word<T extends string>(input: Input, name: string, allowed: readonly T[]): T | undefined {
  const value = text(input, name);
  if (value === undefined || value === '') return undefined;
  const known = allowed.find((one) => one === value);
  if (!known) throw invalidField(name, value);
  return known;
}

export function neededWord<T extends string>(input: Input, name: string, allowed: readonly T[]): T {
  const value = word(input, name, allowed);
  if (value === undefined) throw missingFields(name);
  return value;
}

export const SCOPE_TYPES = ['account', 'prodenv'] as const;
export const PERMISSION_TYPES = ['global', 'content'] as const;
export const MANAGEMENT_TYPES = ['system', 'custom'] as const;

/** A role as lists show it: `policy_parameters` is a list of names; dates are epoch seconds. */
export function shownRole(role: AnyRole): object {
  return {
    id: role.id,
    name: role.name,
    description: role.description,
    management_type: role.management_type,
    permission_type: role.permission_type,
    policy_parameters: role.policy_parameters,
    scope_type: role.scope_type,
    created_at: epoch(role.created_at),
    updated_at: epoch(role.updated_at),
  };
}

/** A role that somebody holds: with its scope, and `policy_parameters` as an object. */
export function shownHeld(role: AnyRole, held: Assignment): object {
  return {
    ...shownRole(role),
    scope_id: held.scope_id,
    policy_parameters: held.policy_parameters,
  };
}

/** Content filters: `folder_id`, `collection_id`, `asset_id`, or `param_key[]` with `param_value[]`. */
function contentFilter(input: Input): Record<string, string> {
  const wanted: Record<string, string> = {};
  for (const name of ['folder_id', 'collection_id']) {
    const value = text(input, name);
    if (value) wanted[name] = value;
  }
  const [keys, values] = [ids(input, 'param_key') ?? [], ids(input, 'param_value') ?? []];
  if (keys.length !== values.length) throw invalidField('param_value', values);
  for (const [i, key] of keys.entries()) wanted[key] = values[i] ?? '';
  return wanted;
}

/** Assignments that fit the filters of the request, with their roles. */
export function heldRoles(
  state: State,
  input: Input,
  wantedParameters: Record<string, string> = contentFilter(input),
): { role: AnyRole; held: Assignment }[] {
  const scopeType = word(input, 'scope_type', SCOPE_TYPES);
  const scopeId = text(input, 'scope_id');
  const permission = word(input, 'permission_type', PERMISSION_TYPES);
  const management = word(input, 'management_type', MANAGEMENT_TYPES);
  return Object.values(state.assignments).flatMap((held) => {
    const role = roleOf(state, held.role_id);
    const fits =
      role &&
      (scopeType === undefined || role.scope_type === scopeType) &&
      (!scopeId || held.scope_id === scopeId || held.scope_id === 'all') &&
      (permission === undefined || role.permission_type === permission) &&
      (management === undefined || role.management_type === management) &&
      Object.entries(wantedParameters).every(([key, value]) => held.policy_parameters[key] === value);
    return fits ? [{ role, held }] : [];
  });
}
