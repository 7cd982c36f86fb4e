/** Faults of the wire: what is unclear is said to be unclear, nothing is made twice, nobody looks gone who is there. */
import { expect } from '@jest/globals';
import type { FaultEffect } from '../../../sandbox/common/types.ts';
import { describeChange, type Actual, type Change } from '../../../src/domain/change.ts';
import type { Person } from '../../../src/domain/person.ts';
import type { Traits } from '../bench.ts';
import { driving, refusal, type Check, type Subject } from '../check.ts';
import { applyCall, call, type Drive } from '../drive.ts';

/** Each change of joining in turn, then each of leaving. What `visit` does with a change that meets a fault may fail; it is made in peace after that. */
async function eachChange(
  subject: Subject,
  visit: (person: Person, change: Change, actual: Actual, nativeId: string | undefined) => Promise<void>,
): Promise<void> {
  const drive = await driving(subject);
  for (const due of [subject.bench.joined(drive.person), subject.bench.left(drive.person)]) {
    for (const seen = new Set<string>(); ;) {
      const { actual, changes } = await drive.changes(due);
      const [change] = changes;
      if (!change) break;
      const met = seen.has(describeChange(change));
      seen.add(describeChange(change));
      if (met) await drive.apply(change, actual);
      else await visit(drive.person, change, actual, drive.account.nativeId);
      await subject.bench.clear();
    }
  }
}

/** A target with limits of its own that asked something already: what comes next is about the change, not about logging in. */
async function loggedIn(
  subject: Subject,
  person: Person,
  nativeId: string | undefined,
  requestMs: number,
): Promise<Drive> {
  const drive = await driving(subject, { person, requestMs });
  await drive.target.find(person, call);
  if (nativeId !== undefined) drive.account.nativeId = nativeId;
  return drive;
}

const knows =
  (kind: FaultEffect['kind']) =>
  ({ faults }: Traits): boolean =>
    faults.includes(kind);

/** A write that meets the fault: unclear or a retryable no, no effect is lost or doubled, and the next pass reaches what is due. */
async function unclear(subject: Subject, fault: FaultEffect, effect: 'made' | 'none'): Promise<void> {
  const requestMs = fault.kind === 'hang' ? 1_000 : 5_000;
  await eachChange(subject, async (person, change, actual, nativeId) => {
    const hasty = await loggedIn(subject, person, nativeId, requestMs);
    await subject.bench.effects();
    await subject.bench.plan({ on: 'write', times: 1, fault });
    const outcome = await hasty.apply(change, actual).then(
      (applied) => applied.outcome,
      (error: unknown) => {
        expect(error).toMatchObject({ name: 'SystemError', retryable: true });
        return 'refused';
      },
    );
    await subject.bench.clear();
    const { made } = await subject.bench.effects();
    const what = { change: describeChange(change), outcome };
    // "Done" is only said of what was done; a client that looked again may know.
    if (outcome === 'done') expect({ ...what, made: made > 0 }).toEqual({ ...what, made: true });
    if (effect === 'made')
      expect({ ...what, made: made > 0, said: outcome !== 'refused' }).toEqual({ ...what, made: true, said: true });
    else if (outcome !== 'done') expect({ ...what, made }).toEqual({ ...what, made: 0 });
  });
  await settledInTheEnd(subject, fault, requestMs);
}

/** Joining as a whole meets the fault once; tried again as often as the engine would, it ends where it should, and nothing was made twice. */
async function settledInTheEnd(subject: Subject, fault: FaultEffect, requestMs: number): Promise<void> {
  const drive = await loggedIn(subject, await subject.bench.newcomer(), undefined, requestMs);
  const due = subject.bench.joined(drive.person);
  await subject.bench.effects();
  await subject.bench.plan({ on: 'write', times: 1, fault });
  for (let tries = 0; ; tries++) {
    try {
      await drive.settle(due);
      break;
    } catch (error) {
      expect(error).toMatchObject({ name: 'SystemError', retryable: true });
      if (tries === 3) throw error;
    }
  }
  expect((await subject.bench.seen(drive.person)).held).toEqual([...due.entitlements].sort());
  expect(await subject.bench.effects()).toMatchObject({ needless: 0 });
}

const writes: [name: string, fault: FaultEffect, effect: 'made' | 'none'][] = [
  ['a reply lost after success', { kind: 'lostReply' }, 'made'],
  ['a reply cut in the middle', { kind: 'truncate', bytes: 9 }, 'made'],
  ['a connection cut before anything was done', { kind: 'reset' }, 'none'],
  ["a proxy's page with 200", { kind: 'html', status: 200 }, 'none'],
  ["a proxy's page with 502", { kind: 'html', status: 502 }, 'none'],
  ['500', { kind: 'status', status: 500 }, 'none'],
  ['503', { kind: 'status', status: 503 }, 'none'],
  ['no answer at all', { kind: 'hang' }, 'none'],
];

const reads: [name: string, fault: FaultEffect][] = [
  ['a cut connection', { kind: 'reset' }],
  ["a proxy's page with 200", { kind: 'html', status: 200 }],
  ["a proxy's page with 502", { kind: 'html', status: 502 }],
  ['a body cut in the middle', { kind: 'truncate', bytes: 20 }],
  ['500', { kind: 'status', status: 500 }],
  ["a proxy's 404", { kind: 'status', status: 404, body: '<html>not here</html>' }],
  ['an empty object', { kind: 'status', status: 200, body: {} }],
];

