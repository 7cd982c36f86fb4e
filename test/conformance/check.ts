import type { Person } from '../../src/domain/person.ts';
import type { Target } from '../../src/systems/port.ts';
import type { ConformanceBench, MakeOptions, Traits } from './bench.ts';
import { Drive } from './drive.ts';

/** What a check works with: a bench on seed state and a way to make targets, which the tests of the suite itself replace by broken ones. */
export type Subject = {
  traits: Traits;
  bench: ConformanceBench;
  make: (options?: MakeOptions) => Promise<Target>;
};

/** One promise of the port; `run` throws where a target breaks it. */
export type Check = {
  name: string;
  /** Absent: for every target. */
  applies?: (traits: Traits) => boolean;
  run: (subject: Subject) => Promise<void>;
};

export async function driving({ bench, make }: Subject, options?: MakeOptions & { person?: Person }): Promise<Drive> {
  const { person, ...how } = options ?? {};
  return new Drive(bench, await make(how), person ?? (await bench.newcomer()));
}

/** What a call was refused with; fails where it was not, or not by an error of the port's own shape. */
export async function refusal(
  work: Promise<unknown>,
): Promise<Error & { code: string; retryable: boolean; retryAt?: string }> {
  const outcome = await work.then(
    (value) => new Error(`The call succeeded with ${JSON.stringify(value)} where it had to fail.`),
    (error: unknown) => error,
  );
  if (!(outcome instanceof Error)) throw new Error('Something was thrown that is no error.');
  if (outcome.name !== 'SystemError' || !('code' in outcome) || !('retryable' in outcome)) throw outcome;
  return outcome as Error & { code: string; retryable: boolean; retryAt?: string }; // checked above
}
