import type { ChosenName } from '../chosen.ts';
import { CHOSEN } from '../chosen.ts';
import type { Call } from '../kit.ts';
import { ApiRefusal, chosenRefusal, fieldError, notFound, oneOf, param, texts } from '../kit.ts';
import { OBJECT_TYPES, PERMISSIONS, may, objectExists } from '../rules/access.ts';
import type { Grantee, Mode } from '../rules/rows.ts';
import { PROPAGATING } from '../rules/rows.ts';

export const LIST_LIMIT = 500;
export const BULK_LIMIT = 100;

/** The object type in the path; others are unknown (501 is kept for content copies, contract section 3). */
export function pathType(call: Call): string {
  const type = param(call, 'type');
  if (!OBJECT_TYPES.some((known) => known === type)) throw new ApiRefusal(400, `Unknown object type ${type}`);
  return type;
}

/** `permissions*` of a body: some, each of the four. */
export function readPermissions(call: Call, body: Record<string, unknown>): string[] {
  const permissions = texts(body, 'permissions');
  if (!permissions) throw fieldError('permissions', 'Missing data for required field.');
  const unknown = permissions.find((one) => !PERMISSIONS.some((known) => known === one));
  if (unknown !== undefined) throw fieldError('permissions', `Unknown permission ${unknown}.`);
  if (permissions.length === 0) {
    if (CHOSEN.use(call.ctx, 'emptyPermissions') === 400) throw fieldError('permissions', 'Must not be empty.');
  }
  return permissions;
}

/** A list of keys within the limit; `[]` when it was not sent. */
export function readKeys(call: Call, body: Record<string, unknown>, field: string, limit: number): string[] {
  const keys = texts(body, field) ?? [];
  if (keys.length > limit) throw chosenRefusal(call, 'listLimitStatus', { [field]: `At most ${limit} are allowed.` });
  return [...new Set(keys)];
}

export function readMode(body: Record<string, unknown>): Mode {
  return oneOf(body, 'mode', ['OVERWRITE', 'APPEND'] as const) ?? 'OVERWRITE';
}

/** Users and groups of a body, in one list. */
export function readGrantees(body: Record<string, unknown>): Grantee[] {
  return [
    ...(texts(body, 'user_ids') ?? []).map((id): Grantee => ({ kind: 'users', id })),
    ...(texts(body, 'group_ids') ?? []).map((id): Grantee => ({ kind: 'groups', id })),
  ];
}

function granteeExists(call: Call, { kind, id }: Grantee): boolean {
  const { users, groups, shares } = call.state;
  if (kind === 'groups') return groups[id] !== undefined && (groups[id].kind !== 'ROLE_GROUP' || isLegacy(call));
  if (kind === 'shares') return shares[id] !== undefined;
  return users[id] !== undefined && users[id].status !== 'DELETED';
}

function isLegacy(call: Call): boolean {
  return call.state.domain.model === 'legacy';
}

/** Refuses rows for somebody who is not there; role groups are no ACL targets (contract section 5). */
export function needGrantees(call: Call, grantees: readonly Grantee[], choice: ChosenName): void {
  const unknown = grantees.find((grantee) => !granteeExists(call, grantee));
  if (!unknown) return;
  if (CHOSEN.count(call.state, choice) === 404) {
    call.ctx.chosen(choice);
    throw notFound(unknown.kind === 'users' ? 'User' : 'Group');
  }
  const field = unknown.kind === 'users' ? 'user_ids' : 'group_ids';
  throw chosenRefusal(call, choice, { [field]: `${unknown.id} does not exist.` });
}

/** Objects of the list that the caller may change; refused as a whole when an object is not there, or none is left. */
export function changeable(call: Call, type: string, keys: readonly string[]): string[] {
  const real = type === PROPAGATING ? 'collections' : type;
  const unknown = keys.find((key) => !objectExists(call.state, real, key));
  if (unknown !== undefined) throw fieldError('object_keys', `${real} ${unknown} does not exist.`);
  const allowed = keys.filter((key) => may(call.state, call.me, 'change-acl', real, key));
  if (keys.length > 0 && allowed.length === 0) {
    throw new ApiRefusal(403, `You do not have change-acl permission to ${real}`);
  }
  return allowed;
}

/** Special `partialBulk`: only the first half of a list is done, and the reply names what was. */
export function partial<T>(call: Call, items: T[]): T[] {
  return call.ctx.special('partialBulk') ? items.slice(0, Math.floor(items.length / 2)) : items;
}
