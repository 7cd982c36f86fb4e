import { suggest } from '../config/suggest.ts';

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  second: 1000,
  seconds: 1000,
  min: 60_000,
  minute: 60_000,
  minutes: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
  hours: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
  days: 86_400_000,
  w: 604_800_000,
  week: 604_800_000,
  weeks: 604_800_000,
};

/** For JSON Schema: what `parseDuration` understands. */
export const DURATION_PATTERN = `^[0-9]+ ?(${Object.keys(UNITS).join('|')})$`;

/** `5 days`, `1 h`, `30 minutes` in milliseconds (calendar-free: a day is 24 hours); otherwise what was probably meant. */
export function parseDuration(text: string): { ms: number } | { suggestion?: string } {
  const { count, unit } = /^\s*(?<count>\d+)\s*(?<unit>\S*)\s*$/.exec(text)?.groups ?? {};
  if (count === undefined || unit === undefined) return {};
  const factor = new RegExp(DURATION_PATTERN).test(text) ? UNITS[unit] : undefined;
  if (factor !== undefined) return { ms: Number(count) * factor };
  const names = Object.keys(UNITS).filter((name) => name.length > 2 && (count === '1' || name.endsWith('s')));
  const meant = unit === '' ? undefined : suggest(unit, names);
  return meant === undefined ? {} : { suggestion: `${count} ${meant}` };
}
