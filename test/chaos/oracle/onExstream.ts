import { differs, type Report } from './evidence.ts';
import type { Person } from './person.ts';
import { CARRIERS, EXSTREAM_DOOR } from './policy.ts';
import type { ExstreamState, OtdsState, Seen } from './reading.ts';

/** A right in Exstream: its group has the role there, the person is in the group, and the access role lets them in. What was written in OTDS is told there. */
export function onExstream(
  people: readonly Person[],
  exstream: ExstreamState,
  otds: OtdsState,
  writes: readonly Seen[],
  now: number,
): Report {
  const rows = Object.values(exstream.groupRoles).map(
    ({ group, roleId, domain }) => `${group}: ${exstream.roles[roleId]?.name}@${domain}`,
  );
  const made = new Set<string>();
  return {
    wrong: people.flatMap((p) => stateOf(p, rows, otds, now)),
    evidence: [],
    // Tenure gives a carrying group the role that it lacks, once, and takes none.
    strange: writes.filter((w) => {
      const { group, roleId, domain } = w.after ?? {};
      const key = `exstream:role/${exstream.roles[String(roleId)]?.name}@${String(domain)}`;
      const wanted = w.object === 'groupRole' && w.before === null && CARRIERS[key] === group;
      const again = made.has(key);
      made.add(key);
      return !wanted || again || !people.some((p) => p.everDue(key, Date.parse(w.at)));
    }),
  };
}

function stateOf(p: Person, rows: readonly string[], otds: OtdsState, now: number): string[] {
  const { who } = p.last;
  const due = new Set([...p.due(now)].filter((key) => key.startsWith('exstream:')));
  const held = Object.entries(CARRIERS).flatMap(([key, carrier]) => {
    const group = Object.values(otds.groups).find((g) => `${g.name}@${g.partition}` === carrier);
    const inside = otds.members[group?.uuid ?? '']?.users.includes(p.uuid) ?? false;
    const carries = rows.includes(`${carrier}: ${key.slice('exstream:role/'.length)}`);
    return inside && carries ? [key] : [];
  });
  const wrong = differs(who, 'Exstream', new Set(held), due);
  const letIn = otds.accessRoles[EXSTREAM_DOOR]?.members.users.includes(p.uuid) ?? false;
  if (letIn !== due.size > 0)
    wrong.push(`${who} is ${letIn ? '' : 'not '}let into Exstream and should ${letIn ? 'not ' : ''}be`);
  return wrong;
}
