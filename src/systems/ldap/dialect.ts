import type { LdapConfig } from './config.ts';
import type { LdapEntry } from './entry.ts';
import { ldapError } from './errors.ts';
import { equals, written } from './filters.ts';
import type { Filter } from './filters.ts';

type Field = keyof LdapConfig['attributes'];

/** What one kind of server calls things. */
export type Dialect = {
  /** Attribute with the id that outlives renames and moves. */
  id: string;
  uuidOf: (entry: LdapEntry) => string;
  byUuid: (uuid: string) => Filter;
  people: Filter;
  groups: Filter;
  /** Which attribute is which, where the configuration does not say. */
  attributes: Readonly<Partial<Record<Field, string>>> & { login: string; group: string };
  /** Attributes that `stateOf` looks at. */
  stateAttributes: readonly string[];
  stateOf: (entry: LdapEntry) => 'active' | 'disabled' | 'locked';
  /** Attributes that are bytes even where they look like text. */
  binary: readonly string[];
};

const SHARED = {
  group: 'cn',
  type: 'employeeType',
  region: 'st',
  unit: 'ou',
  manager: 'manager',
  language: 'preferredLanguage',
  email: 'mail',
} as const;

/** The password policy overlay: a time, or this one for "locked by an administrator for good" (slapo-ppolicy(5)). */
const LOCKED_FOR_GOOD = /^000001010000(00)?Z$/;

const openldap: Dialect = {
  id: 'entryUUID',
  uuidOf: (entry) => entry.first('entryUUID')?.toLowerCase() ?? missing('entryUUID'),
  byUuid: (uuid) => equals('entryUUID', uuid),
  people: written('(objectClass=inetOrgPerson)'),
  groups: written('(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames))'),
  attributes: { ...SHARED, login: 'uid', department: 'departmentNumber' },
  stateAttributes: ['pwdAccountLockedTime'],
  stateOf(entry) {
    const locked = entry.first('pwdAccountLockedTime');
    if (locked === undefined) return 'active';
    return LOCKED_FOR_GOOD.test(locked) ? 'disabled' : 'locked';
  },
  binary: [],
};

/** Bit of userAccountControl (MS-ADTS 2.2.16). */
const ACCOUNT_DISABLED = 2;

const activeDirectory: Dialect = {
  id: 'objectGUID',
  uuidOf(entry) {
    const bytes = entry.bytes('objectGUID');
    return bytes?.length === 16 ? uuidFrom(bytes) : missing('objectGUID');
  },
  byUuid: (uuid) => equals('objectGUID', bytesFrom(uuid)),
  people: written('(&(objectClass=user)(!(objectClass=computer)))'),
  groups: written('(objectClass=group)'),
  attributes: { ...SHARED, login: 'sAMAccountName', department: 'department', endAt: 'accountExpires' },
  stateAttributes: ['userAccountControl', 'lockoutTime'],
  stateOf(entry) {
    // Not shown to us is not the same as enabled.
    const control = entry.first('userAccountControl') ?? missing('userAccountControl');
    if ((Number(control) & ACCOUNT_DISABLED) !== 0) return 'disabled';
    return Number(entry.first('lockoutTime') ?? '0') > 0 ? 'locked' : 'active';
  },
  binary: ['objectGUID', 'invocationId'],
};

const DIALECTS = { openldap, activeDirectory } as const;

/** The kind's words, with the configuration's own put before them. */
export function dialectOf(config: LdapConfig): Dialect {
  const kind = DIALECTS[config.kind];
  const { disabledWhen } = config;
  const said = Object.entries(config.attributes).filter(([, name]) => name !== undefined);
  const attributes = { ...kind.attributes, ...(Object.fromEntries(said) as Partial<Record<Field, string>>) }; // its own keys
  const people = config.people === undefined ? kind.people : written(config.people);
  const groups = config.groups === undefined ? kind.groups : written(config.groups);
  if (!disabledWhen) return { ...kind, attributes, people, groups };
  const off = new Set(disabledWhen.values.map((value) => value.toLowerCase()));
  const isOff = (entry: LdapEntry) => entry.all(disabledWhen.attribute).some((value) => off.has(value.toLowerCase()));
  return {
    ...kind,
    attributes,
    people,
    groups,
    stateAttributes: [...kind.stateAttributes, disabledWhen.attribute],
    stateOf: (entry) => (isOff(entry) ? 'disabled' : kind.stateOf(entry)),
  };
}

/** Microsoft's GUIDs keep their first three groups with the low byte first. */
const ORDER = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15] as const;

/** `objectGUID` as it is written everywhere else: `6f9619ff-8b86-d011-b42d-00cf4fc964ff`. */
export function uuidFrom(bytes: Buffer): string {
  const hex = ORDER.map((at) => bytes.subarray(at, at + 1).toString('hex')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** The bytes of `objectGUID`. */
export function bytesFrom(uuid: string): Buffer {
  const written = Buffer.from(uuid.replaceAll('-', ''), 'hex');
  return Buffer.concat(ORDER.map((at) => written.subarray(at, at + 1)));
}

function missing(attribute: string): never {
  throw ldapError('LDAP_FORBIDDEN', { about: `the attribute ${attribute}` });
}
