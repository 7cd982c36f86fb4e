import { isObject } from '../common/fields.ts';
import type { StandInRequest } from '../common/types.ts';
import { ApiRefusal } from './refusal.ts';

/** A file as it was sent. */
export type SentFile = { name: string; bytes: Buffer };
export type Body = { fields: Record<string, unknown>; files: Record<string, SentFile> };

/**
 * What a request says, from query, JSON, form or multipart body alike (contract sections 3 and 12). `key[]` loses its
 * brackets and is a list; a repeated key is a list; `key[sub]` is an object.
 */
export function readBody(req: StandInRequest): Body {
  const files: Record<string, SentFile> = {};
  const pairs: [string, unknown][] = [...req.query.entries()];
  const type = req.headers['content-type'] ?? '';
  if (req.method === 'GET' || req.method === 'HEAD' || req.bytes.length === 0)
    return { fields: gathered(pairs), files };
  if (type.includes('multipart/form-data')) {
    for (const part of multipart(req, type)) {
      if (part.file === null) pairs.push([part.name, part.data.toString('utf8')]);
      else files[part.name] = { name: part.file, bytes: part.data };
    }
    return { fields: gathered(pairs), files };
  }
  if (type.includes('json')) return { fields: { ...gathered(pairs), ...jsonOf(req) }, files };
  return { fields: gathered([...pairs, ...req.form().entries()]), files };
}

function jsonOf(req: StandInRequest): Record<string, unknown> {
  const value = req.json();
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([k, v]) => [k.replace(/\[\]$/, ''), v]));
  throw new ApiRefusal(400, 'The request body is not a valid JSON object');
}

function gathered(pairs: [string, unknown][]): Record<string, unknown> {
  const all: Record<string, unknown> = {};
  for (const [key, value] of pairs) {
    const [, name = key, sub] = /^([^[\]]+)\[([^\]]*)\]$/.exec(key) ?? [];
    const known = all[name];
    if (sub === undefined) all[name] = known === undefined ? value : [known, value].flat();
    else if (sub === '')
      all[name] = [...(Array.isArray(known) ? (known as unknown[]) : known === undefined ? [] : [known]), value];
    else all[name] = { ...(isObject(known) ? known : {}), [sub]: value };
  }
  return all;
}

type Part = { name: string; file: string | null; data: Buffer };

function multipart(req: StandInRequest, type: string): Part[] {
  const boundary = /boundary="?([^";]+)"?/.exec(type)?.[1];
  if (boundary === undefined) throw new ApiRefusal(400, 'The multipart body has no boundary');
  const mark = Buffer.from(`--${boundary}`);
  const parts: Part[] = [];
  let at = req.bytes.indexOf(mark);
  while (at >= 0) {
    const start = at + mark.length;
    const next = req.bytes.indexOf(mark, start);
    if (next < 0) break;
    const part = partOf(req.bytes.subarray(start + 2, next - 2));
    if (part) parts.push(part);
    at = next;
  }
  return parts;
}

function partOf(bytes: Buffer): Part | null {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const head = bytes.subarray(0, end).toString('utf8');
  const name = /name="([^"]*)"/.exec(head)?.[1];
  if (name === undefined) return null;
  const file = /filename="([^"]*)"/.exec(head)?.[1] ?? null;
  return { name, file, data: bytes.subarray(end + 4) };
}
