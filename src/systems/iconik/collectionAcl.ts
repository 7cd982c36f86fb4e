import type { Held } from '../../domain/change.ts';
import { SystemError } from '../errors.ts';
import type { Applied, CallContext } from '../port.ts';
import { asApplied } from '../written.ts';
import type { PathedCollection } from './catalog.ts';
import { path } from './client.ts';
import type { Iconik } from './context.ts';
import { iconikError } from './errors.ts';
import { userById } from './find.ts';
import { collectionKey, levelOf, levels, permissionsOf, type Interest, type Level } from './keys.ts';
import { mapConcurrent } from './mapConcurrent.ts';
import { aclReply, collectionReply, type User } from './replies.ts';
import { groupIdsOf, rowsFor, type AclRow } from './rights.ts';

const done: Applied = { outcome: 'done' };

/**
 * What a user holds on the collections that matter. The user's own rows (single, and propagating from that very collection) are `direct`; rows of
 * teams are `group`; what comes from above is `inherited`. Each row counts as one level, its highest. A lower level that was asked for by name is
 * reported as `inherited` beside it, since the higher one includes it. `unreadable`: collections whose ACL iconik refuses to show.
 */
export async function heldCollections(
  iconik: Iconik,
  user: User,
  interest: Interest,
  call: CallContext,
): Promise<{ held: Held[]; unreadable: number }> {
  const collections = await concernedCollections(iconik, interest, call);
  const groupIds = groupIdsOf(user);
  const perCollection = await mapConcurrent(collections, iconik.config.limits.concurrent, async (collection) => {
    try {
      return heldOn(collection.path, await rowsOn(iconik, collection.id, user.id, groupIds, call), interest);
    } catch (error) {
      // While the account is open it must stay closable; a closed one is only proved by reading everything.
      if (user.status === 'ACTIVE' && error instanceof SystemError && error.code === 'ICONIK_FORBIDDEN')
        return undefined;
      throw error;
    }
  });
  const held = perCollection.flatMap((rows) => rows ?? []);
  return { held, unreadable: perCollection.filter((rows) => rows === undefined).length };
}

/** Sets the user's own row to at least that level; never lowers one. Throws ICONIK_UNKNOWN_COLLECTION, ICONIK_AMBIGUOUS_NAME. */
export async function grantCollection(
  iconik: Iconik,
  where: string,
  level: Level,
  userId: string,
  call: CallContext,
): Promise<Applied> {
  const collection = await onlyCollection(iconik, where, call);
  const own = await ownRows(iconik, collection.id, userId, call);
  const wanted: readonly string[] = permissionsOf(level);
  if (wanted.every((permission) => own.all.includes(permission))) return done;
  const permissions = [...new Set([...wanted, ...own.single])];
  const at = path`/API/acls/v1/users/${userId}/acl/collections/${collection.id}/`;
  const written = await iconik.client.write(
    { method: 'PUT', at, json: { permissions }, about: `grant of "${where}"` },
    call,
  );
  if (written.outcome === 'refused' && written.status === 404) {
    const user = await userById(iconik.client, userId, call);
    if (!user) throw iconikError('ICONIK_ACCOUNT_GONE', { status: 404 });
    throw iconikError('ICONIK_UNKNOWN_COLLECTION', { status: 404, about: where });
  }
  return asApplied(written);
}

/**
 * Takes the user's own rows on that collection away (on all of that path, where titles repeat) if they make up this level. A row that is lower or
 * higher by now is not what was to be revoked: the next read shows what it is.
 */
export async function revokeCollection(
  iconik: Iconik,
  where: string,
  level: Level,
  userId: string,
  call: CallContext,
): Promise<Applied> {
  for (const collection of await iconik.catalogs.collectionsAtPath(where, call)) {
    const own = await ownRows(iconik, collection.id, userId, call);
    if (levelOf(own.all) !== level) continue;
    if (own.single.length > 0) {
      const at = path`/API/acls/v1/users/${userId}/acl/collections/${collection.id}/`;
      const removed = await iconik.client.write({ method: 'DELETE', at, about: `revocation of "${where}"` }, call);
      if (!(removed.outcome === 'refused' && removed.status === 404) && asApplied(removed).outcome !== 'done')
        return asApplied(removed);
    }
    if (own.propagating.length > 0) {
      const removed = await deletePropagating(iconik, collection, userId, call);
      if (removed.outcome !== 'done') return removed;
    }
  }
  return done;
}

