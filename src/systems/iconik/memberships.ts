import type { Held } from '../../domain/change.ts';
import type { CallContext } from '../port.ts';
import type { Catalog, GroupKind } from './catalog.ts';
import { isSystemGroup, type Iconik } from './context.ts';
import { groupKey, rolesKey, teamKey } from './keys.ts';
import type { Group, User } from './replies.ts';

/** The teams and role groups of one user, resolved to names. */
export type Memberships = { catalog: Catalog; teams: readonly Group[]; roles: readonly Group[] };

/**
 * Teams and role groups of a user read by id. `groups` may hold ids of every kind (unknown), so its ids count where the catalog knows them; an id
 * of `teams` or `role_groups` that the catalog does not know counts under its id, so that it is never overlooked.
 */
export async function membershipsOf(iconik: Iconik, user: User, call: CallContext): Promise<Memberships> {
  const own = [...(user.teams ?? []), ...(user.role_groups ?? [])];
  const catalog = await iconik.catalogs.groups(call, own);
  const either = user.groups ?? [];
  return {
    catalog,
    teams: resolve([...(user.teams ?? []), ...either.filter((id) => catalog.teams.has(id))], catalog.teams),
    roles: resolve([...(user.role_groups ?? []), ...either.filter((id) => catalog.roles.has(id))], catalog.roles),
  };
}

/** Groups of that kind and name that the user is in: more than one where names repeat. */
export function heldNamed(memberships: Memberships, kind: GroupKind, name: string): Group[] {
  return (kind === 'roles' ? memberships.roles : memberships.teams).filter((group) => group.name === name);
}

/** As entitlements. Teams that iconik looks after itself, and the fallback team, are held without being ours to take away. */
export function heldMemberships(iconik: Iconik, memberships: Memberships): Held[] {
  const { config } = iconik;
  const how = (group: Group, isTeam: boolean): Held['how'] =>
    isSystemGroup(iconik, group) || (isTeam && group.name === config.fallbackTeam) ? 'inherited' : 'direct';
  const key = memberships.catalog.model === 'legacy' ? groupKey : teamKey;
  return [
    ...memberships.teams.map((team) => ({ key: key(team.name), how: how(team, true) })),
    ...memberships.roles.map((group) => ({ key: rolesKey(group.name), how: how(group, false) })),
  ];
}

function resolve(ids: readonly string[], known: ReadonlyMap<string, Group>): Group[] {
  return [...new Set(ids)].map((id) => known.get(id) ?? { id, name: id });
}
