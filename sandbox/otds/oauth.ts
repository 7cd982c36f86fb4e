import type { Reply, StandInRequest } from '../common/types.ts';
import { isSystemAdmin } from './access.ts';
import { logIn } from './auth.ts';
import type { Call, Handler } from './call.ts';
import { fullName } from './model.ts';
import type { OAuthClient, User } from './model.ts';
import { candidates } from './refs.ts';
import { issueTicket, issueToken, signerOf } from './tokens.ts';

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

type Grant = { user: User; extra?: object } | Reply;

function granted(call: Call, client: OAuthClient): Grant {
  const form = call.req.form();
  const acting = userOfClient(call, client);
  switch (form.get('grant_type')) {
    case 'client_credentials':
      return acting ? { user: acting } : failure(401, 'invalid_client', 'The client has no user');
    case 'password': {
      const user = logIn(call.ctx, form.get('username') ?? '', form.get('password') ?? '');
      return user ? { user } : failure(400, 'invalid_grant', 'Invalid user name or password');
    }
    case EXCHANGE: {
      if (form.get('subject_token_type') !== USER_ID)
        return failure(400, 'invalid_request', `subject_token_type must be ${USER_ID}`);
      const impersonates =
        client.fields['allowImpersonation'] === true && acting !== null && isSystemAdmin(call.state, acting);
      if (!impersonates) return failure(400, 'unauthorized_client', 'The client may not impersonate');
      const found = candidates(call.state, call.dir.users, form.get('subject_token') ?? '');
      if (!found[0] || found.length > 1) return failure(400, 'invalid_grant', 'The subject was not found');
      return { user: found[0], extra: { issued_token_type: ACCESS_TOKEN } };
    }
    case null:
    default:
      return failure(400, 'unsupported_grant_type', 'The grant type is not supported');
  }
}

/** POST /otdsws/oauth2/token. A Bearer header on it is passed over, as OTDS does. */
export const token: Handler = (call) => {
  const client = clientOf(call);
  if (!client) return failure(401, 'invalid_client', 'Client authentication failed');
  call.ctx.caller(`${client.id}@OAuthClients`);
  const grant = granted(call, client);
  if ('status' in grant) return grant;
  call.ctx.caller(fullName(grant.user));
  const scope = call.req.form().get('scope') ?? '';
  const lifetimeS = Number(client.fields['accessTokenLifeTime'] ?? 3600) || 3600;
  const issuer = `http://${call.req.headers['host'] ?? 'localhost'}/otdsws`;
  const access_token = scope.split(' ').includes('otdsssoticket')
    ? issueTicket(call.ctx, grant.user)
    : issueToken(call.ctx, { user: grant.user, client: client.id, scope, lifetimeS, issuer });
  return {
    status: 200,
    headers: { 'cache-control': 'no-store', pragma: 'no-cache' },
    body: { access_token, token_type: 'Bearer', expires_in: lifetimeS, ...grant.extra },
  };
};

/** GET /otdsws/oauth2/jwks */
export const jwks: Handler = (call) => ({ status: 200, body: signerOf(call.state).jwks() });
