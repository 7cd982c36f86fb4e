import { toJson } from '../../common/effects.ts';
import type { Reply } from '../../common/types.ts';
import { countRegistration } from '../gate.ts';
import { digest, newId, newSecret } from '../ids.ts';
import type { Call } from '../kit.ts';
import {
  ApiRefusal,
  created,
  fieldError,
  flag,
  nowIso,
  ok,
  okOrNoContent,
  oneOf,
  param,
  remember,
  requiredText,
  text,
} from '../kit.ts';
import type { Route } from '../router.ts';
import { changeUser, join, mailInvitation, userByEmail, userInLedger } from '../rules/people.ts';
import type { State, User } from '../state.ts';
import { USER_TYPES } from '../state.ts';
import { readGroups } from './userInput.ts';
import { blankUser, passwordChange } from './users.ts';

function requestLink(call: Call): Reply {
  const primary = requiredText(call.body, 'primary_group');
  if (!call.state.groups[primary]) throw fieldError('primary_group', 'Group does not exist.');
  const is_admin = flag(call.body, 'is_admin') ?? false;
  if (is_admin && !call.me.is_admin) throw new ApiRefusal(403, 'Only a domain owner can make a domain owner');
  const secret = newSecret();
  call.state.invites[digest(secret)] = {
    digest: digest(secret),
    primary_group: primary,
    groups: readGroups(call) ?? [],
    type: oneOf(call.body, 'type', USER_TYPES) ?? 'STANDARD',
    is_admin,
    by: call.me.id,
    date_created: nowIso(call),
  };
  call.ctx.write({
    object: 'invite',
    id: digest(secret).slice(0, 12),
    before: null,
    after: { primary_group: primary },
  });
  return ok({ invite_link: `${call.state.domain.base_url}/invite/${secret}` });
}

function register(call: Call): Reply {
  countRegistration(call.ctx);
  const invite = call.state.invites[digest(requiredText(call.body, 'token'))];
  if (!invite) throw new ApiRefusal(404, 'Invite not found');
  const email = requiredText(call.body, 'email');
  const first_name = requiredText(call.body, 'first_name');
  if (userByEmail(call.state, email)) throw new ApiRefusal(409, { email: 'User with this email already exists' });
  const user: User = {
    ...blankUser(newId(), email, nowIso(call)),
    first_name,
    last_name: text(call.body, 'last_name') ?? null,
    type: invite.type,
    is_admin: invite.is_admin,
    primary_group: invite.primary_group,
  };
  remember(call.ctx, 'users', user.id, null);
  call.state.users[user.id] = user;
  call.ctx.write({ object: 'user', id: user.id, before: null, after: toJson(userInLedger(user)) });
  for (const id of new Set([call.state.domain.everyone, invite.primary_group, ...invite.groups])) {
    const group = call.state.groups[id];
    if (group) join(call.ctx, user, group);
  }
  mailInvitation(call, user, 'invitation');
  return created({ id: user.id, is_existing_user: false });
}

function purge(call: Call): Reply {
  for (const key of Object.keys(call.state.invites)) {
    call.ctx.write({ object: 'invite', id: key.slice(0, 12), before: { valid: true }, after: null });
  }
  call.state.invites = {};
  return okOrNoContent(call, {});
}

/** The user behind the secret part of a mailed link; 419 when it is old or spent. */
function invitedUser(state: State, secret: string, now: Date): User {
  const invitation = state.invitations[digest(secret)];
  const user = invitation && state.users[invitation.user_id];
  if (!user || Date.parse(invitation.expires) <= now.getTime()) throw new ApiRefusal(419, 'The link has expired');
  return user;
}

function complete(call: Call): Reply {
  const hash = param(call, 'hash');
  const user = invitedUser(call.state, hash, call.ctx.now());
  const password = requiredText(call.body, 'password');
  if (requiredText(call.body, 'repeat_password') !== password) {
    throw fieldError('repeat_password', 'Passwords do not match.');
  }
  const names = { first_name: text(call.body, 'first_name'), last_name: text(call.body, 'last_name') };
  changeUser(call.ctx, user, {
    ...passwordChange(call, password),
    first_name: names.first_name ?? user.first_name,
    last_name: names.last_name ?? user.last_name,
    status: user.status === 'INACTIVE' && user.password_digest === null ? 'ACTIVE' : user.status,
  });
  delete call.state.invitations[digest(hash)];
  return ok({ id: user.id, email: user.email, system_domain_id: call.state.domain.id });
}

function forgot(call: Call): Reply {
  const user = userByEmail(call.state, requiredText(call.body, 'email'));
  if (user) mailInvitation(call, user, 'passwordReset');
  return created({});
}

export const inviteRoutes: Route[] = [
  { method: 'POST', path: '/API/users/v1/users/invite/token/request', role: 'can_create_users', handler: requestLink },
  { method: 'POST', path: '/API/users/v1/users/invite/register', open: true, handler: register },
  { method: 'DELETE', path: '/API/users/v1/users/invite/purge', role: 'can_create_users', handler: purge },
  { method: 'PUT', path: '/API/auth/v1/invitation/complete/{hash}', open: true, handler: complete },
  { method: 'POST', path: '/API/auth/v1/password/forgot', open: true, handler: forgot },
];
