import { toJson } from '../../common/effects.ts';
import type { Reply } from '../../common/types.ts';
import { CHOSEN } from '../chosen.ts';
import { digest, newId } from '../ids.ts';
import type { Call } from '../kit.ts';
import {
  ApiRefusal,
  chosenRefusal,
  created,
  fieldError,
  noContent,
  notFound,
  nowIso,
  ok,
  okOrNoContent,
  param,
  remember,
  requiredText,
} from '../kit.ts';
import { rolesOf } from '../roles.ts';
import type { Route } from '../router.ts';
import { changeUser, deleteUser, join, leave, mailInvitation, userByEmail, userInLedger } from '../rules/people.ts';
import { userView, userWithGroups } from '../shapes.ts';
import type { User } from '../state.ts';
import { readProviderId } from './identityProviders.ts';
import { readChange, readGroups } from './userInput.ts';
import { listUsers, listUsersBasic } from './userLists.ts';

/** The user named in the path; deleted ones are not found unless the other behaviour is chosen. */
export function pathUser(call: Call, name = 'id'): User {
  const user = call.state.users[param(call, name)];
  if (!user) throw notFound('User');
  if (user.status === 'DELETED') {
    if (call.req.method !== 'GET' || CHOSEN.use(call.ctx, 'userAfterDelete') === 404) throw notFound('User');
  }
  return user;
}

function createUser(call: Call): Reply {
  const email = requiredText(call.body, 'email');
  const change = readChange(call, { creating: true });
  const groups = readGroups(call);
  refuseDuplicate(call, email, null);
  const now = nowIso(call);
  const everyone = call.state.domain.everyone;
  const primary = change.primary_group ?? usualPrimary(call);
  const user: User = {
    ...blankUser(newId(), email, now),
    ...change,
    primary_group: primary,
    status: change.status ?? firstStatus(call, change),
  };
  remember(call.ctx, 'users', user.id, null);
  call.state.users[user.id] = user;
  call.ctx.write({ object: 'user', id: user.id, before: null, after: toJson(userInLedger(user)) });
  for (const id of new Set([everyone, ...(primary ? [primary] : []), ...(groups ?? [])])) {
    const group = call.state.groups[id];
    if (group) join(call.ctx, user, group);
  }
  if (!user.password_digest) mailInvitation(call, user, 'invitation');
  return created(userView(call.state, user));
}

/** The primary group of a user for whom none was named. */
function usualPrimary(call: Call): string | null {
  return CHOSEN.use(call.ctx, 'defaultPrimaryGroup') === 'everyone' ? call.state.domain.everyone : null;
}

/** A user without a password gets an invitation; whether it works before that is accepted is not known. */
function firstStatus(call: Call, change: Partial<User>): User['status'] {
  if (change.password_digest) return 'ACTIVE';
  return CHOSEN.use(call.ctx, 'newUserStatus') === 'INACTIVE' ? 'INACTIVE' : 'ACTIVE';
}

export function blankUser(id: string, email: string, now: string): User {
  return {
    id,
    email,
    first_name: null,
    last_name: null,
    type: 'STANDARD',
    status: 'ACTIVE',
    is_admin: false,
    primary_group: null,
    groups: [],
    phone: null,
    description: null,
    metadata: {},
    system_domains: [],
    identity_provider_id: null,
    saml_created: false,
    password_digest: null,
    password_changed: null,
    last_web_login: null,
    last_successful_auth: null,
    last_unsuccessful_auth: null,
    date_created: now,
    date_modified: now,
  };
}

function refuseDuplicate(call: Call, email: string, except: string | null): void {
  const other = userByEmail(call.state, email);
  if (other && other.id !== except) {
    throw chosenRefusal(call, 'duplicateEmailStatus', { email: 'User with this email already exists' });
  }
}

function editUser(call: Call): Reply {
  return edit(call, pathUser(call));
}

/** One's own profile: what one is in the domain stays as it is. */
function editCurrent(call: Call): Reply {
  for (const field of ['status', 'is_admin', 'groups', 'primary_group']) {
    if (call.body[field] !== undefined && !call.me.is_admin) {
      throw new ApiRefusal(403, `PATCH /API/users/v1/users/current/ cannot change ${field}`);
    }
  }
  return edit(call, call.me);
}

