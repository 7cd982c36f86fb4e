import { z } from 'zod';
import { limits, secretRef, text } from '../../config/blocks.ts';
import { parseDn } from './dn.ts';
import { written } from './filters.ts';

const dn = text
  .refine(
    (value) => (parseDn(value)?.length ?? 0) > 0,
    'must be a distinguished name such as ou=staff,dc=example,dc=com',
  )
  .describe('Distinguished name');

const filter = text
  .refine((value) => value.startsWith('(') && isFilter(value), 'must be an LDAP filter such as (objectClass=person)')
  .describe('LDAP filter');

function isFilter(value: string): boolean {
  try {
    written(value);
    return true;
  } catch {
    return false;
  }
}

const attribute = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9-]*$/, 'must be the name of an attribute')
  .optional();

const partition = z.strictObject({
  name: z
    .string()
    .regex(/^[^@\s]+$/, 'must be a name without @ and spaces')
    .describe('Partition, as in login@partition'),
  base: dn.describe('People of this partition are below it'),
  groups: dn.optional().describe('Groups of this partition are below it; default: base'),
  mayBeEmpty: z.boolean().default(false).describe('Nobody below it is no reason to stop'),
});

/** The block `systems.ldap`: a directory only, so it has no mode. */
export const block = z.strictObject({
  url: z
    .string()
    .regex(/^ldaps?:\/\/[^\s/?#]+$/, 'must be ldaps://host:636, or ldap://host:389 with startTls')
    .describe('One server; with Active Directory one domain controller by its own name'),
  kind: z.enum(['openldap', 'activeDirectory']).default('openldap').describe('Whose attributes and habits'),
  startTls: z.boolean().default(false).describe('With ldap://: TLS before the bind'),
  allowPlain: z.boolean().default(false).describe('With ldap:// and without TLS: passwords travel readable'),
  ca: secretRef.optional().describe('PEM of a private authority, for instance file:/etc/tenure/ca.pem'),
  user: text.describe('DN that Tenure binds as; with Active Directory also name@domain'),
  password: secretRef,
  partitions: z.array(partition).min(1, 'must name at least one partition'),
  people: filter.optional().describe('Who is a person; default by kind'),
  groups: filter.optional().describe('What is a group; default by kind'),
  attributes: z
    .strictObject({
      login: attribute,
      group: attribute.describe('Name of a group'),
      type: attribute.describe('employee, contractor or partner'),
      startAt: attribute,
      endAt: attribute,
      region: attribute,
      unit: attribute,
      manager: attribute.describe('DN of the manager, or login@partition'),
      department: attribute,
      language: attribute,
      email: attribute,
    })
    .prefault({})
    .describe('Which attribute is which; defaults by kind'),
  also: z
    .array(text)
    .default(['givenName', 'sn', 'displayName', 'title'])
    .describe('Further attributes to read, for person.attributes'),
  disabledWhen: z
    .strictObject({ attribute: text, values: z.array(text).min(1, 'must name at least one value') })
    .optional()
    .describe('Beside what the kind says: values of an attribute that mean disabled'),
  changes: z
    .enum(['entryCSN', 'modifyTimestamp', 'uSNChanged'])
    .optional()
    .describe('How changes are found; default: the best the server offers'),
  gone: z
    .strictObject({
      count: z.number().int('must be a whole number').min(0, 'must not be negative').default(10),
      percent: z.number().min(0, 'must not be negative').max(100, 'must be at most 100').default(20),
    })
    .prefault({})
    .describe('A scan that lacks more people than both of these allow, beside the last complete one, is not believed'),
  limits: limits(30_000, 50, 4),
});

export type LdapConfig = z.infer<typeof block>;
