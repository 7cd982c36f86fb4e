/**
 * Northwind Pictures, an invented company: who works there, in which groups, with the traps of real directories. Plain
 * data; the stand-ins read it and bring it into their own forms.
 */
import { generated } from './companyGenerator.ts';
import { CONTRACTORS, FIELD, PARTNERS, STAFF } from './companyRows.ts';
import type { Row } from './companyRows.ts';

export type Partition = 'staff' | 'contractors' | 'partners' | 'field';
export type Region = 'EMEA' | 'Americas' | 'APAC';

export type CompanyPerson = {
  login: string;
  partition: Partition;
  given: string;
  family: string;
  displayName: string;
  mail: string;
  title: string;
  department: string;
  type: 'employee' | 'contractor' | 'partner';
  region: Region;
  /** Empty where the department has no units. */
  unit: string;
  /** ISO date. */
  start: string;
  /** ISO date or instant; null for those who stay. */
  end: string | null;
  /** `login@partition`; null for the one at the top. */
  manager: string | null;
  /** Language tag. */
  language: string;
  disabled: boolean;
};

type CompanyGroup = { name: string; partition: Partition; description: string };

/** `member` is `login@partition` of a person, or `name@partition` of a group that is contained in `group`. */
export type CompanyMembership = { group: string; kind: 'user' | 'group'; member: string };

export type Company = { people: CompanyPerson[]; groups: CompanyGroup[]; memberships: CompanyMembership[] };

const MAIL_DOMAIN = 'northwind.example';

/** `login@partition`, the name by which everything else refers to a person. */
export function refOf(p: { login: string; partition: string }): string {
  return `${p.login}@${p.partition}`;
}

const LATIN: Record<string, string> = { ø: 'o', Ø: 'O', å: 'a', Å: 'A', æ: 'ae', ß: 'ss', ł: 'l' };

/** A text in plain ASCII letters, as mail systems make them of names. */
function ascii(text: string): string {
  return text
    .replace(/[øØåÅæßł]/g, (c) => LATIN[c] ?? c)
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '');
}

const DEPARTMENT: Record<string, { title: string; manager: string }> = {
  Marketing: { title: 'Campaign Manager', manager: 'grace.lee@staff' },
  Post: { title: 'Editor', manager: 'kofi.mensah@staff' },
  Legal: { title: 'Counsel', manager: 'ingrid.solberg@staff' },
  IT: { title: 'Systems Engineer', manager: 'grace.lee@staff' },
  Finance: { title: 'Controller', manager: 'omar.haddad@staff' },
  Field: { title: 'Camera Operator', manager: 'kofi.mensah@staff' },
  Partners: { title: 'Print Producer', manager: 'ada.byrne@staff' },
};

const TYPE = { staff: 'employee', contractors: 'contractor', partners: 'partner', field: 'employee' } as const;

