import type * as z from 'zod';
import type { SystemError } from '../errors.ts';
import { createHttp, writeOutcome, type Http, type HttpLog, type HttpReply, type HttpRequest } from '../http.ts';
import type { Limits } from '../../config/types.ts';
import type { CallContext } from '../port.ts';
import { isRecord, type TransportError } from '../transport.ts';
import { pathTag, readReply, writeReply, type Unknown } from '../written.ts';
import type { CloudinaryChoices } from './choices.ts';
import { cloudinaryError, isRateLimit, statusError, transportCode } from './errors.ts';
import { RateWindow } from './rateWindow.ts';

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** What Cloudinary's text says where its status does not; the text itself goes no further. */
type Hint = 'seat' | 'taken' | undefined;

/** What became of a write. `refused`: a definite no; `unknown`: it may have taken effect, read back first. */
export type Written =
  { outcome: 'done'; body: unknown } | { outcome: 'refused'; status: number; hint: Hint; error: SystemError } | Unknown;

export type PlaneOptions = {
  /** For sentences: `the account`, `the environment northwind`. */
  name: string;
  url: string;
  limits: Limits;
  choices: CloudinaryChoices;
  key: string;
  /** Read at every call, so that a rotated secret is used at once. */
  secret: () => string;
  log: HttpLog | undefined;
};

/** A path from a template, its values encoded. */
export const path = pathTag(() => cloudinaryError('CLOUDINARY_NOT_FOUND', { about: 'that object' }));

/** One of Cloudinary's planes, with its own credential, pace and rate window (contract section 3). Reads throw `SystemError` only; writes never repeat themselves. */
export class Plane {
  private readonly options: PlaneOptions;
  private readonly http: Http;
  private readonly window = new RateWindow();

  constructor(options: PlaneOptions) {
    this.options = options;
    const { url, limits, log } = options;
    this.http = createHttp({ system: 'cloudinary', baseUrl: url, limits, ...(log && { log }) });
  }

  /** The reply to a GET, checked against its shape. Any other status throws. */
  async get<T>(at: string, shape: z.ZodType<T>, call: CallContext, query: Query = {}): Promise<T> {
    return shaped(this.okay(await this.raw(at, call, query)), shape);
  }

  /** As `get`; undefined for a 404 of Cloudinary's own. A proxy's page throws. */
  async lookUp<T>(at: string, shape: z.ZodType<T>, call: CallContext, query: Query = {}): Promise<T | undefined> {
    const reply = await this.raw(at, call, query);
    return isMissing(reply) ? undefined : shaped(this.okay(reply), shape);
  }

  /** A read that Cloudinary wants as POST or PUT; undefined for a 404 of its own. */
  async ask<T>(
    request: { method: 'POST' | 'PUT'; at: string; json: unknown },
    shape: z.ZodType<T>,
    call: CallContext,
  ): Promise<T | undefined> {
    const { method, at, json } = request;
    const reply = await this.read({ method, path: at, json, signal: call.signal });
    return isMissing(reply) ? undefined : shaped(this.okay(reply), shape);
  }

  /** The reply to a GET, whatever its status but 401 and "too many". */
  async raw(at: string, call: CallContext, query: Query = {}): Promise<HttpReply> {
    return await this.read({ method: 'GET', path: at, query, idempotent: true, signal: call.signal });
  }

  /**
   * One write, never repeated here. Throws for 401 and "too many", and where it certainly did not reach Cloudinary; every other definite no is
   * `refused`, with the error to throw unless the caller knows better.
   */
  async write(
    request: { method: 'POST' | 'PUT' | 'DELETE'; at: string; json?: unknown; about: string },
    call: CallContext,
  ): Promise<Written> {
    const { method, at, json, about } = request;
    refuseEveryEnvironment(json);
    const asked = { method, path: at, signal: call.signal, ...(json !== undefined && { json }) };
    const reply = await writeReply(this.send(asked), unanswered);
    if ('outcome' in reply) return reply;
    const { name, choices } = this.options;
    const error = statusError(reply, name, choices, about);
    if (reply.status === 401 || isRateLimit(reply.status)) throw error;
    const outcome = writeOutcome(reply);
    if (outcome === 'done') return { outcome, body: reply.empty ? undefined : reply.json() };
    if (outcome === 'unknown') return { outcome, code: error.code };
    return { outcome, status: reply.status, hint: hintOf(reply), error };
  }

