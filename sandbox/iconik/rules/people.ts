import { toJson } from '../../common/effects.ts';
import type { Context } from '../../common/types.ts';
import { CHOSEN } from '../chosen.ts';
import { digest, iso, newSecret } from '../ids.ts';
import type { Call } from '../kit.ts';
import { chosenRefusal, nowIso, recordWrite, remember, without } from '../kit.ts';
import { valuesOf } from '../lists.ts';
import type { Group, State, User } from '../state.ts';

/** A user as the ledger tells it. */
export function userInLedger(user: User): object {
  const told = without(user, 'password_digest', 'date_created', 'date_modified', 'last_web_login', 'groups');
  return { ...told, password: user.password_digest };
}

/**
 * Changes a user in place and records the effect, also when nothing changes; unless `besides`: then other effects of
 * the same request stand for it.
 */
export function changeUser(ctx: Context<State>, user: User, change: Partial<User>, besides = false): void {
  const before = structuredClone(user);
  remember(ctx, 'users', user.id, before);
  Object.assign(user, change);
  const same = JSON.stringify(before) === JSON.stringify(user);
  user.date_modified = iso(ctx.now());
  if (same && besides) return;
  recordWrite(ctx, 'user', user.id, userInLedger(before), userInLedger(user));
}

/** The user with that e-mail, whatever its case; deleted ones do not count. */
export function userByEmail(state: State, email: string): User | undefined {
  const wanted = email.trim().toLowerCase();
  return valuesOf(state.users).find((u) => u.status !== 'DELETED' && u.email.toLowerCase() === wanted);
}

/** What a group is in the present model: a legacy domain knows no kinds. */
export function kindOf(state: State, group: Group): Group['kind'] {
  return state.domain.model === 'legacy' ? null : group.kind;
}

function membershipId(group: Group, user: User): string {
  return `${group.id}/${user.id}`;
}

/** Puts a user into a group and records it, also when the user was there already. */
export function join(ctx: Context<State>, user: User, group: Group): void {
  const member = { group: group.name, user: user.email };
  const already = user.groups.includes(group.id);
  if (!already) {
    remember(ctx, 'users', user.id, user);
    user.groups = [...user.groups, group.id];
    user.date_modified = iso(ctx.now());
  }
  recordWrite(ctx, 'membership', membershipId(group, user), already ? member : null, member);
}

/** Takes a user out of a group; false (and nothing recorded) when the user was not in it. */
export function leave(ctx: Context<State>, user: User, group: Group): boolean {
  if (!user.groups.includes(group.id)) return false;
  remember(ctx, 'users', user.id, user);
  user.groups = user.groups.filter((id) => id !== group.id);
  user.date_modified = iso(ctx.now());
  recordWrite(ctx, 'membership', membershipId(group, user), { group: group.name, user: user.email }, null);
  return true;
}

/** Nobody leaves the primary group until another is set (contract section 4). */
export function refusePrimary(call: Call, user: User, groupId: string): void {
  if (user.primary_group !== groupId) return;
  throw chosenRefusal(call, 'removePrimaryGroup', {
    primary_group: 'User cannot be removed from the primary group. Set another primary group first.',
  });
}

/** Everything that goes when a user goes: memberships, log-in, name; rows and shares stay as ghosts unless chosen otherwise. */
export function deleteUser(ctx: Context<State>, user: User): void {
  const before = toJson(userInLedger(user));
  for (const id of user.groups) {
    const group = ctx.state.groups[id];
    if (group) leave(ctx, user, group);
  }
  remember(ctx, 'users', user.id, user);
  const gone: Partial<User> = {
    status: 'DELETED',
    first_name: null,
    last_name: null,
    is_admin: false,
    password_digest: null,
  };
  Object.assign(user, gone, { groups: [], primary_group: null, date_modified: iso(ctx.now()) });
  ctx.write({ object: 'user', id: user.id, before, after: null });
  if (CHOSEN.use(ctx, 'aclOfDeletedGrantee') === 'removed') dropEverywhere(ctx.state, 'users', user.id);
}

/** Removes every row of a grantee that is gone (only where ghosts are not chosen). */
export function dropEverywhere(state: State, kind: 'users' | 'groups', id: string): void {
  for (const entries of [state.acls, state.propagating, state.inheritance]) {
    for (const entry of Object.values(entries)) delete entry[kind][id];
  }
}

const INVITATION_DAYS = 7;

/** Mails a link that sets the password; the state keeps its fingerprint only. */
export function mailInvitation(call: Call, user: User, kind: 'invitation' | 'passwordReset'): void {
  const secret = newSecret();
  const expires = new Date(call.ctx.now().getTime() + INVITATION_DAYS * 86_400_000);
  call.state.invitations[digest(secret)] = { user_id: user.id, expires: iso(expires) };
  const link = `${call.state.domain.base_url}/invitation/${secret}`;
  call.ctx.outbox({ to: user.email, kind, link, hash: secret, at: nowIso(call) });
}
