import { randomBytes } from 'node:crypto';
import type { Reply } from '../common/types.ts';
import { identify } from './auth.ts';
import type { Call, Handler, Identity } from './call.ts';
import { OtdsError } from './errors.ts';
import { fullName, stamp } from './model.ts';
import type { OAuthClient } from './model.ts';
import { accessToken, idToken } from './oauth.ts';

/** GET /oauth2/auth: authorization code (with PKCE) and implicit flow for somebody who is logged in by ticket. */

const CODE_LIFE_S = 60;
const LOGIN_PAGE =
  '<!DOCTYPE html>\n<html><head><title>OpenText Directory Services</title></head><body><h1>Sign in</h1><p>Send the OTDSTicket cookie of a log-in with this request.</p></body></html>\n';

function page(status: number, body: string): Reply {
  return { status, headers: { 'content-type': 'text/html;charset=UTF-8' }, body };
}

function redirectOf(client: OAuthClient, wanted: string | null): string | null {
  const known = client.fields['redirectURLs'];
  const urls = Array.isArray(known) ? known.filter((u) => typeof u === 'string') : [];
  return wanted === null ? (urls[0] ?? null) : (urls.find((u) => u === wanted) ?? null);
}

/** Who is logged in; null when nobody is, or no longer. */
function visitor(call: Call): Identity | null {
  try {
    return identify(call.req, call.ctx);
  } catch (error) {
    if (error instanceof OtdsError) return null;
    throw error;
  }
}

function back(to: string, inFragment: boolean, given: Record<string, string | null>): Reply {
  const answer = new URLSearchParams();
  for (const [name, value] of Object.entries(given)) if (value !== null) answer.set(name, value);
  const mark = inFragment ? '#' : to.includes('?') ? '&' : '?';
  return { status: 302, headers: { location: `${to}${mark}${answer.toString()}`, 'cache-control': 'no-store' } };
}

function newCode(call: Call, client: OAuthClient, who: Identity, scope: string, redirectUri: string): string {
  const code = randomBytes(24).toString('base64url');
  const challenge = call.req.query.get('code_challenge');
  const expires = stamp(new Date(call.ctx.now().getTime() + CODE_LIFE_S * 1000));
  const token = { client: client.id, user: who.user.uuid, scope, expires };
  call.state.authCodes[code] = { ...token, redirectUri, challenge, nonce: call.req.query.get('nonce') };
  call.ctx.write({
    object: 'authCode',
    id: code.slice(0, 6),
    before: null,
    after: { client: client.id, user: who.name },
  });
  return code;
}

export const authorize: Handler = (call) => {
  const { query } = call.req;
  const id = query.get('client_id') ?? '';
  const client = Object.hasOwn(call.state.oauthClients, id) ? call.state.oauthClients[id] : undefined;
  const redirectUri = client ? redirectOf(client, query.get('redirect_uri')) : null;
  // Nothing is sent to an address that is not the client's own.
  if (!client || redirectUri === null) return page(400, '<h1>Unknown client or redirect URL</h1>\n');
  const state = query.get('state');
  const type = query.get('response_type');
  if (type !== 'code' && type !== 'token')
    return back(redirectUri, false, { error: 'unsupported_response_type', state });
  const plain = query.get('code_challenge') !== null && query.get('code_challenge_method') !== 'S256';
  if (plain) return back(redirectUri, false, { error: 'invalid_request', state });
  const who = visitor(call);
  if (!who) return page(200, LOGIN_PAGE);
  const scope = query.get('scope') ?? '';
  if (type === 'code') return back(redirectUri, false, { code: newCode(call, client, who, scope, redirectUri), state });
  const issued = accessToken(call, client, who.user, scope);
  const id_token = scope.split(' ').includes('openid') ? idToken(call, client, who.user, query.get('nonce')) : null;
  const { access_token, expires_in } = issued;
  call.ctx.caller(fullName(who.user));
  return back(redirectUri, true, {
    access_token,
    token_type: 'Bearer',
    expires_in: String(expires_in),
    id_token,
    state,
  });
};