  /** Throws CLOUDINARY_RATE_LIMITED where a scan would take the calls that people's changes need. */
  requireRoomForScan(): void {
    const { choices, name } = this.options;
    const retryAt = this.window.scanWaitsUntil(choices.scanReserve);
    if (retryAt !== undefined) throw cloudinaryError('CLOUDINARY_RATE_LIMITED', { about: name, retryAt });
  }

  async close(): Promise<void> {
    await this.http.close();
  }

  /** The error that a reply to a read stands for. */
  errorOf(reply: HttpReply): SystemError {
    return statusError(reply, this.options.name, this.options.choices, 'a read');
  }

  private okay(reply: HttpReply): HttpReply {
    if (reply.status !== 200) throw this.errorOf(reply);
    return reply;
  }

  private async read(request: Omit<HttpRequest, 'headers'>): Promise<HttpReply> {
    const reply = await readReply(this.send(request), unanswered);
    if (reply.status === 401 || isRateLimit(reply.status)) throw this.errorOf(reply);
    return reply;
  }

  private async send(request: Omit<HttpRequest, 'headers'>): Promise<HttpReply> {
    const reply = await this.http.request({ ...request, headers: { authorization: this.basic() } });
    this.window.note(reply, this.options.choices.rateLimitMaxMs);
    return reply;
  }

  private basic(): string {
    const { key, secret, name } = this.options;
    const plain = secret().trim();
    if (!/^[\x21-\x7e]+$/u.test(plain)) throw cloudinaryError('CLOUDINARY_CREDENTIALS', { about: name });
    return `Basic ${Buffer.from(`${key}:${plain}`, 'utf8').toString('base64')}`;
  }
}

/** The value in its shape. What zod says of a misfit is dropped: it may quote the value. */
export function shapedAs<T>(value: unknown, shape: z.ZodType<T>): T {
  const result = shape.safeParse(value);
  if (!result.success) throw cloudinaryError('CLOUDINARY_BAD_REPLY');
  return result.data;
}

function shaped<T>(reply: HttpReply, shape: z.ZodType<T>): T {
  if (reply.empty || reply.garbled) throw cloudinaryError('CLOUDINARY_BAD_REPLY', { status: reply.status });
  return shapedAs(reply.json(), shape);
}

/** The last guard before the wire: an empty list of environments means all of them (contract section 4.1), and no change of ours ever means that. */
function refuseEveryEnvironment(json: unknown): void {
  const ids = isRecord(json) ? json['sub_account_ids'] : undefined;
  if (Array.isArray(ids) && ids.length === 0) throw cloudinaryError('CLOUDINARY_EVERY_ENVIRONMENT');
}

function isMissing(reply: HttpReply): boolean {
  return reply.status === 404 && !reply.garbled;
}

/** The error of a request that brought no usable reply. */
function unanswered(error: TransportError): SystemError {
  return cloudinaryError(transportCode(error), { about: 'the request' });
}

/** The two texts that independent clients know (contract section 4.1), in either plane's error shape. */
function hintOf(reply: HttpReply): Hint {
  const body = reply.empty || reply.garbled ? undefined : reply.json();
  const error = isRecord(body) ? body['error'] : undefined;
  const message = isRecord(error) && typeof error['message'] === 'string' ? error['message'] : '';
  if (message.includes('max_users')) return 'seat';
  return /already exists/i.test(message) ? 'taken' : undefined;
}
