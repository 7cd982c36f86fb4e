import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Context, Json } from '../common/types.ts';
import { Directory } from './directory.ts';
import type { Membership, Shelf } from './directory.ts';
import type { Attributes, CustomAttribute, Entity, Members, OtdsState, User } from './model.ts';
import { fullName, stamp } from './model.ts';

/** Every change of people and groups, each with its line for the ledger. Nothing here asks who may do it. */

type Ctx = Context<OtdsState>;

function digest(password: string, salt: string): string {
  return `${salt}:${createHash('sha256').update(`${salt}${password}`).digest('hex')}`;
}

/** A password as the state keeps it. */
function keptPassword(password: string): string {
  return digest(password, randomBytes(6).toString('hex'));
}

/** True when `password` is the one that `user` keeps as a digest. */
export function isPassword(user: Pick<User, 'password'>, password: string): boolean {
  return user.password !== null && user.password === digest(password, user.password.split(':')[0] ?? '');
}

export type NewEntity = {
  partition: string;
  name: string;
  uuid?: string;
  description?: string | null;
  originUUID?: string | null;
  attributes?: Attributes;
  customAttributes?: CustomAttribute[] | null;
  ou?: string | null;
};

function entity(ctx: Ctx, e: NewEntity): Entity {
  const now = stamp(ctx.now());
  const attributes = Object.fromEntries(Object.entries(e.attributes ?? {}).filter(([, values]) => values.length > 0));
  return {
    uuid: e.uuid ?? randomUUID(),
    n: ++ctx.state.n,
    partition: e.partition,
    name: e.name,
    description: e.description ?? null,
    originUUID: e.originUUID ?? null,
    attributes,
    customAttributes: e.customAttributes ?? null,
    ou: e.ou ?? null,
    created: now,
    modified: now,
  };
}

function summary(e: Entity): { [k: string]: Json } {
  return { userPartitionID: e.partition, name: e.name, description: e.description, ...e.attributes };
}

export function addUser(ctx: Ctx, wanted: NewEntity): User {
  const { userPassword, accountLockedOut: _ignored, ...attributes } = wanted.attributes ?? {};
  const password = userPassword?.[0];
  const base = entity(ctx, { ...wanted, attributes });
  const user: User = {
    ...base,
    password: password === undefined ? null : keptPassword(password),
    passwordChanged: password === undefined ? null : base.created,
    lastLogin: null,
    lockedAt: null,
    failures: 0,
  };
  Directory.of(ctx.state).users.add(user);
  ctx.write({ object: 'user', id: user.uuid, before: null, after: summary(user) });
  return user;
}

export function addGroup(ctx: Ctx, wanted: NewEntity): Entity {
  const group = entity(ctx, wanted);
  Directory.of(ctx.state).groups.add(group);
  ctx.state.members[group.uuid] = { users: [], groups: [], roles: [] };
  ctx.write({ object: 'group', id: group.uuid, before: null, after: summary(group) });
  return group;
}

export function addRole(ctx: Ctx, wanted: NewEntity): Entity {
  const role = entity(ctx, wanted);
  Directory.of(ctx.state).roles.add(role);
  ctx.state.roleMembers[role.uuid] = { users: [], groups: [], roles: [] };
  ctx.write({ object: 'role', id: role.uuid, before: null, after: summary(role) });
  return role;
}

export type Change = {
  description?: string | null;
  name?: string;
  attributes?: Attributes;
  customAttributes?: CustomAttribute[] | null;
};

