import type { Person, PersonRef } from '../../domain/person.ts';
import type { Connection } from './connection.ts';
import type { LdapContext } from './context.ts';
import { dnKey } from './dn.ts';
import type { LdapEntry } from './entry.ts';
import { ldapError } from './errors.ts';
import { and } from './filters.ts';
import type { GoneBrake } from './gone.ts';
import { indexMemberships } from './groups.ts';
import { keyAttributes, personAttributes, personOf, refOf } from './person.ts';

const ABOUT = 'the people';

/** Who is where: everybody's keys, read before anything is told. About 300 bytes a person stay in memory. */
type Roll = { uuids: Set<string>; who: Map<string, string> };

/**
 * Everybody, complete or an error: who is there is read first and braked, then each is read; who was listed and did not come is looked up, so that
 * an answer that was cut is told from a person who left meanwhile. The server must take us for the same user from first to last.
 */
export async function* scanPeople(
  connection: Connection,
  context: LdapContext,
  brake: GoneBrake,
): AsyncGenerator<readonly Person[]> {
  const identity = await connection.whoami();
  const groupsOf = await indexMemberships(connection, context);
  const roll = await callRoll(connection, context);
  brake.check(roll.uuids);
  const given = new Set<string>();
  for await (const page of people(connection, context, personAttributes(context))) {
    const fresh = page.filter(({ ref }) => !given.has(ref.uuid));
    for (const { ref } of fresh) given.add(ref.uuid);
    yield fresh.map(({ entry, ref }) =>
      personOf(entry, ref, groupsOf(entry.place.join(',')), managerOn(roll, entry, context), context),
    );
  }
  await confirmMissing(
    connection,
    context,
    [...roll.uuids].filter((uuid) => !given.has(uuid)),
  );
  if ((await connection.whoami()) !== identity) throw ldapError('LDAP_IDENTITY_LOST', { about: ABOUT });
  brake.accept(roll.uuids);
}

async function callRoll(connection: Connection, context: LdapContext): Promise<Roll> {
  const roll: Roll = { uuids: new Set(), who: new Map() };
  const peopled = new Set<string>();
  for await (const page of people(connection, context, keyAttributes(context))) {
    for (const { entry, ref } of page) {
      roll.uuids.add(ref.uuid);
      roll.who.set(entry.place.join(','), ref.who);
      peopled.add(ref.partition);
    }
  }
  const empty = context.config.partitions.find(({ name, mayBeEmpty }) => !mayBeEmpty && !peopled.has(name));
  if (empty) throw ldapError('LDAP_EMPTY', { about: `partition ${empty.name}` });
  return roll;
}

/**
 * That one person is not there counts only where others are: a user who lost the right to read sees nobody, without an error. `partition`: the one
 * that was asked; undefined: all. @throws LDAP_EMPTY.
 */
export async function mustShowPeople(
  connection: Connection,
  context: LdapContext,
  partition: string | undefined,
): Promise<void> {
  const wanted = context.config.partitions.filter(({ name }) => partition === undefined || name === partition);
  for (const { name, base, mayBeEmpty } of wanted)
    if (!mayBeEmpty && !(await showsSomebody(connection, context, name, base)))
      throw ldapError('LDAP_EMPTY', { about: `partition ${name}` });
}

async function showsSomebody(
  connection: Connection,
  context: LdapContext,
  partition: string,
  base: string,
): Promise<boolean> {
  const { dialect } = context;
  for await (const page of people(connection, context, keyAttributes(context), dialect.people, [base]))
    if (page.some(({ ref }) => ref.partition === partition)) return true;
  return false;
}

/** Everybody looked after who fits the filter, page by page. */
export async function* people(
  connection: Connection,
  context: LdapContext,
  attributes: readonly string[],
  filter = context.dialect.people,
  bases = context.places.peopleBases,
): AsyncGenerator<{ entry: LdapEntry; ref: PersonRef }[]> {
  for (const base of bases) {
    for await (const page of connection.pages({ base, filter, attributes, about: ABOUT })) {
      yield page.flatMap((entry) => {
        const ref = refOf(entry, context);
        return ref ? [{ entry, ref }] : [];
      });
    }
  }
}

/** Whoever is still there although the scan did not give them proves that it was cut. */
async function confirmMissing(connection: Connection, context: LdapContext, missing: readonly string[]): Promise<void> {
  if (missing.length > context.choices.lookUps) throw ldapError('LDAP_SCAN_UNSTABLE', { about: ABOUT });
  for (const uuid of missing) {
    const filter = and(context.dialect.people, context.dialect.byUuid(uuid));
    for await (const page of people(connection, context, keyAttributes(context), filter))
      if (page.length > 0) throw ldapError('LDAP_SCAN_UNSTABLE', { about: ABOUT });
  }
}

function managerOn(roll: Roll, entry: LdapEntry, { dialect }: LdapContext): string | undefined {
  const text = dialect.attributes.manager && entry.first(dialect.attributes.manager);
  const key = text && dnKey(text);
  return key === undefined ? text : roll.who.get(key);
}
