import type { Context, Definition, Json, Reply, StandInRequest } from '../common/types.ts';
import { isObject } from '../common/fields.ts';
import { act } from './act.ts';
import { auditEvent } from './audit.ts';
import { callerOf, identify } from './auth.ts';
import { ERR } from './chosen.ts';
import { Directory } from './directory.ts';
import { ROOT } from './dn.ts';
import { errorBody, OtdsError, refused } from './errors.ts';
import type { OtdsState } from './model.ts';
import { PageCookies } from './paging.ts';
import { Pusher } from './push/pusher.ts';
import { queueChanges } from './push/queue.ts';
import { Rates } from './rates.ts';
import { find } from './routes.ts';
import { ScimError, scimErrorBody } from './scim/error.ts';
import { reply as scimReply } from './scim/reply.ts';
import { completed, seed } from './seed.ts';
import type { SeedSecrets } from './seed.ts';
import { checkStrict } from './strict.ts';
import { VERSION } from './version.ts';
import { access } from './view.ts';
import { watch } from './watch.ts';
import type { Watched } from './watch.ts';

/** Where a request goes: the parts of its path below `/otdsws` (or `scim/…`), and the tenant before it, if any. */
type Place = { parts: string[]; tenant: string | null };

/** Null for paths outside of OTDS. A `+` in a path is a `+`, unless chosen otherwise. */
function placeOf(req: StandInRequest, state: OtdsState): Place | null {
  const plus = state.choices.PATH_PLUS === 'space' && req.path.includes('+');
  // Segments are decoded, so a `+` that came as %2B must be kept: only raw ones turn into blanks.
  const raw = req.path.split('/').filter((s) => s !== '');
  const segments = plus ? raw.map((s) => decoded(s.replaceAll('+', '%20'))) : req.segments;
  const inTenant = segments[0] === 'otdstenant';
  const parts = inTenant ? segments.slice(2) : segments;
  const tenant = inTenant ? (segments[1] ?? null) : null;
  if (parts[0] === 'otdsws') return { parts: parts.slice(1), tenant };
  return parts[0] === 'scim' ? { parts, tenant } : null;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What a stand-in keeps outside of its state. */
type Memory = { cookies: PageCookies; pusher: Pusher; rates: Rates; strict: boolean };

async function answer(
  req: StandInRequest,
  place: Place | null,
  ctx: Context<OtdsState>,
  memory: Memory,
): Promise<Reply> {
  const { route, params, known } = find(req.method === 'HEAD' ? 'GET' : req.method, place?.parts ?? []);
  if (!route)
    throw known ? refused('ERR_METHOD', `Method ${req.method} is not allowed`) : refused('NOT_SERVED', 'Not found');
  const limit = Number(ctx.state.choices.RATE_LIMIT);
  const waitS = limit === 0 ? 0 : memory.rates.waitS(callerOf(req, ctx.state) ?? 'anonymous', limit, ctx.now());
  if (waitS > 0) throw new TooMany(waitS);
  if (memory.strict) checkStrict(req, `${route.method} ${route.pattern}`);
  const who = route.open ? null : identify(req, ctx);
  const { state } = ctx;
  return await route.handler({ req, ctx, state, dir: Directory.of(state), cookies: memory.cookies, who, params });
}

class TooMany extends Error {
  readonly waitS: number;
  constructor(waitS: number) {
    super('Too many requests');
    this.waitS = waitS;
  }
}

/** Chosen statuses of refusals. */
const STATUSES = ['ERR_LOGIN', 'ERR_BAD_INPUT', 'ERR_DUPLICATE', 'SYNC_PARTITION'] as const;

function refusal(error: unknown, ctx: Context<OtdsState>, scim: boolean, path: string): Reply {
  if (error instanceof TooMany) {
    ctx.chosen('RATE_LIMIT');
    const body = errorBody(ERR.RATE_LIMIT.inner, error.message);
    return { status: 429, headers: { 'retry-after': String(error.waitS) }, body };
  }
  if (error instanceof ScimError)
    return scimReply(error.http, scimErrorBody(error.http, error.message, error.scimType));
  if (!(error instanceof OtdsError)) throw error;
  if (error.chosen !== null) ctx.chosen(error.chosen);
  const turned = STATUSES.find((name) => name === error.chosen);
  const status = turned ? Number(ctx.state.choices[turned]) : error.http;
  if (status === 403) auditEvent(ctx, 'Access Denied', 'path', path, '');
  if (scim) return scimReply(status, scimErrorBody(status, error.message));
  return { status, body: errorBody(error.inner, error.message) };
}

/** Tenants see the root of the directory by their own name. */
function forTenant(reply: Reply, tenant: string | null): Reply {
  if (tenant === null || typeof reply.body !== 'object' || reply.body === null) return reply;
  const body: unknown = JSON.parse(JSON.stringify(reply.body).replaceAll(ROOT, `dc=identity,dc=${tenant},dc=root`));
  return { ...reply, body: isObject(body) ? body : reply.body };
}

async function handle(req: StandInRequest, ctx: Context<OtdsState>, memory: Memory): Promise<Reply> {
  const place = placeOf(req, ctx.state);
  const watched = watch(ctx);
  let reply: Reply;
  try {
    reply = await answer(req, place, watched.ctx, memory);
  } catch (error) {
    reply = refusal(error, ctx, place?.parts[0] === 'scim', req.path);
  }
  follow(watched, memory);
  return forTenant(reply, place?.tenant ?? null);
}

/** The push looks at what was done. */
function follow(watched: Watched, memory: Memory): void {
  if (watched.relevant()) queueChanges(watched.ctx, watched.touched);
  memory.pusher.wake(watched.ctx);
}

function acted(input: Parameters<typeof act>[0], ctx: Context<OtdsState>, memory: Memory): Json {
  completed(ctx.state);
  const watched = watch(ctx);
  const result = act(input, watched.ctx);
  follow(watched, memory);
  return result;
}

function collections(given: OtdsState): Record<string, Record<string, Json>> {
  const { n: _n, signingKey: _key, choices, auditRecords, pushQueue, ...rest } = completed(given);
  return { ...rest, choices, audit: auditRecords, 'push-queue': pushQueue, access: access(given) };
}

function check(state: unknown): string | null {
  if (!isObject(state)) return 'The state must be an object.';
  for (const [name, value] of Object.entries(state)) {
    const kind = name === 'n' ? 'number' : name === 'signingKey' ? 'string' : 'object';
    if (kind === 'object' ? !isObject(value) : typeof value !== kind)
      return `The state's field "${name}" must be of type ${kind}.`;
  }
  return null;
}

/** Of a stand-in that nobody gave others; it listens on loopback only. */
export const USUAL_SECRETS: SeedSecrets = { password: 'otds-sandbox', clientSecret: 'otds-sandbox-secret' };

/**
 * OpenText Directory Services as a stand-in: contract sections 2 and 4 to 9, as far as `routes.ts` lists. `strict` refuses
 * unknown fields, parameters and headers with 400.
 */
export function otds(given: Partial<SeedSecrets> & { strict?: boolean } = {}): Definition<OtdsState> {
  const { strict = false, ...own } = given;
  const secrets = { ...USUAL_SECRETS, ...own };
  const memory: Memory = { cookies: new PageCookies(), pusher: new Pusher(), rates: new Rates(), strict };
  return {
    system: 'otds',
    version: VERSION,
    seed: (o) => seed(o, secrets),
    handle: (req, ctx) => handle(req, ctx, memory),
    act: (input, ctx) => acted(input, ctx, memory),
    collections,
    derived: (state) => ({ access: access(state) }),
    check,
    callerOf: (req, state) => callerOf(req, completed(state)),
    live: ['tickets', 'tokens', 'refreshTokens', 'authCodes'],
    secretKeys: [
      'userPassword', 'newPassword', 'oldPassword', 'password', 'adminPassword', 'secret', 'secretKey', 'bindPassword', 'signingKey',
      'clientSecret', 'oTLicenseFile',
    ], // prettier-ignore
    errorBody: (status, message, req) =>
      /(^|\/)scim\//.test(req.path) ? scimErrorBody(status, message) : errorBody(90000 + status, message),
  };
}
