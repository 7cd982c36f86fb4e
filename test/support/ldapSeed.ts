/** The company of the sandbox as LDIF, for OpenLDAP and in Active Directory's attributes. */
import { DN } from 'ldapts';
import { createHash } from 'node:crypto';
import { company, refOf, type CompanyPerson } from '../../sandbox/company.ts';

export type LdapKind = 'openldap' | 'activeDirectory';
export type Values = Record<string, string | Buffer | readonly string[]>;

export const SUFFIX = 'dc=northwind,dc=example';
export const READER = { dn: `cn=reader,${SUFFIX}`, password: 'Reader-S3cret!' };
/** Without the reader's unlimited size. */
export const LIMITED = { dn: `cn=limited,${SUFFIX}`, password: 'Limited-S3cret!' };
export const ADMIN = { dn: `cn=admin,${SUFFIX}`, password: 'Admin-S3cret!' };
export const PARTITIONS = ['staff', 'contractors', 'partners', 'field'] as const;
/** Of the NTDS settings: sixteen bytes, as they are stored and as they are written. */
export const INVOCATION_ID = Buffer.from('00112233445566778899aabbccddeeff', 'hex');
export const HIGHEST_USN = 5000;

export const peopleBase = (partition: string): string => `ou=people,ou=${partition},${SUFFIX}`;
export const groupsBase = (partition: string): string => `ou=groups,ou=${partition},${SUFFIX}`;

const below = (rdn: Record<string, string>, base: string): string => `${new DN(rdn).toString()},${base}`;
const split = (ref: string): [string, string] => [
  ref.slice(0, ref.lastIndexOf('@')),
  ref.slice(ref.lastIndexOf('@') + 1),
];

export function personDn(kind: LdapKind, who: string): string {
  const [login, partition] = split(who);
  return below({ [kind === 'openldap' ? 'uid' : 'cn']: login }, peopleBase(partition));
}

export function groupDn(group: string): string {
  const [name, partition] = split(group);
  return below({ cn: name }, groupsBase(partition));
}

/** The same name gives the same id. */
export function guidOf(name: string): Buffer {
  return createHash('sha1').update(name).digest().subarray(0, 16);
}

/** Ticks of 100 ns since 1601. */
export function fileTime(ms: number): string {
  return String((BigInt(ms) + 11_644_473_600_000n) * 10_000n);
}

export function personValues(kind: LdapKind, person: CompanyPerson): Values {
  const { login, given, family, displayName, mail, title, department, type, region, unit, manager, language } = person;
  const shared = {
    sn: family || '-',
    givenName: given,
    displayName,
    mail,
    title,
    employeeType: type,
    st: region,
    ...(unit && { ou: unit }),
    ...(manager && { manager: personDn(kind, manager) }),
    preferredLanguage: language,
    nwStart: person.start,
  };
  if (kind === 'openldap') {
    const classes = ['inetOrgPerson', 'northwindPerson'];
    const own = { uid: login, cn: displayName, departmentNumber: department, ...(person.end && { nwEnd: person.end }) };
    return {
      objectClass: classes,
      ...shared,
      ...own,
      ...(person.disabled && { pwdAccountLockedTime: '000001010000Z' }),
    };
  }
  return {
    objectClass: ['user', 'northwindPerson'],
    ...shared,
    ...adFrame(refOf(person), 'person'),
    cn: login,
    sAMAccountName: login,
    department,
    userAccountControl: person.disabled ? '514' : '512',
    accountExpires: person.end ? fileTime(endOf(person.end)) : '9223372036854775807',
  };
}

/** A bare date counts whole. */
const endOf = (text: string): number => Date.parse(text) + (text.length === 10 ? 86_400_000 : 0);

function adFrame(name: string, category: string): Values {
  return {
    objectGUID: guidOf(name),
    instanceType: '4',
    nTSecurityDescriptor: 'none',
    objectCategory: `cn=${category},${SUFFIX}`,
    uSNChanged: '1000',
  };
}

/** `members`: DNs. OpenLDAP's groups are never empty: the reader stands in, who is no person. */
export function groupValues(kind: LdapKind, group: string, members: readonly string[]): Values {
  const cn = split(group)[0];
  if (kind === 'openldap')
    return { objectClass: ['groupOfNames'], cn, member: members.length > 0 ? members : [READER.dn] };
  const some: Values = members.length > 0 ? { member: members } : {};
  return { objectClass: ['group'], cn, groupType: '2', ...adFrame(`group ${group}`, 'group'), ...some };
}

const ntdsSettings: [string, Values] = [
  `cn=NTDS Settings,${SUFFIX}`,
  { objectClass: ['nwNtdsSettings'], invocationId: INVOCATION_ID },
];

/** The whole directory. */
export function seedLdif(kind: LdapKind): string {
  const unit = (dn: string): [string, Values] => [dn, { objectClass: ['organizationalUnit'] }];
  const service = (user: { dn: string; password: string }): [string, Values] => [
    user.dn,
    { objectClass: ['organizationalRole', 'simpleSecurityObject'], userPassword: user.password },
  ];
  const entries: [string, Values][] = [
    [SUFFIX, { objectClass: ['organization', 'dcObject'], o: 'Northwind' }],
    service(READER),
    service(LIMITED),
    ...(kind === 'openldap' ? [] : [ntdsSettings]),
    ...PARTITIONS.flatMap((name) => [unit(`ou=${name},${SUFFIX}`), unit(peopleBase(name)), unit(groupsBase(name))]),
    ...company.people.map((person): [string, Values] => [personDn(kind, refOf(person)), personValues(kind, person)]),
    ...company.groups.map(({ name, partition }): [string, Values] => {
      const group = `${name}@${partition}`;
      const members = company.memberships.filter((m) => m.group === group);
      const names = members.map((m) => (m.kind === 'user' ? personDn(kind, m.member) : groupDn(m.member)));
      return [groupDn(group), groupValues(kind, group, names)];
    }),
  ];
  return entries.map(([dn, values]) => ldif(dn, values)).join('\n');
}

function ldif(dn: string, values: Values): string {
  const lines = Object.entries(values).flatMap(([name, value]) =>
    (typeof value === 'string' || Buffer.isBuffer(value) ? [value] : value).map((one) => line(name, one)),
  );
  return [line('dn', dn), ...lines, ''].join('\n');
}

/** Always in base64: no character needs a thought. */
const line = (name: string, value: string | Buffer): string => `${name}:: ${Buffer.from(value).toString('base64')}`;
