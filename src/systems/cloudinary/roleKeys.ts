import type { Held } from '../../domain/change.ts';
import { SystemError } from '../errors.ts';
import type { CallContext } from '../port.ts';
import type { Cloudinary } from './context.ts';
import { EVERY_ENVIRONMENT, formatKey, shortRole } from './entitlements.ts';
import type { HeldRole } from './replies.ts';

/** Turns roles that somebody holds into entitlements: ids of environments and folders into cloud names and paths. */
export type RoleNames = {
  /** Undefined for a role on a folder that Cloudinary refuses to show. */
  keyOf(role: HeldRole): string | undefined;
  /** Cloud names of environments whose folders Cloudinary refuses to show. */
  hidden: readonly string[];
};

/**
 * Whether a role may be reported by its folder's id while Cloudinary does not show the folders: where the engine will want that key taken away, so that
 * nothing is proved before the folders can be read again.
 */
export type ByIdWhere = (key: string) => boolean;

/**
 * Names for all of these roles. A folder that Cloudinary no longer has, or of an environment that we have no key for, goes by `unknown folder <id>`:
 * what hangs on it can be taken away all the same. `byIdWhere`: of an account that is still open, so that it can be closed although its folders cannot
 * be read; where it says no, a refusal to show folders hides them, and any other failure throws. Absent: every failure throws.
 */
export async function roleNames(
  cloudinary: Cloudinary,
  roles: readonly HeldRole[],
  byIdWhere: ByIdWhere | undefined,
  call: CallContext,
): Promise<RoleNames> {
  const scopes = roles.flatMap((role) =>
    isOfEnvironment(role) && role.scope_id !== 'all' ? [role.scope_id ?? ''] : [],
  );
  const environments = await cloudinary.catalog.environments(call, scopes);
  const cloudOf = (role: HeldRole): string =>
    role.scope_id === 'all'
      ? EVERY_ENVIRONMENT
      : (environments.find((one) => one.id === role.scope_id)?.cloud_name ?? role.scope_id ?? '?');
  const paths = new Map<string, string>();
  const hidden: string[] = [];
  for (const cloud of cloudinary.client.clouds) {
    const onFolders = roles.filter(
      (role) => role.parameters['folder_id'] !== undefined && [cloud, EVERY_ENVIRONMENT].includes(cloudOf(role)),
    );
    const ids = onFolders.flatMap((role) => role.parameters['folder_id'] ?? []);
    if (ids.length === 0) continue;
    try {
      const known = await cloudinary.folders.paths(cloud, ids, call);
      for (const id of ids) {
        const where = known?.get(id);
        if (where !== undefined) paths.set(id, where);
      }
    } catch (error) {
      if (!byIdWhere || !(error instanceof SystemError) || call.signal.aborted) throw error;
      if (onFolders.every((role) => byIdWhere(keyOfRole(role, cloudOf(role), paths)))) continue;
      if (error.code !== 'CLOUDINARY_FORBIDDEN') throw error;
      hidden.push(cloud);
    }
  }
  return {
    hidden,
    keyOf(role) {
      const cloud = cloudOf(role);
      if (role.parameters['folder_id'] !== undefined && hidden.includes(cloud)) return undefined;
      return keyOfRole(role, cloud, paths);
    },
  };
}

/** `paths`: folders known by id. */
function keyOfRole(role: HeldRole, cloud: string, paths: ReadonlyMap<string, string>): string {
  const short = shortRole(role.id);
  const [parameter] = Object.entries(role.parameters);
  if (!isOfEnvironment(role)) return formatKey({ kind: 'account-role', role: short });
  if (!parameter) return formatKey({ kind: 'role', role: short, cloud });
  const [name, value] = parameter;
  if (name === 'folder_id')
    return formatKey({ kind: 'folder', name: paths.get(value) ?? `unknown folder ${value}`, role: short, cloud });
  if (name === 'collection_id') return formatKey({ kind: 'collection', name: value, role: short, cloud });
  return formatKey({ kind: 'content', name: `${name}=${value}`, role: short, cloud });
}

function isOfEnvironment(role: HeldRole): boolean {
  return role.scope_type !== 'account';
}

/** Roles as entitlements: the user's own can be taken from them alone, those of groups go with the group. */
export function heldRoles(names: RoleNames, own: readonly HeldRole[], ofGroups: readonly HeldRole[]): Held[] {
  const held = (roles: readonly HeldRole[], how: Held['how']) =>
    roles.flatMap((role): Held[] => {
      const key = names.keyOf(role);
      return key === undefined ? [] : [{ key, how }];
    });
  return [...held(own, 'direct'), ...held(ofGroups, 'group')];
}

/** One entry per key, what can be taken away before what cannot; sorted. */
export function withoutRepeats(held: readonly Held[]): Held[] {
  const byKey = new Map<string, Held>();
  for (const item of held) if (item.how === 'direct' || !byKey.has(item.key)) byKey.set(item.key, item);
  return [...byKey.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}
