import * as z from 'zod';
import type { IconikConfig } from '../../config/types.ts';
import type { SystemError } from '../errors.ts';
import { createHttp, writeOutcome, type Http, type HttpLog, type HttpReply, type HttpRequest } from '../http.ts';
import type { CallContext } from '../port.ts';
import type { TransportError } from '../transport.ts';
import { pathTag, readReply, writeReply, type Unknown } from '../written.ts';
import type { IconikChoices } from './choices.ts';
import { iconikError, refusedFields, statusError, transportCode } from './errors.ts';

export type ClientDeps = {
  /** Reads a secret at call time, so that a rotated token is used at once. */
  secret(ref: string): string;
  log?: HttpLog;
};

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** What became of a write. `refused`: a definite no; `unknown`: it may have taken effect, read back first. */
export type Written =
  | { outcome: 'done'; status: number; body: unknown }
  | { outcome: 'refused'; status: number; fields: readonly string[]; error: SystemError }
  | Unknown;

/** A path from a template, its values encoded. */
export const path = pathTag(() => iconikError('ICONIK_NOT_FOUND', { about: 'that object' }));

const pageReply = z.looseObject({ objects: z.array(z.unknown()).nullish(), next_url: z.string().nullish() });

/** Talks to one iconik domain as one application (contract section 3). Reads throw `SystemError` only; writes never repeat themselves. */
export class IconikClient {
  readonly choices: IconikChoices;
  private readonly config: IconikConfig;
  private readonly deps: ClientDeps;
  private readonly http: Http;

  constructor(config: IconikConfig, deps: ClientDeps, choices: IconikChoices) {
    this.config = config;
    this.deps = deps;
    this.choices = choices;
    this.http = createHttp({
      system: 'iconik',
      baseUrl: config.url,
      limits: config.limits,
      ...(deps.log && { log: deps.log }),
    });
  }

  /** The reply to a GET, checked against its shape. Any other status throws. */
  async get<T>(at: string, shape: z.ZodType<T>, call: CallContext, query: Query = {}): Promise<T> {
    const reply = await this.raw(at, call, query);
    if (reply.status !== 200) throw statusError(reply, this.choices, 'a read');
    return shaped(reply, shape);
  }

  /** As `get`; undefined for a 404. A 404 that is not iconik's own (a proxy's page) throws. */
  async lookUp<T>(at: string, shape: z.ZodType<T>, call: CallContext, query: Query = {}): Promise<T | undefined> {
    const reply = await this.raw(at, call, query);
    if (reply.status === 404 && !reply.garbled) return undefined;
    if (reply.status !== 200) throw statusError(reply, this.choices, 'a read');
    return shaped(reply, shape);
  }

  /** The reply to a GET, whatever its status but 401; used by `probe`. */
  async raw(at: string, call: CallContext, query: Query = {}): Promise<HttpReply> {
    const request = { method: 'GET', path: at, query, idempotent: true, signal: call.signal } as const;
    const reply = await readReply(this.send(request), unanswered);
    if (reply.status === 401) throw await this.unauthenticated(reply, call);
    return reply;
  }

  /** One page of a list and where the next one is: a path below our own host, or undefined at the end. */
  async page<T>(
    at: string,
    shape: z.ZodType<T>,
    call: CallContext,
    query: Query = {},
  ): Promise<{ items: T[]; next?: string }> {
    const reply = await this.raw(at, call, query);
    const first = Number(query['page'] ?? new URL(at, this.config.url).searchParams.get('page') ?? 1) <= 1;
    if (!first && reply.status === this.choices.pageBeyondEndStatus) return { items: [] };
    if (reply.status !== 200) throw statusError(reply, this.choices, 'a list');
    const body = shaped(reply, pageReply);
    const items = shapedAs(body.objects ?? [], z.array(shape));
    return { items, ...(body.next_url && items.length > 0 && { next: this.own(body.next_url) }) };
  }

  /** The page that an earlier one called `next`: kept by others meanwhile, so its way is checked again. */
  async pageAt<T>(next: string, shape: z.ZodType<T>, call: CallContext): Promise<{ items: T[]; next?: string }> {
    return await this.page(this.own(next), shape, call);
  }

  /** All pages in a fixed order, without repeats of an id. */
  async all<T extends { id: string }>(
    at: string,
    shape: z.ZodType<T>,
    call: CallContext,
    query: Query = {},
  ): Promise<T[]> {
    const found = new Map<string, T>();
    let page = await this.page(at, shape, call, { ...query, page: 1, per_page: this.choices.perPage });
    for (;;) {
      for (const item of page.items) found.set(item.id, item);
      if (!page.next) return [...found.values()];
      page = await this.page(page.next, shape, call);
    }
  }