function capital(text: string): string {
  return text.replace(/(^|')\p{L}/gu, (c) => c.toUpperCase());
}

function personOf(partition: Partition, [login, department, region, unit, language, extra]: Row): CompanyPerson {
  const [given = login, family = ''] = login.split('.').map(capital);
  const usual = DEPARTMENT[department];
  return {
    login,
    partition,
    given,
    family,
    displayName: `${given} ${family}`,
    mail: `${ascii(login)}@${MAIL_DOMAIN}`,
    title: usual?.title ?? department,
    department,
    type: TYPE[partition],
    region,
    unit,
    start: partition === 'staff' ? '2021-09-01' : '2026-02-01',
    end: null,
    manager: usual?.manager ?? null,
    language,
    disabled: false,
    ...extra,
  };
}

const PEOPLE: CompanyPerson[] = [
  ...STAFF.map((row) => personOf('staff', row)),
  ...CONTRACTORS.map((row) => personOf('contractors', row)),
  ...PARTNERS.map((row) => personOf('partners', row)),
  ...FIELD.map((row) => personOf('field', row)),
];

/** The departments that have a group `Dept …`. */
const DEPARTMENTS = ['Marketing', 'Post', 'Legal', 'IT', 'Finance'];

const GROUPS: CompanyGroup[] = [
  { name: 'Marketing Editors', partition: 'staff', description: 'Edit marketing material' },
  { name: 'Post Production', partition: 'staff', description: 'Cut and finish' },
  { name: 'Legal Review', partition: 'staff', description: 'Clear rights' },
  { name: 'Media Admins', partition: 'staff', description: 'Run the media library' },
  { name: 'Security Approvers', partition: 'staff', description: 'Decide about privileged access' },
  { name: 'Project Aurora', partition: 'staff', description: 'The feature film of the year, across departments' },
  ...DEPARTMENTS.map((d): CompanyGroup => ({
    name: `Dept ${d}`,
    partition: 'staff',
    description: `Everybody in ${d}`,
  })),
  { name: 'All Staff', partition: 'staff', description: 'Contains the groups of the departments' },
  { name: 'Media Library Users', partition: 'staff', description: 'Granted by a rule' },
  { name: 'Letter Designers', partition: 'staff', description: 'Design the letters to customers' },
  { name: 'Letter Reviewers', partition: 'staff', description: 'Approve letters; nobody who designs them' },
  { name: 'Letter Operators', partition: 'staff', description: 'Run the letters' },
  { name: 'Letter Authors', partition: 'staff', description: 'Write the letters of their region' },
  { name: 'Agency Editors', partition: 'contractors', description: 'Editors of agencies' },
  { name: 'Print Partners', partition: 'partners', description: 'Printing houses' },
  { name: 'Field Crew', partition: 'field', description: 'Crews on location' },
];

const MEMBERS: Record<string, string[]> = {
  'Marketing Editors@staff': [
    'ada.byrne',
    'lucas.moreau',
    'emily.carter',
    'priya.nair',
    'yuki.tanaka',
    'søren.åkesson',
  ].map((l) => `${l}@staff`),
  'Post Production@staff': [
    'ben.otto',
    'kofi.mensah',
    'mei.chen',
    'carlos.silva',
    'fatima.zahra',
    'mária.kováč',
    'alex.kim2',
    'tom.weber',
  ].map((l) => `${l}@staff`),
  'Legal Review@staff': ['chiara.rossi', 'ingrid.solberg', 'david.okoye', 'wei.zhang'].map((l) => `${l}@staff`),
  'Media Admins@staff': ['dmitri.volkov@staff'],
  'Security Approvers@staff': ['grace.lee@staff', 'omar.haddad@staff'],
  'Project Aurora@staff': [
    'alex.kim@staff',
    'søren.åkesson@staff',
    'mária.kováč@staff',
    'sam.reyes@staff',
    'sam.reyes@contractors',
  ],
  'Letter Designers@staff': ['diego.alvarez@staff', 'hiro.sato@staff'],
  'Letter Reviewers@staff': ['mark.ellis@staff', 'aiko.mori@staff'],
  'Letter Operators@staff': ['peter.novak@staff', 'sofia.lund@staff'],
  'Letter Authors@staff': ['claire.dubois@staff', 'jonas.brandt@staff'],
  'Agency Editors@contractors': ['lena.fischer', 'bruno.keller', 'nadia.haddad', 'ravi.iyer'].map(
    (l) => `${l}@contractors`,
  ),
  'Print Partners@partners': PARTNERS.map(([login]) => `${login}@partners`),
};

/** The memberships that follow from where people work. */
function membershipsByPlace(people: CompanyPerson[]): CompanyMembership[] {
  return people.flatMap((p): CompanyMembership[] => {
    if (p.partition === 'field') return [{ group: 'Field Crew@field', kind: 'user', member: refOf(p) }];
    if (p.partition !== 'staff' || p.disabled || !DEPARTMENTS.includes(p.department)) return [];
    return [{ group: `Dept ${p.department}@staff`, kind: 'user', member: refOf(p) }];
  });
}

/** The company of 59 people in four partitions, always the same. */
export const company: Company = {
  people: PEOPLE,
  groups: GROUPS,
  memberships: [
    ...Object.entries(MEMBERS).flatMap(([group, members]) =>
      members.map((member): CompanyMembership => ({ group, kind: 'user', member })),
    ),
    ...DEPARTMENTS.map((d): CompanyMembership => ({
      group: 'All Staff@staff',
      kind: 'group',
      member: `Dept ${d}@staff`,
    })),
    ...membershipsByPlace(PEOPLE),
  ],
};

/**
 * A company of exactly `people` persons, the same for the same seed: Northwind Pictures, shortened, or enlarged by
 * invented people with numbered logins.
 */
export function generate(people: number, seed = 'northwind'): Company {
  const kept = company.people.slice(0, people);
  const refs = new Set([...kept.map(refOf), ...company.groups.map((g) => `${g.name}@${g.partition}`)]);
  const added = generated(people - kept.length, seed);
  return {
    people: [...kept, ...added.people],
    groups: company.groups,
    memberships: [
      ...company.memberships.filter((m) => refs.has(m.member)),
      ...added.memberships,
      ...membershipsByPlace(added.people),
    ],
  };
}