/** Sets what `change` names, an empty list clearing an attribute, and writes down exactly that, changed or not. */
export function changeEntity(
  ctx: Ctx,
  object: 'user' | 'group' | 'role',
  e: Entity,
  change: Change,
  shelf: Shelf<Entity>,
): void {
  const before: { [k: string]: Json } = {};
  const after: { [k: string]: Json } = {};
  if (change.name !== undefined) {
    before['name'] = e.name;
    shelf.rename(e, change.name);
    after['name'] = e.name;
  }
  if (change.description !== undefined) {
    before['description'] = e.description;
    after['description'] = e.description = change.description;
  }
  if (change.customAttributes !== undefined) {
    before['customAttributes'] = e.customAttributes;
    after['customAttributes'] = e.customAttributes = change.customAttributes;
  }
  for (const [name, values] of Object.entries(change.attributes ?? {})) {
    before[name] = e.attributes[name] ?? [];
    after[name] = values;
    if (values.length > 0) e.attributes[name] = values;
    else delete e.attributes[name];
  }
  shelf.changed(e);
  e.modified = stamp(ctx.now());
  ctx.write({ object, id: e.uuid, before, after });
}

/** As {@link changeEntity}, with the attributes that are no plain values: the password and the lock. */
export function changeUser(ctx: Ctx, user: User, change: Change): void {
  const { userPassword, accountLockedOut, ...attributes } = change.attributes ?? {};
  const rest = { ...change, attributes };
  const plain = Object.keys(attributes).length > 0 || Object.keys(change).some((key) => key !== 'attributes');
  if (plain || (!userPassword && !accountLockedOut))
    changeEntity(ctx, 'user', user, rest, Directory.of(ctx.state).users);
  if (userPassword?.[0] !== undefined) setPassword(ctx, user, userPassword[0]);
  if (accountLockedOut) setLock(ctx, user, accountLockedOut[0] === 'true');
}

/** How many earlier passwords are remembered; the policy may compare with fewer. */
const HISTORY = 24;

export function setPassword(ctx: Ctx, user: User, password: string): void {
  if (user.password !== null) user.history = [user.password, ...(user.history ?? [])].slice(0, HISTORY);
  const before = { passwordDigest: user.password?.slice(-12) ?? null };
  user.password = keptPassword(password);
  user.passwordChanged = user.modified = stamp(ctx.now());
  ctx.write({ object: 'user', id: user.uuid, before, after: { passwordDigest: user.password.slice(-12) } });
}

export function setLock(ctx: Ctx, user: User, locked: boolean): void {
  const before = { accountLockedOut: [String(user.lockedAt !== null)] };
  user.lockedAt = locked ? stamp(ctx.now()) : null;
  if (!locked) user.failures = 0;
  ctx.write({ object: 'user', id: user.uuid, before, after: { accountLockedOut: [String(locked)] } });
}

function touch(ctx: Ctx, group: Entity, member: Entity): void {
  const touches = ctx.state.choices.MEMBERSHIP_TOUCHES;
  if (touches === 'user' || touches === 'both') member.modified = stamp(ctx.now());
  if (touches === 'group' || touches === 'both') group.modified = stamp(ctx.now());
}

type Link = {
  membership: Membership;
  object: 'membership' | 'roleMembership';
  container: Entity;
  kind: keyof Members;
  member: Entity;
};

function shownLink(l: Link): Json {
  return {
    [l.object === 'membership' ? 'group' : 'role']: fullName(l.container),
    member: fullName(l.member),
    kind: l.kind,
  };
}

/** Puts a member in; one that is in already is written down as a needless repeat. */
export function link(ctx: Ctx, l: Link): void {
  const there = l.membership.has(l.container.uuid, l.member.uuid);
  if (!there) l.membership.add(l.container.uuid, l.kind, l.member.uuid);
  touch(ctx, l.container, l.member);
  ctx.write({
    object: l.object,
    id: `${l.container.uuid}/${l.member.uuid}`,
    before: there ? shownLink(l) : null,
    after: shownLink(l),
  });
}

/** Takes a member out; one that is not in is written down as a needless repeat (before and after null). */
export function unlink(ctx: Ctx, l: Link): void {
  const there = l.membership.has(l.container.uuid, l.member.uuid);
  if (there) l.membership.remove(l.container.uuid, l.kind, l.member.uuid);
  touch(ctx, l.container, l.member);
  ctx.write({
    object: l.object,
    id: `${l.container.uuid}/${l.member.uuid}`,
    before: there ? shownLink(l) : null,
    after: null,
  });
}
