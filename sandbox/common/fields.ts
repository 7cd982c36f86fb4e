import { Refusal } from './types.ts';

type Kind = 'string' | 'number' | 'boolean' | 'object' | 'any';

/** True for a JSON object (no array, no null). */
export function isObject(v: unknown): v is Record<string, unknown> {
  return typeof v === 'object' && v !== null && !Array.isArray(v);
}

/**
 * Refuses input with unknown, missing or ill-typed fields, each by a sentence that names the field. A kind ending in `?`
 * is optional.
 */
export function fields(
  what: string,
  input: unknown,
  shape: Record<string, Kind | `${Kind}?`>,
): Record<string, unknown> {
  if (!isObject(input)) throw new Refusal(`${what} must be a JSON object.`);
  for (const key of Object.keys(input)) {
    if (!(key in shape)) {
      throw new Refusal(`${what} has no field "${key}"; it takes ${Object.keys(shape).join(', ') || 'no fields'}.`);
    }
  }
  for (const [key, kindText] of Object.entries(shape)) {
    const kind = kindText.replace('?', '');
    const value = input[key];
    if (value === undefined) {
      if (!kindText.endsWith('?')) throw new Refusal(`${what} needs the field "${key}" (${kind}).`);
    } else if (kind === 'object' ? !isObject(value) : kind !== 'any' && typeof value !== kind) {
      throw new Refusal(`${what}: "${key}" must be ${kind === 'object' ? 'an object' : `a ${kind}`}.`);
    }
  }
  return input;
}

/** An optional whole number of at least `min`, or a refusal. */
export function wholeNumber(what: string, value: unknown, min = 0): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min) {
    throw new Refusal(`${what} must be a whole number of at least ${min}.`);
  }
  return value;
}
