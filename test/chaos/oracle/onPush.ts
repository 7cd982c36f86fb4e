import type { Person } from './person.ts';
import type { FcmState } from './reading.ts';

/** Devices in the registry, by the uuid of their owner. */
export type Devices = Readonly<Record<string, number>>;

/** A message may leave this long after its recipient was looked up: a worker may have stood still in between. */
const LATE_MS = 20_000;

/** A leaver's devices are forgotten, nobody else's are, and nobody who left is reached. */
export function onPush(people: readonly Person[], fcm: FcmState, devices: Devices, now: number): string[] {
  const phones = Object.values(fcm.phones);
  return people.flatMap((p) => {
    const { who } = p.last;
    const kept = devices[p.uuid] ?? 0;
    const wrong: string[] = [];
    if (p.isLeaver(now) && kept > 0) wrong.push(`${who} left, and ${kept} devices of theirs are still registered`);
    const given = p.said.filter((g) => g.kind === 'device').length;
    if (kept !== given && p.times(p.since, now).every((at) => !p.isLeaver(at)))
      wrong.push(`${who} never left, registered ${given} devices and has ${kept}`);
    for (const { received } of phones.filter(({ user }) => user === who).flatMap(({ inbox }) => inbox))
      if (goneSince(p, Date.parse(received), LATE_MS))
        wrong.push(`${who} had left, and was told something at ${received}`);
    return wrong;
  });
}

/** Known before, and not there or not active by the directory, then and all the time before. */
function goneSince(p: Person, at: number, ms: number): boolean {
  const times = [at - ms, at, ...p.times(new Date(at - ms).toISOString(), at)];
  return Date.parse(p.since) <= at - ms && times.every((time) => p.isLeaver(time, { decisions: false }));
}
