import type { Person } from '../../domain/person.ts';
import type { PeopleChanged } from '../port.ts';
import type { Connection } from './connection.ts';
import type { LdapContext } from './context.ts';
import { and } from './filters.ts';
import type { Filter } from './filters.ts';
import { eachGroup } from './groups.ts';
import { fullPerson } from './onePerson.ts';
import { personAttributes } from './person.ts';
import { people } from './scan.ts';
import { strategyOf } from './watermark.ts';

/**
 * Who changed since a watermark. Deletions, and moves of whole branches, show in no stamp: only the complete scan finds them. A changed group means
 * that anybody may have entered or left it. The new watermark is read before the question, so that nothing falls between two (contracts/ldap.md 6).
 */
export async function changedPeople(
  connection: Connection,
  context: LdapContext,
  since: string | undefined,
): Promise<PeopleChanged> {
  const strategy = await strategyOf(connection, context);
  const watermark = await strategy.read();
  const after = since === undefined ? undefined : strategy.since(since, watermark);
  if (after === undefined) return { watermark, people: 'everybody' };
  const both = (filter: Filter) => and(filter, after);
  for await (const _ of eachGroup(connection, context, [], both(context.dialect.groups)))
    return { watermark, people: 'everybody' };
  const changed: Person[] = [];
  for await (const page of people(connection, context, personAttributes(context), both(context.dialect.people))) {
    if (changed.length + page.length > context.choices.changesOneByOne) return { watermark, people: 'everybody' };
    for (const { entry, ref } of page) changed.push(await fullPerson(connection, context, entry, ref));
  }
  return { watermark, people: changed };
}
