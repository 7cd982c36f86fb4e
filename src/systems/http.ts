import { Agent, fetch, Headers } from 'undici';
import type { Limits } from '../config/types.ts';
import { createPace } from './pace.ts';
import { classify, timedOut, TransportError } from './transport.ts';

export type HttpRequest = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `baseUrl`. A list is encoded segment by segment (names may hold anything); a text is sent as it is. */
  path: string | readonly string[];
  /** Encoded as a form (space is `+`); undefined ones are left out. */
  query?: Readonly<Record<string, string | number | boolean | undefined>>;
  headers?: Readonly<Record<string, string>>;
  /** At most one of these three. */
  json?: unknown;
  form?: Readonly<Record<string, string>>;
  body?: string;
  /** GET only: one more try when the connection was reset. Nothing else is ever repeated here. */
  idempotent?: boolean;
  signal: AbortSignal;
};

export type HttpReply = {
  status: number;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  text: string;
  /** Nothing but white space came: on a write with 2xx that is success. */
  empty: boolean;
  /** True: neither empty nor JSON (a proxy's HTML, a broken body); as good as no reply, whatever the status. */
  garbled: boolean;
  /** The body; undefined when empty. Throws {@link TransportError} `garbled` when it is not JSON. */
  json(): unknown;
};

/** The part of a pino logger that is used. */
export type HttpLog = { debug(fields: object, message: string): void };

export type HttpOptions = {
  /** For the log. */
  system: string;
  baseUrl: string;
  limits: Limits;
  /** PEM of a private authority, used instead of the public ones. TLS checks cannot be switched off. */
  ca?: string;
  log?: HttpLog;
};

export type Http = {
  /**
   * One request, answered whole (body read) within `limits.requestMs` on a monotonic clock, or a {@link TransportError}. Any status is a reply;
   * redirects are not followed. For a write the wait for its turn counts too, so that it cannot land later than the limit after the call.
   */
  request(request: HttpRequest): Promise<HttpReply>;
  /** Ends idle connections. */
  close(): Promise<void>;
};

/** The one HTTP client of all systems: keep-alive connections, rate limit, hard time limit, classified failures. Logs no header, query or body. */
export function createHttp(options: HttpOptions): Http {
  const { limits, system, log } = options;
  const base = options.baseUrl.replace(/\/+$/, '');
  const pace = createPace(limits);
  const agent = new Agent({
    connections: limits.concurrent,
    allowH2: false,
    // Coarse in undici: the abort below is the limit.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: limits.requestMs, ...(options.ca === undefined ? {} : { ca: options.ca }) },
  });

  async function exchange(request: HttpRequest, url: string, signal: AbortSignal): Promise<HttpReply> {
    const { headers, body } = content(request);
    const response = await fetch(url, {
      method: request.method,
      headers,
      ...(body === undefined ? {} : { body }),
      redirect: 'manual',
      signal,
      dispatcher: agent,
    });
    return replyOf(response.status, Object.fromEntries(response.headers), await response.text());
  }

  async function once(request: HttpRequest, url: string): Promise<HttpReply> {
    const read = request.method === 'GET';
    const limit = new AbortController();
    const signal = AbortSignal.any([request.signal, limit.signal]);
    const arm = () => setTimeout(() => limit.abort(), limits.requestMs);
    let timer = read ? undefined : arm();
    let sent = false;
    let release: (() => void) | undefined;
    try {
      release = await pace.turn({ first: !read, signal });
      timer ??= arm();
      if (!read) await overdue();
      signal.throwIfAborted();
      sent = true;
      return await exchange(request, url, signal);
    } catch (error) {
      const landed = sent ? 'maybe' : 'no';
      if (limit.signal.aborted || timedOut(request.signal)) throw new TransportError('timeout', landed);
      if (request.signal.aborted) throw new TransportError('aborted', landed);
      throw classify(error);
    } finally {
      clearTimeout(timer);
      release?.();
    }
  }

  return {
    async request(request) {
      const url = urlOf(base, request);
      const entry = { system, method: request.method, path: url.slice(base.length).replace(/\?.*$/s, '') };
      const startedAt = performance.now();
      const told = (fields: object) =>
        log?.debug({ ...entry, ...fields, ms: Math.round(performance.now() - startedAt) }, 'request');
      try {
        const reply = await once(request, url).catch((error: unknown) => {
          if (!(request.idempotent === true && request.method === 'GET' && isReset(error))) throw error;
          return once(request, url);
        });
        told({ status: reply.status });
        return reply;
      } catch (error) {
        told({ failure: error instanceof TransportError ? error.kind : 'bug' });
        throw error;
      }
    },
    close: () => agent.close(),
  };
}

