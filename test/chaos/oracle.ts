/**
 * Judges what a seed left behind. Imports nothing of the product: it reads the stand-ins' `/state` and `/ledger` and the partners' published lists,
 * holds the policy as a table of its own (oracle/policy.ts), and knows the decisions because the driver gave them. The directory's history is replayed
 * from the OTDS stand-in's own ledger.
 */
import { isDeepStrictEqual } from 'node:util';
import { beyond, type Report } from './oracle/evidence.ts';
import { History } from './oracle/history.ts';
import { onCloudinary } from './oracle/onCloudinary.ts';
import { onExstream } from './oracle/onExstream.ts';
import { onFtp } from './oracle/onFtp.ts';
import { onIconik } from './oracle/onIconik.ts';
import { onOtds } from './oracle/onOtds.ts';
import { onPush, type Devices } from './oracle/onPush.ts';
import { Person, type Given } from './oracle/person.ts';
import {
  entriesSince,
  readBaseline,
  statesOf,
  writesOf,
  type Addresses,
  type Baseline,
  type Callers,
  type Name,
  type Seen,
} from './oracle/reading.ts';

export type { Baseline, Given };

/** How things stand before anything happens. */
export const baseline = readBaseline;

/** Everything that is wrong, one sentence each; empty: nothing. */
export async function judge(
  controls: Addresses,
  callers: Callers,
  from: Baseline,
  given: readonly Given[],
  devices: Devices,
): Promise<string[]> {
  const states = await statesOf(controls);
  const entries = await entriesSince(controls, from);
  const now = Date.now();
  const history = new History(from, entries.otds ?? [], callers.otds ?? '');
  const people = [...history.people].map(([uuid, moments]) => new Person(uuid, moments, given));
  const writes = (name: Name): Seen[] => writesOf(entries[name], callers[name]);
  const reports: Report[] = [
    onOtds(people, states.otds, from, writes('otds'), now),
    onIconik(people, states.iconik, from, writes('iconik'), now),
    onCloudinary(people, states.cloudinary, from, writes('cloudinary'), now),
    onExstream(people, states.exstream, states.otds, writes('exstream'), now),
    ...(states.ftp ? [onFtp(people, states.ftp, from, writes('ftp'), now)] : []),
  ];
  const evidence = reports.flatMap((report) => report.evidence);
  const all = (['otds', 'iconik', 'cloudinary', 'exstream', 'ftp'] as const).flatMap(writes);
  return [
    ...reports.flatMap((report) => report.wrong),
    ...onPush(people, states.fcm, devices, now),
    ...all.filter((w) => isDeepStrictEqual(w.before, w.after)).map((w) => `needless repeat: ${JSON.stringify(w)}`),
    ...reports.flatMap((report) => report.strange).map((w) => `beyond what anybody demanded: ${JSON.stringify(w)}`),
    ...people.flatMap((p) => {
      const own = evidence.filter((e) => e.person === p);
      return beyond(p, own, from, now);
    }),
  ];
}