export const wire: readonly Check[] = [
  ...writes.map(([name, fault, effect]): Check => ({
    name: `a write answered by ${name} is unclear or refused for now; nothing is lost or made twice`,
    applies: knows(fault.kind),
    run: (subject) => unclear(subject, fault, effect),
  })),
  ...reads.map(([name, fault]): Check => ({
    name: `a read answered by ${name} is an error that can be tried again, and nobody looks gone`,
    applies: knows(fault.kind),
    async run(subject) {
      const drive = await driving(subject);
      const due = subject.bench.joined(drive.person);
      await drive.settle(due);
      const fresh = await driving(subject, { person: drive.person });
      fresh.account.nativeId = drive.account.nativeId ?? '';
      await subject.bench.plan({ on: 'read', fault });
      // Retryable or a credential or address that somebody must look at; never an answer.
      await refusal(fresh.read(due));
      await subject.bench.clear();
      expect((await fresh.read(due)).account).toBe('present');
    },
  })),
  ...[true, false].map((told): Check => ({
    name: `429 ${told ? 'with' : 'without'} Retry-After is a no for now, and says until when`,
    applies: knows('status'),
    async run(subject) {
      await eachChange(subject, async (person, change, actual, nativeId) => {
        const drive = await driving(subject, { person });
        if (nativeId !== undefined) drive.account.nativeId = nativeId;
        await subject.bench.effects();
        const headers = told ? { headers: { 'Retry-After': '17' } } : {};
        await subject.bench.plan({ on: 'write', times: 1, fault: { kind: 'status', status: 429, ...headers } });
        const error = await refusal(drive.apply(change, actual));
        const waitS = (Date.parse(error.retryAt ?? '') - Date.now()) / 1000;
        expect(error.retryable).toBe(true);
        if (told) expect(Math.abs(waitS - 17)).toBeLessThan(3);
        else expect(waitS <= 0).toBe(false); // none: the engine takes its own pace
        expect(await subject.bench.effects()).toMatchObject({ made: 0 });
      });
    },
  })),
  {
    name: 'reads that lag behind make nothing twice, and a later read is right',
    applies: knows('stale'),
    async run(subject) {
      const drive = await driving(subject);
      const due = subject.bench.joined(drive.person);
      await drive.settle(due);
      await subject.bench.effects();
      await subject.bench.plan({ on: 'read', fault: { kind: 'stale', ms: 3_600_000 } });
      const late = await driving(subject, { person: drive.person });
      late.account.nativeId = drive.account.nativeId ?? '';
      // Whatever it says: what is there already is no error, and is not made again.
      await late.changes(due).then(
        async ({ actual, changes }) => {
          for (const change of changes)
            await late
              .apply(change, actual)
              .catch((error: unknown) => expect(error).toMatchObject({ name: 'SystemError' }));
        },
        (error: unknown) => expect(error).toMatchObject({ name: 'SystemError' }),
      );
      await subject.bench.clear();
      expect(await subject.bench.effects()).toMatchObject({ made: 0 });
      expect((await drive.changes(due)).changes).toEqual([]);
    },
  },
  {
    name: 'a cancelled call ends within two seconds: a read as an error, a write as unclear or refused',
    applies: knows('hang'),
    async run(subject) {
      const drive = await driving(subject);
      const due = subject.bench.joined(drive.person);
      const { actual, changes } = await drive.changes(due);
      const [change] = changes;
      if (!change) throw new Error('Nothing is due for somebody new.');
      const timed = async <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T | Error> => {
        const began = performance.now();
        const outcome = await work(AbortSignal.timeout(150)).catch((error: unknown) => error as Error);
        expect(performance.now() - began).toBeLessThan(2_000);
        return outcome;
      };
      await subject.bench.plan({ on: 'write', fault: { kind: 'hang' } });
      const written = await timed((signal) => drive.apply(change, actual, applyCall(signal)));
      if (written instanceof Error) expect(written).toMatchObject({ name: 'SystemError', retryable: true });
      else expect(written.outcome).toBe('unknown');
      await subject.bench.clear();
      await drive.settle(due);
      await subject.bench.plan({ on: 'read', fault: { kind: 'hang' } });
      const fresh = await driving(subject, { person: drive.person });
      fresh.account.nativeId = drive.account.nativeId ?? '';
      expect(await timed((signal) => fresh.read(due, { signal }))).toMatchObject({
        name: 'SystemError',
        retryable: true,
      });
    },
  },
  {
    name: 'a cancellation before anything was sent changes nothing',
    async run(subject) {
      const drive = await driving(subject);
      const due = subject.bench.joined(drive.person);
      const { actual, changes } = await drive.changes(due);
      const [change] = changes;
      if (!change) throw new Error('Nothing is due for somebody new.');
      await subject.bench.effects();
      await refusal(drive.apply(change, actual, { ...applyCall(), signal: AbortSignal.abort() }));
      expect(await subject.bench.effects()).toEqual({ made: 0, needless: 0 });
      expect(call.signal.aborted).toBe(false);
    },
  },
];
