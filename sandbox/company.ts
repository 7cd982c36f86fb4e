/**
 * Northwind Pictures, an invented company: who works there, in which groups, with the traps of real directories. Plain
 * data; the stand-ins read it and bring it into their own forms.
 */
import { generated } from './companyGenerator.ts';

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

type Row = [
  login: string,
  department: string,
  region: Region,
  unit: string,
  language: string,
  extra?: Partial<CompanyPerson>,
];

const STAFF: Row[] = [
  ['omar.haddad', 'IT', 'EMEA', '', 'en', { title: 'Chief Operating Officer', manager: null, start: '2016-02-01' }],
  [
    'grace.lee',
    'IT',
    'Americas',
    '',
    'en',
    { title: 'Head of Technology', manager: 'omar.haddad@staff', start: '2017-05-15' },
  ],
  ['ada.byrne', 'Marketing', 'EMEA', 'Brand', 'en', { title: 'Brand Editor', start: '2023-03-01' }],
  ['ben.otto', 'Post', 'Americas', 'Trailers', 'en', { title: 'Senior Editor' }],
  ['chiara.rossi', 'Legal', 'EMEA', 'Rights', 'it', { title: 'Rights Counsel' }],
  ['dmitri.volkov', 'IT', 'EMEA', '', 'en', { title: 'Media Systems Administrator' }],
  ['kofi.mensah', 'Post', 'EMEA', 'Trailers', 'en', { title: 'Head of Post Production', manager: 'omar.haddad@staff' }],
  ['ingrid.solberg', 'Legal', 'EMEA', 'Rights', 'nb', { title: 'General Counsel', manager: 'omar.haddad@staff' }],
  ['søren.åkesson', 'Marketing', 'EMEA', 'Trailers', 'da'],
  ['mária.kováč', 'Post', 'EMEA', 'Brand', 'sk'],
  // Two people of one name.
  ['alex.kim', 'Marketing', 'APAC', 'Brand', 'ko', { mail: `alex.kim@${MAIL_DOMAIN}` }],
  ['alex.kim2', 'Post', 'APAC', 'Trailers', 'en', { given: 'Alex', family: 'Kim', displayName: 'Alex Kim' }],
  // Possibly the same human as sam.reyes@contractors.
  ['sam.reyes', 'Post', 'Americas', 'Brand', 'es', { start: '2026-01-12' }],
  // Left, disabled, but still in a group.
  ['tom.weber', 'Post', 'EMEA', 'Trailers', 'de', { disabled: true, end: '2026-06-30' }],
  // Reports to somebody who has left.
  ['jonas.brandt', 'Post', 'EMEA', 'Trailers', 'de', { title: 'Assistant Editor', manager: 'tom.weber@staff' }],
  ['priya.nair', 'Marketing', 'APAC', 'Trailers', 'en'],
  ['lucas.moreau', 'Marketing', 'EMEA', 'Brand', 'fr'],
  ['emily.carter', 'Marketing', 'Americas', 'Brand', 'en'],
  ['diego.alvarez', 'Marketing', 'Americas', 'Trailers', 'es'],
  ['yuki.tanaka', 'Marketing', 'APAC', 'Brand', 'ja'],
  ['hannah.klein', 'Marketing', 'EMEA', 'Trailers', 'de'],
  ['noah.williams', 'Marketing', 'Americas', 'Brand', 'en', { manager: 'emily.carter@staff' }],
  ['mei.chen', 'Post', 'APAC', 'Trailers', 'zh'],
  ['carlos.silva', 'Post', 'Americas', 'Brand', 'pt'],
  ['fatima.zahra', 'Post', 'EMEA', 'Trailers', 'fr'],
  ['oliver.grant', 'Post', 'Americas', 'Trailers', 'en'],
  ['anna.nowak', 'Post', 'EMEA', 'Brand', 'pl'],
  ['hiro.sato', 'Post', 'APAC', 'Brand', 'ja', { title: 'Colourist' }],
  ['david.okoye', 'Legal', 'Americas', 'Rights', 'en'],
  ['julia.santos', 'Legal', 'Americas', 'Rights', 'pt'],
  ['wei.zhang', 'Legal', 'APAC', 'Rights', 'zh'],
  ['marta.ferrer', 'Legal', 'EMEA', 'Rights', 'es', { manager: 'chiara.rossi@staff' }],
  ['peter.novak', 'IT', 'EMEA', '', 'cs', { manager: 'dmitri.volkov@staff' }],
  ['sofia.lund', 'IT', 'EMEA', '', 'sv'],
  ['raj.patel', 'IT', 'APAC', '', 'en'],
  ['claire.dubois', 'Finance', 'EMEA', '', 'fr', { title: 'Head of Finance' }],
  ['mark.ellis', 'Finance', 'Americas', '', 'en', { manager: 'claire.dubois@staff' }],
  ['aiko.mori', 'Finance', 'APAC', '', 'ja', { manager: 'claire.dubois@staff' }],
  ["siobhán.o'neill", 'Finance', 'EMEA', '', 'ga', { manager: 'claire.dubois@staff' }],
];

