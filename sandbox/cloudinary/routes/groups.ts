import type { Reply } from '../../common/types.ts';
import { CHOSEN } from '../chosen.ts';
import { newId } from '../ids.ts';
import { flag, needed } from '../input.ts';
import type { Call } from '../kit.ts';
import { change, chosenRefusal, now, ok, param, recordWrite } from '../kit.ts';
import { ApiRefusal } from '../refusal.ts';
import type { Route } from '../router.ts';
import { dropAssignments, setMember } from '../rules/people.ts';
import type { Group } from '../state.ts';

function groupOf(call: Call): Group {
  const group = call.state.groups[param(call, 'group_id')];
  if (!group) throw new ApiRefusal(404, `Cannot find user group with id ${param(call, 'group_id')}`);
  return group;
}

/** Members as lists show them; ghosts of deleted users have no name. */
function membersOf(call: Call, group: Group): object[] {
  return group.users.map((id) => {
    const user = call.state.users[id];
    return { id, name: user?.name ?? null, email: user?.email ?? null };
  });
}

function shown(call: Call, group: Group): object {
  const { id, name, created_at, updated_at } = group;
  if (flag(call.input, 'extended_details') !== true) return { id, name };
  return { id, name, users: membersOf(call, group), created_at, updated_at };
}

function freeName(call: Call, name: string, own?: Group): void {
  const taken = Object.values(call.state.groups).some((g) => g !== own && g.name.toLowerCase() === name.toLowerCase());
  if (taken) throw new ApiRefusal(409, `User group with name ${name} already exists`);
}

function createGroup(call: Call): Reply {
  const name = needed(call.input, 'name');
  freeName(call, name);
  const group: Group = { id: newId(), name, users: [], created_at: now(call), updated_at: now(call) };
  call.state.groups[group.id] = group;
  recordWrite(call.ctx, 'group', group.id, null, group);
  return ok({ id: group.id, name });
}

function renameGroup(call: Call): Reply {
  const group = groupOf(call);
  const name = needed(call.input, 'name');
  freeName(call, name, group);
  change(call.ctx, 'group', group.id, group, { name });
  return ok(shown(call, group));
}

function deleteGroup(call: Call): Reply {
  const group = groupOf(call);
  for (const id of group.users) setMember(call.ctx, group.id, id, false);
  delete call.state.groups[group.id];
  recordWrite(call.ctx, 'group', group.id, group, null);
  dropAssignments(call.ctx, 'group', group.id);
  // The OAS says `message`, the live tests of four SDKs `ok`.
  return ok({ ok: true, message: 'ok' });
}

function setGroupMember(call: Call, present: boolean): Reply {
  const group = groupOf(call);
  const userId = param(call, 'user_id');
  const held = group.users.includes(userId);
  if (!call.state.users[userId] && !held) throw new ApiRefusal(404, `Cannot find user with id ${userId}`);
  if (held === present) {
    const name = present ? 'addMemberTwice' : 'removeNonMember';
    call.ctx.chosen(name);
    if (CHOSEN.count(call.state, name) !== 200)
      throw chosenRefusal(call, name, present ? 'User is already in the group' : 'User is not in the group');
  }
  setMember(call.ctx, group.id, userId, present);
  const users = membersOf(call, group);
  // The live tests read the whole membership, the OAS has the one user that was added: both are there.
  const added = call.state.users[userId];
  return ok(present && added ? { users, id: added.id, name: added.name, email: added.email } : { users });
}

const DETAILS = ['extended_details'];

export const GROUP_ROUTES: Route[] = [
  {
    method: 'GET',
    path: '/user_groups',
    plane: 'account',
    takes: DETAILS,
    handler: (call) => ok({ user_groups: Object.values(call.state.groups).map((group) => shown(call, group)) }),
  },
  { method: 'POST', path: '/user_groups', plane: 'account', takes: ['name'], handler: createGroup },
  {
    method: 'GET',
    path: '/user_groups/{group_id}',
    plane: 'account',
    takes: DETAILS,
    handler: (call) => ok(shown(call, groupOf(call))),
  },
  { method: 'PUT', path: '/user_groups/{group_id}', plane: 'account', takes: ['name'], handler: renameGroup },
  { method: 'DELETE', path: '/user_groups/{group_id}', plane: 'account', handler: deleteGroup },
  {
    method: 'GET',
    path: '/user_groups/{group_id}/users',
    plane: 'account',
    handler: (call) => ok({ users: membersOf(call, groupOf(call)) }),
  },
  {
    method: 'POST',
    path: '/user_groups/{group_id}/users/{user_id}',
    plane: 'account',
    handler: (call) => setGroupMember(call, true),
  },
  {
    method: 'DELETE',
    path: '/user_groups/{group_id}/users/{user_id}',
    plane: 'account',
    handler: (call) => setGroupMember(call, false),
  },
];
