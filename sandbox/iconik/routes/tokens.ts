import type { Context, Reply } from '../../common/types.ts';
import { CHOSEN } from '../chosen.ts';
import { digest, iso, newId, newSecret } from '../ids.ts';
import type { Call } from '../kit.ts';
import { ApiRefusal, created, fieldError, notFound, nowIso, ok, okOrNoContent, param, requiredText } from '../kit.ts';
import { cursor } from '../paging.ts';
import { hasRole } from '../roles.ts';
import type { Route } from '../router.ts';
import { userByEmail } from '../rules/people.ts';
import { tokenView } from '../shapes.ts';
import type { App, State, Token, User } from '../state.ts';

/** A new token of an app for a user. The secret is told once; the state keeps its fingerprint. */
export function mint(
  ctx: Context<State>,
  app: App,
  user: User,
  expiresInS: number | null,
): { token: Token; secret: string } {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const id = newId();
  const now = ctx.now();
  // Only the form of a JWT: nothing is signed, and nobody should read it.
  const secret = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ id, iat: Math.floor(now.getTime() / 1000) })}.${newSecret()}`;
  const token: Token = {
    id,
    digest: digest(secret),
    app_id: app.id,
    user_id: user.id,
    expires: expiresInS === null ? null : iso(new Date(now.getTime() + expiresInS * 1000)),
    date_created: iso(now),
    date_modified: iso(now),
  };
  ctx.state.tokens[id] = token;
  ctx.write({ object: 'token', id, before: null, after: { app_id: app.id, user: user.email, expires: token.expires } });
  return { token, secret };
}

export function revoke(ctx: Context<State>, token: Token): void {
  delete ctx.state.tokens[token.id];
  const user = ctx.state.users[token.user_id]?.email ?? token.user_id;
  ctx.write({ object: 'token', id: token.id, before: { app_id: token.app_id, user }, after: null });
}

export function withSecret(call: Call, { token, secret }: { token: Token; secret: string }): object {
  return { ...tokenView(call.state, token), token: secret };
}

/** `expires_in`, taken as seconds (its unit is not known); null when not sent. */
export function expiresIn(call: Call): number | null {
  const raw = call.req.query.get('expires_in');
  if (raw === null || raw === '') return null;
  const value = Number(raw);
  if (!Number.isInteger(value) || value < 1) throw fieldError('expires_in', 'Must be a whole number from 1.');
  return value;
}

function appOf(call: Call, token: Token): App {
  const app = call.state.apps[token.app_id];
  if (!app) throw new ApiRefusal(401, 'Token is invalid');
  return app;
}

/** The token in the path: one's own, or anybody's for those who may see apps. */
function pathToken(call: Call, role: string): Token {
  const token = call.state.tokens[param(call, 'id')];
  const mine = token?.user_id === call.me.id;
  if (!token || (!mine && !hasRole(call.state, call.me, role))) throw notFound('Token');
  return token;
}

function refresh(call: Call): Reply {
  const fresh = mint(call.ctx, appOf(call, call.token), call.me, expiresIn(call));
  if (CHOSEN.use(call.ctx, 'tokenRefresh') === 'old stops') revoke(call.ctx, call.token);
  return ok(withSecret(call, fresh));
}

function removeToken(call: Call, token: Token): Reply {
  revoke(call.ctx, token);
  return okOrNoContent(call, {});
}

function listTokens(call: Call, fits: (token: Token) => boolean): Reply {
  const tokens = Object.values(call.state.tokens).filter(fits);
  return cursor(
    call,
    tokens,
    (token) => token.id,
    (token) => tokenView(call.state, token),
  );
}

function tokensOfApp(call: Call): Reply {
  const appId = param(call, 'app');
  const all = hasRole(call.state, call.me, 'can_read_apps');
  return listTokens(call, (token) => token.app_id === appId && (all || token.user_id === call.me.id));
}

/** Log-in with e-mail and password: a token of an app of one's own, named by `app_name`. */
function simpleLogin(call: Call): Reply {
  const user = userByEmail(call.state, requiredText(call.body, 'email'));
  const password = requiredText(call.body, 'password');
  const right = user?.password_digest === digest(password) && user.status === 'ACTIVE';
  const now = nowIso(call);
  if (!user || !right) {
    if (user) user.last_unsuccessful_auth = now;
    throw new ApiRefusal(401, 'Invalid email or password');
  }
  call.ctx.caller(user.email);
  Object.assign(user, { last_successful_auth: now, last_web_login: now });
  const name = typeof call.body['app_name'] === 'string' ? call.body['app_name'] : 'WEB';
  const mine = (app: App): boolean => app.name === name && app.default_user_id === user.id && app.type === 'OAUTH';
  const app = Object.values(call.state.apps).find(mine) ?? loginApp(call, name, user);
  return created(withSecret(call, mint(call.ctx, app, user, 86_400)));
}

function loginApp(call: Call, name: string, user: User): App {
  const now = nowIso(call);
  const app: App = {
    id: newId(),
    name,
    description: null,
    url: null,
    type: 'OAUTH',
    oauth_client_type: 'public',
    client_secret_digest: null,
    default_user_id: user.id,
    redirect_uris: [],
    allowed_scopes: [],
    date_created: now,
    date_modified: now,
  };
  call.state.apps[app.id] = app;
  call.ctx.write({ object: 'app', id: app.id, before: null, after: { name, user: user.email } });
  return app;
}

/** Client credentials of a back-end app; acts as the app's user. */
function clientCredentials(call: Call): Reply {
  const form = call.req.form();
  if (form.get('grant_type') !== 'client_credentials') throw new ApiRefusal(400, 'Unsupported grant type');
  const app = call.state.apps[form.get('client_id') ?? ''];
  const user = app?.default_user_id ? call.state.users[app.default_user_id] : undefined;
  if (!app?.client_secret_digest || app.client_secret_digest !== digest(form.get('client_secret') ?? '')) {
    throw new ApiRefusal(401, 'Invalid client credentials');
  }
  if (!user || user.status !== 'ACTIVE') throw new ApiRefusal(401, 'Token is invalid');
  call.ctx.caller(user.email);
  return ok(withSecret(call, mint(call.ctx, app, user, 3600)));
}

function domain(call: Call): Reply {
  const { id, name, base_url, status } = call.state.domain;
  if (param(call, 'id') !== id) throw notFound('System domain');
  const rest = { type: 'CUSTOMER', description: null, features: [], is_plg: false, billing_tier: 'ENTERPRISE' };
  return ok({ id, name, base_url, status, ...rest, warning_message: null, country: null, date_created: null });
}

const T = '/API/auth/v1/auth/token';

export const tokenRoutes: Route[] = [
  { method: 'POST', path: '/API/auth/v1/auth/simple/login', open: true, handler: simpleLogin },
  { method: 'POST', path: '/API/auth/v1/oauth/token', open: true, handler: clientCredentials },
  { method: 'GET', path: T, handler: (call) => ok(tokenView(call.state, call.token)) },
  {
    method: 'POST',
    path: T,
    handler: (call) => created(withSecret(call, mint(call.ctx, appOf(call, call.token), call.me, expiresIn(call)))),
  },
  { method: 'PUT', path: T, handler: refresh },
  { method: 'DELETE', path: T, handler: (call) => removeToken(call, call.token) },
  { method: 'GET', path: `${T}/{id}`, handler: (call) => ok(tokenView(call.state, pathToken(call, 'can_read_apps'))) },
  { method: 'DELETE', path: `${T}/{id}`, handler: (call) => removeToken(call, pathToken(call, 'can_delete_apps')) },
  {
    method: 'GET',
    path: '/API/auth/v1/auth/tokens',
    handler: (call) => listTokens(call, (token) => token.user_id === call.me.id),
  },
  { method: 'GET', path: '/API/auth/v1/auth/{app}/tokens', handler: tokensOfApp },
  { method: 'GET', path: '/API/auth/v1/system_domains/{id}', role: 'can_read_system_domains', handler: domain },
];
