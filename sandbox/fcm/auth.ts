import { randomBytes } from 'node:crypto';
import type { Context, Reply, StandInRequest } from '../common/types.ts';
import type { Call } from '../push/router.ts';
import { digest } from '../push/values.ts';
import { CHOSEN } from './chosen.ts';
import { accessRefused, tokenRefused } from './errors.ts';
import { inTime, parseJwt, signedBy } from './jwt.ts';
import type { Account, State } from './state.ts';

const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const SCOPES = ['https://www.googleapis.com/auth/firebase.messaging', 'https://www.googleapis.com/auth/cloud-platform'];
/** Google's own clients put one of these audiences, whatever the key file says (npm google-auth-library 9, 10, 11). */
const GOOGLE_TOKEN_URIS = ['https://oauth2.googleapis.com/token', 'https://www.googleapis.com/oauth2/v4/token'];
const AUDIENCE = 'https://fcm.googleapis.com/';

/** POST {token_uri}: a signed JWT for an access token. */
export function exchangeToken({ req, ctx, state, strict }: Call<State>): Reply {
  const type = req.headers['content-type'] ?? '';
  if (strict && !type.startsWith('application/x-www-form-urlencoded'))
    throw tokenRefused('invalid_request', 'Bad Request: the body must be a form.');
  const form = req.form();
  if (form.get('grant_type') !== GRANT)
    throw tokenRefused('unsupported_grant_type', `Invalid grant_type: ${form.get('grant_type') ?? ''}`);
  if (strict) {
    for (const name of form.keys())
      if (name !== 'grant_type' && name !== 'assertion')
        throw tokenRefused('invalid_request', `Unknown parameter: ${name}`);
  }
  const { account, scopes } = checkAssertion(form.get('assertion'), req, state);
  const lifeS = Number(CHOSEN.use(ctx, 'FCM_TOKEN_LIFE_S'));
  const access_token = `ya29.standin.${randomBytes(48).toString('base64url')}`;
  const expires = new Date(ctx.now().getTime() + lifeS * 1000).toISOString();
  state.bearers[digest(access_token)] = { email: account.email, scopes, expires };
  ctx.caller(account.email);
  ctx.write({ object: 'bearer', id: digest(access_token), before: null, after: { email: account.email, expires } });
  return { status: 200, body: { access_token, expires_in: lifeS, token_type: 'Bearer' } };
}

function checkAssertion(
  assertion: string | null,
  req: StandInRequest,
  state: State,
): { account: Account; scopes: string[] } {
  const jwt = assertion === null ? null : parseJwt(assertion);
  if (!jwt) throw tokenRefused('invalid_grant', 'Bad Request');
  const { iss, aud, scope } = jwt.claims;
  const account = state.accounts[String(iss)];
  if (!account) throw tokenRefused('invalid_grant', 'Invalid grant: account not found');
  if (!signedBy(jwt, account.publicKey)) throw tokenRefused('invalid_grant', 'Invalid JWT Signature.');
  if (!GOOGLE_TOKEN_URIS.some((uri) => uri === aud) && aud !== `http://${req.headers['host']}/token`)
    throw tokenRefused('invalid_grant', 'Invalid JWT: Failed audience check.');
  if (!inTime(jwt)) {
    const wanted = 'Token must be a short-lived token (60 minutes) and in a reasonable timeframe.';
    throw tokenRefused('invalid_grant', `Invalid JWT: ${wanted} Check your iat and exp values in the JWT claim.`);
  }
  const scopes = typeof scope === 'string' ? scope.split(' ').filter((one) => one !== '') : [];
  if (scopes.length === 0) throw tokenRefused('invalid_scope', 'Empty or missing scope not allowed.');
  return { account, scopes };
}

function bearerOf(req: StandInRequest): string | null {
  return /^Bearer\s+(\S+)$/i.exec(req.headers['authorization'] ?? '')?.[1] ?? null;
}

/** Who calls: the account behind the access token (or behind a JWT signed by itself), as far as it is known and alive. */
export function identify(req: StandInRequest, state: State, now: Date): { account: Account; scopes: string[] } | null {
  const text = bearerOf(req);
  if (text === null) return null;
  const bearer = state.bearers[digest(text)];
  if (bearer) {
    const account = state.accounts[bearer.email];
    return account && bearer.expires > now.toISOString() ? { account, scopes: bearer.scopes } : null;
  }
  const jwt = parseJwt(text);
  const account = jwt ? state.accounts[String(jwt.claims['iss'])] : undefined;
  if (!jwt || !account || !signedBy(jwt, account.publicKey) || !inTime(jwt)) return null;
  const { aud, scope } = jwt.claims;
  if (aud === AUDIENCE) return { account, scopes: SCOPES };
  return typeof scope === 'string' ? { account, scopes: scope.split(' ') } : null;
}

const SEE = 'See https://developers.google.com/identity/sign-in/web/devconsole-project.';
const EXPECTED = `Expected OAuth 2 access token, login cookie or other valid authentication credential. ${SEE}`;

/** A living access token with the right scope, whose account may send for that project; anything else is refused. */
export function authorise(req: StandInRequest, ctx: Context<State>, project: string): Account {
  if (bearerOf(req) === null)
    throw accessRefused(
      401,
      'CREDENTIALS_MISSING',
      `Request is missing required authentication credential. ${EXPECTED}`,
    );
  const who = identify(req, ctx.state, ctx.now());
  if (who) ctx.caller(who.account.email);
  if (who && ctx.special('expiredBearer')) delete ctx.state.bearers[digest(bearerOf(req) ?? '')];
  else if (who) return permitted(who, ctx.state, project);
  throw accessRefused(401, 'ACCESS_TOKEN_EXPIRED', `Request had invalid authentication credentials. ${EXPECTED}`);
}

function permitted(who: { account: Account; scopes: string[] }, state: State, project: string): Account {
  if (!who.scopes.some((scope) => SCOPES.includes(scope)))
    throw accessRefused(403, 'ACCESS_TOKEN_SCOPE_INSUFFICIENT', 'Request had insufficient authentication scopes.');
  if (who.account.project !== project || !state.projects[project]) {
    const resource = `//cloudresourcemanager.googleapis.com/projects/${project}`;
    const denied = `Permission 'cloudmessaging.messages.create' denied on resource '${resource}' (or it may not exist).`;
    throw accessRefused(403, 'IAM_PERMISSION_DENIED', denied);
  }
  return who.account;
}
