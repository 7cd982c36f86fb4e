import { createHmac, randomBytes } from 'node:crypto';
import { recordEffect } from '../../common/effects.ts';
import { isObject } from '../../common/fields.ts';
import type { Reply } from '../../common/types.ts';
import { CHOSEN } from '../chosen.ts';
import { groupsNow, keepSession, seedGroups, seedPerson } from '../directory.ts';
import { digest, iso } from '../ids.ts';
import type { Call } from '../kit.ts';
import { json } from '../kit.ts';
import type { Session } from '../state.ts';

/** Sections 2 and 6: token URLs in their three forms, and the ticket call. With an OTDS they are its; else the seed's. */

function failure(status: number, error: string, error_description: string): Reply {
  return json(status, { error, error_description });
}

/** The fields of a token request: a form, or JSON as the vendor's collection sends it. */
function fieldsOf(call: Call): URLSearchParams {
  const body = (call.req.headers['content-type'] ?? '').includes('json') ? call.req.json() : null;
  if (!isObject(body)) return call.req.form();
  return new URLSearchParams(Object.entries(body).map(([key, value]): [string, string] => [key, String(value)]));
}

function basicOf(call: Call): { header: string; id: string; secret: string } | null {
  const header = call.req.headers['authorization'] ?? '';
  const encoded = /^Basic\s+(.+)$/i.exec(header)?.[1];
  if (encoded === undefined) return null;
  const [id = '', ...rest] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  return { header, id, secret: rest.join(':') };
}

/** POST {token URL} */
export async function token(call: Call): Promise<Reply> {
  const form = fieldsOf(call);
  const basic = basicOf(call);
  const { otds } = call.directory;
  if (!otds) return seedToken(call, form, basic);
  const answer = await otds.token(form, basic?.header);
  const issued = answer.body['access_token'];
  if (answer.status !== 200 || typeof issued !== 'string') return json(answer.status, answer.body);
  const info = await otds.tokenInfo(issued, call.directory.resource);
  if (!info) return failure(401, 'access_denied', 'The user has no access to the resource');
  const credential = { authorization: `Bearer ${issued}` };
  const groups = await groupsNow(call.directory, call.state, info.user, credential);
  keep(call, issued, { kind: 'token', user: info.user, client: info.client, groups }, info.expiresInS);
  return json(200, answer.body);
}

function seedToken(call: Call, form: URLSearchParams, basic: { id: string; secret: string } | null): Reply {
  const client = basic ?? { id: form.get('client_id') ?? '', secret: form.get('client_secret') ?? '' };
  const grant = form.get('grant_type');
  if (grant === 'client_credentials') {
    if (!isClient(call, client)) return failure(401, 'invalid_client', 'Client authentication failed');
    return issue(call, `${client.id}@OAuthClients`, client.id);
  }
  if (grant === 'refresh_token') return refresh(call, form.get('refresh_token') ?? '');
  if (grant !== 'password') return failure(400, 'unsupported_grant_type', 'The grant type is not supported');
  if (client.secret !== '' && !isClient(call, client)) {
    return failure(401, 'invalid_client', 'Client authentication failed');
  }
  if (client.secret === '') {
    call.ctx.chosen('PASSWORD_CLIENT');
    const known = Object.hasOwn(call.state.clients, client.id);
    if (!known && CHOSEN.value(call.state, 'PASSWORD_CLIENT') === 'known') {
      return failure(401, 'invalid_client', 'Client authentication failed');
    }
  }
  const user = logIn(call, form.get('username') ?? '', form.get('password') ?? '');
  if (user === null) return failure(400, 'invalid_grant', 'Invalid user name or password');
  return issue(call, user, client.id);
}

function isClient(call: Call, client: { id: string; secret: string }): boolean {
  const known = Object.hasOwn(call.state.clients, client.id) ? call.state.clients[client.id] : undefined;
  return known !== undefined && known.secretDigest === digest(client.secret);
}

