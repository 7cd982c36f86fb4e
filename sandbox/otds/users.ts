import { needAdmin, needNative } from './access.ts';
import { attributesOf, BOOLEANS, customAttributesOf } from './attributes.ts';
import { isDisabled } from './auth.ts';
import { bodyOf, created, deleted, EMPTY, ok, optionalTextOf, param, textOf } from './call.ts';
import type { Call, Handler } from './call.ts';
import { auditEvent } from './audit.ts';
import { parseDn } from './dn.ts';
import { refused } from './errors.ts';
import type { Attributes, Entity, User } from './model.ts';
import { page, scanOf, textFilter } from './paging.ts';
import type { Scan } from './paging.ts';
import { passwordFault } from './policy.ts';
import { partitionNamed, partitionOf, userOf } from './refs.ts';
import { removeEntity } from './removal.ts';
import { userJson } from './render.ts';
import { addUser, changeUser, isPassword, setPassword } from './writes.ts';
import type { Change } from './writes.ts';

/** What a synchronised partition takes from its source; the rest may be written here. */
const SOURCE_MAPPED = new Set([
  'cn', 'displayName', 'givenName', 'sn', 'mail', 'title', 'description', 'oTDepartment', 'oTExtraAttr0', 'oTExtraAttr1', 'oTExtraAttr2',
  'oTExtraAttr3', 'oTExtraAttr4', 'oTExtraAttr5', 'preferredLanguage', 'accountDisabled', 'userPassword',
]); // prettier-ignore

/** The unit that a `location` in a creation names (the DN of a parent OU); null for the usual one. */
export function unitOf(body: Record<string, unknown>, usual: string): string | null {
  const location = optionalTextOf(body, 'location');
  const unit = typeof location === 'string' ? (parseDn(location)?.unit ?? null) : null;
  return unit === usual || unit === 'Root' ? null : unit;
}

/** Where a list looks: in one partition or all (null), and there only at what fits. */
type Where = { partition: string | null; fits: (e: Entity) => boolean };

/** The partition and location filters of a list. */
export function whereOf(call: Call, scan: Scan, usual: string): Where {
  const name = scan.filters.get('where_partition_name');
  const partition = name ? partitionOf(call, name).name : null;
  const location = scan.filters.get('where_location');
  if (!location) return { partition, fits: () => true };
  const dn = parseDn(location);
  if (!dn) throw refused('ERR_BAD_INPUT', `where_location is no DN: ${location}`);
  const of = dn.partition ? (partitionNamed(call.state, dn.partition)?.name ?? dn.partition) : null;
  return {
    partition: partition ?? of,
    fits: (e) =>
      (of === null || e.partition === of) && (!dn.unit || (e.ou ?? usual).toLowerCase() === dn.unit.toLowerCase()),
  };
}

/** GET /users */
export const listUsers: Handler = (call) => {
  const scan = scanOf(call, 'users');
  const { partition, fits } = whereOf(call, scan, 'users');
  const text = textFilter(call, scan);
  const state = (scan.filters.get('where_state') ?? '').toLowerCase();
  const right = (u: User) => state === '' || isDisabled(u) === (state === 'disabled');
  const { items, fields } = page(
    call,
    scan,
    (after) => call.dir.users.after(after, partition, { fits: (u) => right(u) && fits(u), text }),
    () => true,
  );
  const bare = call.ctx.special('missingModifyTimestamp');
  return ok({ users: items.map((u) => userJson(call, u, bare)), ...fields });
};

/** GET /users/{ref} */
export const getUser: Handler = (call) => {
  const user = userOf(call, param(call));
  return ok(userJson(call, user, call.ctx.special('missingModifyTimestamp')));
};

/** POST /users */
export const createUser: Handler = (call) => {
  const body = bodyOf(call);
  const partition = partitionOf(call, textOf(body, 'userPartitionID'));
  needAdmin(call, partition.name);
  needNative(partition, 'Creating a user');
  const name = textOf(body, 'name').trim();
  if (call.dir.users.named(name, partition.name).length > 0) {
    throw refused('ERR_DUPLICATE', `The user ${name}@${partition.name} already exists`);
  }
  const attributes = attributesOf(body) ?? {};
  const password = optionalTextOf(body, 'userPassword') ?? attributes['userPassword']?.[0];
  if (password) needGoodPassword(call, null, password);
  const user = addUser(call.ctx, {
    partition: partition.name,
    name,
    description: optionalTextOf(body, 'description') ?? null,
    attributes: { ...attributes, ...(password ? { userPassword: [password] } : {}) },
    customAttributes: customAttributesOf(body) ?? null,
    ou: unitOf(body, 'users'),
  });
  return created(call, userJson(call, user));
};

function target(call: Call, body: Record<string, unknown> = {}): User {
  const hint = optionalTextOf(body, 'userPartitionID');
  const user = userOf(call, param(call), hint ?? undefined);
  if (hint && user.partition.toLowerCase() !== hint.toLowerCase()) {
    throw refused('ERR_BAD_INPUT', `The user is not in partition ${hint}`);
  }
  needAdmin(call, user.partition);
  return user;
}

