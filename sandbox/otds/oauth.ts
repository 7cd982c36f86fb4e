import { createHash, randomBytes } from 'node:crypto';
import type { Reply, StandInRequest } from '../common/types.ts';
import { isSystemAdmin } from './access.ts';
import { logIn } from './auth.ts';
import type { Call, Handler } from './call.ts';
import { fullName, stamp } from './model.ts';
import type { OAuthClient, Token, User } from './model.ts';
import { OAUTH_PARTITION } from './oauthClients.ts';
import { candidates } from './refs.ts';
import { forgetOld, issueTicket, issueToken, signerOf } from './tokens.ts';

const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const USER_ID = 'urn:opentext.com:oauth:string:user_id';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

function failure(status: number, error: string, error_description: string): Reply {
  return { status, body: { error, error_description } };
}

/** Client id and secret, from the body or else from HTTP Basic (its parts form-encoded, RFC 6749 2.3.1). */
function clientCredentials(req: StandInRequest): { id: string; secret: string } | null {
  const form = req.form();
  const id = form.get('client_id');
  if (id !== null && form.has('client_secret')) return { id, secret: form.get('client_secret') ?? '' };
  const basic = /^Basic\s+(.+)$/i.exec(req.headers['authorization'] ?? '')?.[1];
  if (basic === undefined) return id === null ? null : { id, secret: '' };
  const text = Buffer.from(basic, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  const plain = (part: string) => new URLSearchParams(`v=${part}`).get('v') ?? '';
  return colon < 0 ? null : { id: plain(text.slice(0, colon)), secret: plain(text.slice(colon + 1)) };
}

function clientOf(call: Call): OAuthClient | null {
  const given = clientCredentials(call.req);
  const client =
    given && Object.hasOwn(call.state.oauthClients, given.id) ? call.state.oauthClients[given.id] : undefined;
  if (!client || !given) return null;
  if (client.fields['confidential'] !== false && client.secret !== given.secret) return null;
  return client;
}

/** The user that an OAuth client is in the directory. */
function userOfClient(call: Call, client: OAuthClient): User | null {
  return call.dir.users.named(client.id, 'OAuthClients')[0] ?? null;
}

/** `refreshable`: the reply may bring a refresh token. */
type Grant = { user: User; extra?: object; scope?: string; refreshable?: boolean; nonce?: string | null } | Reply;

function exchange(call: Call, client: OAuthClient, acting: User | null): Grant {
  const form = call.req.form();
  if (form.get('subject_token_type') !== USER_ID)
    return failure(400, 'invalid_request', `subject_token_type must be ${USER_ID}`);
  const impersonates =
    client.fields['allowImpersonation'] === true && acting !== null && isSystemAdmin(call.state, acting);
  if (!impersonates) return failure(400, 'unauthorized_client', 'The client may not impersonate');
  const found = candidates(call.state, call.dir.users, form.get('subject_token') ?? '');
  if (!found[0] || found.length > 1) return failure(400, 'invalid_grant', 'The subject was not found');
  return { user: found[0], extra: { issued_token_type: ACCESS_TOKEN } };
}

function alive(call: Call, client: OAuthClient, held: Token | undefined): User | null {
  if (!held || held.client !== client.id || Date.parse(held.expires) <= call.ctx.now().getTime()) return null;
  return call.dir.users.get(held.user) ?? null;
}

function byRefresh(call: Call, client: OAuthClient): Grant {
  const text = call.req.form().get('refresh_token') ?? '';
  const held = Object.hasOwn(call.state.refreshTokens, text) ? call.state.refreshTokens[text] : undefined;
  const user = alive(call, client, held);
  if (!user || !held) return failure(400, 'invalid_grant', 'The refresh token is invalid or has expired');
  delete call.state.refreshTokens[text]; // used once; the reply brings the next one
  return { user, scope: held.scope, refreshable: true };
}

function byCode(call: Call, client: OAuthClient): Grant {
  const form = call.req.form();
  const text = form.get('code') ?? '';
  const held = Object.hasOwn(call.state.authCodes, text) ? call.state.authCodes[text] : undefined;
  delete call.state.authCodes[text];
  const user = alive(call, client, held);
  const verifier = createHash('sha256')
    .update(form.get('code_verifier') ?? '')
    .digest('base64url');
  const proved = held?.challenge === null || held?.challenge === verifier;
  if (!user || !held || !proved || (form.get('redirect_uri') ?? held.redirectUri) !== held.redirectUri)
    return failure(400, 'invalid_grant', 'The authorization code is invalid or has expired');
  return { user, scope: held.scope, refreshable: true, nonce: held.nonce };
}

function granted(call: Call, client: OAuthClient): Grant {
  const form = call.req.form();
  const acting = userOfClient(call, client);
  switch (form.get('grant_type')) {
    case 'client_credentials':
      return acting ? { user: acting } : failure(401, 'invalid_client', 'The client has no user');
    case 'password': {
      const user = logIn(call.ctx, form.get('username') ?? '', form.get('password') ?? '');
      return user ? { user, refreshable: true } : failure(400, 'invalid_grant', 'Invalid user name or password');
    }
    case EXCHANGE:
      return exchange(call, client, acting);
    case 'refresh_token':
      return byRefresh(call, client);
    case 'authorization_code':
      return byCode(call, client);
    case null:
    default:
      return failure(400, 'unsupported_grant_type', 'The grant type is not supported');
  }
}

function lifeOf(client: OAuthClient, field: string, usualS: number): number {
  return Number(client.fields[field] ?? usualS) || usualS;
}

function issuerOf(call: Call): string {
  return `http://${call.req.headers['host'] ?? 'localhost'}/otdsws`;
}

function listOf(client: OAuthClient, field: string): string[] {
  const list = client.fields[field];
  return Array.isArray(list) ? list.filter((s) => typeof s === 'string') : [];
}

/** True when the client's list is empty, or has all of these. */
function covers(client: OAuthClient, field: string, wanted: string[]): boolean {
  const list = listOf(client, field);
  return list.length === 0 || wanted.every((s) => list.includes(s));
}

/** A new access token (with scope `otdsssoticket` a ticket) for a user, and its life in seconds. */
export function accessToken(
  call: Call,
  client: OAuthClient,
  user: User,
  scope: string,
): { access_token: string; expires_in: number } {
  const expires_in = lifeOf(client, 'accessTokenLifeTime', 3600);
  const access_token = scope.split(' ').includes('otdsssoticket')
    ? issueTicket(call.ctx, user)
    : issueToken(call.ctx, { user, client: client.id, scope, lifetimeS: expires_in, issuer: issuerOf(call) });
  return { access_token, expires_in };
}

/** An OpenID Connect id token, for scope `openid`. */
export function idToken(call: Call, client: OAuthClient, user: User, nonce: string | null): string {
  const iat = Math.floor(call.ctx.now().getTime() / 1000);
  const mail = user.attributes['mail']?.[0];
  return signerOf(call.state).jwt({
    iss: issuerOf(call),
    sub: fullName(user),
    aud: client.id,
    iat,
    exp: iat + lifeOf(client, 'accessTokenLifeTime', 3600),
    ...(mail === undefined ? {} : { email: mail }),
    ...(nonce === null ? {} : { nonce }),
  });
}

function refreshToken(call: Call, client: OAuthClient, user: User, scope: string): string {
  const token = randomBytes(32).toString('base64url');
  const lifeS = lifeOf(client, 'refreshTokenLifeTime', 20_000);
  const expires = stamp(new Date(call.ctx.now().getTime() + lifeS * 1000));
  forgetOld(call.state.refreshTokens, call.ctx.now());
  call.state.refreshTokens[token] = { client: client.id, user: user.uuid, scope, expires };
  return token;
}

/** POST /otdsws/oauth2/token. A Bearer header on it is passed over, as OTDS does. */
export const token: Handler = (call) => {
  const client = clientOf(call);
  if (!client) return failure(401, 'invalid_client', 'Client authentication failed');
  call.ctx.caller(`${client.id}@OAuthClients`);
  const grant = granted(call, client);
  if ('status' in grant) return grant;
  const { user } = grant;
  call.ctx.caller(fullName(user));
  if (!covers(client, 'authScopes', [user.partition]) && user.partition !== OAUTH_PARTITION)
    return failure(400, 'invalid_grant', 'The client may not log in people of that partition');
  const scope = grant.scope ?? call.req.form().get('scope') ?? listOf(client, 'defaultScopes').join(' ');
  if (
    !covers(
      client,
      'allowedScopes',
      scope.split(' ').filter((s) => s !== ''),
    )
  )
    return failure(400, 'invalid_scope', 'The client may not ask for that scope');
  const { access_token, expires_in } = accessToken(call, client, user, scope);
  const refreshable = grant.refreshable === true && client.fields['allowRefreshToken'] !== false;
  const openid = scope.split(' ').includes('openid') && grant.refreshable === true;
  return {
    status: 200,
    headers: { 'cache-control': 'no-store', pragma: 'no-cache' },
    body: {
      access_token,
      token_type: 'Bearer',
      expires_in,
      ...(refreshable ? { refresh_token: refreshToken(call, client, user, scope) } : {}),
      ...(openid ? { id_token: idToken(call, client, user, grant.nonce ?? null) } : {}),
      ...grant.extra,
    },
  };
};

/** GET /otdsws/oauth2/jwks */
export const jwks: Handler = (call) => ({ status: 200, body: signerOf(call.state).jwks() });
