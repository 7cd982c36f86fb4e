import { isObject } from '../common/fields.ts';
import { refused } from './errors.ts';
import type { Attributes, CustomAttribute } from './model.ts';

/** Attributes with "true" or "false"; clients also send "True". */
export const BOOLEANS = [
  'accountDisabled',
  'UserMustChangePasswordAtNextSignIn',
  'UserCannotChangePassword',
  'PasswordNeverExpires',
  'pwdReset',
];

/** Shown, never stored: written ones are passed over, so that a whole object can be put back. */
const DERIVED = [
  'oTExternalID1', 'oTExternalID2', 'oTExternalID3', 'oTExternalID4', 'entryUUID', 'oTObjectGUID', 'entryDN', 'oTMemberOf', 'schemaType',
  'createTimestamp', 'modifyTimestamp', 'passwordChangedTime', 'oTLastLoginTimestamp', 'oTSource', 'description',
]; // prettier-ignore

const KNOWN = [
  'cn', 'displayName', 'givenName', 'sn', 'initials', 'mail', 'title', 'oTDepartment', 'oTCompany', 'oTTelephoneNumber', 'oTMobile',
  'oTFacsimileTelephoneNumber', 'oTStreetAddress', 'l', 'st', 'postalCode', 'c', 'physicalDeliveryOfficeName', 'birthDate', 'gender', 'notes',
  'oTType', 'homePhone', 'countryName', 'preferredLanguage', 'oTUserID1', 'oTObjectIDInResource', 'accountLockedOut', 'userPassword',
  ...Array.from({ length: 10 }, (_, i) => `oTExtraAttr${i}`),
]; // prettier-ignore

const CANONICAL = new Map([...KNOWN, ...BOOLEANS, ...DERIVED].map((name) => [name.toLowerCase(), name]));

/** A string, number or boolean as text; undefined for anything else. */
export function scalar(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}

function textsOf(name: string, values: unknown): string[] {
  if (values === null || values === undefined) return [];
  const list: unknown[] = Array.isArray(values) ? values : [values];
  const texts = list.filter((v) => v !== null && v !== '').map(scalar);
  if (texts.includes(undefined)) throw refused('ERR_BAD_INPUT', `The values of attribute ${name} must be strings`);
  const clean = texts.filter((t) => t !== undefined);
  return BOOLEANS.includes(name) || name === 'accountLockedOut'
    ? clean.map((t) => String(t.toLowerCase() === 'true'))
    : clean;
}

/**
 * The attributes that a body brings, as `values: [{name, values}]` or as `attributes: {name: values}`, names in their usual
 * case, derived ones left out. An empty list clears the attribute. Null when the body brings none.
 */
export function attributesOf(body: Record<string, unknown>): Attributes | null {
  const pairs: [unknown, unknown][] = [];
  if (Array.isArray(body['values'])) {
    const list: unknown[] = body['values'];
    for (const item of list) {
      if (!isObject(item)) throw refused('ERR_BAD_INPUT', 'Each of values must be an object with name and values');
      pairs.push([item['name'], item['values']]);
    }
  } else if (body['values'] !== undefined && body['values'] !== null) {
    throw refused('ERR_BAD_INPUT', 'values must be a list of objects with name and values');
  }
  if (isObject(body['attributes'])) pairs.push(...Object.entries(body['attributes']));
  if (pairs.length === 0 && !Array.isArray(body['values'])) return null;
  const attributes: Attributes = {};
  for (const [name, values] of pairs) {
    if (typeof name !== 'string' || !/^[A-Za-z][\w;.-]*$/.test(name))
      throw refused('ERR_BAD_INPUT', `Invalid attribute name: ${JSON.stringify(name)}`);
    const canonical = CANONICAL.get(name.toLowerCase()) ?? name;
    if (!DERIVED.includes(canonical)) attributes[canonical] = textsOf(canonical, values);
  }
  return attributes;
}

/** `customAttributes` of a body; undefined when it brings none. */
export function customAttributesOf(body: Record<string, unknown>): CustomAttribute[] | null | undefined {
  const given = body['customAttributes'];
  if (given === undefined) return undefined;
  if (!Array.isArray(given)) return null;
  const list: unknown[] = given;
  const kept = list
    .filter(isObject)
    .map((a) => ({ type: scalar(a['type']) ?? '', name: scalar(a['name']) ?? '', value: scalar(a['value']) ?? '' }));
  return kept.length > 0 ? kept : null;
}
