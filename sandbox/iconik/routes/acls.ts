import { isObject } from '../../common/fields.ts';
import type { Reply } from '../../common/types.ts';
import { CHOSEN } from '../chosen.ts';
import type { Call } from '../kit.ts';
import { ApiRefusal, fieldError, flag, noContent, notFound, ok, okOrNoContent, oneOf, param } from '../kit.ts';
import type { Route } from '../router.ts';
import {
  OBJECT_TYPES,
  PERMISSIONS,
  inherited,
  may,
  needPermission,
  objectExists,
  permissionsOf,
} from '../rules/access.ts';
import { dropPropagating, later, setPropagating } from '../rules/background.ts';
import { PROPAGATING, dropRow, setRow } from '../rules/rows.ts';
import type { AclRow, GranteeKind } from '../state.ts';
import {
  BULK_LIMIT,
  LIST_LIMIT,
  changeable,
  needGrantees,
  partial,
  pathType,
  readGrantees,
  readKeys,
  readMode,
  readPermissions,
} from './aclInput.ts';

/** The six lists of one object (contract section 6). */
function sixLists(call: Call): Reply {
  const type = pathType(call);
  const key = param(call, 'key');
  const { state } = call;
  if (!objectExists(state, type, key)) {
    if (CHOSEN.use(call.ctx, 'aclOfUnknownObject') === 404) throw notFound('Object');
  } else {
    needPermission(call, 'read', type, key);
  }
  const living = call.req.query.get('exclude_deleted')?.toLowerCase() === 'true' ? isThere(call) : () => true;
  const direct = state.acls[`${type}/${key}`];
  const propagating = type === 'collections' ? state.propagating[key] : undefined;
  const rows = (kind: 'users' | 'groups', from: Record<string, AclRow> | undefined, origin?: object): object[] =>
    Object.entries(from ?? {})
      .filter(([id]) => living(kind, id))
      .map(([id, { permissions }]) => ({ [idField(kind)]: id, permissions, ...origin }));
  const handedDown = (kind: 'users' | 'groups'): object[] =>
    inherited(state, type, key, kind)
      .filter(({ grantee }) => living(kind, grantee))
      .map(({ grantee, permissions, object_key }) => {
        return { [idField(kind)]: grantee, permissions, object_key, object_type: 'collections' };
      });
  const here = { object_key: key, object_type: type };
  return ok({
    users_acl: rows('users', direct?.users),
    groups_acl: rows('groups', direct?.groups),
    propagating_users_acl: rows('users', propagating?.users, here),
    propagating_groups_acl: rows('groups', propagating?.groups, here),
    inherited_users_acl: handedDown('users'),
    inherited_groups_acl: handedDown('groups'),
  });
}

function idField(kind: GranteeKind): string {
  return kind === 'users' ? 'user_id' : kind === 'groups' ? 'group_id' : 'share_id';
}

/** `exclude_deleted=true` hides rows of users and groups that are gone. */
function isThere(call: Call): (kind: GranteeKind, id: string) => boolean {
  const { users, groups } = call.state;
  return (kind, id) =>
    kind === 'users' ? users[id] !== undefined && users[id].status !== 'DELETED' : groups[id] !== undefined;
}

function ownPermissions(call: Call): Reply {
  return ok({ permissions: permissionsOf(call.state, call.me, pathType(call), param(call, 'key')) });
}

function ownPermission(call: Call): Reply {
  needPermission(call, param(call, 'permission'), pathType(call), param(call, 'key'));
  return ok({});
}

/** Which of many objects the caller holds one permission on. */
function checkOne(call: Call): Reply {
  const type = pathType(call);
  const permission = param(call, 'permission');
  const keys = readKeys(call, call.body, 'object_keys', LIST_LIMIT);
  const granted = keys.filter((key) => may(call.state, call.me, permission, type, key));
  return ok({ access_granted: granted, access_denied: keys.filter((key) => !granted.includes(key)) });
}

/** The same for several types and permissions at once; an object counts as granted when it is for all asked. */
function checkMany(call: Call): Reply {
  const granted = new Set<string>();
  const denied = new Set<string>();
  for (const item of objectsOf(call, LIST_LIMIT)) {
    const type = oneOf(item, 'object_type', OBJECT_TYPES);
    if (!type) throw fieldError('object_type', 'Missing data for required field.');
    const wanted = readPermissions(call, item);
    for (const key of readKeys(call, item, 'object_keys', LIST_LIMIT)) {
      const all = wanted.every((permission) => may(call.state, call.me, permission, type, key));
      (all ? granted : denied).add(key);
    }
  }
  return ok({ access_granted: [...granted], access_denied: [...denied] });
}

function objectsOf(call: Call, limit: number): Record<string, unknown>[] {
  const objects = call.body['objects'];
  if (!Array.isArray(objects) || objects.length === 0) throw fieldError('objects', 'Missing data for required field.');
  if (objects.length > limit) throw fieldError('objects', `At most ${limit} are allowed.`);
  return objects.map((item: unknown) => {
    if (!isObject(item)) throw fieldError('objects', 'Not a valid list of objects.');
    return item;
  });
}

/** One list PUT; answers the keys that were updated. `narrow` leaves some out. */
function putOnce(
  call: Call,
  type: string,
  body: Record<string, unknown>,
  narrow: (keys: string[]) => string[] = (keys) => keys,
): string[] {
  const keys = readKeys(call, body, 'object_keys', LIST_LIMIT);
  if (keys.length === 0) throw fieldError('object_keys', 'Missing data for required field.');
  const permissions = readPermissions(call, body);
  const mode = readMode(body);
  const grantees = readGrantees(body);
  needGrantees(call, grantees, 'unknownGranteeList');
  const allowed = narrow(changeable(call, type, keys));
  for (const key of allowed) {
    for (const grantee of grantees) setRow(call.ctx, type, key, grantee, permissions, mode);
  }
  return allowed;
}

