import { isDeepStrictEqual } from 'node:util';
import { isObject } from '../common/fields.ts';
import type { Json } from '../common/types.ts';
import { needAdmin } from './access.ts';
import { attributesOf } from './attributes.ts';
import { bodyOf, EMPTY, ok, optionalTextOf, param } from './call.ts';
import type { Call, Handler } from './call.ts';
import { accessRoleDn, locationOf, orgUnitDn, parseDn, partitionDn, resourceDn } from './dn.ts';
import { refused } from './errors.ts';
import { fullName } from './model.ts';
import type { AccessRole, AccessRoleMembers, Attributes, Entity, User } from './model.ts';
import { groupOf, partitionOf, roleOf, userOf } from './refs.ts';
import { idOf } from './render.ts';

/** Who may log in to a resource, or is pushed to it. A shared object: PUT replaces it whole, without any version check. */

type Kind = keyof AccessRoleMembers;
const KINDS: Kind[] = ['userPartitions', 'organizationalUnits', 'groups', 'users', 'roles'];

function accessRoleOf(call: Call, name: string): AccessRole {
  const all = Object.values(call.state.accessRoles);
  const uuid = parseDn(name)?.uuid;
  const found = all.find((r) => (uuid ? r.uuid === uuid : r.name.toLowerCase() === name.toLowerCase()));
  if (!found) throw refused('ERR_NOT_FOUND', `Access role not found: ${name}`);
  return found;
}

function memberJson(call: Call, kind: Kind, key: string): object {
  const row = (name: string, partition: string | null, location: string, description: string | null) => ({
    name,
    displayName: name, // clients match users by displayName and groups by name: the id stands in both
    userPartition: partition,
    location,
    description,
  });
  if (kind === 'userPartitions')
    return row(key, key, partitionDn(key), call.state.partitions[key]?.description ?? null);
  if (kind === 'organizationalUnits') return row(key, parseDn(key)?.partition ?? null, key, null);
  const single = kind === 'users' ? 'user' : kind === 'groups' ? 'group' : 'role';
  const e: Entity | undefined = call.dir[kind].get(key);
  return e
    ? row(idOf(single, e), e.partition, locationOf(call.state, single, e), e.description)
    : row(key, null, key, null);
}

function accessRoleJson(call: Call, r: AccessRole): object {
  return {
    id: r.name,
    name: r.name,
    description: r.description,
    status: r.status,
    location: accessRoleDn(r.uuid),
    uuid: r.uuid,
    accessRoleMembers: Object.fromEntries(
      KINDS.map((kind) => [kind, r.members[kind].map((key) => memberJson(call, kind, key))]),
    ),
    resources: r.resources.map((name) => {
      const resource = call.state.resources[name];
      return {
        name,
        id: name,
        resourceID: resource?.resourceID ?? null,
        location: resource ? resourceDn(resource.uuid) : null,
      };
    }),
    attributeList: Object.entries(r.attributes).map(([name, values]) => ({ name, values })),
  };
}

/** The key of a member in the state, from `{name, location}`; an empty location is resolved by name. */
function keyOf(call: Call, kind: Kind, item: unknown): string {
  if (!isObject(item)) throw refused('ERR_BAD_INPUT', `Each of ${kind} must be an object with name and location`);
  const ref = optionalTextOf(item, 'location') ?? optionalTextOf(item, 'name');
  if (!ref) throw refused('ERR_BAD_INPUT', `Each of ${kind} needs a name or a location`);
  switch (kind) {
    case 'userPartitions':
      return partitionOf(call, ref).name;
    case 'organizationalUnits': {
      const dn = parseDn(ref);
      if (!dn?.partition) throw refused('ERR_BAD_INPUT', `Not the DN of an organizational unit: ${ref}`);
      return dn.unit === null ? partitionDn(dn.partition) : orgUnitDn(dn.partition, dn.unit);
    }
    case 'groups':
      return groupOf(call, ref).uuid;
    case 'users':
      return userOf(call, ref).uuid;
    case 'roles':
      return roleOf(call, ref).uuid;
  }
}

function keysOf(call: Call, kind: Kind, list: unknown): string[] {
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) throw refused('ERR_BAD_INPUT', `${kind} must be a list`);
  return [...new Set(list.map((item: unknown) => keyOf(call, kind, item)))];
}

function shownMember(call: Call, r: AccessRole, kind: Kind, key: string): Json {
  const e: Entity | undefined =
    kind === 'userPartitions' || kind === 'organizationalUnits' ? undefined : call.dir[kind].get(key);
  return { accessRole: r.name, kind, member: e ? fullName(e) : key };
}

function add(call: Call, r: AccessRole, kind: Kind, key: string): void {
  const there = r.members[kind].includes(key);
  if (!there) r.members[kind].push(key);
  const shown = shownMember(call, r, kind, key);
  call.ctx.write({ object: 'accessRoleMember', id: `${r.uuid}/${key}`, before: there ? shown : null, after: shown });
}

