/** What every directory says of people in the same way, whatever its attributes are called. */
import { at, isAfter } from '../domain/instant.ts';
import type { Person } from '../domain/person.ts';

const BARE_DATE = /^\d{4}-\d{2}-\d{2}$/;
/** With a time it needs a zone: a local time would mean another instant on every machine. */
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;
const DAY_MS = 86_400_000;
const TYPES = ['employee', 'contractor', 'partner'] as const;

/**
 * An ISO instant. A bare date is 00:00 UTC of that day for a start, of the day after for an end (the last day counts whole). A text that is no
 * date is handed on as it stands: whoever reads it refuses it, so that it never counts as "no end".
 */
export function instantOf(text: string, which: 'start' | 'end'): string {
  const bare = BARE_DATE.test(text);
  const ms = bare || INSTANT.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(ms) || (bare && !new Date(ms).toISOString().startsWith(text))) return text;
  return new Date(bare && which === 'end' ? ms + DAY_MS : ms).toISOString();
}

/** The worker type that a text names, in any case; undefined where it names none. */
export function workerType(text: string | undefined): Person['type'] | undefined {
  return TYPES.find((known) => known === text?.toLowerCase());
}

/** Active at that ISO instant. Closed by default: somebody with a date that nobody can read is not. */
export function isActiveAt(person: Person, moment: string): boolean {
  try {
    const begun = person.startAt === undefined || !isAfter(person.startAt, moment);
    return person.state === 'active' && begun && (person.endAt === undefined || at(person.endAt) > at(moment));
  } catch {
    return false;
  }
}