async function deletePropagating(
  iconik: Iconik,
  collection: PathedCollection,
  userId: string,
  call: CallContext,
): Promise<Applied> {
  const at = path`/API/acls/v1/acl/${iconik.client.choices.propagatingType}/`;
  const json = { object_keys: [collection.id], user_ids: [userId], group_ids: [] };
  return asApplied(
    await iconik.client.write(
      { method: 'DELETE', at, json, about: `revocation of "${collection.path}" and all below` },
      call,
    ),
  );
}

/** The collections on which a level matters: those named, or all of those that a pattern covers. */
export async function concernedCollections(
  iconik: Iconik,
  interest: Interest,
  call: CallContext,
): Promise<PathedCollection[]> {
  if (interest.walk)
    return (await iconik.catalogs.collections(call, true)).filter((collection) => interest.collection(collection.path));
  const found = [];
  for (const named of interest.namedPaths) found.push(...(await iconik.catalogs.collectionsAtPath(named, call)));
  return found;
}

/** The rows of one person on one collection as entitlements. */
export function heldOn(where: string, rows: readonly AclRow[], interest: Interest): Held[] {
  const held = new Map<string, Held>();
  const note = (level: Level | undefined, how: Held['how']): void => {
    if (!level) return;
    const key = collectionKey(where, level);
    if (!held.has(key)) held.set(key, { key, how });
  };
  const ways: [Held['how'], (row: AclRow) => boolean][] = [
    ['direct', isOwn],
    ['group', (row) => row.group && !row.list.startsWith('inherited')],
    ['inherited', (row) => row.list.startsWith('inherited')],
  ];
  for (const [how, belongs] of ways) note(levelOf(rows.filter(belongs).flatMap((row) => row.permissions)), how);
  const highest = levelOf(rows.flatMap((row) => row.permissions));
  for (const lower of highest ? permissionsOf(highest) : [])
    if (interest.names(collectionKey(where, lower))) note(lower, 'inherited');
  return [...held.values()];
}

function isOwn(row: AclRow): boolean {
  return row.list === 'users_acl' || row.list === 'propagating_users_acl';
}

async function rowsOn(
  iconik: Iconik,
  collectionId: string,
  userId: string,
  groupIds: ReadonlySet<string>,
  call: CallContext,
): Promise<AclRow[]> {
  return rowsFor(
    await iconik.client.get(path`/API/acls/v1/acl/collections/${collectionId}/`, aclReply, call),
    userId,
    groupIds,
  );
}

async function ownRows(
  iconik: Iconik,
  collectionId: string,
  userId: string,
  call: CallContext,
): Promise<{ single: string[]; propagating: string[]; all: string[] }> {
  const rows = (await rowsOn(iconik, collectionId, userId, new Set(), call)).filter(isOwn);
  const of = (list: AclRow['list']) => rows.filter((row) => row.list === list).flatMap((row) => row.permissions);
  const known: readonly string[] = levels;
  const single = of('users_acl');
  const propagating = of('propagating_users_acl');
  return { single, propagating, all: [...single, ...propagating].filter((permission) => known.includes(permission)) };
}

/** The one collection at that path, confirmed by id: one moved or renamed since must not receive what its old path is due. */
async function onlyCollection(iconik: Iconik, where: string, call: CallContext): Promise<PathedCollection> {
  const known = await iconik.catalogs.collectionsAtPath(where, call);
  const [only] = known;
  if (known.length === 1 && only) {
    const now = await iconik.client.lookUp(path`/API/assets/v1/collections/${only.id}/`, collectionReply, call);
    if (
      now &&
      now.title === only.title &&
      (now.parent_id ?? null) === (only.parent_id ?? null) &&
      now.status !== 'DELETED'
    )
      return only;
  }
  const again = (await iconik.catalogs.collections(call, true)).filter((collection) => collection.path === where);
  const [found] = again;
  if (!found) throw iconikError('ICONIK_UNKNOWN_COLLECTION', { about: where });
  if (again.length > 1) throw iconikError('ICONIK_AMBIGUOUS_NAME', { about: where });
  return found;
}
