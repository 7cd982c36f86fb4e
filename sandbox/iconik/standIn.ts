import type { Context, Definition, Json, Reply, StandInRequest } from '../common/types.ts';
import { act } from './act.ts';
import { distort } from './distort.ts';
import { authenticate, countRequest, identify, needRole } from './gate.ts';
import { digest } from './ids.ts';
import type { Call, Errors } from './kit.ts';
import { ApiRefusal, isRecord, toJson } from './kit.ts';
import { ROUTES } from './routes/all.ts';
import { Router } from './router.ts';
import { settleLate } from './rules/background.ts';
import { accessRows, memberships } from './rules/report.ts';
import type { Credentials } from './seed.ts';
import { SERVICE, SERVICE_TOKEN_ID, seed } from './seed.ts';
import type { State, Token, User } from './state.ts';

const router = new Router(ROUTES);

/** The stand-in of iconik: contract sections 3 to 8 with the choices of `chosen.ts`. `service` are our headers. */
export function iconikStandIn(service: Credentials = SERVICE): Definition<State> {
  return {
    system: 'iconik',
    version: 'contract of November 2026',
    seed: (o) => seed(o, service),
    handle,
    act,
    collections,
    derived: (state) => ({ access: accessRows(state), memberships: memberships(state) }),
    secretKeys: ['token', 'password', 'client_secret', 'url', 'invite_link', 'digest'],
    errorBody: (_status, message) => errorBody([message]),
    headers: { 'X-Stand-In': 'iconik' },
    callerOf: (req, state, now) => {
      keepService(state, service);
      return identify(req, state, now)?.user.email ?? null;
    },
    live: ['tokens', 'apps', 'rates'],
    check: (state) => (isRecord(state) && isRecord(state['domain']) ? null : 'The state needs the object "domain".'),
  };
}

/** A saved state may know our account by other headers than this start was given; a revoked token stays revoked. */
function keepService(state: State, service: Credentials): void {
  const token = state.tokens[SERVICE_TOKEN_ID];
  if (!token) return;
  const app = state.apps[token.app_id];
  token.digest = digest(service.token);
  if (!app || token.app_id === service.appId) return;
  delete state.apps[app.id];
  state.apps[service.appId] = { ...app, id: service.appId };
  token.app_id = service.appId;
}

function errorBody(errors: Errors): object {
  return { errors };
}

function handle(req: StandInRequest, ctx: Context<State>): Reply {
  settleLate(ctx);
  const headers: Record<string, string> = { 'RateLimit-Remaining': '1000' };
  try {
    headers['RateLimit-Remaining'] = String(countRequest(req, ctx));
    const reply = dispatch(req, ctx);
    return distort(ctx, { ...reply, headers: { ...headers, ...reply.headers } });
  } catch (error) {
    if (!(error instanceof ApiRefusal)) throw error;
    return { status: error.status, headers: { ...headers, ...error.headers }, body: errorBody(error.errors) };
  }
}

function dispatch(req: StandInRequest, ctx: Context<State>): Reply {
  const found = router.find(req.method, req.segments);
  const route = found === null || found === 'method' ? null : found.route;
  const who = route?.open ? nobody() : authenticate(req, ctx);
  if (found === null) throw new ApiRefusal(404, 'The requested URL was not found on the server');
  if (found === 'method') throw new ApiRefusal(405, 'The method is not allowed for the requested URL');
  if (found.route.role !== undefined)
    needRole(ctx.state, who.user, found.route.role, `${req.method} ${found.route.path}`);
  const call: Call = {
    req,
    ctx,
    state: ctx.state,
    params: found.params,
    body: bodyOf(req, ctx),
    get me() {
      return who.user;
    },
    get token() {
      return who.token;
    },
  };
  return found.route.handler(call);
}

/** On open routes there is no acting user: asking for one is a mistake here, not of the caller. */
function nobody(): { readonly user: User; readonly token: Token } {
  return {
    get user(): User {
      throw new Error('An open route asked who is calling.');
    },
    get token(): Token {
      throw new Error('An open route asked for the token.');
    },
  };
}

function bodyOf(req: StandInRequest, ctx: Context<State>): Record<string, unknown> {
  if (req.method === 'GET' || req.method === 'HEAD' || req.body.trim() === '') return {};
  // A proxy that drops the body of a DELETE: the product then sees none, does nothing and says it is done.
  if (req.method === 'DELETE' && ctx.special('dropDeleteBody')) return {};
  if ((req.headers['content-type'] ?? '').includes('application/x-www-form-urlencoded')) return {};
  const body = req.json();
  if (!isRecord(body)) throw new ApiRefusal(400, 'The request body is not a valid JSON object');
  return body;
}

/** What GET /state/{collection} shows: the stored objects, and access rows and memberships as derived from them. */
function collections(state: State): Record<string, Record<string, Json>> {
  const { users, groups, apps, tokens, mappings, templates, projects, shares, things, acls, propagating } = state;
  const stored = { users, groups, apps, tokens, mappings, templates, projects, shares, things, acls, propagating };
  const rows: Record<string, Record<string, Json>> = { access: accessRows(state), memberships: memberships(state) };
  for (const [name, all] of Object.entries({ ...stored, collections: state.collections })) {
    rows[name] = Object.fromEntries(Object.entries(all).map(([id, one]) => [id, toJson(one)]));
  }
  return rows;
}