/** The person, when name and password are right and the account is not disabled. */
function logIn(call: Call, name: string, password: string): string | null {
  const person = seedPerson(call.state, name);
  if (person === null || call.state.people[person]?.disabled === true) return null;
  return digest(password) === call.state.passwordDigest ? person : null;
}

function refresh(call: Call, secret: string): Reply {
  const session = call.state.tokens[digest(secret)];
  const alive = session?.kind === 'refresh' && Date.parse(session.expires) > call.ctx.now().getTime();
  if (!alive) return failure(400, 'invalid_grant', 'The refresh token is not valid');
  return issue(call, session.user, session.client ?? '');
}

function keep(call: Call, secret: string, session: Omit<Session, 'expires'>, lifeS: number): string {
  const expires = iso(new Date(call.ctx.now().getTime() + lifeS * 1000));
  keepSession(call.state, secret, { ...session, expires }, call.ctx.now());
  call.ctx.caller(session.user);
  if (session.kind !== 'refresh') {
    const after = { user: session.user, groups: session.groups, expires };
    recordEffect(call.ctx, session.kind, digest(secret).slice(0, 16), null, after);
  }
  return expires;
}

/** A token that looks like a JWT and carries the user's groups, as they are now. */
function issue(call: Call, user: string, client: string): Reply {
  call.ctx.chosen('TOKEN_TTL_S');
  const lifeS = CHOSEN.count(call.state, 'TOKEN_TTL_S');
  const groups = seedGroups(call.state, user);
  const now = Math.floor(call.ctx.now().getTime() / 1000);
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = {
    sub: user,
    client_id: client,
    grp: groups,
    iat: now,
    exp: now + lifeS,
    jti: randomBytes(9).toString('hex'),
  };
  const text = `${part({ alg: 'HS256', typ: 'JWT', kid: 'stand-in' })}.${part(claims)}`;
  const access = `${text}.${createHmac('sha256', 'stand-in').update(text).digest('base64url')}`;
  const refreshToken = randomBytes(24).toString('base64url');
  keep(call, access, { kind: 'token', user, client, groups }, lifeS);
  keep(call, refreshToken, { kind: 'refresh', user, client, groups: [] }, lifeS * 4);
  return {
    ...json(200, { access_token: access, refresh_token: refreshToken, token_type: 'Bearer', expires_in: lifeS }),
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  };
}

/** POST {base}/otdstenant/{tenant}/otdsws/rest/authentication/credentials */
export async function ticket(call: Call): Promise<Reply> {
  const body = call.req.json();
  const fields = isObject(body) ? body : {};
  const { otds } = call.directory;
  if (otds) return otdsTicket(call, fields);
  const user = logIn(call, String(fields['userName'] ?? ''), String(fields['password'] ?? ''));
  if (user === null) return json(401, { status: 90_401, error: 'Invalid user name or password', errorDetails: null });
  const secret = `*OTDSSSO*A${randomBytes(60).toString('base64')}*`;
  call.ctx.chosen('TICKET_TTL_S');
  keep(call, secret, { kind: 'ticket', user, client: null, groups: seedGroups(call.state, user) }, ticketLifeS(call));
  return json(200, {
    token: null,
    userId: user,
    ticket: secret,
    resourceID: null,
    failureReason: null,
    passwordExpirationTime: 0,
    continuation: false,
    continuationContext: null,
    continuationData: null,
  });
}

function ticketLifeS(call: Call): number {
  return CHOSEN.count(call.state, 'TICKET_TTL_S');
}

async function otdsTicket(call: Call, fields: Record<string, unknown>): Promise<Reply> {
  const { otds, resource } = call.directory;
  const answer = await otds?.login({ ...fields, ...(resource === null ? {} : { targetResourceId: resource }) });
  if (!answer) return json(503, {});
  const { ticket: secret, userId: user } = answer.body;
  if (answer.status === 200 && typeof secret === 'string' && typeof user === 'string') {
    const groups = await groupsNow(call.directory, call.state, user, { OTDSTicket: secret });
    keep(call, secret, { kind: 'ticket', user, client: null, groups }, ticketLifeS(call));
  }
  return json(answer.status, answer.body);
}
