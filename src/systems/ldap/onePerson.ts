import type { Person, PersonRef } from '../../domain/person.ts';
import type { Connection } from './connection.ts';
import type { LdapContext } from './context.ts';
import { parseDn } from './dn.ts';
import type { LdapEntry } from './entry.ts';
import { groupsAbove } from './groups.ts';
import { keyAttributes, personOf, refOf } from './person.ts';

/** One person with everything that stands in other entries: effective groups, and who the manager is. */
export async function fullPerson(
  connection: Connection,
  context: LdapContext,
  entry: LdapEntry,
  ref: PersonRef,
): Promise<Person> {
  const groups = await groupsAbove(connection, context, entry.dn);
  return personOf(entry, ref, groups, await managerOf(connection, context, entry), context);
}

/** `login@partition`: as it stands, or of the entry that a DN names; undefined where that is nobody looked after. */
async function managerOf(connection: Connection, context: LdapContext, entry: LdapEntry): Promise<string | undefined> {
  const { manager } = context.dialect.attributes;
  const text = manager === undefined ? undefined : entry.first(manager);
  if (text === undefined || parseDn(text) === undefined) return text;
  const filter = context.dialect.people;
  const found = await connection.entry({ base: text, filter, attributes: keyAttributes(context), about: 'a manager' });
  return found && refOf(found, context)?.who;
}
