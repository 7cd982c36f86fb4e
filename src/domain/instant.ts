/** Milliseconds since 1970 of an ISO instant. Throws RangeError when the text is no instant: a date nobody can read must not count as "never". */
export function at(instant: string): number {
  const ms = Date.parse(instant);
  if (Number.isNaN(ms)) throw new RangeError(`"${instant}" is not an ISO instant such as 2026-11-21T08:00:00Z.`);
  return ms;
}

/** The instant as `2026-11-21T08:00:00.000Z`. */
export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** True where `instant` lies after `now`; strings may be written with or without milliseconds. */
export function isAfter(instant: string, now: string): boolean {
  return at(instant) > at(now);
}

/** The earliest of the given instants that lies after `now`, if any. */
export function earliestAfter(now: string, instants: Iterable<string | undefined>): string | undefined {
  let best = Infinity;
  for (const instant of instants) {
    if (instant !== undefined && isAfter(instant, now)) best = Math.min(best, at(instant));
  }
  return best === Infinity ? undefined : iso(best);
}
