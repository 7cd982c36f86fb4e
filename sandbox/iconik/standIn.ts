import { toJson } from '../common/effects.ts';
import { isObject } from '../common/fields.ts';
import { Router } from '../common/router.ts';
import type { Context, Definition, Json, Reply, StandInRequest } from '../common/types.ts';
import { act } from './act.ts';
import { noteCall } from './audit.ts';
import { distort } from './distort.ts';
import { authenticate, checkAddress, countRequest, identify, needRole } from './gate.ts';
import { digest } from './ids.ts';
import type { Call, Errors } from './kit.ts';
import { ApiRefusal } from './kit.ts';
import { ROUTES } from './routes/all.ts';
import { routeName } from './router.ts';
import { settleLate } from './rules/background.ts';
import { announcing } from './rules/events.ts';
import { userByEmail } from './rules/people.ts';
import { accessRows, memberships } from './rules/report.ts';
import type { Credentials } from './seed.ts';
import { SERVICE, SERVICE_TOKEN_ID, complete, seed } from './seed.ts';
import type { State, Token, User } from './state.ts';
import { checkStrict, checkTypes } from './strict.ts';

const router = new Router(ROUTES);

/** Every route as `METHOD /path/{parameter}/`. */
export const ROUTE_NAMES: readonly string[] = ROUTES.map(routeName);

/**
 * The stand-in of iconik: contract sections 3 to 11 with the choices of `chosen.ts`. `service` are our headers;
 * `strict` refuses fields, parameters and headers that the contract does not know.
 */
export function iconikStandIn(service: Credentials = SERVICE, o: { strict?: boolean } = {}): Definition<State> {
  return {
    system: 'iconik',
    version: 'contract of November 2026',
    seed: (options) => seed(options, service),
    handle: (req, ctx) => handle(req, ctx, o.strict === true),
    act: (input, ctx) =>
      announcing(
        ctx,
        () => actorOf(ctx.state, input.as),
        (watched) => act(input, watched),
      ),
    collections,
    derived: (state) => ({ access: accessRows(state), memberships: memberships(state) }),
    secretKeys: ['token', 'password', 'client_secret', 'url', 'invite_link', 'digest', 'headers', 'settings'],
    errorBody: (_status, message) => errorBody([message]),
    headers: { 'X-Stand-In': 'iconik' },
    callerOf: (req, state, now) => {
      complete(state);
      keepService(state, service);
      return identify(req, state, now)?.user.email ?? null;
    },
    live: ['tokens', 'apps', 'rates', 'activity'],
    check: (state) => (isObject(state) && isObject(state['domain']) ? null : 'The state needs the object "domain".'),
  };
}

function actorOf(state: State, as: string | undefined): string | null {
  return as === undefined ? null : (state.users[as]?.id ?? userByEmail(state, as)?.id ?? null);
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

type Who = { token: Token; user: User };

function handle(req: StandInRequest, ctx: Context<State>, strict: boolean): Reply {
  settleLate(ctx);
  const headers: Record<string, string> = { 'RateLimit-Remaining': '1000' };
  let who: Who | null = null;
  const known = (one: Who): Who => (who = one);
  let reply: Reply;
  try {
    headers['RateLimit-Remaining'] = String(countRequest(req, ctx));
    const answer = announcing(
      ctx,
      () => who?.user.id ?? null,
      (watched) => dispatch(req, watched, strict, known),
    );
    reply = distort(ctx, { ...answer, headers: { ...headers, ...answer.headers } });
  } catch (error) {
    if (!(error instanceof ApiRefusal)) throw error;
    reply = { status: error.status, headers: { ...headers, ...error.headers }, body: errorBody(error.errors) };
  }
  noteCall(ctx, req, who, reply.status);
  return reply;
}

/** `known` hears who is calling, as soon as that is clear. */
function dispatch(req: StandInRequest, ctx: Context<State>, strict: boolean, known: (who: Who) => Who): Reply {
  const found = router.find(req.method, req.segments);
  const route = found === null || found === 'method' ? null : found.route;
  const who = route?.open ? nobody() : known(authenticate(req, ctx));
  if (!route?.open) checkAddress(ctx, who.user);
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
  checkTypes(call, found.route);
  if (strict) checkStrict(call, found.route);
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
  if (!isObject(body)) throw new ApiRefusal(400, 'The request body is not a valid JSON object');
  return body;
}

/** What is no collection of objects. */
const SINGLE = new Set(['domain', 'chosen', 'pending', 'recent', 'rates', 'auditFile', 'inheritance']);

/** What GET /state/{collection} shows: the stored objects, and access rows and memberships as derived from them. */
function collections(state: State): Record<string, Record<string, Json>> {
  const rows: Record<string, Record<string, Json>> = { access: accessRows(state), memberships: memberships(state) };
  for (const [name, all] of Object.entries(state)) {
    if (!isObject(all) || SINGLE.has(name)) continue;
    rows[name] = Object.fromEntries(Object.entries(all).map(([id, one]) => [id, toJson(one)]));
  }
  return rows;
}
