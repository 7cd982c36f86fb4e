import { needAdmin } from './access.ts';
import { EMPTY, ok, param, stringListOf } from './call.ts';
import type { Call, Handler } from './call.ts';
import type { Choice } from './chosen.ts';
import { refused } from './errors.ts';
import type { Entity, User } from './model.ts';
import { filterOf, inOrder, page, scanOf } from './paging.ts';
import { groupOf, memberOf, userOf } from './refs.ts';
import { groupJson, userJson } from './render.ts';
import { link, unlink } from './writes.ts';

type Change = { group: Entity; kind: 'users' | 'groups'; member: Entity };
type Verb = 'add' | 'remove';

/** Membership of a group that comes from a source is changed at the source. */
function needNativeGroup(call: Call, group: Entity): void {
  needAdmin(call, group.partition);
  if (call.state.partitions[group.partition]?.synchronised && group.originUUID !== null) {
    throw refused('SYNC_PARTITION', `The members of ${group.name} come from the source of ${group.partition}`);
  }
}

function needNoCircle(call: Call, c: Change): void {
  if (c.kind !== 'groups') return;
  if (c.group.uuid === c.member.uuid || call.dir.groupMembers.ofDeep(c.group.uuid).has(c.member.uuid)) {
    throw refused('ERR_BAD_INPUT', `${c.member.name} contains ${c.group.name}, it cannot become its member`);
  }
}

/** All or nothing: every entry is checked before the first is done. */
function apply(call: Call, verb: Verb, changes: Change[]) {
  for (const c of changes) {
    needNativeGroup(call, c.group);
    if (verb === 'add') needNoCircle(call, c);
  }
  const what = { membership: call.dir.groupMembers, object: 'membership' } as const;
  for (const c of changes) {
    (verb === 'add' ? link : unlink)(call.ctx, { ...what, container: c.group, kind: c.kind, member: c.member });
  }
  if (call.state.choices.MEMBERSHIP_TOUCHES !== 'none') call.ctx.chosen('MEMBERSHIP_TOUCHES');
  return EMPTY;
}

/** A removal path that some versions may not have. */
function needServed(call: Call, choice: Choice): void {
  call.ctx.chosen(choice);
  if (call.state.choices[choice] === '404') throw refused('NOT_SERVED', 'Not found');
}

/** POST /users/{ref}/memberof[/deletionset] */
export function userMemberOf(verb: Verb): Handler {
  return (call) => {
    if (verb === 'remove') needServed(call, 'USER_DELETIONSET');
    const member = userOf(call, param(call));
    return apply(
      call,
      verb,
      stringListOf(call).map((ref) => ({ group: groupOf(call, ref), kind: 'users', member })),
    );
  };
}

/** POST /groups/{ref}/memberof[/deletionset] */
export function groupMemberOf(verb: Verb): Handler {
  return (call) => {
    if (verb === 'remove') needServed(call, 'GROUP_DELETIONSET');
    const member = groupOf(call, param(call));
    return apply(
      call,
      verb,
      stringListOf(call).map((ref) => ({ group: groupOf(call, ref), kind: 'groups', member })),
    );
  };
}

/** POST /groups/{ref}/members[/deletionset] */
export function groupMembers(verb: Verb): Handler {
  return (call) => {
    if (verb === 'remove') needServed(call, 'GROUP_DELETIONSET');
    const group = groupOf(call, param(call));
    const changes = stringListOf(call).map((ref): Change => {
      const { kind, entity } = memberOf(call, ref);
      return { group, kind: kind === 'user' ? 'users' : 'groups', member: entity };
    });
    return apply(call, verb, changes);
  };
}

/** POST /groups/{ref}/groups[/deletionset]: groups inside this group. */
export function groupGroups(verb: Verb): Handler {
  return (call) => {
    if (verb === 'remove') needServed(call, 'GROUP_DELETIONSET');
    const group = groupOf(call, param(call));
    return apply(
      call,
      verb,
      stringListOf(call).map((ref) => ({ group, kind: 'groups', member: groupOf(call, ref) })),
    );
  };
}

function groupsOf(call: Call, e: Entity) {
  const scan = scanOf(call, `memberof:${e.uuid}`);
  const groups = call.dir.groupMembers
    .of(e.uuid)
    .map((uuid) => call.dir.groups.get(uuid))
    .filter((g) => g !== undefined);
  const { items, fields } = page<Entity>(call, scan, inOrder(groups), filterOf(call, scan));
  return ok({ groups: items.map((g) => groupJson(call, g)), ...fields });
}

/** GET /users/{ref}/memberof: the groups that hold the user directly. */
export const getUserMemberOf: Handler = (call) => groupsOf(call, userOf(call, param(call)));

/** GET /groups/{ref}/memberof */
export const getGroupMemberOf: Handler = (call) => groupsOf(call, groupOf(call, param(call)));

/** GET /groups/{ref}/members: direct members of both kinds, in one sequence of pages. */
export const getGroupMembers: Handler = (call) => {
  const group = groupOf(call, param(call));
  const scan = scanOf(call, `members:${group.uuid}`);
  const list = call.dir.groupMembers.list(group.uuid);
  const users = list.users.map((uuid) => call.dir.users.get(uuid)).filter((u) => u !== undefined);
  const groups = list.groups.map((uuid) => call.dir.groups.get(uuid)).filter((g) => g !== undefined);
  const { items, fields } = page<Entity>(call, scan, inOrder<Entity>([...users, ...groups]), filterOf(call, scan));
  const shown = new Set(items.map((e) => e.uuid));
  call.ctx.chosen('GROUP_MEMBERS_REPLY');
  const shownUsers = users.filter((u) => shown.has(u.uuid)).map((u) => userJson(call, u));
  const shownGroups = groups.filter((g) => shown.has(g.uuid)).map((g) => groupJson(call, g));
  if (call.state.choices.GROUP_MEMBERS_REPLY === 'members')
    return ok({ members: [...shownUsers, ...shownGroups], ...fields });
  return ok({ users: shownUsers, groups: shownGroups, ...fields });
};

/** GET /groups/{ref}/users: direct members that are users. */
export const getGroupUsers: Handler = (call) => {
  const group = groupOf(call, param(call));
  const scan = scanOf(call, `users:${group.uuid}`);
  const users = call.dir.groupMembers
    .list(group.uuid)
    .users.map((uuid) => call.dir.users.get(uuid))
    .filter((u) => u !== undefined);
  const { items, fields } = page<User>(call, scan, inOrder(users), filterOf(call, scan));
  return ok({ users: items.map((u) => userJson(call, u)), ...fields });
};