function same(a: string[] | undefined, b: string[]): boolean {
  const left = a ?? [];
  return left.length === b.length && left.every((value, i) => value === b[i]);
}

/** What the stored value of an attribute counts as when it is compared: flags that were never set are "false". */
function storedValue(user: User, name: string): string[] | undefined {
  return user.attributes[name] ?? (BOOLEANS.includes(name) ? ['false'] : name === 'cn' ? [user.name] : undefined);
}

function needOwn(call: Call, user: User, change: Change): void {
  const partition = call.state.partitions[user.partition];
  if (!partition?.synchronised || user.originUUID === null) return;
  const given = Object.entries(change.attributes ?? {});
  const touched = given.filter(([name, values]) => SOURCE_MAPPED.has(name) && !same(storedValue(user, name), values));
  const described = change.description !== undefined && change.description !== user.description;
  const names = [...touched.map(([name]) => name), ...(described ? ['description'] : [])];
  if (names.length > 0) needNative(partition, `Changing ${names.join(', ')}`);
}

function changeOf(call: Call, user: User, body: Record<string, unknown>): Change {
  const name = optionalTextOf(body, 'name');
  if (typeof name === 'string' && name.toLowerCase() !== user.name.toLowerCase()) {
    throw refused('ERR_BAD_INPUT', 'A user cannot be renamed by changing its name');
  }
  const attributes = attributesOf(body);
  const password = optionalTextOf(body, 'userPassword');
  const description = optionalTextOf(body, 'description');
  const custom = customAttributesOf(body);
  if (attributes?.['accountLockedOut'] && call.state.choices.UNLOCK_BY_PATCH === 'ignored')
    delete attributes['accountLockedOut'];
  return {
    ...(description === undefined ? {} : { description }),
    ...(custom === undefined ? {} : { customAttributes: custom }),
    ...(attributes || password
      ? { attributes: { ...attributes, ...(password ? { userPassword: [password] } : {}) } }
      : {}),
  };
}

function needGoodPassword(call: Call, user: User | null, password: string, own = false): void {
  const fault = passwordFault(call.state, user, password, { own, now: call.ctx.now().getTime() });
  if (fault === null) return;
  if (user) auditEvent(call.ctx, 'Password change failed', 'user', user.uuid, call.who?.name ?? '');
  throw refused('PASSWORD_POLICY', fault);
}

function apply(call: Call, user: User, change: Change): void {
  needOwn(call, user, change);
  const password = change.attributes?.['userPassword']?.[0];
  if (password !== undefined) needGoodPassword(call, user, password);
  if (change.attributes?.['accountLockedOut']) call.ctx.chosen('UNLOCK_BY_PATCH');
  changeUser(call.ctx, user, change);
}

/** PATCH /users/{ref}: changes what it names. */
export const patchUser: Handler = (call) => {
  if (call.ctx.special('patchRefused')) throw refused('ERR_METHOD', 'Method PATCH is not allowed');
  const body = bodyOf(call);
  const user = target(call, body);
  apply(call, user, changeOf(call, user, body));
  return ok(userJson(call, user));
};

/** PUT /users/{ref}: the object becomes what the body says; whether the rest is kept is chosen. */
export const putUser: Handler = (call) => {
  const body = bodyOf(call);
  const user = target(call, body);
  const change = changeOf(call, user, body);
  call.ctx.chosen('PUT_MODE');
  if (call.state.choices.PUT_MODE === 'replace') {
    const rest: Attributes = {};
    for (const name of Object.keys(user.attributes)) if (!(name in (change.attributes ?? {}))) rest[name] = [];
    change.attributes = { ...rest, ...change.attributes };
    change.description ??= null;
  }
  apply(call, user, change);
  return ok(userJson(call, user));
};

/** DELETE /users/{ref} */
export const deleteUser: Handler = (call) => {
  const user = target(call);
  const partition = call.state.partitions[user.partition];
  if (partition && user.originUUID !== null) needNative(partition, 'Deleting a user');
  removeEntity(call.ctx, 'user', user);
  return deleted(call);
};

/** PUT /users/{ref}/password: by an administrator, or by oneself with the old one. */
export const putPassword: Handler = (call) => {
  const body = bodyOf(call);
  const user = userOf(call, param(call));
  const old = body['oldPassword'];
  const own = call.who?.user.uuid === user.uuid && typeof old === 'string' && isPassword(user, old);
  if (!own) needAdmin(call, user.partition);
  const partition = call.state.partitions[user.partition];
  if (partition && user.originUUID !== null) needNative(partition, 'Setting a password');
  const password = textOf(body, 'newPassword');
  needGoodPassword(call, user, password, own);
  setPassword(call.ctx, user, password);
  return EMPTY;
};
