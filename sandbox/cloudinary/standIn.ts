import { toJson } from '../common/effects.ts';
import { isObject } from '../common/fields.ts';
import type { Context, Definition, Json, Reply, StandInRequest } from '../common/types.ts';
import { act } from './act.ts';
import { readBody } from './body.ts';
import { CHOSEN } from './chosen.ts';
import { accountCaller, callerName, count, environmentCaller, environmentOf, isAccount } from './gate.ts';
import { newId } from './ids.ts';
import type { Call, Caller } from './kit.ts';
import { chosenRefusal, errorBody } from './kit.ts';
import { ApiRefusal, v1Error, v2Error } from './refusal.ts';
import { ROUTES } from './routes/all.ts';
import type { Found, Plane } from './router.ts';
import { Router } from './router.ts';
import { accessReport } from './rules/rights.ts';
import { settleMessages } from './rules/notify.ts';
import type { Secrets } from './seed.ts';
import { keepSecrets, SECRETS, seed } from './seed.ts';
import type { Environment, State } from './state.ts';
import { checkStrict } from './strict.ts';

const router = new Router(ROUTES);

/** Every route as `METHOD /path/{with}/{parameters}`. */
export const ROUTE_NAMES: readonly string[] = router.names;

type Options = { secrets?: Secrets; strict?: boolean };

/**
 * The stand-in of Cloudinary: account plane, Permissions v2, environment plane and poll queue (contract sections 3 to
 * 10) with the choices of `chosen.ts`. `strict` refuses unknown fields, parameters and headers with 400.
 */
export function cloudinaryStandIn(o: Options = {}): Definition<State> {
  const secrets = o.secrets ?? SECRETS;
  return {
    system: 'cloudinary',
    version: 'contract of November 2026',
    seed: (s) => seed(s, secrets),
    handle: (req, ctx) => handle(req, ctx, o.strict === true),
    act,
    collections,
    derived: (state) => ({ access: accessReport(state) }),
    secretKeys: ['secret', 'api_secret', 'token', 'signature', 'signed_payload', 'receipt', 'receipt_handle', 'link'],
    errorBody,
    headers: { 'X-Stand-In': 'cloudinary' },
    callerOf: (req, state) => {
      keepSecrets(state, secrets);
      return callerName(req);
    },
    isRead: (req) =>
      req.method === 'GET' || req.method === 'HEAD' || /\/(resources|folders)(\/|%2F)search$/i.test(req.path),
    live: ['tokens', 'keys', 'provisioningKeys', 'rates', 'messages'],
    check: (state) => (isObject(state) && isObject(state['account']) ? null : 'The state needs the object "account".'),
  };
}

async function handle(req: StandInRequest, ctx: Context<State>, strict: boolean): Promise<Reply> {
  settleMessages(ctx);
  const requestId = newId(32);
  let headers: Record<string, string> = { 'X-Request-Id': requestId };
  const found = router.find(req.method, req.segments);
  const plane = found?.route.plane ?? planeOf(req.path);
  try {
    if (ctx.special('htmlAuth'))
      return { status: 401, headers: { ...headers, 'content-type': 'text/html' }, body: HTML };
    const { call, rate } = admit(req, ctx, found, strict);
    headers = { ...headers, ...rate };
    const reply = await call(requestId);
    return distort(ctx, { ...reply, headers: { ...headers, ...reply.headers } });
  } catch (error) {
    if (!(error instanceof ApiRefusal)) throw error;
    const body = shaped(ctx, plane, error, requestId);
    return { status: error.status, headers: { ...headers, ...error.headers }, body };
  }
}

const HTML =
  '<!DOCTYPE html>\n<html><head><title>Unauthorized</title></head><body><h1>401 Unauthorized</h1></body></html>\n';

/** Everything before the handler: route, body, credential, rate, strictness. */
function admit(
  req: StandInRequest,
  ctx: Context<State>,
  found: Found | null,
  strict: boolean,
): { call: (requestId: string) => Reply | Promise<Reply>; rate: Record<string, string> } {
  const cloud = found?.params['cloud_name'];
  const env = cloud === undefined ? undefined : environmentOf(ctx.state, cloud);
  if (!found) throw unknownRoute(ctx, req.path);
  const { fields, files } = readBody(req);
  const caller = callerOf(req, ctx, found, env, fields);
  const rate = count(ctx, found.route, env);
  if (strict) {
    ctx.chosen('strictRefusal');
    checkStrict(req, found.route, fields, files);
  }
  const call: Call = {
    req,
    ctx,
    state: ctx.state,
    params: found.params,
    input: fields,
    files,
    caller,
    get env(): Environment {
      if (!env) throw new Error('A route of the account asked for its environment.');
      return env;
    },
  };
  return { rate, call: () => found.route.handler(call) };
}

function callerOf(
  req: StandInRequest,
  ctx: Context<State>,
  found: Found,
  env: Environment | undefined,
  fields: Record<string, unknown>,
): Caller {
  const { route, params } = found;
  if (route.plane === 'public') return { kind: 'open' };
  if (!isAccount(route.plane)) return environmentCaller(req, ctx, route, env, fields);
  const message = route.plane === 'permissions' ? 'invalid credentials' : 'Invalid credentials';
  const caller = accountCaller(req, ctx.state, params['account_id'] ?? '', message);
  if (route.plane === 'permissions' && ctx.state.account.mode === 'legacy') {
    ctx.chosen('legacyPermissions');
    throw new ApiRefusal(CHOSEN.value(ctx.state, 'legacyPermissions') === 404 ? 404 : 403);
  }
  return caller;
}

/** Things that Cloudinary is known to have, but not where and how. */
const PREMIUM = /\/(collections|creative_approval|proofs|scim|audit)/i;

function unknownRoute(ctx: Context<State>, path: string): ApiRefusal {
  if (PREMIUM.test(path)) return chosenRefusal({ ctx }, 'premiumApis', 'Not found');
  ctx.chosen('unknownRoute');
  return new ApiRefusal(404, 'Not found');
}

function planeOf(path: string): Plane {
  if (path.startsWith('/v2/notifications/')) return 'queue';
  return path.startsWith('/v2/') ? 'permissions' : 'environment';
}

function shaped(ctx: Context<State>, plane: Plane, error: ApiRefusal, requestId: string): object {
  if (plane === 'permissions' || plane === 'public') return v2Error(error);
  if (plane !== 'queue') return v1Error(error.message);
  return CHOSEN.use(ctx, 'pollErrors') === 'v2' ? v2Error(error, requestId) : v1Error(error.message);
}

/** Specials that change the reply, not what was done. */
function distort(ctx: Context<State>, reply: Reply): Reply {
  if (reply.status === 200 && ctx.special('noContent')) return { ...reply, status: 204, body: null };
  return reply;
}

/** What GET /state/{collection} shows. */
function collections(state: State): Record<string, Record<string, Json>> {
  const rows: Record<string, Record<string, Json>> = { access: accessReport(state) };
  for (const [name, all] of Object.entries(state)) {
    if (!isObject(all) || name === 'account' || name === 'chosen') continue;
    rows[name] = Object.fromEntries(Object.entries(all).map(([id, one]) => [id, toJson(one)]));
  }
  return rows;
}
