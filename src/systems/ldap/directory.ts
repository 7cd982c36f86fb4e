import type { Person, PersonRef } from '../../domain/person.ts';
import { splitWho } from '../../domain/person.ts';
import { isActiveAt } from '../people.ts';
import type { CallContext, Directory, ProbeResult } from '../port.ts';
import { changedPeople } from './changes.ts';
import type { Connection } from './connection.ts';
import type { LdapContext } from './context.ts';
import type { LdapEntry } from './entry.ts';
import { ldapError } from './errors.ts';
import { and, equals } from './filters.ts';
import { createGoneBrake } from './gone.ts';
import { eachGroup, groupByName, peopleInside } from './groups.ts';
import { fullPerson } from './onePerson.ts';
import { personAttributes, personOf, refOf } from './person.ts';
import { mustShowPeople, people, scanPeople } from './scan.ts';
import type { Sessions } from './session.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The directory above OTDS. `now` is the wall clock, milliseconds: only to tell who is active in a group. */
export function createDirectory(
  sessions: Sessions,
  context: LdapContext,
  probe: (call: CallContext) => Promise<ProbeResult>,
  now: () => number,
): Directory {
  const brake = createGoneBrake(context.config);

  async function person(connection: Connection, who: string): Promise<Person | undefined> {
    const [found, more] = await candidates(connection, context, who);
    if (more) throw ldapError('LDAP_AMBIGUOUS', { about: who });
    if (found) return fullPerson(connection, context, found.entry, found.ref);
    const partition = context.places.partition(splitWho(who)?.partition ?? '');
    if (partition || UUID.test(who)) await mustShowPeople(connection, context, partition?.name);
    return undefined;
  }

  async function membersOf(connection: Connection, group: string): Promise<readonly PersonRef[]> {
    const found = await groupByName(connection, context, group);
    if (!found) throw ldapError('LDAP_NOT_FOUND', { about: `group ${group}` });
    const moment = new Date(now()).toISOString();
    const inside = await peopleInside(connection, context, found, personAttributes(context));
    return inside
      .flatMap((entry): PersonRef[] => {
        const ref = refOf(entry, context);
        return ref && isActiveAt(personOf(entry, ref, [], undefined, context), moment) ? [ref] : [];
      })
      .sort((a, b) => (a.who < b.who ? -1 : 1));
  }

  return {
    system: 'ldap',
    probe,
    person: (who, { signal }) => sessions.with(signal, (connection) => person(connection, who.trim())),
    async *people({ signal }) {
      const connection = await sessions.open(signal);
      try {
        yield* scanPeople(connection, context, brake);
      } finally {
        await connection.close();
      }
    },
    membersOf: (group, { signal }) => sessions.with(signal, (connection) => membersOf(connection, group)),
    groups: ({ signal }) =>
      sessions.with(signal, async (connection) => {
        const names: string[] = [];
        for await (const { name } of eachGroup(connection, context, [])) names.push(name);
        return names.sort();
      }),
    changes: (since, { signal }) => sessions.with(signal, (connection) => changedPeople(connection, context, since)),
  };
}

/** Everybody of this `login@partition` (any case) or uuid: at most one in a directory that is in order. */
async function candidates(connection: Connection, context: LdapContext, who: string) {
  const { dialect } = context;
  const asked = splitWho(who);
  const partition = asked && context.places.partition(asked.partition);
  const isUuid = UUID.test(who);
  if (!isUuid && !partition) return [];
  const login = equals(dialect.attributes.login, asked?.login ?? '');
  const filter = and(dialect.people, isUuid ? dialect.byUuid(who.toLowerCase()) : login);
  const found: { entry: LdapEntry; ref: PersonRef }[] = [];
  for await (const page of people(connection, context, personAttributes(context), filter)) found.push(...page);
  return found.filter(({ ref }) => isUuid || ref.partition === partition?.name);
}
