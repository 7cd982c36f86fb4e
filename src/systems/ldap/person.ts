import type { Person, PersonRef } from '../../domain/person.ts';
import { instantOf, workerType } from '../people.ts';
import type { LdapContext } from './context.ts';
import type { LdapEntry } from './entry.ts';

const FIELDS = ['department', 'region', 'unit', 'language', 'email'] as const;

/** Attributes that a person is made of. */
export function personAttributes({ config, dialect }: LdapContext): string[] {
  const mapped = Object.values(dialect.attributes);
  return [...new Set([dialect.id, ...mapped, ...dialect.stateAttributes, ...config.also])];
}

/** Attributes that say who somebody is. */
export function keyAttributes({ dialect }: LdapContext): string[] {
  return [dialect.id, dialect.attributes.login];
}

/** Undefined where the entry stands in no partition that Tenure looks after, or has no login. */
export function refOf(entry: LdapEntry, { dialect, places }: LdapContext): PersonRef | undefined {
  const partition = places.person(entry.place);
  const login = entry.first(dialect.attributes.login);
  if (partition === undefined || login === undefined) return undefined;
  return { uuid: dialect.uuidOf(entry), login, partition, who: `${login}@${partition}` };
}

/** A person as Tenure sees them. `groups`: effective ones; `manager`: `login@partition`. */
export function personOf(
  entry: LdapEntry,
  ref: PersonRef,
  groups: Iterable<string>,
  manager: string | undefined,
  { config, choices, dialect }: LdapContext,
): Person {
  const { attributes } = dialect;
  const read = (name: string | undefined) => (name === undefined ? undefined : entry.first(name));
  const fields = FIELDS.map((field) => [field, read(attributes[field])] as const);
  const also = config.also.map((name) => [name, read(name)] as const);
  const startAt = dateOf(read(attributes.startAt), attributes.startAt, 'start');
  const endAt = dateOf(read(attributes.endAt), attributes.endAt, 'end');
  return {
    ...ref,
    state: dialect.stateOf(entry),
    type: workerType(read(attributes.type)) ?? choices.unknownType,
    groups: [...new Set(groups)].sort(),
    fields: there([...fields, ['manager', manager]]),
    attributes: there(also),
    ...(manager !== undefined && { manager }),
    ...(startAt !== undefined && { startAt }),
    ...(endAt !== undefined && { endAt }),
    // Whether OTDS's partition is synchronised is for the otds block to say.
    ownedUpstream: false,
  };
}

function there(pairs: readonly (readonly [string, string | undefined])[]): Record<string, string> {
  return Object.fromEntries(pairs.filter((pair): pair is [string, string] => pair[1] !== undefined));
}

const GENERALIZED = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})?(?:[.,]\d+)?(Z|[+-]\d{4})$/;
/** `accountExpires` for "never" (MS-ADA1 2.3). */
const NEVER = new Set(['0', '9223372036854775807']);
/** Milliseconds from 1601, where Microsoft's 100 ns ticks begin, to 1970. */
const SINCE_1601_MS = 11_644_473_600_000n;

/** ISO forms as in every directory; also LDAP's generalized time, and Active Directory's `accountExpires`. */
function dateOf(text: string | undefined, attribute: string | undefined, which: 'start' | 'end'): string | undefined {
  if (text === undefined) return undefined;
  if (attribute?.toLowerCase() === 'accountexpires' && /^\d+$/.test(text)) {
    if (NEVER.has(text)) return undefined;
    const at = new Date(Number(BigInt(text) / 10_000n - SINCE_1601_MS));
    return Number.isNaN(at.getTime()) ? text : at.toISOString();
  }
  const parts = GENERALIZED.exec(text);
  if (!parts) return instantOf(text, which);
  const [, year, month, day, hour, minute, second = '00', zone = 'Z'] = parts;
  const offset = zone.replace(/(\d{2})(\d{2})$/, '$1:$2');
  return instantOf(`${year}-${month}-${day}T${hour}:${minute}:${second}${offset}`, which);
}
