import { SystemError } from '../errors.ts';
import { lookedAfter } from './attributes.ts';
import type { OtdsClient } from './client.ts';
import { refOf } from './shapes.ts';
import type { OtdsObject } from './shapes.ts';

/** Groups of one person: held directly, and all of them together with those above. Every partition, so that chains are not cut. */
export type Effective = { direct: readonly OtdsObject[]; all: readonly OtdsObject[] };

/** Who is in what, of the groups that were looked at and of everything inside them. */
export type MembershipIndex = {
  directGroupsOf(userUuid: string): readonly OtdsObject[];
  groupsOf(userUuid: string): readonly OtdsObject[];
  groupsAbove(groupUuid: string): readonly OtdsObject[];
};

/** Effective groups of one user: the groups OTDS names, then the groups above these, each asked once. */
export async function effectiveGroups(client: OtdsClient, user: OtdsObject, signal: AbortSignal): Promise<Effective> {
  const direct = await client.memberOf('users', user, signal);
  const known = new Map<string, OtdsObject>();
  let index: Promise<MembershipIndex> | undefined;
  const above = async (group: OtdsObject): Promise<readonly OtdsObject[]> => {
    const parents = index ? undefined : await parentsOf(client, group, signal);
    if (parents !== 'notServed' && parents) return parents;
    index ??= indexMemberships(client, signal);
    return (await index).groupsAbove(group.uuid);
  };
  for (let level: readonly OtdsObject[] = direct; level.length > 0;) {
    const fresh = level.filter((group) => !known.has(group.uuid) && known.set(group.uuid, group));
    level = (await Promise.all(fresh.map(above))).flat();
  }
  return { direct, all: [...known.values()] };
}

/** Groups that contain this one; `notServed` where OTDS has no such path although the group is there. A group gone meanwhile is in nothing. */
async function parentsOf(
  client: OtdsClient,
  group: OtdsObject,
  signal: AbortSignal,
): Promise<readonly OtdsObject[] | 'notServed'> {
  try {
    return await client.memberOf('groups', group, signal);
  } catch (error) {
    const status = error instanceof SystemError ? error.status : undefined;
    if (status === 405) return 'notServed';
    if (status !== 404 || !(error instanceof SystemError) || error.code !== 'OTDS_NOT_FOUND') throw error;
    return (await client.group(refOf(group), signal)) ? 'notServed' : [];
  }
}

/** One scan of the members of these groups (default: all groups looked after), down to the bottom: no call per person. */
export async function indexMemberships(
  client: OtdsClient,
  signal: AbortSignal,
  from?: readonly OtdsObject[],
): Promise<MembershipIndex> {
  const direct = new Map<string, OtdsObject[]>();
  const parents = new Map<string, OtdsObject[]>();
  const known = new Set<string>();
  let level: readonly OtdsObject[] = from ?? (await allGroups(client, signal));
  while (level.length > 0) {
    const fresh = level.filter((group) => !known.has(group.uuid) && known.add(group.uuid));
    const inside = await eachLimited(fresh, client.config.limits.concurrent, async (group) => {
      const members = await client.members(group, signal);
      for (const user of members.users) push(direct, user.uuid, group);
      for (const child of members.groups) push(parents, child.uuid, group);
      return members.groups;
    });
    level = inside.flat();
  }
  const memo = new Map<string, readonly OtdsObject[]>();
  const closure = (uuid: string, start: ReadonlyMap<string, OtdsObject[]>): readonly OtdsObject[] => {
    const found = new Map<string, OtdsObject>();
    const open = [...(start.get(uuid) ?? [])];
    for (let group = open.pop(); group; group = open.pop()) {
      if (found.has(group.uuid)) continue;
      found.set(group.uuid, group);
      open.push(...(parents.get(group.uuid) ?? []));
    }
    return [...found.values()];
  };
  return {
    directGroupsOf: (uuid) => direct.get(uuid) ?? [],
    groupsOf: (uuid) => closure(uuid, direct),
    groupsAbove(uuid) {
      const kept = memo.get(uuid) ?? closure(uuid, parents);
      memo.set(uuid, kept);
      return kept;
    },
  };
}

/** Users inside a group, direct and nested. */
export async function usersInside(client: OtdsClient, group: OtdsObject, signal: AbortSignal): Promise<OtdsObject[]> {
  const users = new Map<string, OtdsObject>();
  const known = new Set<string>();
  for (let level: readonly OtdsObject[] = [group]; level.length > 0;) {
    const fresh = level.filter((g) => !known.has(g.uuid) && known.add(g.uuid));
    const inside = await eachLimited(fresh, client.config.limits.concurrent, (g) => client.members(g, signal));
    for (const user of inside.flatMap((m) => m.users)) users.set(user.uuid, user);
    level = inside.flatMap((m) => m.groups);
  }
  return [...users.values()];
}

/** Every group of the partitions looked after. */
export async function allGroups(client: OtdsClient, signal: AbortSignal): Promise<OtdsObject[]> {
  const groups: OtdsObject[] = [];
  for (const partition of client.config.partitions) {
    for await (const page of client.list('groups', partition, signal)) groups.push(...page);
  }
  return groups;
}

/** Groups outside the partitions looked after are not seen, whichever way they were found. */
export function seen(client: OtdsClient, groups: readonly OtdsObject[]): readonly OtdsObject[] {
  return groups.filter((group) => lookedAfter(client.config, group.userPartitionID) !== undefined);
}

function push(map: Map<string, OtdsObject[]>, key: string, value: OtdsObject): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

/** `Promise.all` with at most `limit` at a time; the first failure ends it. */
export async function eachLimited<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = new Array<R>(items.length);
  const queue = items.entries();
  const lane = async () => {
    for (const [at, item] of queue) results[at] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane));
  return results;
}
