import { needAdmin } from './access.ts';
import { attributesOf, customAttributesOf } from './attributes.ts';
import { bodyOf, created, deleted, EMPTY, ok, optionalTextOf, param, stringListOf, textOf } from './call.ts';
import type { Call, Handler } from './call.ts';
import { refused } from './errors.ts';
import type { Entity, Members, User } from './model.ts';
import { filterOf, inOrder, page, scanOf, textFilter } from './paging.ts';
import { groupOf, memberOf, partitionOf, roleOf, userOf } from './refs.ts';
import { removeEntity } from './removal.ts';
import { groupJson, roleJson, userJson } from './render.ts';
import { whereOf } from './users.ts';
import { addRole, changeEntity, link, unlink } from './writes.ts';

type Verb = 'add' | 'remove';
type Change = { role: Entity; kind: keyof Members; member: Entity };

function apply(call: Call, verb: Verb, changes: Change[]) {
  for (const c of changes) {
    needAdmin(call, c.member.partition);
    if (
      c.kind === 'roles' &&
      (c.role.uuid === c.member.uuid || call.dir.roleMembers.ofDeep(c.role.uuid).has(c.member.uuid))
    ) {
      throw refused('ERR_BAD_INPUT', `${c.member.name} contains ${c.role.name}`);
    }
  }
  const what = { membership: call.dir.roleMembers, object: 'roleMembership' } as const;
  for (const c of changes)
    (verb === 'add' ? link : unlink)(call.ctx, { ...what, container: c.role, kind: c.kind, member: c.member });
  return EMPTY;
}

/** GET /roles: 200 with an empty list when nothing matches. */
export const listRoles: Handler = (call) => {
  const scan = scanOf(call, 'roles');
  const { partition, fits } = whereOf(call, scan, 'roles');
  const text = textFilter(call, scan);
  const { items, fields } = page(
    call,
    scan,
    (after) => call.dir.roles.after(after, partition, { fits, text }),
    () => true,
  );
  return ok({ roles: items.map((r) => roleJson(call, r)), ...fields });
};

/** POST /roles */
export const createRole: Handler = (call) => {
  const body = bodyOf(call);
  const partition = partitionOf(call, textOf(body, 'userPartitionID'));
  needAdmin(call, partition.name);
  const name = textOf(body, 'name').trim();
  if (call.dir.roles.named(name, partition.name).length > 0)
    throw refused('ERR_DUPLICATE', `The role ${name} already exists`);
  const role = addRole(call.ctx, {
    partition: partition.name,
    name,
    description: optionalTextOf(body, 'description') ?? null,
    attributes: attributesOf(body) ?? {},
    customAttributes: customAttributesOf(body) ?? null,
  });
  return created(call, roleJson(call, role));
};

/** GET /roles/{ref} */
export const getRole: Handler = (call) => ok(roleJson(call, roleOf(call, param(call))));

/** PUT /roles/{ref} */
export const putRole: Handler = (call) => {
  const body = bodyOf(call);
  const role = roleOf(call, param(call));
  needAdmin(call, role.partition);
  const change = { description: optionalTextOf(body, 'description') ?? null, attributes: attributesOf(body) ?? {} };
  changeEntity(call.ctx, 'role', role, change, call.dir.roles);
  return ok(roleJson(call, role));
};

/** DELETE /roles/{ref} */
export const deleteRole: Handler = (call) => {
  const role = roleOf(call, param(call));
  needAdmin(call, role.partition);
  removeEntity(call.ctx, 'role', role);
  return deleted(call);
};

/** POST /roles/{ref}/members[/deletionset] */
export function roleMembers(verb: Verb): Handler {
  return (call) => {
    const role = roleOf(call, param(call));
    const changes = stringListOf(call).map((ref): Change => {
      const { kind, entity } = memberOf(call, ref);
      return { role, kind: kind === 'user' ? 'users' : 'groups', member: entity };
    });
    return apply(call, verb, changes);
  };
}

/** POST /roles/{ref}/roles[/deletionset]: roles inside this role. */
export function roleRoles(verb: Verb): Handler {
  return (call) => {
    const role = roleOf(call, param(call));
    return apply(
      call,
      verb,
      stringListOf(call).map((ref) => ({ role, kind: 'roles', member: roleOf(call, ref) })),
    );
  };
}

/** POST /users/{ref}/roles */
export const postUserRoles: Handler = (call) => {
  const member = userOf(call, param(call));
  return apply(
    call,
    'add',
    stringListOf(call).map((ref) => ({ role: roleOf(call, ref), kind: 'users', member })),
  );
};

/** POST /groups/{ref}/roles */
export const postGroupRoles: Handler = (call) => {
  const member = groupOf(call, param(call));
  return apply(
    call,
    'add',
    stringListOf(call).map((ref) => ({ role: roleOf(call, ref), kind: 'groups', member })),
  );
};

/** GET /users/{ref}/roles: the roles given directly. */
export const getUserRoles: Handler = (call) => {
  const user = userOf(call, param(call));
  const scan = scanOf(call, `roles:${user.uuid}`);
  const roles = call.dir.roleMembers
    .of(user.uuid)
    .map((uuid) => call.dir.roles.get(uuid))
    .filter((r) => r !== undefined);
  const { items, fields } = page<Entity>(call, scan, inOrder(roles), filterOf(call, scan));
  return ok({ roles: items.map((r) => roleJson(call, r)), ...fields });
};

/** GET /roles/{ref}/users */
export const getRoleUsers: Handler = (call) => {
  const role = roleOf(call, param(call));
  const scan = scanOf(call, `roleusers:${role.uuid}`);
  const users = call.dir.roleMembers
    .list(role.uuid)
    .users.map((uuid) => call.dir.users.get(uuid))
    .filter((u) => u !== undefined);
  const { items, fields } = page<User>(call, scan, inOrder(users), filterOf(call, scan));
  return ok({ users: items.map((u) => userJson(call, u)), ...fields });
};

/** GET /roles/{ref}/members: users and groups that hold the role directly. */
export const getRoleMembers: Handler = (call) => {
  const role = roleOf(call, param(call));
  const scan = scanOf(call, `rolemembers:${role.uuid}`);
  const list = call.dir.roleMembers.list(role.uuid);
  const users = list.users.map((uuid) => call.dir.users.get(uuid)).filter((u) => u !== undefined);
  const groups = list.groups.map((uuid) => call.dir.groups.get(uuid)).filter((g) => g !== undefined);
  const { items, fields } = page<Entity>(call, scan, inOrder<Entity>([...users, ...groups]), filterOf(call, scan));
  const shown = new Set(items.map((e) => e.uuid));
  return ok({
    users: users.filter((u) => shown.has(u.uuid)).map((u) => userJson(call, u)),
    groups: groups.filter((g) => shown.has(g.uuid)).map((g) => groupJson(call, g)),
    ...fields,
  });
};
