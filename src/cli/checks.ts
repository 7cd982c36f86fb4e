import type { Limits, Mode } from '../config/types.ts';

/** One line of `tenure doctor`. */
export type Check = {
  name: string;
  /** `note`: worth knowing, nothing to mend. */
  state: 'ok' | 'note' | 'wrong';
  version?: string;
  /** What was found, or what to do. One sentence each. */
  details: readonly string[];
  /** Clock of the system minus ours, milliseconds. */
  clockSkewMs?: number;
  /** Named capability → present? */
  capabilities?: Readonly<Record<string, boolean>>;
  /** Of a system: what the configuration says. */
  configured?: Configured;
};

export type Configured = {
  /** Absent on a directory alone. */
  mode?: Mode;
  /** Kinds of entitlement that can be granted or taken away there. */
  kinds: readonly string[];
  /** Attribute of the account → where its value comes from. */
  profile: Readonly<Record<string, string>>;
  limits: Limits;
  deleteAfterDays?: number;
};

/** One system's probe may take this long. */
export const PROBE_MS = 30_000;

/** Clocks further apart than this make leases, deadlines and evidence hard to read. */
const SKEW_MS = 5_000;

/** Wrong where there are problems; a clock far off is one. */
export function check(
  name: string,
  problems: readonly string[],
  found: Omit<Check, 'name' | 'state' | 'details'> & { details?: readonly string[] } = {},
): Check {
  const skew = found.clockSkewMs ?? 0;
  const clock =
    Math.abs(skew) > SKEW_MS && !problems.some((problem) => /clock/i.test(problem))
      ? [`Its clock is ${Math.round(skew / 1000)} s from this machine's: synchronise them.`]
      : [];
  const wrong = [...problems, ...clock];
  return { name, ...found, state: wrong.length > 0 ? 'wrong' : 'ok', details: [...wrong, ...(found.details ?? [])] };
}

/** What is worth knowing without being wrong. */
export function note(name: string, ...details: string[]): Check {
  return { name, state: 'note', details };
}