/** Lets every time limit that has run out fire first: a process that stood still goes on with replies before it looks at its timers. */
const overdue = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

/**
 * What a reply to a write says. `unknown`: 408, 5xx, a redirect, or a body that is neither empty nor JSON whatever the status: read back first.
 * `refused`: a definite no (4xx of the system itself).
 */
export function writeOutcome(reply: HttpReply): 'done' | 'refused' | 'unknown' {
  if (reply.garbled || reply.status === 408) return 'unknown';
  if (reply.status >= 200 && reply.status < 300) return 'done';
  return reply.status >= 400 && reply.status < 500 ? 'refused' : 'unknown';
}

const RETRY_AFTER_MAX_MS = 3_600_000;

/** ISO instant from `Retry-After`: seconds, or a date by the system's own clock. Undefined where it says nothing; an hour at most. */
export function retryAtOf(reply: HttpReply, now: number = Date.now()): string | undefined {
  const text = reply.headers['retry-after']?.trim() ?? '';
  const sentAt = Date.parse(reply.headers['date'] ?? '');
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - (Number.isNaN(sentAt) ? now : sentAt);
  return ms > 0 ? new Date(now + Math.min(ms, RETRY_AFTER_MAX_MS)).toISOString() : undefined;
}

function isReset(error: unknown): boolean {
  return error instanceof TransportError && error.kind === 'reset';
}

function urlOf(base: string, request: HttpRequest): string {
  const { path } = request;
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(request.query ?? {}))
    if (value !== undefined) query.set(name, String(value));
  const text = typeof path === 'string' ? path : path.map((part) => `/${segment(part)}`).join('');
  return `${base}${text.startsWith('/') || text === '' ? '' : '/'}${text}${query.size > 0 ? `?${query.toString()}` : ''}`;
}

/** One path segment. Refuses what cannot be sent as one: nothing, `.` and `..` (URLs drop them), half a surrogate pair. */
function segment(part: string): string {
  if (part === '' || part === '.' || part === '..' || !part.isWellFormed())
    throw new TransportError('unsendable', 'no');
  return encodeURIComponent(part);
}

function content(request: HttpRequest): { headers: Headers; body: string | undefined } {
  try {
    const headers = new Headers({ accept: 'application/json', 'user-agent': 'tenure', ...request.headers });
    if (request.json !== undefined) headers.set('content-type', 'application/json');
    if (request.form !== undefined) headers.set('content-type', 'application/x-www-form-urlencoded');
    if (request.json !== undefined) return { headers, body: JSON.stringify(request.json) };
    return { headers, body: request.form ? new URLSearchParams(request.form).toString() : request.body };
  } catch {
    throw new TransportError('unsendable', 'no'); // a header value with a line break, a body that is no JSON
  }
}

function parsed(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

function replyOf(status: number, headers: Record<string, string>, text: string): HttpReply {
  const empty = text.trim() === '';
  const body = empty ? { value: undefined } : parsed(text);
  return {
    status,
    headers,
    text,
    empty,
    garbled: body === undefined,
    json() {
      if (body === undefined) throw new TransportError('garbled', 'maybe');
      return body.value;
    },
  };
}
