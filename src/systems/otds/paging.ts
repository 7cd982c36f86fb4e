import { SystemError } from '../errors.ts';
import { isRecord } from '../transport.ts';
import { otdsError } from './errors.ts';
import type { Asked, Wire } from './wire.ts';

export type Scan<T> = Asked & {
  /** Items of one reply; throws or drops nothing silently. */
  itemsOf: (body: Record<string, unknown>) => readonly T[];
  /** Identity of an item: given once, although the scan may begin again. */
  idOf: (item: T) => string;
  pageSize: number;
  restarts: number;
};

/** The cookie of the next page; undefined on the last. It must be there: a reply without it is not known to be the last (contracts/otds.md 4.3). */
export function nextCookie(body: Record<string, unknown>, about: string): string | undefined {
  const cookie = body['nextPageCookie'];
  if (cookie === null || cookie === '') return undefined;
  if (typeof cookie === 'string') return cookie;
  throw otdsError('OTDS_UNEXPECTED', { about });
}

/**
 * A complete scan, page by page, to the cookie `null`: a short page is not the last. A refused cookie begins again (at most `restarts` times), a
 * repeated one ends with `OTDS_SCAN_UNSTABLE`. An object that is not there throws `OTDS_NOT_FOUND`.
 */
export async function* pages<T>(wire: Wire, scan: Scan<T>): AsyncGenerator<readonly T[]> {
  const given = new Set<string>();
  let left = scan.restarts;
  let cookies = new Set<string>();
  let cookie: string | undefined;
  for (;;) {
    const body = await onePage(wire, scan, cookie);
    if (body === 'refused') {
      if (left-- <= 0) throw otdsError('OTDS_SCAN_UNSTABLE', { about: scan.about });
      cookies = new Set();
      cookie = undefined;
      continue;
    }
    const fresh = scan.itemsOf(body).filter((item) => !given.has(scan.idOf(item)));
    for (const item of fresh) given.add(scan.idOf(item));
    if (fresh.length > 0) yield fresh;
    cookie = nextCookie(body, scan.about);
    if (cookie === undefined) return;
    if (cookies.has(cookie)) throw otdsError('OTDS_SCAN_UNSTABLE', { about: scan.about });
    cookies.add(cookie);
  }
}

/** All pages as one list. */
export async function all<T>(wire: Wire, scan: Scan<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const page of pages(wire, scan)) items.push(...page);
  return items;
}

/** One page; `refused` where OTDS does not take the cookie (any more). */
export async function onePage(
  wire: Wire,
  scan: Asked & { pageSize: number },
  cookie: string | undefined,
): Promise<Record<string, unknown> | 'refused'> {
  const query = { ...scan.query, page_size: scan.pageSize, next_page_cookie: cookie };
  try {
    const body = await wire.get({ ...scan, query });
    if (body === undefined) throw otdsError('OTDS_NOT_FOUND', { about: scan.about, status: 404 });
    if (!isRecord(body)) throw otdsError('OTDS_UNEXPECTED', { about: scan.about });
    return body;
  } catch (error) {
    const refused = error instanceof SystemError && error.code === 'OTDS_BAD_REQUEST' && error.status === 400;
    if (refused && cookie !== undefined) return 'refused';
    throw error;
  }
}