function putList(call: Call): Reply {
  return ok({ updated_object_keys: putOnce(call, pathType(call), call.body, (keys) => partial(call, keys)) });
}

/** Up to 100 list PUTs with one key each; answers a bare array (contract section 6). */
function putBulk(call: Call): Reply {
  const type = pathType(call);
  const done = partial(call, objectsOf(call, BULK_LIMIT));
  return ok(done.map((item) => ({ updated_object_keys: putOnce(call, type, item) })));
}

/** Removal by a JSON body. Without one nothing is asked for, so nothing is removed, and the reply is the same. */
function deleteList(call: Call): Reply {
  const type = pathType(call);
  const keys = readKeys(call, call.body, 'object_keys', LIST_LIMIT);
  const grantees = readGrantees(call.body);
  for (const key of partial(call, changeable(call, type, keys))) {
    for (const grantee of grantees) dropRow(call.ctx, type, key, grantee);
  }
  return okOrNoContent(call, {});
}

function putPropagating(call: Call): Reply {
  const { body, ctx, state } = call;
  const keys = readKeys(call, body, 'object_keys', LIST_LIMIT);
  if (keys.length === 0) throw fieldError('object_keys', 'Missing data for required field.');
  const permissions = readPermissions(call, body);
  const grantees = readGrantees(body);
  needGrantees(call, grantees, 'unknownGranteeList');
  const allowed = partial(call, changeable(call, PROPAGATING, keys));
  const rows = (): number =>
    Object.values(state.propagating).reduce(
      (n, e) => n + Object.keys(e.users).length + Object.keys(e.groups).length,
      0,
    );
  const fresh = allowed.flatMap((key) => grantees.filter(({ kind, id }) => !state.propagating[key]?.[kind][id])).length;
  if (rows() + fresh > CHOSEN.count(state, 'propagatingMax')) {
    ctx.chosen('propagatingLimit');
    throw new ApiRefusal(CHOSEN.count(state, 'propagatingLimit'), 'Too many propagating ACLs in this domain');
  }
  for (const key of allowed) {
    for (const grantee of grantees) setPropagating(ctx, key, grantee, permissions, readMode(body));
  }
  ctx.chosen('propagatingPut');
  const status = CHOSEN.count(state, 'propagatingPut');
  return status === 204 ? noContent() : { status, body: { updated_object_keys: allowed } };
}

function deletePropagating(call: Call): Reply {
  const keys = readKeys(call, call.body, 'object_keys', LIST_LIMIT);
  const grantees = readGrantees(call.body);
  for (const key of partial(call, changeable(call, PROPAGATING, keys))) {
    for (const grantee of grantees) dropPropagating(call.ctx, key, grantee);
  }
  return CHOSEN.use(call.ctx, 'propagatingDelete') === 200 ? ok({ updated_object_keys: keys }) : noContent();
}

/** Copies rows onto what lies in collections, or takes the copies away; done in the background. */
function content(call: Call): Reply {
  if (param(call, 'type') !== 'collections') throw new ApiRefusal(501, 'Object type has no content');
  const removing = call.req.method === 'DELETE';
  const { body } = call;
  const permissions = removing ? null : readPermissions(call, body);
  const grantees = readGrantees(body);
  if (!removing) needGrantees(call, grantees, 'unknownGranteeList');
  const include = { assets: flag(body, 'include_assets'), collections: flag(body, 'include_collections') };
  if (!removing && (include.assets === undefined || include.collections === undefined)) {
    const field = include.assets === undefined ? 'include_assets' : 'include_collections';
    throw fieldError(field, 'Missing data for required field.');
  }
  const ids = (kind: GranteeKind): string[] => grantees.filter((one) => one.kind === kind).map(({ id }) => id);
  later(call.ctx, {
    job: 'content',
    object_ids: changeable(call, 'collections', readKeys(call, body, 'object_ids', LIST_LIMIT)),
    include_assets: include.assets ?? false,
    include_collections: include.collections ?? false,
    user_ids: ids('users'),
    group_ids: ids('groups'),
    permissions: permissions && PERMISSIONS.filter((one) => permissions.includes(one)),
    mode: readMode(body),
  });
  return removing ? okOrNoContent(call, {}) : { status: 202, body: {} };
}

const A = '/API/acls/v1/acl';
const [READ, WRITE, DELETE] = ['can_read_acls', 'can_write_acls', 'can_delete_acls'] as const;

export const aclRoutes: Route[] = [
  { method: 'GET', path: `${A}/{type}/{key}`, role: READ, handler: sixLists },
  { method: 'GET', path: `${A}/{type}/{key}/permissions`, handler: ownPermissions },
  { method: 'GET', path: `${A}/{type}/{key}/{permission}`, role: READ, handler: ownPermission },
  { method: 'POST', path: A, role: READ, handler: checkMany },
  { method: 'POST', path: `${A}/{type}/{permission}`, role: READ, handler: checkOne },
  { method: 'PUT', path: `${A}/{type}`, role: WRITE, handler: putList },
  { method: 'DELETE', path: `${A}/{type}`, role: DELETE, handler: deleteList },
  { method: 'PUT', path: `${A}/{type}/bulk`, role: WRITE, handler: putBulk },
  { method: 'PUT', path: `${A}/{type}/content`, role: WRITE, handler: content },
  { method: 'DELETE', path: `${A}/{type}/content`, role: DELETE, handler: content },
  { method: 'PUT', path: `${A}/${PROPAGATING}`, role: WRITE, handler: putPropagating },
  { method: 'DELETE', path: `${A}/${PROPAGATING}`, role: DELETE, handler: deletePropagating },
];