  /** All of a cursor list (`last_id`); it ends with a short, empty or repeated page. */
  async allByCursor<T extends { id: string }>(at: string, shape: z.ZodType<T>, call: CallContext): Promise<T[]> {
    const found = new Map<string, T>();
    let last: string | undefined;
    for (;;) {
      const { items } = await this.page(at, shape, call, { per_page: this.choices.perPage, last_id: last });
      const before = found.size;
      for (const item of items) found.set(item.id, item);
      last = items.at(-1)?.id;
      if (items.length < this.choices.perPage || found.size === before) return [...found.values()];
    }
  }

  /**
   * One write, never repeated here. Throws for 401 and 429, and where it certainly did not reach iconik; every other definite no is `refused`,
   * with the error to throw unless the caller knows better.
   */
  async write(
    request: { method: 'POST' | 'PUT' | 'PATCH' | 'DELETE'; at: string; json?: unknown; about: string },
    call: CallContext,
  ): Promise<Written> {
    const { method, at, json, about } = request;
    const asked = { method, path: at, signal: call.signal, ...(json !== undefined && { json }) };
    const reply = await writeReply(this.send(asked), unanswered);
    if ('outcome' in reply) return reply;
    if (reply.status === 401 && !reply.garbled) throw await this.unauthenticated(reply, call);
    if (reply.status === 429) throw statusError(reply, this.choices, about);
    const outcome = reply.status === 501 && !reply.garbled ? 'refused' : writeOutcome(reply);
    if (outcome === 'done') return { outcome, status: reply.status, body: reply.empty ? undefined : reply.json() };
    const error = statusError(reply, this.choices, about);
    if (outcome === 'unknown') return { outcome, code: reply.garbled ? 'ICONIK_BAD_REPLY' : error.code };
    return { outcome, status: reply.status, fields: refusedFields(reply), error };
  }

  async close(): Promise<void> {
    await this.http.close();
  }

  private async send(request: Omit<HttpRequest, 'headers'>): Promise<HttpReply> {
    return await this.http.request({ ...request, headers: this.headers() });
  }

  /** Both on every call: contract section 3. */
  private headers(): Record<string, string> {
    const token = this.deps.secret(this.config.authToken).trim();
    // Checked here because a header that cannot be sent would be named, value and all, by whoever refuses it.
    if (!/^[\x21-\x7e]+$/u.test(token)) throw iconikError('ICONIK_CREDENTIALS');
    return { 'App-ID': this.config.appId, 'Auth-Token': token };
  }

  /** A 401 is either our token's end, which only a person can mend, or a passing fault: `auth/token/` tells, asked once. */
  private async unauthenticated(reply: HttpReply, call: CallContext): Promise<SystemError> {
    const request = { method: 'GET', path: '/API/auth/v1/auth/token/', idempotent: true, signal: call.signal } as const;
    const check = await readReply(this.send(request), unanswered);
    if (check.status === 200 && !check.garbled) return iconikError('ICONIK_UNAUTHENTICATED', { status: 401 });
    return statusError(check.status === 401 ? check : reply, this.choices);
  }

  /** A next page's path, only where it leads to the API of the configured host. */
  private own(link: string): string {
    const base = new URL(this.config.url);
    const next = URL.canParse(link, this.config.url) ? new URL(link, base) : undefined;
    if (!next || next.origin !== base.origin || !next.pathname.startsWith('/API/'))
      throw iconikError('ICONIK_FOREIGN_LINK');
    return `${next.pathname}${next.search}`;
  }
}

/** The error of a request that brought no usable reply. */
function unanswered(error: TransportError): SystemError {
  return iconikError(transportCode(error), { about: 'the request' });
}

function shaped<T>(reply: HttpReply, shape: z.ZodType<T>): T {
  if (reply.empty || reply.garbled) throw iconikError('ICONIK_BAD_REPLY', { status: reply.status });
  return shapedAs(reply.json(), shape);
}

/** The value in its shape. What zod says of a misfit is dropped: it may quote the value. */
export function shapedAs<T>(value: unknown, shape: z.ZodType<T>): T {
  const result = shape.safeParse(value);
  if (!result.success) throw iconikError('ICONIK_BAD_REPLY');
  return result.data;
}
