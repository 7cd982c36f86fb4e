import type { SystemError } from '../errors.ts';
import { writeOutcome } from '../http.ts';
import type { HttpRequest } from '../http.ts';
import { readReply, writeReply, type Unknown } from '../written.ts';
import { isAbsent, otdsError, replyError, transportError } from './errors.ts';
import type { Session } from './session.ts';

/** What became of a write. `missing`: the object or the path is not there (404 of OTDS itself, 405). */
export type Written = { outcome: 'done' } | Unknown | { outcome: 'refused'; missing: boolean; error: SystemError };

export type Asked = {
  path: readonly string[];
  about: string;
  query?: NonNullable<HttpRequest['query']>;
  signal: AbortSignal;
};

/** Reads and writes below `/rest` or `/scim`, with OTDS's meaning of replies (contracts/otds.md 14). Throws `SystemError` only. */
export type Wire = {
  /** The body, or undefined where OTDS itself says that there is no such object. */
  get(asked: Asked): Promise<unknown>;
  /** Throws only where the write was definitely not sent. */
  write(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', asked: Asked, json?: object): Promise<Written>;
};

/** How one of OTDS's interfaces is spoken to: first segments of every path, and the media type of bodies. */
export type Dialect = { root: readonly string[]; type: string };

const REST: Dialect = { root: ['rest'], type: 'application/json' };

export function createWire(session: Session, { root, type }: Dialect = REST): Wire {
  return {
    async get({ path, about, query, signal }) {
      const request: HttpRequest = {
        method: 'GET',
        path: [...root, ...path],
        ...(query && { query }),
        headers: { accept: type },
        idempotent: true,
        signal,
      };
      const reply = await readReply(session.send(request), (error) => transportError(error, about));
      if (isAbsent(reply)) return undefined;
      if (reply.garbled || reply.status < 200 || reply.status > 299) throw replyError(reply, about);
      if (reply.empty) throw otdsError('OTDS_UNEXPECTED', { about, status: reply.status });
      return reply.json();
    },
    async write(method, { path, about, signal }, json) {
      const headers = { accept: type, ...(json && { 'content-type': type }) };
      const body = json && { body: JSON.stringify(json) };
      const request = { method, path: [...root, ...path], headers, ...body, signal };
      const reply = await writeReply(session.send(request), (error) => transportError(error, about));
      if ('outcome' in reply) return reply;
      const outcome = writeOutcome(reply);
      if (outcome === 'done') return { outcome };
      const error = replyError(reply, about);
      // A 404 that is not OTDS's own says nothing about the object.
      if (outcome === 'unknown' || error.code === 'OTDS_GARBLED') return { outcome: 'unknown', code: error.code };
      return { outcome: 'refused', missing: isAbsent(reply) || reply.status === 405, error };
    },
  };
}
