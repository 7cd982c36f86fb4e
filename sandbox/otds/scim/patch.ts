import { isDeepStrictEqual } from 'node:util';
import { isObject } from '../../common/fields.ts';
import { ScimError } from './error.ts';
import { parseFilter } from './filter.ts';
import { stepsOf } from './mapping.ts';
import type { Document } from './mapping.ts';

/** PATCH of RFC 7644, section 3.5.2: operations on a document, with the dialect of Entra (any case, values as text). */

type Path = { head: string[]; filter: ((item: Document) => boolean) | null; wanted: Document; tail: string | null };

/** `name.givenName`, `emails[type eq "work"].value`, `urn:…:User:department`. */
function pathOf(text: string): Path {
  const match = /^((?:urn:.+:)?[^[\]]+?)(?:\[(.+)\](?:\.(\w+))?)?$/i.exec(text);
  if (!match) throw new ScimError(400, `Invalid path: ${text}`, 'invalidPath');
  const [, plain = '', filter, tail] = match;
  const head = stepsOf(plain);
  const parsed = filter === undefined ? null : parseFilter(filter);
  return { head, filter: parsed?.matches ?? null, wanted: parsed?.wanted ?? {}, tail: tail ?? null };
}

/** The key as the document spells it, whatever the case. */
function keyIn(doc: Document, name: string): string {
  return Object.keys(doc).find((key) => key.toLowerCase() === name.toLowerCase()) ?? name;
}

function withoutSame(list: unknown[], value: unknown): unknown[] {
  const gone: unknown[] = Array.isArray(value) ? value : [value];
  const same = (a: unknown, b: unknown) =>
    isObject(a) && isObject(b) && b['value'] !== undefined ? a['value'] === b['value'] : isDeepStrictEqual(a, b);
  return list.filter((item) => !gone.some((g) => same(item, g)));
}

function set(doc: Document, name: string, op: string, value: unknown): void {
  const key = keyIn(doc, name);
  const old = doc[key];
  if (op === 'remove') {
    if (Array.isArray(old) && value !== undefined) doc[key] = withoutSame(old, value);
    else delete doc[key];
  } else if (op === 'add' && Array.isArray(old)) {
    doc[key] = [...withoutSame(old, value), ...(Array.isArray(value) ? (value as unknown[]) : [value])];
  } else if (isObject(old) && isObject(value)) doc[key] = { ...old, ...value };
  else doc[key] = value;
}

function inList(doc: Document, name: string, path: Path, op: string, value: unknown): void {
  const key = keyIn(doc, name);
  const held = doc[key];
  const list: Document[] = Array.isArray(held) ? held.filter(isObject) : [];
  const hits = list.filter((item) => path.filter?.(item));
  if (op === 'remove' && path.tail === null) doc[key] = list.filter((item) => !hits.includes(item));
  else if (hits.length === 0 && op !== 'remove') {
    // Clients rely on it: what the filter asks for is made when it is not there.
    const made = path.tail === null ? (isObject(value) ? value : { value }) : { [path.tail]: value };
    doc[key] = [...list, { ...path.wanted, ...made }];
  } else
    for (const hit of hits)
      if (path.tail !== null) set(hit, path.tail, op, value);
      else Object.assign(hit, isObject(value) ? value : { value });
}

function applyOne(doc: Document, op: string, pathText: string, value: unknown): void {
  const path = pathOf(pathText);
  let at = doc;
  for (const step of path.head.slice(0, -1)) {
    const key = keyIn(at, step);
    if (!isObject(at[key])) at[key] = {};
    at = at[key] as Document; // made an object just now, if it was none
  }
  const last = path.head.at(-1) ?? '';
  if (path.filter) inList(at, last, path, op, value);
  else set(at, last, op, value);
}

/** The document after the operations of a PATCH body; the given one stays as it is. */
export function patched(original: Document, body: unknown): Document {
  const given = isObject(body) ? (body['Operations'] ?? body['operations']) : undefined;
  if (!Array.isArray(given) || given.length === 0)
    throw new ScimError(400, 'Operations must be a list of operations', 'invalidSyntax');
  const doc = structuredClone(original);
  for (const item of given as unknown[]) {
    const op = isObject(item) ? String(item['op']).toLowerCase() : '';
    if (!isObject(item) || !['add', 'replace', 'remove'].includes(op))
      throw new ScimError(400, 'op must be add, replace or remove', 'invalidSyntax');
    const { path, value } = item;
    if (op !== 'remove' && value === undefined) throw new ScimError(400, `${op} needs a value`, 'invalidValue');
    if (typeof path === 'string' && path !== '') applyOne(doc, op, path, value);
    else if (op === 'remove') throw new ScimError(400, 'remove needs a path', 'noTarget');
    else if (!isObject(value)) throw new ScimError(400, 'Without a path the value must be an object', 'invalidValue');
    else for (const [name, v] of Object.entries(value)) applyOne(doc, op, name, v);
  }
  return doc;
}
