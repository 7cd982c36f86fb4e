import type { Context } from '../common/types.ts';
import { Directory } from './directory.ts';
import type { Membership, Shelf } from './directory.ts';
import { fullName } from './model.ts';
import type { Entity, Members, OtdsState } from './model.ts';
import { unlink } from './writes.ts';

type Object = 'user' | 'group' | 'role';
const LIST = { user: 'users', group: 'groups', role: 'roles' } as const;

/** Removes a user, group or role with everything that names it: memberships both ways and access roles. */
export function removeEntity(ctx: Context<OtdsState>, object: Object, e: Entity): void {
  const dir = Directory.of(ctx.state);
  if (object !== 'role') leaveAll(ctx, dir.groupMembers, 'membership', dir.groups, object, e);
  leaveAll(ctx, dir.roleMembers, 'roleMembership', dir.roles, object, e);
  if (object === 'group') empty(ctx, dir.groupMembers, 'membership', e);
  if (object === 'role') empty(ctx, dir.roleMembers, 'roleMembership', e);
  for (const role of Object.values(ctx.state.accessRoles)) {
    if (!role.members[LIST[object]].includes(e.uuid)) continue;
    role.members[LIST[object]] = role.members[LIST[object]].filter((uuid) => uuid !== e.uuid);
    const before = { accessRole: role.name, member: fullName(e), kind: LIST[object] };
    ctx.write({ object: 'accessRoleMember', id: `${role.uuid}/${e.uuid}`, before, after: null });
  }
  for (const license of Object.values(ctx.state.licenses))
    license.holders = license.holders.filter((h) => h.key !== e.uuid || h.kind === 'partitions');
  ({ user: dir.users as Shelf<Entity>, group: dir.groups, role: dir.roles })[object].remove(e);
  ctx.write({
    object,
    id: e.uuid,
    before: { userPartitionID: e.partition, name: e.name, description: e.description, ...e.attributes },
    after: null,
  });
}

function leaveAll(
  ctx: Context<OtdsState>,
  membership: Membership,
  object: 'membership' | 'roleMembership',
  containers: Shelf<Entity>,
  kind: Object,
  e: Entity,
): void {
  for (const uuid of membership.of(e.uuid)) {
    const container = containers.get(uuid);
    if (container) unlink(ctx, { membership, object, container, kind: LIST[kind], member: e });
  }
}

function empty(
  ctx: Context<OtdsState>,
  membership: Membership,
  object: 'membership' | 'roleMembership',
  container: Entity,
): void {
  const dir = Directory.of(ctx.state);
  const shelves: Record<keyof Members, Shelf<Entity>> = {
    users: dir.users,
    groups: dir.groups,
    roles: dir.roles,
  };
  for (const kind of ['users', 'groups', 'roles'] as const) {
    for (const uuid of [...membership.list(container.uuid)[kind]]) {
      const member = shelves[kind].get(uuid);
      if (member) unlink(ctx, { membership, object, container, kind, member });
    }
  }
  membership.drop(container.uuid);
}
