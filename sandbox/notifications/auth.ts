import { randomBytes } from 'node:crypto';
import type { Context, Reply, StandInRequest } from '../common/types.ts';
import type { Call } from '../push/router.ts';
import { digest } from '../push/values.ts';
import { CHOSEN } from './chosen.ts';
import { MraRefusal } from './errors.ts';
import type { Account, Channel, State } from './state.ts';

function basicOf(req: StandInRequest): { user: string; password: string } | null {
  const sent = /^Basic\s+([A-Za-z0-9+/=]+)$/i.exec(req.headers['authorization'] ?? '')?.[1];
  if (sent === undefined) return null;
  const text = Buffer.from(sent, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? null : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

function oauthRefused(status: number, error: string, error_description: string): MraRefusal {
  return new MraRefusal(status, error_description, { body: { error, error_description } });
}

/** POST /tenants/{tenant}/oauth2/token: client id and secret as Basic, the form labelled as a form or as JSON. */
export function issueToken({ req, ctx, state, params, strict }: Call<State>): Reply {
  const basic = basicOf(req);
  const client = basic ? state.clients[basic.user] : undefined;
  if (!client || client.secret !== basic?.password || client.tenant !== params['tenant'])
    throw oauthRefused(401, 'invalid_client', 'Client authentication failed.');
  if (client.id === client.account) CHOSEN.use(ctx, 'MRA_CLIENT');
  const form = req.form();
  if (form.get('grant_type') === null) throw oauthRefused(400, 'invalid_request', 'The form needs grant_type.');
  if (form.get('grant_type') !== 'client_credentials')
    throw oauthRefused(400, 'unsupported_grant_type', 'Only client_credentials is served.');
  const extra = [...form.keys()].find((name) => name !== 'grant_type' && name !== 'scope');
  if (strict && extra !== undefined) throw oauthRefused(400, 'invalid_request', `Unknown parameter "${extra}".`);
  const expires_in = Number(CHOSEN.use(ctx, 'TOKEN_LIFE_S'));
  const access_token = `mra.standin.${randomBytes(32).toString('base64url')}`;
  const expires = new Date(ctx.now().getTime() + expires_in * 1000).toISOString();
  state.bearers[digest(access_token)] = { account: client.account, expires };
  ctx.caller(client.account);
  ctx.write({ object: 'bearer', id: digest(access_token), before: null, after: { account: client.account, expires } });
  return { status: 200, body: { access_token, token_type: 'Bearer', expires_in } };
}

/** The account behind a Basic or Bearer credential, as far as it is known and alive. */
export function identify(req: StandInRequest, state: State, now: Date): Account | null {
  const basic = basicOf(req);
  if (basic) {
    const account = state.accounts[basic.user];
    return account?.password === basic.password ? account : null;
  }
  const sent = /^Bearer\s+(\S+)$/i.exec(req.headers['authorization'] ?? '')?.[1];
  const bearer = sent === undefined ? undefined : state.bearers[digest(sent)];
  if (!bearer || bearer.expires <= now.toISOString()) return null;
  return state.accounts[bearer.account] ?? null;
}

/** A known credential whose account has the channel; else 401 or 403. */
export function authorise(req: StandInRequest, ctx: Context<State>, channel: Channel): Account {
  const account = identify(req, ctx.state, ctx.now());
  const challenge = { headers: { 'WWW-Authenticate': 'Basic realm="mra"' } };
  if (!account) throw new MraRefusal(401, 'The credential is missing or not valid.', challenge);
  ctx.caller(account.user);
  const bearer = (req.headers['authorization'] ?? '').toLowerCase().startsWith('bearer');
  if (bearer && ctx.special('expiredBearer')) {
    for (const [id, one] of Object.entries(ctx.state.bearers))
      if (one.account === account.user) delete ctx.state.bearers[id];
    throw new MraRefusal(401, 'The token has expired.');
  }
  if (bearer && channel === 'push' && CHOSEN.use(ctx, 'PUSH_BEARER') === 401)
    throw new MraRefusal(401, 'Push takes HTTP Basic only.', challenge);
  if (!account.channels.includes(channel)) throw new MraRefusal(403, `The account may not use ${channel}.`);
  return account;
}
