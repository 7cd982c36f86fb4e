import { isObject } from '../common/fields.ts';
import type { Found } from '../common/router.ts';
import { Router } from '../common/router.ts';
import type { Context, Definition, Reply, StandInRequest } from '../common/types.ts';
import { act } from './act.ts';
import { CHOSEN } from './chosen.ts';
import type { SemiGroup } from './chosen.ts';
import type { Directory } from './directory.ts';
import { ApiRefusal, CODES, errorBody } from './errors.ts';
import { authenticate, callerOf } from './gate.ts';
import type { Call } from './kit.ts';
import { json } from './kit.ts';
import { Otds, OtdsUnreachable } from './otds.ts';
import { accessRows, collections } from './report.ts';
import type { Route } from './router.ts';
import { ROUTES } from './routes/all.ts';
import { batch } from './routes/inputs.ts';
import { cleanUp } from './rules/runs.ts';
import { SECRETS, seed } from './seed.ts';
import type { SeedSecrets } from './seed.ts';
import type { State } from './state.ts';
import { refuseUnknown } from './strict.ts';

export type ExstreamOptions = {
  /** Origin of the OTDS that logs people in and knows their groups; the seed does without one. */
  otds?: string;
  /** Name of our resource in that OTDS: then its access role must let a user in. */
  resource?: string;
  /** Refuse what the contract does not know. Default false. */
  strict?: boolean;
  secrets?: Partial<SeedSecrets>;
};

const router = new Router(ROUTES);

/** The stand-in of Exstream: contract sections 2 to 6 with the choices of `chosen.ts`. */
export function exstreamStandIn(o: ExstreamOptions = {}): Definition<State> {
  const secrets = { ...SECRETS, ...o.secrets };
  const directory: Directory = { otds: o.otds === undefined ? null : new Otds(o.otds), resource: o.resource ?? null };
  const strict = o.strict ?? false;
  return {
    system: 'exstream',
    version: 'contract of November 2026',
    seed: (options) => seed(options, secrets),
    handle: (req, ctx) => handle(req, ctx, directory, strict),
    act: (input, ctx) => act(input, ctx, directory.otds !== null),
    collections,
    derived: (state) => ({ access: accessRows(state) }),
    secretKeys: [
      'access_token',
      'refresh_token',
      'client_secret',
      'password',
      'passwordDigest',
      'secretDigest',
      'secretId',
      'ticket',
    ],
    errorBody: (status, message, req) => errorBody(new Date(), req, new ApiRefusal(status, CODES.FAULT, message)),
    headers: { 'X-Stand-In': 'exstream' },
    callerOf,
    live: ['tokens'],
    check: (state) =>
      isObject(state) && isObject(state['groupRoles']) ? null : 'The state needs the object "groupRoles".',
  };
}

async function handle(req: StandInRequest, ctx: Context<State>, directory: Directory, strict: boolean): Promise<Reply> {
  try {
    return await dispatch(req, ctx, directory, strict);
  } catch (error) {
    const refusal = refusalOf(error, ctx);
    return json(refusal.status, errorBody(ctx.now(), req, refusal, ctx.special('wrongErrorBody')));
  }
}

function refusalOf(error: unknown, ctx: Context<State>): ApiRefusal {
  if (error instanceof ApiRefusal) return error;
  if (!(error instanceof OtdsUnreachable)) throw error;
  ctx.chosen('OTDS_UNREACHABLE');
  return new ApiRefusal(CHOSEN.count(ctx.state, 'OTDS_UNREACHABLE'), CODES.OTDS_UNREACHABLE, error.message);
}

async function dispatch(
  req: StandInRequest,
  ctx: Context<State>,
  directory: Directory,
  strict: boolean,
): Promise<Reply> {
  const { route, params } = routeOf(req, ctx);
  const me = await authenticate(req, ctx, directory, route.login ?? 'bearer');
  const call: Call = { req, ctx, state: ctx.state, params, query: req.query, me, directory, strict };
  if (strict) refuseUnknown(call, route);
  if (route.semi) needServed(call, route.semi);
  cleanUp(ctx);
  return route.handler(call);
}

function routeOf(req: StandInRequest, ctx: Context<State>): Found<Route> {
  const method = req.method === 'HEAD' ? 'GET' : req.method;
  const found = router.find(method, req.segments);
  if (found !== null && found !== 'method') return found;
  const batchRoute = batchRouter(ctx)?.find(method, req.segments) ?? null;
  if (batchRoute !== null && batchRoute !== 'method') return batchRoute;
  const name = found === null ? 'NOT_SERVED' : 'METHOD';
  ctx.chosen(name);
  const message =
    found === null ? `No handler found for ${method} ${req.path}` : `Request method '${method}' is not supported`;
  throw new ApiRefusal(CHOSEN.count(ctx.state, name), found === null ? CODES.NOT_FOUND : CODES.METHOD, message);
}

/** The batch path, where one was chosen (such as `/orchestration/api/v1/inputs/batch/{domain}/{service}`). */
function batchRouter(ctx: Context<State>): Router<Route> | null {
  const path = String(CHOSEN.value(ctx.state, 'BATCH'));
  if (path === '') return null;
  const route: Route = { method: 'POST', path, section: '5.1', handler: batch, body: 'any', headers: 'any' };
  return new Router([route]);
}

/** A semi-public call may be missing or barred on a real system. */
function needServed(call: Call, group: SemiGroup): void {
  for (const name of ['SEMI_PUBLIC', `SEMI_PUBLIC_${group}`] as const) {
    if (CHOSEN.value(call.state, name) === 'served') continue;
    call.ctx.chosen(name);
    const status = CHOSEN.count(call.state, name);
    const code = status === 403 ? CODES.FORBIDDEN : CODES.NOT_FOUND;
    throw new ApiRefusal(status, code, status === 403 ? 'Access is denied' : `No handler found for ${call.req.path}`);
  }
}