const CONTRACTORS: Row[] = [
  [
    'lena.fischer',
    'Marketing',
    'EMEA',
    'Brand',
    'de',
    { title: 'Agency Art Director', manager: 'ada.byrne@staff', end: '2027-03-31' },
  ],
  ['sam.reyes', 'Post', 'Americas', 'Brand', 'es', { end: '2027-01-31', mail: `sam.reyes@${MAIL_DOMAIN}` }],
  ['bruno.keller', 'Marketing', 'EMEA', 'Trailers', 'de', { end: '2027-06-30T15:00:00Z' }],
  ['nadia.haddad', 'Marketing', 'EMEA', 'Brand', 'ar', { end: '2027-02-28', manager: 'lucas.moreau@staff' }],
  ['tyler.brooks', 'Post', 'Americas', 'Trailers', 'en', { end: '2027-09-30', manager: 'ben.otto@staff' }],
  ['grace.park', 'Post', 'APAC', 'Trailers', 'ko', { end: '2027-12-31' }],
  ['ewa.zielińska', 'Post', 'EMEA', 'Brand', 'pl', { end: '2027-05-31' }],
  ['ravi.iyer', 'Marketing', 'APAC', 'Brand', 'en', { end: '2028-01-31', manager: 'priya.nair@staff' }],
];

const PARTNERS: Row[] = [
  [
    'ivy@acme',
    'Partners',
    'Americas',
    '',
    'en',
    { given: 'Ivy', family: 'Summers', displayName: 'Ivy Summers', mail: 'ivy@acme.example' },
  ],
  [
    'paul@acme',
    'Partners',
    'Americas',
    '',
    'en',
    { given: 'Paul', family: 'Adler', displayName: 'Paul Adler', mail: 'paul@acme.example' },
  ],
  [
    'rosa.print',
    'Partners',
    'EMEA',
    '',
    'it',
    { given: 'Rosa', family: 'Conti', displayName: 'Rosa Conti', mail: 'rosa@tipografia.example' },
  ],
  [
    'kenji.print',
    'Partners',
    'APAC',
    '',
    'ja',
    { given: 'Kenji', family: 'Abe', displayName: 'Kenji Abe', mail: 'kenji@insatsu.example' },
  ],
];

const FIELD: Row[] = [
  ['femi.adeyemi', 'Field', 'EMEA', '', 'en', { title: 'Crew Lead' }],
  ['luca.bianchi', 'Field', 'EMEA', '', 'it'],
  ['tara.singh', 'Field', 'APAC', '', 'en'],
  ['joe.ramirez', 'Field', 'Americas', '', 'es'],
  ['ana.costa', 'Field', 'Americas', '', 'pt'],
  ['sven.berg', 'Field', 'EMEA', '', 'sv'],
  ['leilani.kahale', 'Field', 'APAC', '', 'en'],
  ['bo.nilsson', 'Field', 'EMEA', '', 'sv'],
];

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
