import type { AccountRef } from '../port.ts';
import { lookedAfter } from './attributes.ts';
import type { OtdsClient } from './client.ts';
import { keyOf, same, splitKey } from './shapes.ts';
import type { OtdsObject } from './shapes.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * The user of this login (any case) in this partition. What OTDS returns is checked: a reference may also mean an `id`, and the `id` of a login
 * with an `@` is the login alone (contracts/otds.md 4.1). Names with `/` or `\` cannot be asked for behind many proxies: the partition is scanned.
 */
async function byWho(client: OtdsClient, who: string, signal: AbortSignal): Promise<OtdsObject | undefined> {
  const asked = splitKey(who.trim());
  const partition = asked && lookedAfter(client.config, asked.partition);
  if (!asked || partition === undefined) return undefined;
  const isMeant = (user: OtdsObject) => same(user.name, asked.name) && same(user.userPartitionID, partition);
  if (/[/\\]/.test(asked.name)) return scanFor(client, [partition], isMeant, signal);
  const user = await client.user(`${asked.name}@${partition}`, signal);
  if (user === undefined || isMeant(user)) return user;
  return scanFor(client, [partition], isMeant, signal);
}

/**
 * The user of this uuid, whatever the login is now. OTDS cannot be asked by uuid: the last known `login@partition` is tried and checked, else
 * every partition looked after is scanned to the end, so that undefined really means gone.
 */
export async function byUuid(
  client: OtdsClient,
  uuid: string,
  lastKnown: string | undefined,
  signal: AbortSignal,
): Promise<OtdsObject | undefined> {
  const isMeant = (user: OtdsObject) => same(user.uuid, uuid);
  const user = lastKnown === undefined ? undefined : await byWho(client, lastKnown, signal);
  if (user && isMeant(user)) return user;
  return scanFor(client, client.config.partitions, isMeant, signal);
}

/**
 * The account that a call is about: by the link's native id, else the person's own uuid. Where people come from another directory their uuids mean
 * nothing here, and their `login@partition` decides: the partitions have the same names there (docs/systems-ldap.md).
 */
export function accountOf(
  client: OtdsClient,
  { nativeId, person }: AccountRef,
  signal: AbortSignal,
): Promise<OtdsObject | undefined> {
  if (nativeId === undefined && !client.ownPeople) return byWho(client, person.who, signal);
  return byUuid(client, nativeId ?? person.uuid, person.who, signal);
}

/** By `login@partition` or uuid. */
export function byEither(client: OtdsClient, who: string, signal: AbortSignal): Promise<OtdsObject | undefined> {
  return UUID.test(who) ? byUuid(client, who, undefined, signal) : byWho(client, who, signal);
}

/** The group of exactly this `name@partition`, capital letters included: entitlements are compared as texts. */
export async function groupByKey(
  client: OtdsClient,
  key: string,
  signal: AbortSignal,
): Promise<OtdsObject | undefined> {
  const asked = splitKey(key);
  if (!asked) return undefined;
  const isMeant = (group: OtdsObject) => keyOf(group) === key;
  if (!/[/\\]/.test(asked.name)) {
    const group = await client.group(key, signal);
    if (group === undefined || isMeant(group)) return group;
  }
  for await (const page of client.list('groups', asked.partition, signal)) {
    const found = page.find(isMeant);
    if (found) return found;
  }
  return undefined;
}

async function scanFor(
  client: OtdsClient,
  partitions: readonly string[],
  isMeant: (user: OtdsObject) => boolean,
  signal: AbortSignal,
): Promise<OtdsObject | undefined> {
  for (const partition of partitions) {
    for await (const page of client.list('users', partition, signal)) {
      const found = page.find(isMeant);
      if (found) return found;
    }
  }
  return undefined;
}
