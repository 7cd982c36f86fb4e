import { toJson } from '../common/effects.ts';
import type { Json } from '../common/types.ts';
import { seedGroups } from './directory.ts';
import type { State } from './state.ts';

/**
 * Who has which role where, by group. Group rows name the group; rows of people exist for those of the seed and for
 * whoever has a token, with the groups that token carries.
 */
export function accessRows(state: State): Json {
  const rows: Record<string, Json> = {};
  for (const [key, { group, domain, roleId }] of Object.entries(state.groupRoles)) {
    const role = state.roles[roleId]?.name ?? roleId;
    rows[key] = { grantee: group, domain, role, mark: 'direct' };
    for (const person of holders(state, group)) {
      rows[`${domain}/${role}/${person}/${group}`] = { grantee: person, domain, role, mark: 'by group', via: group };
    }
  }
  return rows;
}

function holders(state: State, group: string): string[] {
  const wanted = group.toLowerCase();
  const has = (groups: readonly string[]): boolean => groups.some((one) => one.toLowerCase() === wanted);
  const people = Object.keys(state.people).filter((person) => has(seedGroups(state, person)));
  const logged = Object.values(state.tokens)
    .filter((session) => has(session.groups))
    .map((session) => session.user);
  return [...new Set([...people, ...logged])];
}

/** What GET /state/{collection} shows. */
export function collections(state: State): Record<string, Record<string, Json>> {
  const { n: _n, tenant: _tenant, links, passwordDigest: _password, cacheUpdates: _updates, chosen, ...rest } = state;
  const all = { ...rest, chosen, links: Object.fromEntries(links.map((link, i) => [String(i + 1), link])) };
  const shown: Record<string, Record<string, Json>> = { access: accessRows(state) as Record<string, Json> };
  for (const [name, rows] of Object.entries(all)) {
    shown[name] = Object.fromEntries(Object.entries(rows).map(([id, row]: [string, unknown]) => [id, toJson(row)]));
  }
  return shown;
}
