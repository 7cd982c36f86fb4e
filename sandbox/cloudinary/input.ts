import { isObject } from '../common/fields.ts';
import { ApiRefusal } from './refusal.ts';

/** Readers for values in all the spellings that clients send (contract sections 3 and 12). */

type Input = Record<string, unknown>;

/** A text; numbers and booleans become texts; null and undefined are undefined. */
export function text(input: Input, name: string): string | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new ApiRefusal(400, `Invalid value for parameter ${name}`);
}

/** A text that has to be there: v1 wording. */
export function needed(input: Input, name: string): string {
  const value = text(input, name);
  if (value === undefined || value === '') throw new ApiRefusal(400, `Missing required parameter - ${name}`);
  return value;
}

/** A boolean, also as text; an empty text counts as not sent. */
export function flag(input: Input, name: string): boolean | undefined {
  const value = text(input, name);
  if (value === undefined || value === '') return undefined;
  if (['true', '1', 'True'].includes(value)) return true;
  if (['false', '0', 'False'].includes(value)) return false;
  throw new ApiRefusal(400, `Invalid value ${value} for parameter ${name}`);
}

/** A whole number from `min` to `max`, or undefined. */
export function whole(input: Input, name: string, min: number, max: number): number | undefined {
  const value = text(input, name);
  if (value === undefined || value === '') return undefined;
  const number = Number(value);
  if (!Number.isInteger(number) || number < min || number > max)
    throw new ApiRefusal(400, `Invalid value ${value} for parameter ${name}`);
  return number;
}

/** A list: a JSON list, a repeated or bracketed key, or comma text. Empty texts fall away. */
export function list(input: Input, name: string): string[] | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  const items: unknown[] = Array.isArray(value) ? value : [value];
  return items
    .flatMap((item) => (typeof item === 'string' ? item.split(',') : [String(item)]))
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/** A list whose items may hold commas (ids, tags of a JSON list): a lone text is split all the same. */
export function ids(input: Input, name: string): string[] | undefined {
  const value = input[name];
  if (Array.isArray(value)) return value.map((item) => String(item)).filter((item) => item !== '');
  return list(input, name);
}

/** One of some words, or a refusal. */
export function oneOf<T extends string>(input: Input, name: string, allowed: readonly T[]): T | undefined {
  const value = text(input, name);
  if (value === undefined || value === '') return undefined;
  const known = allowed.find((item) => item === value);
  if (known === undefined) throw new ApiRefusal(400, `Invalid value ${value} for parameter ${name}`);
  return known;
}

/** `k=v|k2=v2` with `\` before a literal `|`, `=` or `"`, or a map. Values are still texts, or lists as JSON sent them. */
export function pairs(value: unknown, name: string): Record<string, unknown> | undefined {
  if (value === undefined || value === null) return undefined;
  if (isObject(value)) return value;
  if (typeof value !== 'string') throw new ApiRefusal(400, `Invalid value for parameter ${name}`);
  if (value.trim().startsWith('{')) {
    const parsed = parsedJson(value);
    if (isObject(parsed)) return parsed;
  }
  const all: Record<string, unknown> = {};
  for (const pair of splitPlain(value, '|')) {
    if (pair === '') continue;
    const [key = '', ...rest] = splitPlain(pair, '=');
    if (rest.length === 0) throw new ApiRefusal(400, `Invalid value for parameter ${name}`);
    all[plain(key)] = valueOf(rest.join('='));
  }
  return all;
}

/** A list in text form (`["x","y"]`) as a list, else the text without its escapes. */
function valueOf(value: string): unknown {
  const parsed = value.startsWith('[') ? (parsedJson(value) ?? parsedJson(plain(value))) : undefined;
  return Array.isArray(parsed) ? parsed.map((item) => String(item)) : plain(value);
}

function plain(value: string): string {
  return value.replace(/\\([\\|="])/g, '$1');
}

function splitPlain(value: string, mark: string): string[] {
  const parts = [''];
  for (let i = 0; i < value.length; i++) {
    const char = value.charAt(i);
    if (char === mark) parts.push('');
    else parts[parts.length - 1] += char === '\\' ? char + value.charAt(++i) : char;
  }
  return parts;
}

export function parsedJson(value: string): unknown {
  try {
    const parsed: unknown = JSON.parse(value);
    return parsed;
  } catch {
    return undefined;
  }
}
