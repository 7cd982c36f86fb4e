/** The one suite that every target passes; a system is free in everything but this. */
import { afterAll, beforeAll, beforeEach, describe, test } from '@jest/globals';
import type { ConformanceBench, Traits } from './bench.ts';
import type { Check } from './check.ts';
import { access } from './checks/access.ts';
import { replies } from './checks/replies.ts';
import { wire } from './checks/wire.ts';

const checks: readonly Check[] = [...access, ...wire, ...replies];

/** The checks that a target with these traits must pass: a fault that its wire does not know is no part of them. */
export const checksFor = (traits: Traits): readonly Check[] =>
  checks.filter(({ applies }) => applies?.(traits) !== false);

/** Declares the suite for one target. */
export function conformance(traits: Traits, open: () => Promise<ConformanceBench>): void {
  describe(`${traits.name} as a target`, () => {
    let bench: ConformanceBench;
    beforeAll(async () => void (bench = await open()));
    beforeEach(async () => await bench.reset());
    afterAll(async () => await bench.close());
    test.each(checksFor(traits))('$name', async ({ run }) => {
      await run({ traits, bench, make: (options) => bench.make(options) });
    });
  });
}
