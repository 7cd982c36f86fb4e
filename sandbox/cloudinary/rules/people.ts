import type { Context } from '../../common/types.ts';
import { CHOSEN } from '../chosen.ts';
import type { Call } from '../kit.ts';
import { change, chosenRefusal, recordWrite } from '../kit.ts';
import type { State, User } from '../state.ts';
import { forgetUserList, userList } from './userList.ts';

export function userByEmail(state: State, email: string): User | undefined {
  return userList(state).byEmail.get(email.toLowerCase());
}

/** An address can be used once in all of Cloudinary (contract section 4.1). */
export function needFreeEmail(call: Call, email: string): void {
  const elsewhere = call.state.account.emails_elsewhere.includes(email.toLowerCase());
  if (elsewhere || userByEmail(call.state, email) || call.ctx.special('emailTaken'))
    throw chosenRefusal(call, 'knownEmail', 'This email already exists');
}

/** Pending users take a seat too. */
export function needSeat(call: Call): void {
  const frees = CHOSEN.value(call.state, 'disabledFreesSeat') === true;
  const taken = userList(call.state).all.filter((user) => user.enabled || !frees).length;
  if (taken < call.state.account.seats && !call.ctx.special('seatLimit')) return;
  call.ctx.chosen('disabledFreesSeat');
  throw chosenRefusal(call, 'seatLimit', `The account has reached its max_users limit of ${call.state.account.seats}`);
}

/** Root and the last master admin are neither disabled, lowered nor deleted. */
export function protect(call: Call, user: User): void {
  const masters = userList(call.state).all.filter((one) => one.role === 'master_admin' && one.enabled);
  const last = user.role === 'master_admin' && masters.length === 1 && masters[0] === user;
  if (!user.root && !last) return;
  if (CHOSEN.use(call.ctx, 'protectedUser') !== 200)
    throw chosenRefusal(
      call,
      'protectedUser',
      user.root ? 'Cannot change the root user' : 'Cannot change the last master admin',
    );
}

export function changeUser(ctx: Context<State>, user: User, changes: Partial<User>): void {
  change(ctx, 'user', user.id, user, changes);
  if (changes.email !== undefined) forgetUserList(ctx.state);
}

/** Deletes a user with memberships and roles, or leaves both as ghosts. */
export function removeUser(call: Call, user: User): void {
  const { ctx, state } = call;
  ctx.chosen('afterUserDelete');
  delete state.users[user.id];
  forgetUserList(state);
  recordWrite(ctx, 'user', user.id, user, null);
  if (CHOSEN.value(state, 'afterUserDelete') === 'ghosts') return;
  for (const group of Object.values(state.groups))
    if (group.users.includes(user.id)) setMember(ctx, group.id, user.id, false);
  dropAssignments(ctx, 'user', user.id);
}

/** Takes all roles from a principal that is gone. */
export function dropAssignments(ctx: Context<State>, type: string, id: string): void {
  for (const [key, held] of Object.entries(ctx.state.assignments)) {
    if (held.principal_type !== type || held.principal_id !== id) continue;
    delete ctx.state.assignments[key];
    recordWrite(ctx, 'assignment', key, held, null);
  }
}

/** Adds or removes a member; a step that changes nothing is written down as such. */
export function setMember(ctx: Context<State>, groupId: string, userId: string, present: boolean): void {
  const group = ctx.state.groups[groupId];
  if (!group) return;
  const was = group.users.includes(userId);
  const row = { group: group.name, user: ctx.state.users[userId]?.email ?? userId };
  group.users = present ? (was ? group.users : [...group.users, userId]) : group.users.filter((id) => id !== userId);
  recordWrite(ctx, 'membership', `${groupId}/${userId}`, was ? row : null, present ? row : null);
}
