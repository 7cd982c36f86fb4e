import type { Person, PersonRef } from '../../domain/person.ts';
import { SystemError } from '../errors.ts';
import { isActiveAt } from '../people.ts';
import type { CallContext, Directory } from '../port.ts';
import { lookedAfter, personOf, refTo } from './attributes.ts';
import type { OtdsClient } from './client.ts';
import { otdsError } from './errors.ts';
import { byEither, byUuid, groupByKey } from './locate.ts';
import { allGroups, eachLimited, effectiveGroups, indexMemberships, seen, usersInside } from './memberships.ts';
import type { Probe } from './probe.ts';
import { keyOf } from './shapes.ts';
import type { OtdsObject } from './shapes.ts';

/** The directory side of OTDS. `now` is the wall clock, milliseconds: only to tell who is active in a group. */
export function createDirectory(client: OtdsClient, probe: Probe, now: () => number): Directory {
  const { config, choices } = client;

  async function person(who: string, { signal }: CallContext): Promise<Person | undefined> {
    const user = await byEither(client, who, signal);
    if (!user) return undefined;
    try {
      const groups = await effectiveGroups(client, user, signal);
      return personOf(user, seen(client, groups.all).map(keyOf), config, choices);
    } catch (error) {
      const gone = error instanceof SystemError && error.code === 'OTDS_NOT_FOUND';
      if (gone && !(await byUuid(client, user.uuid, keyOf(user), signal))) return undefined;
      throw error;
    }
  }

  async function* people({ signal }: CallContext): AsyncGenerator<readonly Person[]> {
    const index = await indexMemberships(client, signal);
    for (const partition of config.partitions) {
      for await (const page of client.list('users', partition, signal)) {
        yield page.map((user) => personOf(user, seen(client, index.groupsOf(user.uuid)).map(keyOf), config, choices));
      }
    }
  }

  /** Members may come without their attributes (the reply's form is a choice): then each is asked for. */
  async function full(user: OtdsObject, signal: AbortSignal): Promise<OtdsObject | undefined> {
    return (user.values ?? []).length > 0 ? user : byUuid(client, user.uuid, keyOf(user), signal);
  }

  async function membersOf(group: string, { signal }: CallContext): Promise<readonly PersonRef[]> {
    const found = await groupByKey(client, group, signal);
    if (!found) throw otdsError('OTDS_NOT_FOUND', { about: `group ${group}`, status: 404 });
    const inside = await usersInside(client, found, signal);
    const mine = inside.filter((user) => lookedAfter(config, user.userPartitionID) !== undefined);
    const users = await eachLimited(mine, config.limits.concurrent, (user) => full(user, signal));
    const moment = new Date(now()).toISOString();
    return users
      .filter((user) => user !== undefined)
      .filter((user) => isActiveAt(personOf(user, [], config, choices), moment))
      .map(refTo)
      .sort((a, b) => (a.who < b.who ? -1 : 1));
  }

  return {
    system: 'otds',
    probe,
    person,
    people,
    membersOf,
    async groups({ signal }) {
      return (await allGroups(client, signal)).map(keyOf).sort();
    },
  };
}
