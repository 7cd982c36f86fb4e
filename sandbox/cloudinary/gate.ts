import type { Context, StandInRequest } from '../common/types.ts';
import { CHOSEN } from './chosen.ts';
import { fingerprint } from './ids.ts';
import { text } from './input.ts';
import type { Caller } from './kit.ts';
import { chosenRefusal } from './kit.ts';
import { ApiRefusal } from './refusal.ts';
import type { Plane, Route } from './router.ts';
import { signed } from './sign.ts';
import type { Environment, State } from './state.ts';

const HOUR_MS = 3_600_000;
const SIGNATURE_LIFE_S = 3600;

/** Key and secret of a Basic header. */
function basic(req: StandInRequest): { key: string; secret: string } | null {
  const header = req.headers['authorization'] ?? '';
  if (!/^basic /i.test(header)) return null;
  const plain = Buffer.from(header.slice(6).trim(), 'base64').toString('utf8');
  const colon = plain.indexOf(':');
  return colon < 0 ? null : { key: plain.slice(0, colon), secret: plain.slice(colon + 1) };
}

function bearer(req: StandInRequest): string | null {
  const header = req.headers['authorization'] ?? '';
  return /^bearer /i.test(header) ? header.slice(7).trim() : null;
}

/** The environment of a cloud name, whatever the case. */
export function environmentOf(state: State, cloud: string): Environment | undefined {
  const wanted = cloud.toLowerCase();
  return Object.values(state.environments).find((env) => env.cloud_name.toLowerCase() === wanted);
}

/** A name for the ledger and for faults: plane and fingerprint of the key, without checking it. */
export function callerName(req: StandInRequest): string | null {
  const pair = basic(req);
  const plane = req.path.includes('/accounts/') ? 'account' : 'environment';
  if (pair) return `${plane}:${fingerprint(pair.key)}`;
  const token = bearer(req);
  return token === null ? null : `token:${fingerprint(token)}`;
}

/** The account key that a request carries, checked; the account id of the path has to fit. */
export function accountCaller(req: StandInRequest, state: State, accountId: string, message: string): Caller {
  const pair = basic(req);
  const known = pair ? state.provisioningKeys[pair.key] : undefined;
  if (!pair || !known?.enabled || known.secret !== pair.secret || accountId !== state.account.id)
    throw new ApiRefusal(401, message);
  return { kind: 'account', key: pair.key };
}

/** The key, token or signature that a request to an environment carries, checked. */
export function environmentCaller(
  req: StandInRequest,
  ctx: Context<State>,
  route: Route,
  env: Environment | undefined,
  fields: Record<string, unknown>,
): Caller {
  const upload = route.upload === true;
  const wrong = (): ApiRefusal => new ApiRefusal(401, upload ? 'api_secret mismatch' : 'Invalid credentials');
  if (!env) throw wrong();
  const token = bearer(req);
  if (token !== null) return tokenCaller(ctx, env, token, wrong);
  const pair = basic(req);
  const signature = text(fields, 'signature');
  const key = ctx.state.keys[pair?.key ?? (upload ? (text(fields, 'api_key') ?? '') : '')];
  if (!key || key.env !== env.id) throw wrong();
  if (pair && pair.secret !== key.api_secret) throw wrong();
  if (!pair) {
    if (signature === undefined || !signed(fields, signature, key.api_secret)) throw wrong();
    checkAge(text(fields, 'timestamp'));
    ctx.caller(`environment:${fingerprint(key.api_key)}`);
  }
  if (!key.enabled) throw chosenRefusal({ ctx }, 'disabledKey', wrong().message);
  if (!env.enabled) {
    if (CHOSEN.use(ctx, 'disabledEnvironment') === 401) throw wrong();
  }
  return { kind: 'key', key };
}

/** The real clock, as signed calls come from clients that know no other. */
function checkAge(timestamp: string | undefined): void {
  const age = Date.now() / 1000 - Number(timestamp ?? NaN);
  if (Number.isNaN(age)) throw new ApiRefusal(400, 'Missing required parameter - timestamp');
  if (age > SIGNATURE_LIFE_S)
    throw new ApiRefusal(400, `Stale request - reported time is ${timestamp} which is more than 1 hour ago`);
}

function tokenCaller(ctx: Context<State>, env: Environment, token: string, wrong: () => ApiRefusal): Caller {
  const known = ctx.state.tokens[token];
  if (!known || known.env !== env.id || Date.parse(known.expires) <= ctx.now().getTime()) throw wrong();
  const user = known.user === null ? undefined : ctx.state.users[known.user];
  if (user && !user.enabled) {
    if (CHOSEN.use(ctx, 'disabledSessions') === 'die') throw wrong();
  }
  return { kind: 'token', token: known };
}

/** Counts a call and gives the rate headers; throws beyond the limit. Upload API and open routes are not counted. */
export function count(ctx: Context<State>, route: Route, env: Environment | undefined): Record<string, string> {
  const account = isAccount(route.plane);
  if (route.upload === true || route.plane === 'public') return {};
  const name = account ? 'accountPerHour' : 'environmentPerHour';
  const limit = CHOSEN.count(ctx.state, name);
  const key = account ? 'account' : `environment/${env?.id ?? ''}`;
  const at = ctx.now().getTime();
  const window = new Date(Math.floor(at / HOUR_MS) * HOUR_MS);
  const held = ctx.state.rates[key];
  const used = held?.window === window.toISOString() ? held.used : 0;
  const reset = new Date(window.getTime() + HOUR_MS);
  const headers: Record<string, string> = {};
  // The vendor's own client adds what these headers say to every reply, and its live test of access keys allows nothing
  // added: so there at least they are absent.
  const bare = route.path.includes('/access_keys');
  if (!account || (CHOSEN.value(ctx.state, 'accountRateHeaders') === 'sent' && !bare)) {
    headers['X-FeatureRateLimit-Limit'] = String(limit);
    headers['X-FeatureRateLimit-Reset'] = reset.toUTCString();
    headers['X-FeatureRateLimit-Remaining'] = String(Math.max(0, limit - used - 1));
  }
  if (used >= limit) throw tooMany(ctx, limit, reset, headers);
  ctx.state.rates[key] = { window: window.toISOString(), used: used + 1 };
  return headers;
}

function tooMany(ctx: Context<State>, limit: number, reset: Date, headers: Record<string, string>): ApiRefusal {
  ctx.chosen('limitStatus');
  if (CHOSEN.use(ctx, 'retryAfter') === 'present')
    headers['Retry-After'] = String(Math.max(1, Math.ceil((reset.getTime() - ctx.now().getTime()) / 1000)));
  const when = `${reset.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
  return new ApiRefusal(
    CHOSEN.count(ctx.state, 'limitStatus'),
    `Rate Limit Exceeded. Limit of ${limit} api operations reached. Try again on ${when}`,
    { headers },
  );
}

export function isAccount(plane: Plane): boolean {
  return plane === 'account' || plane === 'permissions';
}
