import { isDeepStrictEqual } from 'node:util';
import { differs, evidenceOf, type Evidence, type Report } from './evidence.ts';
import type { Person } from './person.ts';
import { ADMIN, isEmployee } from './policy.ts';
import type { Baseline, IconikState, IconikUser, Seen } from './reading.ts';

/** Held without being the policy's to give or take. */
const OTHERS = ['team/Everyone', 'team/Former Members', 'roles/Administrator', 'roles/Tenure Service'];

export function onIconik(
  people: readonly Person[],
  iconik: IconikState,
  from: Baseline,
  writes: readonly Seen[],
  now: number,
): Report {
  return {
    wrong: [...people.flatMap((p) => stateOf(p, iconik, from, now)), ...bystanders(people, iconik, from)],
    evidence: evidence(writes, iconik, people),
    strange: strange(writes, iconik, people),
  };
}

const heldOn = (user: IconikUser, iconik: IconikState): Set<string> =>
  new Set(
    user.groups
      .map((id) => iconik.groups[id])
      .map((g) => (g ? `${g.kind === 'TEAM' ? 'team' : 'roles'}/${g.name}` : 'unknown'))
      .filter((name) => !OTHERS.includes(name))
      .map((name) => `iconik:${name}`),
  );

const accountOf = (p: Person, iconik: IconikState): IconikUser | undefined =>
  Object.values(iconik.users).find((u) => u.status !== 'DELETED' && u.email.toLowerCase() === p.last.mail);

function stateOf(p: Person, iconik: IconikState, from: Baseline, now: number): string[] {
  const { who } = p.last;
  const due = new Set([...p.due(now)].filter((key) => key.startsWith('iconik:')));
  const user = accountOf(p, iconik);
  if (!user) return due.size > 0 ? [`${who} has no account on iconik and should hold ${[...due].join(', ')}`] : [];
  const wrong = differs(who, 'iconik', heldOn(user, iconik), due);
  for (const [object, entry] of [...Object.entries(iconik.acls), ...Object.entries(iconik.propagating)])
    if (user.id in entry.users) wrong.push(`${who} still has a row of their own on ${object}`);
  const closed = user.status === 'INACTIVE' || user.status === 'BLOCKED';
  if (due.size > 0) {
    if (user.status !== 'ACTIVE') wrong.push(`${who} is ${user.status} on iconik and should be ACTIVE`);
    const type = p.last.groups.has('Post Production@staff') && isEmployee(p.last) ? 'POWER' : 'STANDARD';
    const profile = { first_name: p.last.given, last_name: p.last.family, type };
    for (const [name, value] of Object.entries(profile))
      if (user[name as keyof typeof profile] !== value)
        wrong.push(`${who}: ${name} is "${user[name as keyof typeof profile]}" on iconik and should be "${value}"`);
  } else if (p.isLeaver(now) || p.demanded(now).has(ADMIN)) {
    if (!closed) wrong.push(`${who} is ${user.status} on iconik and should be closed`);
  }
  const urgent = p.departure(now)?.urgent === true;
  if (urgent && user.status !== 'BLOCKED')
    wrong.push(`${who} left urgently and is ${user.status} on iconik, not BLOCKED`);
  const before = accountOf(p, from.iconik)?.status;
  if (user.status === 'BLOCKED' && before !== 'BLOCKED' && !p.said.some((g) => g.kind === 'depart' && g.urgent))
    wrong.push(`${who} is BLOCKED on iconik without an urgent departure`);
  return wrong;
}

/** Accounts on iconik that are nobody's in the directory stay as they were. */
function bystanders(people: readonly Person[], iconik: IconikState, from: Baseline): string[] {
  const ours = new Set(people.map((p) => p.last.mail));
  const others = Object.values(from.iconik.users).filter((u) => !ours.has(u.email.toLowerCase()));
  const told = (u: IconikUser | undefined) => u && [u.status, u.type, u.first_name, u.last_name, [...u.groups].sort()];
  return others
    .filter((u) => !isDeepStrictEqual(told(u), told(iconik.users[u.id])))
    .map((u) => `${u.email} is nobody's on iconik and was changed`);
}

function evidence(writes: readonly Seen[], iconik: IconikState, people: readonly Person[]): Evidence[] {
  return writes.flatMap((w) => {
    if (w.object !== 'membership') return [];
    const { person, name } = membershipOf(w, iconik, people);
    return OTHERS.includes(name) ? [] : evidenceOf(person, `iconik:${name}`, w.after ? 'grant' : 'revoke', w);
  });
}

/** Of a membership on iconik, by its id (a needless repeat names nothing else): whose, and `team/…` or `roles/…`. */
function membershipOf(
  w: Seen,
  iconik: IconikState,
  people: readonly Person[],
): { person: Person | undefined; name: string } {
  const [groupId = '', userId = ''] = w.id.split('/');
  const group = iconik.groups[groupId];
  const mail = iconik.users[userId]?.email.toLowerCase();
  const name = group ? `${group.kind === 'TEAM' ? 'team' : 'roles'}/${group.name}` : 'unknown';
  return { person: people.find((p) => p.last.mail === mail), name };
}

function strange(writes: readonly Seen[], iconik: IconikState, people: readonly Person[]): Seen[] {
  const made = new Map<string, number>();
  return writes.filter((w) => {
    if (w.object === 'membership') return !membershipOf(w, iconik, people).person;
    if (w.object !== 'user') return w.after !== null; // rows are only ever taken away
    if (w.after === null) return true;
    if (w.before !== null) return false;
    const mail = String(w.after['email']).toLowerCase();
    made.set(mail, (made.get(mail) ?? 0) + 1);
    const person = people.find((p) => p.last.mail === mail);
    return made.get(mail) !== 1 || !person?.everDue('iconik', Date.parse(w.at));
  });
}
