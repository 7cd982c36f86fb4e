import { fields, isObject } from '../common/fields.ts';
import type { Context, Json } from '../common/types.ts';
import { Refusal } from '../common/types.ts';
import type { Input } from './act.ts';
import { collectionOf, userOf } from './act.ts';
import { OBJECT_TYPES, PERMISSIONS } from './rules/access.ts';
import { dropPropagating, setPropagating } from './rules/background.ts';
import { changeUser, deleteUser, join, leave } from './rules/people.ts';
import { dropRow, setRow } from './rules/rows.ts';
import type { Group, State, User } from './state.ts';
import { USER_STATUSES, USER_TYPES } from './state.ts';

/** The group named by id or name. */
function groupOf(state: State, name: Json | undefined): Group {
  const group = Object.values(state.groups).find((one) => one.id === name || one.name === name);
  if (!group) throw new Refusal(`There is no group ${JSON.stringify(name)}.`, 404);
  return group;
}

const TEXTS = ['email', 'first_name', 'last_name', 'phone', 'description'] as const;

/** `{user, set:{status?, type?, is_admin?, primary_group?, email?, names…}}`; status DELETED deletes. */
export function editUser(input: Input, ctx: Context<State>): Json {
  fields('edit', input, { as: 'string?', action: 'string', user: 'string', set: 'object' });
  const user = userOf(ctx.state, input['user']);
  const set: Record<string, unknown> = isObject(input['set']) ? input['set'] : {};
  const change: Partial<User> = {};
  for (const [name, value] of Object.entries(set)) {
    const field = TEXTS.find((one) => one === name);
    const status = USER_STATUSES.find((one) => one === value);
    const type = USER_TYPES.find((one) => one === value);
    if (field && typeof value === 'string') change[field] = value;
    else if (name === 'status' && status) change.status = status;
    else if (name === 'type' && type) change.type = type;
    else if (name === 'is_admin' && typeof value === 'boolean') change.is_admin = value;
    else if (name === 'primary_group' && typeof value === 'string') change.primary_group = groupOf(ctx.state, value).id;
    else throw new Refusal(`set: "${name}" cannot be ${JSON.stringify(value)}.`);
  }
  if (change.status === 'DELETED') deleteUser(ctx, user);
  else changeUser(ctx, user, change);
  return { id: user.id, status: user.status };
}

/** `{user, group, present}`: puts somebody into a group or takes them out, whatever the rules of the API. */
export function editMembership(input: Input, ctx: Context<State>): Json {
  const f = fields('edit', input, {
    as: 'string?',
    action: 'string',
    user: 'string',
    group: 'string',
    present: 'boolean',
  });
  const user = userOf(ctx.state, input['user']);
  const group = groupOf(ctx.state, input['group']);
  if (f['present'] === true) join(ctx, user, group);
  else if (!leave(ctx, user, group)) throw new Refusal(`${user.email} is not in ${group.name}.`);
  return { user: user.id, group: group.id, present: f['present'] === true };
}

/** `{user or group, collection | type + key, permissions | null, propagating?}`: null removes the row. */
export function editAcl(input: Input, ctx: Context<State>): Json {
  fields('edit', input, {
    as: 'string?',
    action: 'string',
    user: 'string?',
    group: 'string?',
    collection: 'string?',
    type: 'string?',
    key: 'string?',
    permissions: 'any',
    propagating: 'boolean?',
  });
  if ((input['user'] === undefined) === (input['group'] === undefined)) throw new Refusal('edit takes user or group.');
  const grantee =
    input['user'] === undefined
      ? ({ kind: 'groups', id: groupOf(ctx.state, input['group']).id } as const)
      : ({ kind: 'users', id: userOf(ctx.state, input['user']).id } as const);
  const type = typeof input['type'] === 'string' ? input['type'] : 'collections';
  if (!OBJECT_TYPES.some((known) => known === type))
    throw new Refusal(`type must be one of ${OBJECT_TYPES.join(', ')}.`);
  const key = input['collection'] === undefined ? keyOf(input) : collectionOf(ctx.state, input['collection']).id;
  const permissions = permissionsOf(input['permissions']);
  const propagating = input['propagating'] === true;
  if (permissions && propagating) setPropagating(ctx, key, grantee, permissions, 'OVERWRITE');
  else if (permissions) setRow(ctx, type, key, grantee, permissions, 'OVERWRITE');
  else {
    const dropped = propagating ? dropPropagating(ctx, key, grantee) : dropRow(ctx, type, key, grantee);
    if (!dropped) throw new Refusal('There is no such row.', 404);
  }
  return { object_type: type, object_key: key, grantee: grantee.id, permissions };
}

function keyOf(input: Input): string {
  if (typeof input['key'] !== 'string') throw new Refusal('edit of an ACL takes collection, or type and key.');
  return input['key'];
}

function permissionsOf(value: Json | undefined): string[] | null {
  if (value === null) return null;
  const known = (one: Json): one is string => PERMISSIONS.some((permission) => permission === one);
  if (!Array.isArray(value) || !value.every(known)) {
    throw new Refusal(`permissions must be null or a list of ${PERMISSIONS.join(', ')}.`);
  }
  return value;
}
