import { randomBytes } from 'node:crypto';
import type { Call } from './call.ts';
import { PAGE_SIZE_DEFAULT } from './chosen.ts';
import { lowerOf } from './directory.ts';
import { refused } from './errors.ts';
import type { Entity } from './model.ts';

type Position = { kind: string; query: string; after: number; expires: number };

const FILTERS = ['where_partition_name', 'where_filter', 'where_location', 'where_state'];

/** Where scans stand. Not part of the state: a restart loses them, and clients must begin again. */
export class PageCookies {
  readonly #positions = new Map<string, Position>();

  /** A new cookie: base64 of 16 bytes, as OpenText's sample shows it. */
  /** `lifeS` in seconds. */
  give(position: Omit<Position, 'expires'>, now: Date, lifeS: number): string {
    for (const [cookie, p] of this.#positions) {
      if (p.expires > now.getTime()) break; // oldest first
      this.#positions.delete(cookie);
    }
    const cookie = randomBytes(16).toString('base64');
    this.#positions.set(cookie, { ...position, expires: now.getTime() + lifeS * 1000 });
    return cookie;
  }

  /** What a cookie stands for; undefined when it is unknown or too old. It can be used again, as a repeated request does. */
  find(cookie: string, now: Date): Position | undefined {
    const position = this.#positions.get(cookie);
    return position && position.expires > now.getTime() ? position : undefined;
  }
}

/** The filters of this request; with a cookie, those it was given for. */
export type Scan = { filters: URLSearchParams; after: number; size: number; kind: string };

function sizeOf(call: Call): number {
  const size = Number(call.req.query.get('page_size') ?? '');
  if (!Number.isInteger(size) || size < 1) return PAGE_SIZE_DEFAULT;
  const most = Number(call.state.choices.PAGE_SIZE_MAX);
  if (size > most) call.ctx.chosen('PAGE_SIZE_MAX');
  return Math.min(size, most);
}

/** Reads paging and filters of a request for `kind`; refuses a cookie that is stale, strange or of another list (400). */
export function scanOf(call: Call, kind: string): Scan {
  const { query } = call.req;
  const size = sizeOf(call);
  const cookie = query.get('next_page_cookie');
  if (cookie === null || cookie === '') {
    const filters = new URLSearchParams([...query].filter(([name]) => FILTERS.includes(name)));
    return { filters, after: 0, size, kind };
  }
  // A `+` that was not encoded arrives as a space.
  const position = call.ctx.special('staleCookie')
    ? undefined
    : call.cookies.find(cookie.replaceAll(' ', '+'), call.ctx.now());
  if (position?.kind !== kind) throw refused('COOKIE_TTL_S', 'The page cookie is invalid or has expired');
  return { filters: new URLSearchParams(position.query), after: position.after, size, kind };
}

/**
 * One page of what `source` yields after the scan's position and `wanted` accepts, in the form of all OTDS lists:
 * `nextPageCookie` is always there, null on the last page.
 */
export function page<T extends { n: number }>(
  call: Call,
  scan: Scan,
  source: (after: number) => Iterable<T>,
  wanted: (item: T) => boolean,
): { items: T[]; fields: object } {
  const short = call.ctx.special('shortPage');
  const size = short ? Math.max(1, Math.floor(scan.size / 2)) : scan.size;
  const items: T[] = [];
  let more = short;
  for (const item of source(scan.after)) {
    if (!wanted(item)) continue;
    if (items.length === size) {
      more = true;
      break;
    }
    items.push(item);
  }
  const position = { kind: scan.kind, query: scan.filters.toString(), after: items.at(-1)?.n ?? scan.after };
  const filter = scan.filters.get('where_filter');
  return {
    items,
    fields: {
      actualPageSize: items.length,
      requestedPageSize: scan.size,
      nextPageCookie: more
        ? call.cookies.give(position, call.ctx.now(), Number(call.state.choices.COOKIE_TTL_S))
        : null,
      ...(filter === null ? {} : { requestedFilter: filter }),
    },
  };
}

/** The items of a list after an order number, as {@link page} wants them. */
export function inOrder<T extends { n: number }>(items: T[]): (after: number) => Iterable<T> {
  const sorted = items.toSorted((a, b) => a.n - b.n);
  return (after) => sorted.filter((item) => item.n > after);
}

/**
 * `where_filter`: a prefix in any case (unless chosen otherwise), `*` for any characters, on name, mail and display name; as a
 * test of what {@link lowerOf} makes of an object. Null without a filter.
 */
export function textFilter(call: Call, scan: Scan): ((lower: string) => boolean) | null {
  const text = (scan.filters.get('where_filter') ?? '').toLowerCase();
  if (text === '') return null;
  call.ctx.chosen('WHERE_FILTER');
  const { WHERE_FILTER: how } = call.state.choices;
  if (how === 'prefix' && !text.includes('*')) return (lower) => lower.includes(`\n${text}`);
  const source = text.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/\*+/g, '.*');
  const pattern = new RegExp(`${how === 'contains' ? '' : '\n'}${source}${how === 'exact' ? '\n' : ''}`, 'u');
  return (lower) => pattern.test(lower);
}

/** The same as a test of objects, for short lists. */
export function filterOf(call: Call, scan: Scan): (e: Entity) => boolean {
  const fits = textFilter(call, scan);
  return fits === null ? () => true : (e) => fits(lowerOf(e));
}