function drop(call: Call, r: AccessRole, kind: Kind, key: string): void {
  const there = r.members[kind].includes(key);
  r.members[kind] = r.members[kind].filter((k) => k !== key);
  const before = there ? shownMember(call, r, kind, key) : null;
  call.ctx.write({ object: 'accessRoleMember', id: `${r.uuid}/${key}`, before, after: null });
}

/** GET /accessroles */
export const listAccessRoles: Handler = (call) => {
  const roles = Object.values(call.state.accessRoles).toSorted((a, b) => a.n - b.n);
  return ok({
    accessRoles: roles.map((r) => accessRoleJson(call, r)),
    actualPageSize: roles.length,
    nextPageCookie: null,
  });
};

/** GET /accessroles/{name} */
export const getAccessRole: Handler = (call) => ok(accessRoleJson(call, accessRoleOf(call, param(call))));

function members(call: Call, r: AccessRole, change: typeof add) {
  needAdmin(call);
  const body = bodyOf(call);
  const keys = KINDS.flatMap((kind) => keysOf(call, kind, body[kind]).map((key) => ({ kind, key })));
  for (const { kind, key } of keys) change(call, r, kind, key);
  return EMPTY;
}

/** POST /accessroles/{name}/members: adds. */
export const postAccessRoleMembers: Handler = (call) => members(call, accessRoleOf(call, param(call)), add);

/** POST /accessroles/{name}/members/deletionset: not seen anywhere, so not served unless chosen. */
export const deleteAccessRoleMembers: Handler = (call) => {
  call.ctx.chosen('ACCESS_ROLE_DELETIONSET');
  if (call.state.choices.ACCESS_ROLE_DELETIONSET === '404') throw refused('NOT_SERVED', 'Not found');
  return members(call, accessRoleOf(call, param(call)), drop);
};

/** PUT /accessroles/{name}: the whole object; the only evidenced way to remove a member. */
export const putAccessRole: Handler = (call) => {
  needAdmin(call);
  const body = bodyOf(call);
  const r = accessRoleOf(call, param(call));
  const given = body['accessRoleMembers'];
  if (!isObject(given)) throw refused('ERR_BAD_INPUT', 'accessRoleMembers is required');
  const wanted = KINDS.map((kind) => ({ kind, keys: keysOf(call, kind, given[kind]) }));
  const description = optionalTextOf(body, 'description');
  const attributes = attributesOf({ values: body['attributeList'] });
  let moved = false;
  for (const { kind, keys } of wanted) {
    const dropped = r.members[kind].filter((k) => !keys.includes(k));
    const added = keys.filter((k) => !r.members[kind].includes(k));
    for (const key of dropped) drop(call, r, kind, key);
    for (const key of added) add(call, r, kind, key);
    moved ||= dropped.length + added.length > 0;
  }
  const before = { description: r.description, attributes: { ...r.attributes } };
  if (description !== undefined) r.description = description;
  if (attributes) r.attributes = attributes;
  const after = { description: r.description, attributes: r.attributes };
  // One line for the role itself: when it changed, or when the whole PUT changed nothing (a needless repeat).
  if (!moved || !isDeepStrictEqual(before, after)) call.ctx.write({ object: 'accessRole', id: r.uuid, before, after });
  return EMPTY;
};

/** PUT /accessroles/{name}/attributes */
export const putAccessRoleAttributes: Handler = (call) => {
  needAdmin(call);
  const r = accessRoleOf(call, param(call));
  const given: Attributes | null = attributesOf({ values: bodyOf(call)['attributes'] });
  if (!given) throw refused('ERR_BAD_INPUT', 'attributes is required');
  const before = Object.fromEntries(Object.keys(given).map((name) => [name, r.attributes[name] ?? []]));
  Object.assign(r.attributes, given);
  call.ctx.write({ object: 'accessRole', id: r.uuid, before, after: given });
  return EMPTY;
};

/** True when an access role of that resource (name or id) holds the user, directly or by group, partition, unit or role. */
export function mayEnter(call: Call, resource: string, user: User): boolean {
  const found = Object.values(call.state.resources).find(
    (r) => r.resourceName === resource || r.resourceID === resource,
  );
  if (!found) return false;
  const groups = call.dir.groupMembers.ofDeep(user.uuid);
  const roles = new Set([user.uuid, ...groups].flatMap((uuid) => [...call.dir.roleMembers.ofDeep(uuid)]));
  return Object.values(call.state.accessRoles).some(
    ({ resources, members: m }) =>
      resources.includes(found.resourceName) &&
      (m.users.includes(user.uuid) ||
        m.userPartitions.includes(user.partition) ||
        m.organizationalUnits.includes(orgUnitDn(user.partition, user.ou ?? 'users')) ||
        m.organizationalUnits.includes(partitionDn(user.partition)) ||
        m.groups.some((g) => groups.has(g)) ||
        m.roles.some((r) => roles.has(r))),
  );
}
