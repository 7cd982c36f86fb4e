import { company, generate } from '../company.ts';
import { idOf } from './ids.ts';
import type { Group, User } from './state.ts';

type Row = [mail: string, groups: string[], more?: Partial<User> & { envs?: string[] }];

const GROUP_NAMES = ['Marketing', 'Post Production', 'Legal', 'Contractors', 'Project Aurora', 'Media Admins'];
const ROOT_EMAIL = 'cloudinary-root@northwind.example';
/** Has an own Cloudinary account elsewhere: cannot be made a user here. */
export const EMAIL_ELSEWHERE = 'paul@acme.example';

const ADMIN = { role: 'media_library_admin' };

/** Who is in Cloudinary before anything is provisioned. `envs`: names of environments; without, all of them. */
const ROWS: readonly Row[] = [
  ['omar.haddad', [], { role: 'master_admin' }],
  ['dmitri.volkov', ['Media Admins'], ADMIN],
  // By e-mail in other case than the directory has it.
  ['Ada.Byrne@Northwind.example', ['Marketing'], { envs: ['Production'] }],
  ['ben.otto', ['Post Production'], { envs: ['Production'] }],
  ['chiara.rossi', ['Legal'], { envs: ['Production'] }],
  ['kofi.mensah', ['Post Production'], { envs: ['Production'] }],
  // Two people of one name.
  ['alex.kim', ['Marketing', 'Project Aurora'], { envs: ['Production'] }],
  ['alex.kim2', ['Post Production'], { envs: ['Production'] }],
  // The mail of two people who may be one.
  ['sam.reyes', ['Post Production'], { envs: ['Production'] }],
  ['lena.fischer', ['Contractors'], { envs: ['Production'] }],
  // Invited, has not followed the link yet: no access, but a paid seat.
  ['emily.carter', ['Marketing'], { envs: ['Production'], pending: true, last_login: null }],
  // Disabled by hand once, still employed.
  ['fatima.zahra', ['Post Production'], { envs: ['Production'], enabled: false }],
  // Left months ago; nobody told Cloudinary. Every environment, and a role of his own.
  ['tom.weber', ['Post Production'], { last_login: '2026-06-29T16:20:00Z' }],
  // The mail of nobody.
  ['victor.lang', ['Legal'], { name: 'Victor Lang', envs: ['Production'] }],
];

export function userId(email: string): string {
  return idOf('user', email.toLowerCase());
}

export function groupId(name: string): string {
  return idOf('group', name);
}

export function environmentId(name: string): string {
  return idOf('environment', name);
}

/** The time `minutes` after the account began, so that lists by creation have one order. */
export function minuteOf(minutes: number): string {
  return `${new Date(Date.UTC(2026, 0, 5, 9) + minutes * 60_000).toISOString().slice(0, 19)}Z`;
}

function blank(email: string, name: string, index: number): User {
  return {
    id: userId(email),
    name,
    email,
    role: 'media_library_user',
    pending: false,
    enabled: true,
    root: false,
    sub_account_ids: [],
    providers: [],
    two_factor: false,
    created_at: minuteOf(index),
    updated_at: minuteOf(index),
    last_login: '2026-11-13T08:30:00Z',
  };
}

/** The users of the seed; of a generated company also every invented person, without groups. */
export function seedUsers(o: { seed?: string; people?: number }): Record<string, User> {
  const invented = o.people === undefined ? company : generate(o.people, o.seed);
  const names = new Map(company.people.map((p) => [p.mail.toLowerCase(), p.displayName]));
  const users: User[] = [{ ...blank(ROOT_EMAIL, 'Northwind Root', 0), role: 'master_admin', root: true }];
  for (const [name, , more] of ROWS) {
    const { envs, ...fields } = more ?? {};
    const email = name.includes('@') ? name : `${name}@northwind.example`;
    const user = blank(email, names.get(email.toLowerCase()) ?? name, users.length);
    users.push({ ...user, ...fields, sub_account_ids: (envs ?? []).map(environmentId) });
  }
  for (const person of invented.people.slice(company.people.length)) {
    const user = blank(person.mail, person.displayName, users.length);
    users.push({ ...user, sub_account_ids: [environmentId('Production')] });
  }
  return Object.fromEntries(users.map((user) => [user.id, user]));
}

export function seedGroups(): Record<string, Group> {
  const groups = GROUP_NAMES.map((name, i): Group => {
    const members = ROWS.filter(([, names]) => names.includes(name)).map(([mail]) =>
      userId(mail.includes('@') ? mail : `${mail}@northwind.example`),
    );
    return { id: groupId(name), name, users: members, created_at: minuteOf(i), updated_at: minuteOf(i) };
  });
  return Object.fromEntries(groups.map((group) => [group.id, group]));
}
