import type { Call } from '../kit.ts';
import { badInput, queryFlag } from '../kit.ts';

export const SEARCH_QUERY = ['filter.searchString', 'filter.caseSensitive', 'filter.wholeWord'] as const;

/** Whether one of the texts fits `filter.searchString`: anywhere in it, any case, unless the other two say otherwise. */
export function searcher(call: Call): (texts: readonly string[]) => boolean {
  const wanted = call.query.get('filter.searchString');
  if (wanted === null || wanted === '') return () => true;
  const exactCase = queryFlag(call, 'filter.caseSensitive') ?? false;
  const whole = queryFlag(call, 'filter.wholeWord') ?? false;
  const escaped = wanted.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const source = whole ? `(?<![\\p{L}\\p{N}_])${escaped}(?![\\p{L}\\p{N}_])` : escaped;
  const pattern = new RegExp(source, exactCase ? 'u' : 'iu');
  return (texts) => texts.some((text) => pattern.test(text));
}

/** A date and time of a query parameter in milliseconds; undefined when absent, 400 when it is none. */
export function queryDate(call: Call, name: string): number | undefined {
  const value = call.query.get(name);
  if (value === null || value === '') return undefined;
  const at = Date.parse(value);
  if (Number.isNaN(at)) throw badInput(call, `${name} must be an ISO date and time`);
  return at;
}
