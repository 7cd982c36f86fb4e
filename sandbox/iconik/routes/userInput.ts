import { isObject } from '../../common/fields.ts';
import { CHOSEN } from '../chosen.ts';
import { digest, isUuid } from '../ids.ts';
import type { Call } from '../kit.ts';
import { ApiRefusal, fieldError, flag, nowIso, oneOf, requiredText, text, texts } from '../kit.ts';
import type { User } from '../state.ts';
import { USER_STATUSES, USER_TYPES } from '../state.ts';

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** The fields of a user that a create, PATCH or PUT brings, checked; read-only ones are ignored as iconik does. */
export function readChange(call: Call, { creating }: { creating: boolean }): Partial<User> {
  const { body, state } = call;
  const change: Partial<User> = {};
  const email = creating ? requiredText(body, 'email') : text(body, 'email');
  if (email) {
    if (!EMAIL.test(email)) throw fieldError('email', 'Not a valid email address.');
    change.email = email;
  }
  const type = oneOf(body, 'type', USER_TYPES);
  if (type) change.type = type;
  else if (creating || call.req.method === 'PUT' || CHOSEN.value(state, 'patchWithoutType') === 'refuse') {
    if (!creating) call.ctx.chosen('patchWithoutType');
    throw fieldError('type', 'Missing data for required field.');
  }
  if (CHOSEN.value(state, 'firstNameRequired') === true) requiredText(body, 'first_name');
  for (const field of ['first_name', 'last_name', 'phone', 'description'] as const) {
    const value = text(body, field);
    if (value !== undefined) change[field] = value;
  }
  if (isObject(body['metadata'])) change.metadata = body['metadata'];
  const status = oneOf(body, 'status', USER_STATUSES);
  if (status === 'DELETED') throw fieldError('status', 'A user is deleted by DELETE.');
  if (status) change.status = status;
  const password = text(body, 'password');
  if (password) Object.assign(change, { password_digest: digest(password), password_changed: nowIso(call) });
  Object.assign(change, readOwner(call), readPrimary(call));
  return change;
}

/** `is_admin` makes a domain owner: POWER only, and only an owner makes another. */
function readOwner(call: Call): Partial<User> {
  const is_admin = flag(call.body, 'is_admin');
  if (is_admin === undefined) return {};
  if (is_admin && !call.me.is_admin) throw new ApiRefusal(403, 'Only a domain owner can make a domain owner');
  if (is_admin && call.body['type'] !== 'POWER') throw fieldError('is_admin', 'Only POWER users can be domain owners.');
  return { is_admin };
}

function readPrimary(call: Call): Partial<User> {
  const id = text(call.body, 'primary_group');
  if (id === undefined) return {};
  if (id === null) return call.req.method === 'POST' ? {} : { primary_group: null };
  const group = call.state.groups[id];
  if (!isUuid(id) || !group) throw fieldError('primary_group', 'Group does not exist.');
  if (group.kind === 'ROLE_GROUP' && call.state.domain.model === 'simplified') {
    throw fieldError('primary_group', 'A role group cannot be the primary group.');
  }
  return { primary_group: id };
}

/** `groups` of a create or PATCH, each of which must be there; undefined when not sent. */
export function readGroups(call: Call): string[] | undefined {
  const ids = texts(call.body, 'groups');
  const unknown = ids?.find((id) => !call.state.groups[id]);
  if (unknown !== undefined) throw fieldError('groups', `Group ${unknown} does not exist.`);
  return ids;
}
