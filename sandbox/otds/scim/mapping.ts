import { isObject } from '../../common/fields.ts';
import { scalar } from '../attributes.ts';
import { isDisabled } from '../auth.ts';
import type { Membership } from '../directory.ts';
import type { Attributes, Entity, User } from '../model.ts';
import { ScimError } from './error.ts';

/** Users and groups as SCIM resources, and back (contract, section 9: the attributes that the vendor's tutorial maps). */

export type Document = Record<string, unknown>;

export const USER_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const GROUP_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:Group';
export const ENTERPRISE_SCHEMA = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

/** The steps of `name.givenName` or `urn:…:enterprise:2.0:User:manager.value`; fields of the core schemas stand at the top. */
export function stepsOf(path: string): string[] {
  const schema = [ENTERPRISE_SCHEMA, USER_SCHEMA, GROUP_SCHEMA].find((s) =>
    path.toLowerCase().startsWith(s.toLowerCase()),
  );
  if (schema === undefined) return path.split('.');
  const rest = path.slice(schema.length + 1);
  const steps = rest === '' ? [] : rest.split('.');
  return schema === ENTERPRISE_SCHEMA ? [schema, ...steps] : steps;
}

/** SCIM field → OTDS attribute. */
const PLAIN = { displayName: 'displayName', title: 'title', preferredLanguage: 'preferredLanguage' } as const;
const NAME = { givenName: 'givenName', familyName: 'sn' } as const;
const ADDRESS = {
  streetAddress: 'oTStreetAddress',
  locality: 'l',
  region: 'st',
  postalCode: 'postalCode',
  country: 'c',
} as const;
const PHONES = { work: 'oTTelephoneNumber', mobile: 'oTMobile', fax: 'oTFacsimileTelephoneNumber' } as const;
const ENTERPRISE = { employeeNumber: 'employeeNumber', department: 'oTDepartment', manager: 'manager' } as const;

function picked(attributes: Attributes, map: Record<string, string>): Document {
  const found = Object.entries(map).flatMap(([field, attribute]) => {
    const value = attributes[attribute]?.[0];
    return value === undefined ? [] : [[field, value]];
  });
  return Object.fromEntries(found) as Document;
}

function filled(name: string, value: Document | Document[]): Document {
  return (Array.isArray(value) ? value.length : Object.keys(value).length) > 0 ? { [name]: value } : {};
}

/** A user's fields, without `id` and `meta`. */
export function userFields(u: User): Document {
  const a = u.attributes;
  const address = picked(a, ADDRESS);
  const formatted = Object.values(address).join(', ');
  const mail = a['mail']?.[0];
  const phones = Object.entries(picked(a, PHONES)).map(([type, value]) => ({ type, value }));
  const { manager, ...enterprise } = picked(a, ENTERPRISE);
  const extension = { ...enterprise, ...(manager === undefined ? {} : { manager: { value: manager } }) };
  const name = picked(a, NAME);
  const whole = Object.values(name).join(' ');
  return {
    schemas: [USER_SCHEMA, ENTERPRISE_SCHEMA],
    userName: u.name,
    ...(u.originUUID === null ? {} : { externalId: u.originUUID }),
    active: !isDisabled(u),
    ...picked(a, PLAIN),
    ...filled('name', whole === '' ? name : { ...name, formatted: whole }),
    ...(mail === undefined ? {} : { emails: [{ type: 'work', value: mail, primary: true }] }),
    ...filled('addresses', formatted === '' ? [] : [{ type: 'work', formatted, ...address }]),
    ...filled('phoneNumbers', phones),
    ...filled(ENTERPRISE_SCHEMA, extension),
  };
}

function textOf(value: unknown, field: string): string | null {
  if (value === undefined || value === null || value === '') return null;
  const text = scalar(value);
  if (text === undefined) throw new ScimError(400, `${field} must be a string`, 'invalidValue');
  return text;
}

function part(doc: Document, name: string): Document {
  const value = doc[name];
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw new ScimError(400, `${name} must be an object`, 'invalidValue');
  return value;
}

/** The entry of that type, or the first of a list that has no types; empty when there is none. */
function entry(doc: Document, name: string, type: string): Document {
  const value = doc[name];
  if (value === undefined || value === null) return {};
  const list: unknown[] = Array.isArray(value) ? value : [value];
  const entries = list.map((one) => (isObject(one) ? one : { value: one }));
  const typed = entries.find((e) => String(e['type'] ?? '').toLowerCase() === type);
  return typed ?? (type === 'work' ? (entries.find((e) => e['type'] === undefined) ?? {}) : {});
}

/** True or false, also as text in any case, as Entra sends it; true when missing. */
function activeOf(doc: Document): boolean {
  const text = textOf(doc['active'], 'active')?.toLowerCase() ?? 'true';
  if (text !== 'true' && text !== 'false') throw new ScimError(400, 'active must be true or false', 'invalidValue');
  return text === 'true';
}

/** Every mapped attribute of a SCIM user; an empty list clears it. */
export function userAttributes(doc: Document): Attributes {
  const values: Record<string, string | null> = { accountDisabled: String(!activeOf(doc)) };
  const take = (map: Record<string, string>, from: Document, prefix: string) => {
    for (const [field, attribute] of Object.entries(map)) values[attribute] = textOf(from[field], `${prefix}${field}`);
  };
  take(PLAIN, doc, '');
  take(NAME, part(doc, 'name'), 'name.');
  values['mail'] = textOf(entry(doc, 'emails', 'work')['value'], 'emails.value');
  take(ADDRESS, entry(doc, 'addresses', 'work'), 'addresses.');
  for (const [type, attribute] of Object.entries(PHONES))
    values[attribute] = textOf(entry(doc, 'phoneNumbers', type)['value'], 'phoneNumbers.value');
  const { manager, ...extension } = part(doc, ENTERPRISE_SCHEMA);
  take({ employeeNumber: 'employeeNumber', department: 'oTDepartment' }, extension, '');
  values['manager'] = textOf(isObject(manager) ? (manager['value'] ?? manager['id']) : manager, 'manager');
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value === null ? [] : [value]]));
}

/** A group's fields, without `id` and `meta`. `members`: what stands for each member. */
export function groupFields(g: Entity, members: Document[]): Document {
  return {
    schemas: [GROUP_SCHEMA],
    displayName: g.name,
    ...(g.originUUID === null ? {} : { externalId: g.originUUID }),
    members,
  };
}

/** The members of a group as SCIM shows them: uuids with the kind. */
export function memberRefs(membership: Membership, g: Entity, named: (uuid: string) => string | undefined): Document[] {
  const { users, groups } = membership.list(g.uuid);
  const refs = (uuids: string[], type: string) =>
    uuids.map((value) => ({ value, type, display: named(value) ?? null }));
  return [...refs(users, 'User'), ...refs(groups, 'Group')];
}
