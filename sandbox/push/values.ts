import { createHash } from 'node:crypto';
import { toJson } from '../common/effects.ts';
import { isObject } from '../common/fields.ts';
import type { Json } from '../common/types.ts';

/** How tokens, keys, numbers and addresses are told where they must not be readable. */
export function digest(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
}

/** Every row of a table as JSON, for GET /state/{collection}. */
export function rowsOf(table: Record<string, unknown>): Record<string, Json> {
  return Object.fromEntries(Object.entries(table).map(([id, row]) => [id, toJson(row)]));
}

/** The text, or null for anything else. */
export function textOr(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** The texts of a list; anything else is left out. */
export function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

/** The fields of an object that are texts. */
export function textMap(value: unknown): Record<string, string> {
  const out: Record<string, string> = {};
  for (const [key, item] of Object.entries(isObject(value) ? value : {})) if (typeof item === 'string') out[key] = item;
  return out;
}

/** Strict base64: the bytes as text, or null. */
export function fromBase64(text: string): string | null {
  const bare = text.replace(/\s+/g, '');
  if (bare.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(bare)) return null;
  return Buffer.from(bare, 'base64').toString('utf8');
}

export function toBase64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
