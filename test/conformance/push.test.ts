/** The one suite on the device registry, where accounts are only ever removed: what makes or grants something is left out by name, the rest of it is below. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { ConformanceBench } from './bench.ts';
import { openPush, pushTraits } from './benches/push.ts';
import { driving, refusal, type Subject } from './check.ts';
import { applyCall } from './drive.ts';
import { checksFor } from './suite.ts';

/** Check → why it cannot be made here. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  'a leaver is closed first and stripped of everything, and can come back': 'who comes back registers the device anew',
  'what somebody else gave or took between read and write is found and mended': 'nothing is granted',
  'a cancellation before anything was sent changes nothing': 'a joiner has nothing due; below it is a leaver',
  'credentials that are refused are an error that says so; it can be tried again when somebody mended them':
    "the registry's credentials are the ledger's; those of the channels are probed below",
};

describe('push as a target', () => {
  let bench: ConformanceBench;
  let subject: Subject;
  beforeAll(async () => {
    bench = await openPush();
    subject = { traits: pushTraits, bench, make: (options) => bench.make(options) };
  });
  beforeEach(async () => await bench.reset());
  afterAll(async () => await bench.close());

  const checks = checksFor(pushTraits);
  test.each(checks.filter(({ name }) => !(name in LEFT_OUT)))('$name', async ({ run }) => await run(subject));

  test('what is left out is part of the suite', () => {
    const names = checks.map(({ name }) => name);
    expect(Object.keys(LEFT_OUT).filter((name) => !names.includes(name))).toEqual([]);
  });

  test('a leaver is forgotten by one change, and stays so', async () => {
    const drive = await driving(subject);
    expect(await drive.settle(bench.left(drive.person))).toEqual(['disable account']);
    expect(await bench.seen(drive.person)).toEqual({ account: bench.goneAccount, held: [] });
    const again = await driving(subject, { person: drive.person });
    expect((await again.changes(bench.left(drive.person))).changes).toEqual([]);
  });

  test('a cancellation before anything was asked forgets nobody', async () => {
    const drive = await driving(subject);
    const { actual, changes } = await drive.changes(bench.left(drive.person));
    for (const change of changes)
      await refusal(drive.apply(change, actual, { ...applyCall(), signal: AbortSignal.abort() }));
    expect(await bench.effects()).toEqual({ made: 0, needless: 0 });
  });

  test('credentials of a channel that are refused are said by the probe', async () => {
    const { target } = await driving(subject, { wrongSecret: true });
    const probe = await target.probe({ signal: AbortSignal.timeout(10_000) });
    expect(probe.credentials).toBe(false);
    expect(probe.problems.length).toBeGreaterThan(0);
  });
});
