import { company, generate } from '../company.ts';
import { idOf } from './ids.ts';
import { blankUser } from './routes/users.ts';
import { roleGroupId, teamId } from './seedGroups.ts';
import type { User } from './state.ts';

type Row = [mail: string, teams: string[], roleGroups: string[], more?: Partial<User>];

/** Who is in iconik before anything is provisioned; the first team is the primary group. */
const ROWS: readonly Row[] = [
  ['omar.haddad', [], ['Administrator'], { type: 'POWER', is_admin: true }],
  // By e-mail in other case than the directory has it.
  ['Ada.Byrne@Northwind.example', [], []],
  ['ben.otto', ['Post Production', 'Post Americas', 'Unit Trailers'], ['Editor']],
  ['chiara.rossi', ['Legal', 'Legal EMEA'], ['Approver']],
  ['dmitri.volkov', [], ['Media Library Admin'], { type: 'POWER' }],
  ['kofi.mensah', ['Post Production', 'Post EMEA'], ['Editor']],
  ['emily.carter', ['Marketing', 'Marketing Americas'], ['Reviewer']],
  ['soren.akesson', ['Marketing'], ['Viewer']],
  // Two people of one name.
  ['alex.kim', ['Marketing', 'Marketing APAC'], ['Viewer']],
  ['alex.kim2', ['Post APAC'], ['Viewer']],
  // The mail of two people who may be one.
  ['sam.reyes', ['Post Production'], ['Viewer']],
  ['lena.fischer', ['Contractors'], ['Viewer'], { type: 'BROWSE_ONLY' }],
  // Disabled by hand once, still employed.
  ['fatima.zahra', ['Post Production'], ['Viewer'], { status: 'INACTIVE' }],
  // Left months ago; nobody told iconik.
  ['tom.weber', ['Post Production', 'Post EMEA'], ['Editor'], { last_web_login: '2026-06-29T16:20:00.000+00:00' }],
  // The mail of nobody.
  ['victor.lang', ['Legal'], ['Reviewer'], { first_name: 'Victor', last_name: 'Lang' }],
];

export const SERVICE_EMAIL = 'tenure-service@northwind.example';
export const OWNER_EMAIL = 'omar.haddad@northwind.example';
export const LEAVER_EMAIL = 'tom.weber@northwind.example';

export function userId(email: string): string {
  return idOf('user', email.toLowerCase());
}

/** The users of the seed; of a generated company also every fourth of the invented people, in "Everyone" only. */
export function seedUsers(now: string, options: { seed?: string; people?: number }): Record<string, User> {
  const invented = options.people === undefined ? company : generate(options.people, options.seed);
  const names = new Map([...company.people, ...invented.people].map((p) => [p.mail.toLowerCase(), p]));
  const added = invented.people.slice(company.people.length).filter((_, i) => i % 4 === 0);
  const rows: Row[] = [...ROWS, ...added.map((p): Row => [p.mail, [], []])];
  const users = rows.map(([name, teams, roleGroups, more]): User => {
    const email = name.includes('@') ? name : `${name}@northwind.example`;
    const person = names.get(email.toLowerCase());
    const everyone = teamId('Everyone');
    const primary = teams[0] === undefined ? everyone : teamId(teams[0]);
    return {
      ...blankUser(userId(email), email, now),
      first_name: person?.given ?? null,
      last_name: person?.family ?? null,
      primary_group: primary,
      groups: [everyone, ...teams.map(teamId), ...roleGroups.map(roleGroupId)],
      ...more,
    };
  });
  // In the order lists have them, so that a list of a large company is sorted already.
  const all = [serviceUser(now), ...users].sort((a, b) => (a.id < b.id ? -1 : 1));
  return Object.fromEntries(all.map((user) => [user.id, user]));
}

/** Our account: the roles of contract section 14 through its role group, and no domain owner. */
function serviceUser(now: string): User {
  return {
    ...blankUser(userId(SERVICE_EMAIL), SERVICE_EMAIL, now),
    first_name: 'Tenure',
    last_name: 'Service',
    type: 'POWER',
    primary_group: teamId('Everyone'),
    groups: [teamId('Everyone'), roleGroupId('Tenure Service')],
  };
}