function edit(call: Call, user: User): Reply {
  const change = readChange(call, { creating: false });
  const groups = readGroups(call);
  if (change.email !== undefined) refuseDuplicate(call, change.email, user.id);
  if ((change.is_admin ?? user.is_admin) && (change.type ?? user.type) !== 'POWER') {
    throw fieldError('is_admin', 'Only POWER users can be domain owners.');
  }
  const primary = change.primary_group;
  const target = groups && targetGroups(call, user, groups, primary ?? user.primary_group);
  const before = user.groups;
  const primaryGroup = primary ? call.state.groups[primary] : undefined;
  if (primaryGroup && !user.groups.includes(primaryGroup.id)) join(call.ctx, user, primaryGroup);
  if (target) setGroups(call, user, [...new Set([...target, ...(primary ? [primary] : [])])]);
  changeUser(call.ctx, user, change, before !== user.groups);
  return ok(userView(call.state, user));
}

function targetGroups(call: Call, user: User, groups: string[], primary: string | null): string[] {
  if (CHOSEN.use(call.ctx, 'patchGroups') === 'merge') return [...new Set([...user.groups, ...groups])];
  if (primary && user.groups.includes(primary) && !groups.includes(primary)) {
    throw chosenRefusal(call, 'removePrimaryGroup', {
      primary_group: 'User cannot be removed from the primary group.',
    });
  }
  const { everyone } = call.state.domain;
  return [...new Set([...(user.groups.includes(everyone) ? [everyone] : []), ...groups])];
}

function setGroups(call: Call, user: User, wanted: string[]): void {
  for (const id of user.groups.filter((held) => !wanted.includes(held))) {
    const group = call.state.groups[id];
    if (group) leave(call.ctx, user, group);
  }
  for (const id of wanted.filter((one) => !user.groups.includes(one))) {
    const group = call.state.groups[id];
    if (group) join(call.ctx, user, group);
  }
}

function removeUser(call: Call): Reply {
  deleteUser(call.ctx, pathUser(call));
  return noContent();
}

function hasRoleReply(call: Call): Reply {
  if (!rolesOf(call.state, pathUser(call)).includes(param(call, 'role'))) throw notFound('Role');
  return ok({});
}

function bindSaml(call: Call): Reply {
  const user = pathUser(call);
  const email = requiredText(call.body, 'email');
  const identity_provider_id = readProviderId(call);
  if (email.toLowerCase() !== user.email.toLowerCase()) refuseDuplicate(call, email, user.id);
  changeUser(call.ctx, user, { email, identity_provider_id });
  return ok(userView(call.state, user));
}

function unbindSaml(call: Call): Reply {
  const user = pathUser(call);
  changeUser(call.ctx, user, { identity_provider_id: null });
  return okOrNoContent(call, userView(call.state, user));
}

/** The digest that a sent password becomes; passwords themselves are never kept. */
export function passwordChange(call: Call, password: string): Pick<User, 'password_digest' | 'password_changed'> {
  return { password_digest: digest(password), password_changed: nowIso(call) };
}

const U = '/API/users/v1/users';

export const userRoutes: Route[] = [
  { method: 'GET', path: U, role: 'can_read_users', handler: listUsers },
  { method: 'GET', path: `${U}/basic`, handler: listUsersBasic },
  { method: 'POST', path: U, role: 'can_create_users', handler: createUser },
  { method: 'GET', path: `${U}/current`, handler: (call) => ok(userView(call.state, call.me)) },
  { method: 'PATCH', path: `${U}/current`, handler: editCurrent },
  { method: 'PUT', path: `${U}/current`, handler: editCurrent },
  { method: 'GET', path: `${U}/current/roles`, handler: (call) => ok({ objects: rolesOf(call.state, call.me) }) },
  {
    method: 'GET',
    path: `${U}/{id}`,
    role: 'can_read_users',
    handler: (call) => ok(userWithGroups(call.state, pathUser(call))),
  },
  { method: 'PATCH', path: `${U}/{id}`, role: 'can_write_users', handler: editUser },
  { method: 'PUT', path: `${U}/{id}`, role: 'can_write_users', handler: editUser },
  { method: 'DELETE', path: `${U}/{id}`, role: 'can_delete_users', handler: removeUser },
  {
    method: 'GET',
    path: `${U}/{id}/roles`,
    role: 'can_read_users',
    handler: (call) => ok({ objects: rolesOf(call.state, pathUser(call)) }),
  },
  { method: 'GET', path: `${U}/{id}/roles/{role}`, role: 'can_read_users', handler: hasRoleReply },
  { method: 'PUT', path: `${U}/{id}/saml`, handler: bindSaml },
  { method: 'DELETE', path: `${U}/{id}/saml`, handler: unbindSaml },
];
