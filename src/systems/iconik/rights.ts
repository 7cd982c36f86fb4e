import type { CallContext } from '../port.ts';
import type { Catalogs, PathedCollection } from './catalog.ts';
import { path, type IconikClient } from './client.ts';
import { levels } from './keys.ts';
import { mapConcurrent } from './mapConcurrent.ts';
import { aclReply, rolesReply, userReply, type Acl, type AclList, type User } from './replies.ts';

/** What somebody can really do with one collection, and by which way: a row's list, `owner` of the domain, or `creator`. */
export type EffectiveRight = {
  path: string;
  id: string;
  permissions: readonly string[];
  by: readonly (AclList | 'owner' | 'creator')[];
};

export type EffectiveRights = {
  /** Roles in force, of type and role groups together, as iconik itself computes them. */
  roles: readonly string[];
  /** Collections on which anything is allowed, by path. */
  collections: readonly EffectiveRight[];
};

export type AclRow = { list: AclList; permissions: readonly string[]; group: boolean; originKey: string | undefined };

/** Ids of everything that stands for the user in an ACL: teams, role groups and (legacy) groups. */
export function groupIdsOf(user: User): ReadonlySet<string> {
  return new Set([...(user.groups ?? []), ...(user.teams ?? []), ...(user.role_groups ?? [])]);
}

/** Rows of an object's six lists that concern a user. Additive, no deny: contract section 6. */
export function rowsFor(acl: Acl, userId: string, groupIds: ReadonlySet<string>): AclRow[] {
  const lists: AclList[] = [
    'users_acl',
    'groups_acl',
    'propagating_users_acl',
    'propagating_groups_acl',
    'inherited_users_acl',
    'inherited_groups_acl',
  ];
  return lists.flatMap((list) =>
    (acl[list] ?? [])
      .filter(
        (row) =>
          row.user_id === userId || (row.group_id !== null && row.group_id !== undefined && groupIds.has(row.group_id)),
      )
      .map((row) => ({
        list,
        permissions: row.permissions ?? [],
        group: list.endsWith('groups_acl'),
        originKey: row.object_key ?? undefined,
      })),
  );
}

/**
 * Effective access of one user, computed as contract section 6 says, since iconik has no call for it: a domain owner may do all, a creator all
 * with what they made, anybody else the union over six lists. For proofs of least privilege: N + 3 reads for N collections; throws `SystemError`.
 */
export async function effectiveRights(
  client: IconikClient,
  catalogs: Catalogs,
  userId: string,
  concurrent: number,
  call: CallContext,
): Promise<EffectiveRights> {
  const user = await client.get(path`/API/users/v1/users/${userId}/`, userReply, call);
  const roles = await client.get(path`/API/users/v1/users/${userId}/roles/`, rolesReply, call);
  const all = await catalogs.collections(call, true);
  const rights = await mapConcurrent(
    all,
    concurrent,
    async (collection) => await rightOn(client, collection, user, call),
  );
  return {
    roles: [...(roles.objects ?? [])].sort(),
    collections: rights.filter((right) => right.permissions.length > 0),
  };
}

async function rightOn(
  client: IconikClient,
  collection: PathedCollection,
  user: User,
  call: CallContext,
): Promise<EffectiveRight> {
  const { id, path: where } = collection;
  const full = user.is_admin === true ? 'owner' : collection.created_by_user === user.id ? 'creator' : undefined;
  if (full) return { path: where, id, permissions: levels, by: [full] };
  const rows = rowsFor(
    await client.get(path`/API/acls/v1/acl/collections/${id}/`, aclReply, call),
    user.id,
    groupIdsOf(user),
  );
  const held = new Set(rows.flatMap((row) => row.permissions));
  return { path: where, id, permissions: [...held].sort(), by: [...new Set(rows.map((row) => row.list))] };
}
