import type { Connection } from './connection.ts';
import type { LdapContext } from './context.ts';
import { dnKey } from './dn.ts';
import type { LdapEntry } from './entry.ts';
import { ldapError } from './errors.ts';
import { and, anything, equals, or } from './filters.ts';
import type { Filter } from './filters.ts';

const MEMBERS = ['member', 'uniqueMember'] as const;
const ABOUT = 'the groups';

/** `name@partition`; undefined where the group stands in no partition that Tenure looks after. */
function groupName(entry: LdapEntry, { dialect, places }: LdapContext): string | undefined {
  const partition = places.group(entry.place);
  const name = entry.first(dialect.attributes.group);
  return partition === undefined || name === undefined ? undefined : `${name}@${partition}`;
}

/** Every group looked after, page by page. */
export async function* eachGroup(
  connection: Connection,
  context: LdapContext,
  attributes: readonly string[],
  filter = context.dialect.groups,
): AsyncGenerator<{ entry: LdapEntry; name: string }> {
  const named = [context.dialect.attributes.group, ...attributes];
  for (const base of context.places.groupBases) {
    for await (const page of connection.pages({ base, filter, attributes: named, about: ABOUT })) {
      for (const entry of page) {
        const name = groupName(entry, context);
        if (name !== undefined) yield { entry, name };
      }
    }
  }
}

/** Who is in what: effective groups of an entry by the key of its DN, groups within groups resolved, circles too. */
export type MembershipIndex = (key: string) => readonly string[];

/**
 * Groups are read as objects of their own: a new member touches neither the person's entry nor its stamps (contracts/ldap.md 8), and `memberOf` is
 * not everywhere.
 */
export async function indexMemberships(connection: Connection, context: LdapContext): Promise<MembershipIndex> {
  const names = new Map<string, string>();
  const parents = new Map<string, string[]>();
  for await (const { entry, name } of eachGroup(connection, context, MEMBERS)) {
    const key = entry.place.join(',');
    names.set(key, name);
    for (const member of await memberKeys(connection, entry)) {
      const list = parents.get(member);
      if (list) list.push(key);
      else parents.set(member, [key]);
    }
  }
  return (start) => {
    const found = new Set<string>();
    const open = [...(parents.get(start) ?? [])];
    for (let key = open.pop(); key !== undefined; key = open.pop()) {
      if (found.has(key)) continue;
      found.add(key);
      open.push(...(parents.get(key) ?? []));
    }
    return [...found].map((key) => names.get(key) ?? '');
  };
}

/** Effective groups of one entry: those that name it, then those that name these, a question per level. */
export async function groupsAbove(connection: Connection, context: LdapContext, dn: string): Promise<string[]> {
  const found = new Map<string, string>();
  let level = [dn];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > context.choices.groupDepth) throw ldapError('LDAP_SCAN_UNSTABLE', { about: 'the groups of a person' });
    const next: string[] = [];
    for (const filter of filtersNaming(level, context)) {
      for await (const { entry, name } of eachGroup(connection, context, [], filter)) {
        const key = entry.place.join(',');
        if (found.has(key)) continue;
        found.set(key, name);
        next.push(entry.dn);
      }
    }
    level = next;
  }
  return [...found.values()];
}

function filtersNaming(names: readonly string[], { dialect, choices }: LdapContext): Filter[] {
  const filters: Filter[] = [];
  for (let at = 0; at < names.length; at += choices.namesPerFilter) {
    const some = names.slice(at, at + choices.namesPerFilter);
    const naming = some.flatMap((dn) => MEMBERS.map((attribute) => equals(attribute, dn)));
    filters.push(and(dialect.groups, or(...naming)));
  }
  return filters;
}

/** The one group of exactly this `name@partition`, capital letters included. */
export async function groupByName(
  connection: Connection,
  context: LdapContext,
  asked: string,
): Promise<LdapEntry | undefined> {
  const mark = asked.lastIndexOf('@');
  const partition = context.places.partition(asked.slice(mark + 1));
  if (mark < 1 || !partition) return undefined;
  const { group } = context.dialect.attributes;
  const filter = and(context.dialect.groups, equals(group, asked.slice(0, mark)));
  const found: LdapEntry[] = [];
  for await (const { entry, name } of eachGroup(connection, context, MEMBERS, filter))
    if (name === asked) found.push(entry);
  if (found.length > 1) throw ldapError('LDAP_AMBIGUOUS', { about: `group ${asked}` });
  return found[0];
}

/** People inside a group, direct and nested, with these attributes, each once. Members that are neither are passed over. */
export async function peopleInside(
  connection: Connection,
  { dialect }: LdapContext,
  group: LdapEntry,
  attributes: readonly string[],
): Promise<LdapEntry[]> {
  const about = 'the members of a group';
  const seen = new Set([group.place.join(',')]);
  const people: LdapEntry[] = [];
  const open = [group];
  for (let next = open.pop(); next; next = open.pop()) {
    for (const base of await memberNames(connection, next)) {
      const key = dnKey(base);
      if (key === undefined || seen.has(key)) continue;
      seen.add(key);
      const person = await connection.entry({ base, filter: dialect.people, attributes, about });
      const inner = person ?? (await connection.entry({ base, filter: dialect.groups, attributes: MEMBERS, about }));
      if (inner) (person ? people : open).push(inner);
    }
  }
  return people;
}

async function memberKeys(connection: Connection, group: LdapEntry): Promise<string[]> {
  return (await memberNames(connection, group)).map(dnKey).filter((key) => key !== undefined);
}

const RANGE = /^(member|uniquemember);range=\d+-(?<last>\d+|\*)$/;

/** All members, also where Active Directory gives them in portions (`member;range=0-1499`). */
async function memberNames(connection: Connection, group: LdapEntry): Promise<string[]> {
  // A name may end in a bit string that tells namesakes apart (RFC 4517, nameAndOptionalUID).
  const names = MEMBERS.flatMap((attribute) => group.all(attribute)).map((name) => name.replace(/#'[01]*'B$/, ''));
  for (let portion: LdapEntry | undefined = group; portion;) {
    const range: string | undefined = portion.names().find((name) => RANGE.test(name));
    if (range === undefined) break;
    names.push(...portion.all(range));
    const last = RANGE.exec(range)?.groups?.['last'];
    if (last === undefined || last === '*') break;
    const attributes = [`${range.slice(0, range.indexOf(';'))};range=${Number(last) + 1}-*`];
    portion = await connection.entry({ base: group.dn, filter: anything, attributes, about: ABOUT });
  }
  return names;
}
