import { isDeepStrictEqual } from 'node:util';
import { CARRIERS, EXSTREAM_DOOR, OUTPUT_GROUP, PORTAL } from './policy.ts';
import { differs, evidenceOf, type Evidence, type Report } from './evidence.ts';
import type { Person } from './person.ts';
import type { Baseline, OtdsState, Seen, Values } from './reading.ts';

/** OTDS, and what Exstream keeps there: the groups that carry its roles, and its access role. */
export function onOtds(
  people: readonly Person[],
  otds: OtdsState,
  from: Baseline,
  writes: readonly Seen[],
  now: number,
): Report {
  return {
    wrong: people.flatMap((p) => stateOf(p, otds, now)),
    evidence: evidence(writes, otds, from, people),
    strange: writes.filter((w) => strange(w, people)),
  };
}

function stateOf(p: Person, otds: OtdsState, now: number): string[] {
  const { who } = p.last;
  const due = new Set([...p.due(now)].filter((key) => key.startsWith('otds:')));
  const held = new Set<string>();
  const output = Object.values(otds.groups).find((g) => `${g.name}@${g.partition}` === OUTPUT_GROUP);
  if (otds.members[output?.uuid ?? '']?.users.includes(p.uuid)) held.add(`otds:group/${OUTPUT_GROUP}`);
  const portal = otds.accessRoles[PORTAL]?.members;
  if (portal?.users.includes(p.uuid)) held.add(`otds:accessrole/${PORTAL}`);
  // Access through a group is access, and not this person's alone to lose.
  const byGroup = portal?.groups.some((g) => p.facts(now)?.groups.has(nameOf(otds, g))) ?? false;
  if (byGroup) due.delete(`otds:accessrole/${PORTAL}`);
  const wrong = differs(who, 'OTDS', held, byGroup ? new Set([...due, ...held]) : due);
  const user = otds.users[p.uuid];
  const facts = p.facts(now);
  if (!user !== !facts) wrong.push(`${who} is ${user ? '' : 'not '}there on OTDS, against what HR did`);
  if (!user || !facts) return wrong;
  const disabled = user.attributes['accountDisabled']?.[0] === 'true';
  if (disabled !== p.isLeaver(now))
    wrong.push(`${who} is ${disabled ? 'disabled' : 'enabled'} on OTDS and should not be`);
  const { accountDisabled: _a, ...rest } = user.attributes;
  const { accountDisabled: _b, ...was } = facts.values;
  if (!isDeepStrictEqual(nonEmpty(rest), nonEmpty(was)))
    wrong.push(`${who}: attributes on OTDS are not those that HR wrote`);
  return wrong;
}

const nameOf = (otds: OtdsState, uuid: string): string => {
  const group = otds.groups[uuid];
  return group ? `${group.name}@${group.partition}` : uuid;
};
const nonEmpty = (values: Values): Values =>
  Object.fromEntries(Object.entries(values).filter(([, list]) => list.length > 0));

/** Entitlements by what was written to: an output group, a group that carries a right in Exstream, an access role. */
function evidence(writes: readonly Seen[], otds: OtdsState, from: Baseline, people: readonly Person[]): Evidence[] {
  const groups = new Map(
    Object.values({ ...from.otds.groups, ...otds.groups }).map((g) => [g.uuid, `${g.name}@${g.partition}`]),
  );
  const roles = new Map(Object.values(otds.accessRoles).map((role) => [role.uuid, role.name]));
  const carried = new Map(Object.entries(CARRIERS).map(([key, group]) => [group, key]));
  return writes.flatMap((w) => {
    const [container = '', member = ''] = w.id.split('/');
    const group = groups.get(container) ?? container;
    const role = roles.get(container) ?? container;
    const key =
      w.object === 'membership'
        ? (carried.get(group) ?? `otds:group/${group}`)
        : w.object === 'accessRoleMember'
          ? role === EXSTREAM_DOOR
            ? 'exstream:account'
            : `otds:accessrole/${role}`
          : undefined;
    const person = people.find((p) => p.uuid === member);
    return key === undefined ? [] : evidenceOf(person, key, w.after ? 'grant' : 'revoke', w);
  });
}

/** Memberships are judged one by one; beside them only accounts are closed and opened. */
function strange(w: Seen, people: readonly Person[]): boolean {
  const member = w.id.split('/')[1];
  const person = people.find((p) => p.uuid === (w.object === 'user' ? w.id : member));
  if (w.object === 'membership' || w.object === 'accessRoleMember') return !person;
  return w.object !== 'user' || Object.keys(w.after ?? {}).join() !== 'accountDisabled' || !mayTurn(w, person);
}

/** Tenure closes an OTDS account for a leaver, and opens it again when the departure was withdrawn. */
function mayTurn(w: Seen, person: Person | undefined): boolean {
  const at = Date.parse(w.at);
  const closes = (w.after?.['accountDisabled'] as string[] | undefined)?.[0] === 'true';
  if (!person) return false;
  if (closes) return person.times('1970-01-01', at).some((t) => person.isLeaver(t));
  return person.said.some((g) => g.kind === 'withdraw' && Date.parse(g.at) <= at) && !person.isLeaver(at);
}
