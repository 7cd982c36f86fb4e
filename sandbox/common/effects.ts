import { isObject } from './fields.ts';
import type { Context, Json } from './types.ts';

/** The value as it would travel: what JSON does not know is gone, nothing is null. */
export function toJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value ?? null)) as Json; // what was stringified parses as JSON
}

/**
 * Records one effect. Both sides are whole objects (null = not there); only fields that differ are kept, and a repeat
 * that changed nothing is kept as `{}` before and after, for it tells of a needless write. `silent` is the field that
 * every write moves (a date of change): it is never kept.
 */
export function recordEffect(
  ctx: Pick<Context<unknown>, 'write'>,
  object: string,
  id: string,
  before: unknown,
  after: unknown,
  silent?: string,
): void {
  if (!isObject(before) || !isObject(after)) {
    ctx.write({ object, id, before: toJson(before), after: toJson(after) });
    return;
  }
  const was: Record<string, unknown> = {};
  const is: Record<string, unknown> = {};
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (key === silent || JSON.stringify(before[key]) === JSON.stringify(after[key])) continue;
    was[key] = before[key] ?? null;
    is[key] = after[key] ?? null;
  }
  ctx.write({ object, id, before: toJson(was), after: toJson(is) });
}
