import type { Call } from '../kit.ts';
import { ApiRefusal } from '../kit.ts';
import type { AclEntry, GranteeKind, State, User } from '../state.ts';
import { ancestorsOf } from './tree.ts';

/** In the order iconik tells them. */
export const PERMISSIONS = ['read', 'write', 'delete', 'change-acl'] as const;

export const OBJECT_TYPES = [
  'assets',
  'collections',
  'storages',
  'metadata_views',
  'saved_searches',
  'custom_actions',
  'export_locations',
  'groups',
] as const;

export function emptyEntry(): AclEntry {
  return { users: {}, groups: {}, shares: {} };
}

/** Whether an object of that type is there; types that iconik keeps elsewhere are known by the seed only. */
export function objectExists(state: State, type: string, key: string): boolean {
  if (type === 'collections') return state.collections[key] !== undefined;
  if (type === 'groups') return state.groups[key] !== undefined;
  return state.things[key]?.object_type === type;
}

function creatorOf(state: State, type: string, key: string): string | null {
  if (type === 'collections') return state.collections[key]?.created_by_user ?? null;
  if (type === 'groups') return state.groups[key]?.created_by_user ?? null;
  return state.things[key]?.created_by_user ?? null;
}

/** A row with where it comes from; `object_key` is the collection that hands it down. */
export type Inherited = { grantee: string; permissions: string[]; object_key: string };

/** Rows that collections above hand down, computed from the tree as it is now. */
export function inherited(state: State, type: string, key: string, kind: GranteeKind): Inherited[] {
  return ancestorsOf(state, type, key).flatMap((collection) =>
    Object.entries(state.inheritance[collection]?.[kind] ?? {}).map(([grantee, row]) => ({
      grantee,
      permissions: row.permissions,
      object_key: collection,
    })),
  );
}

/**
 * What a user may do with an object: domain owners and creators all; else the union of own, groups' and inherited rows.
 * There is no deny (contract section 6).
 */
export function permissionsOf(state: State, user: User, type: string, key: string): string[] {
  if (user.is_admin || creatorOf(state, type, key) === user.id) return [...PERMISSIONS];
  const held = new Set<string>();
  const add = (rows: string[] | undefined): void => rows?.forEach((permission) => held.add(permission));
  const entries = [state.acls[`${type}/${key}`], type === 'collections' ? state.propagating[key] : undefined];
  for (const entry of entries) {
    add(entry?.users[user.id]?.permissions);
    for (const group of user.groups) add(entry?.groups[group]?.permissions);
  }
  for (const row of inherited(state, type, key, 'users')) if (row.grantee === user.id) add(row.permissions);
  for (const row of inherited(state, type, key, 'groups')) if (user.groups.includes(row.grantee)) add(row.permissions);
  if (type === 'collections' && state.chosen['projectMember'] === 'grants' && memberOfProject(state, user, key))
    add(['read']);
  return PERMISSIONS.filter((permission) => held.has(permission));
}

function memberOfProject(state: State, user: User, collection: string): boolean {
  return Object.values(state.projects).some((p) => p.collection_id === collection && p.members[user.id] !== undefined);
}

export function may(state: State, user: User, permission: string, type: string, key: string): boolean {
  return permissionsOf(state, user, type, key).includes(permission);
}

/** 403 unless the caller holds the permission on the object. */
export function needPermission(call: Call, permission: string, type: string, key: string): void {
  if (!may(call.state, call.me, permission, type, key)) {
    throw new ApiRefusal(403, `You do not have ${permission} permission to ${type} ${key}`);
  }
}
