import { isObject } from '../common/fields.ts';

/** What a JSON body must look like. A field whose name ends in `!` is required; null counts as not sent. */
export type Shape =
  | 'text'
  | 'number'
  | 'integer'
  | 'flag'
  | 'any'
  | { fields: Record<string, Shape> }
  | { list: Shape; min?: number }
  | { map: Shape };

/** What is wrong with a value, as sentences; none when it fits. Unknown fields are wrong only when `strict`. */
export function problems(value: unknown, shape: Shape, strict: boolean, path = ''): string[] {
  const at = path === '' ? 'The body' : path;
  if (typeof shape === 'string') return primitive(value, shape) ? [] : [`${at} must be ${NAMES[shape]}`];
  if ('list' in shape) {
    if (!Array.isArray(value)) return [`${at} must be a list`];
    if (value.length < (shape.min ?? 0)) return [`${at} must not be empty`];
    return value.flatMap((item: unknown, i) => problems(item, shape.list, strict, `${path}[${i}]`));
  }
  if (!isObject(value)) return [`${at} must be an object`];
  if ('map' in shape) {
    return Object.entries(value).flatMap(([key, item]) => problems(item, shape.map, strict, below(path, key)));
  }
  return ofFields(value, shape.fields, strict, path);
}

const NAMES = { text: 'a text', number: 'a number', integer: 'a whole number', flag: 'true or false', any: 'anything' };

function primitive(value: unknown, kind: keyof typeof NAMES): boolean {
  if (kind === 'any') return true;
  if (kind === 'text') return typeof value === 'string';
  if (kind === 'flag') return typeof value === 'boolean';
  return typeof value === 'number' && (kind === 'number' || Number.isInteger(value));
}

function below(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

function ofFields(
  value: Record<string, unknown>,
  fields: Record<string, Shape>,
  strict: boolean,
  path: string,
): string[] {
  const found: string[] = [];
  for (const [named, shape] of Object.entries(fields)) {
    const key = named.replace('!', '');
    const item = value[key];
    if (item !== undefined && item !== null) found.push(...problems(item, shape, strict, below(path, key)));
    else if (named.endsWith('!')) found.push(`${below(path, key)} is missing`);
  }
  for (const key of Object.keys(value)) {
    if (strict && !(key in fields) && !(`${key}!` in fields)) found.push(`${below(path, key)} is not known`);
  }
  return found;
}
