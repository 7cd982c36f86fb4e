import type { Context, Reply, StandInRequest } from '../common/types.ts';
import { auditEvent } from './audit.ts';
import { bodyOf, ok, textOf } from './call.ts';
import type { Handler, Identity } from './call.ts';
import { isSystemAdmin } from './access.ts';
import { mayEnter } from './accessRoles.ts';
import { Directory } from './directory.ts';
import { expiredTicket, refused, userNotFound } from './errors.ts';
import { fullName, isLocked, stamp } from './model.ts';
import type { OtdsState, User } from './model.ts';
import { passwordEnd } from './policy.ts';
import { candidates } from './refs.ts';
import { userJson } from './render.ts';
import { issueTicket, signerOf } from './tokens.ts';
import { isPassword, setLock } from './writes.ts';

const TICKET_START = '*OTDSSSO*';

/** What a request brings to be recognised by: kind and text. Basic and other schemes are passed over. */
function credentialOf(req: StandInRequest, order: string): { kind: 'bearer' | 'ticket'; text: string } | null {
  const bearer = /^Bearer\s+(.+)$/i.exec(req.headers['authorization'] ?? '')?.[1];
  const cookie = (req.headers['cookie'] ?? '')
    .split(';')
    .map((c) => c.trim())
    .find((c) => /^OTDSTicket=/i.test(c));
  const found: Record<string, string | undefined> = {
    bearer: bearer?.trim(),
    header: req.headers['otdsticket'],
    cookie: cookie?.slice('OTDSTicket='.length).replace(/^"(.*)"$/, '$1'),
  };
  for (const source of order.split(',')) {
    const text = found[source];
    if (text === undefined || text === '') continue;
    return { kind: source === 'bearer' && !text.startsWith(TICKET_START) ? 'bearer' : 'ticket', text };
  }
  return null;
}

function entryOf(
  state: OtdsState,
  c: { kind: string; text: string },
): { user: string; expires: string; key: string } | null {
  if (c.kind === 'ticket') {
    const ticket = Object.hasOwn(state.tickets, c.text) ? state.tickets[c.text] : undefined;
    return ticket ? { ...ticket, key: c.text } : null;
  }
  const jti = signerOf(state).jti(c.text);
  const token = jti === null ? undefined : state.tokens[jti];
  return token && jti !== null ? { user: token.user, expires: token.expires, key: jti } : null;
}

/** Who calls, if that can be seen; never refuses. For matching faults with callers. */
export function callerOf(req: StandInRequest, state: OtdsState): string | null {
  const credential = credentialOf(req, state.choices.CREDENTIAL_ORDER);
  const entry = credential && entryOf(state, credential);
  const user = entry ? Directory.of(state).users.get(entry.user) : undefined;
  return user ? fullName(user) : null;
}

/** Who calls, or the refusal that a missing, strange or expired credential gets. */
export function identify(req: StandInRequest, ctx: Context<OtdsState>): Identity {
  const credential = credentialOf(req, ctx.state.choices.CREDENTIAL_ORDER);
  if (!credential) throw refused('ERR_UNAUTHORIZED', 'Authentication required');
  const entry = entryOf(ctx.state, credential);
  const user = entry ? Directory.of(ctx.state).users.get(entry.user) : undefined;
  if (!entry || !user) throw refused('ERR_UNAUTHORIZED', 'Invalid credential');
  ctx.caller(fullName(user));
  const kept = credential.kind === 'ticket' ? ctx.state.tickets[entry.key] : ctx.state.tokens[entry.key];
  if (kept && ctx.special('ticketExpiry')) kept.expires = ctx.now().toISOString();
  if (!kept || Date.parse(kept.expires) <= ctx.now().getTime()) {
    throw credential.kind === 'ticket' ? expiredTicket() : refused('ERR_UNAUTHORIZED', 'The access token has expired');
  }
  if (ctx.state.choices.DISABLE_KILLS_TICKETS === 'true' && isDisabled(user)) {
    throw refused('ERR_UNAUTHORIZED', 'The account is disabled');
  }
  return { user, name: fullName(user) };
}

export function isDisabled(user: User): boolean {
  return user.attributes['accountDisabled']?.[0] === 'true';
}

/**
 * Checks name and password as every log-in does: counts wrong ones, locks, refuses the disabled and the locked. All
 * refusals look alike from outside.
 */
export function logIn(ctx: Context<OtdsState>, name: string, password: string): User | null {
  const found = candidates(ctx.state, Directory.of(ctx.state).users, name);
  const user = found[0];
  if (!user || found.length > 1) return null;
  ctx.caller(fullName(user));
  if (isLocked(ctx.state, user, ctx.now())) return null;
  if (!isPassword(user, password)) {
    user.failures++;
    const limit = ctx.state.passwordPolicy.lockoutFailureCount;
    if (limit > 0 && user.failures >= limit) setLock(ctx, user, true);
    return null;
  }
  const end = passwordEnd(ctx.state, user);
  const ended = end > 0 && end <= ctx.now().getTime();
  if (isDisabled(user) || (ended && ctx.state.choices.PASSWORD_EXPIRED === 'refused')) return null;
  user.failures = 0;
  user.lockedAt = null;
  user.lastLogin = stamp(ctx.now());
  return user;
}

function ticketReply(state: OtdsState, user: User, ticket: string, resource: unknown): Reply {
  return ok({
    token: null,
    userId: fullName(user),
    ticket,
    resourceID: typeof resource === 'string' ? resource : null,
    failureReason: null,
    passwordExpirationTime: passwordEnd(state, user),
    continuation: false,
    continuationContext: null,
    continuationData: null,
  });
}

/** POST /authentication/credentials */
export const credentials: Handler = (call) => {
  const body = bodyOf(call);
  const name = textOf(body, 'userName');
  const locked = call.ctx.special('lockOut') ? candidates(call.state, call.dir.users, name)[0] : undefined;
  if (locked) setLock(call.ctx, locked, true);
  const user = logIn(call.ctx, name, textOf(body, 'password'));
  const event = `Initial authentication ${user ? 'successful' : 'failed'}`;
  auditEvent(call.ctx, event, 'user', user?.uuid ?? name, name);
  if (!user) throw refused('ERR_LOGIN', 'Authentication failed: invalid user name or password');
  return ticketReply(call.state, user, issueTicket(call.ctx, user), body['targetResourceId']);
};

/** POST /authentication/ticketforuser: a ticket for somebody else, asked for with an administrator's ticket in the body. */
export const ticketForUser: Handler = (call) => {
  const body = bodyOf(call);
  const ticket = textOf(body, 'ticket');
  const held = Object.hasOwn(call.state.tickets, ticket) ? call.state.tickets[ticket] : undefined;
  const asking = held ? call.dir.users.get(held.user) : undefined;
  if (!held || !asking) throw refused('ERR_UNAUTHORIZED', 'Invalid ticket');
  call.ctx.caller(fullName(asking));
  if (Date.parse(held.expires) <= call.ctx.now().getTime()) throw expiredTicket();
  if (!isSystemAdmin(call.state, asking)) throw refused('ERR_FORBIDDEN', 'The caller may not impersonate');
  const name = textOf(body, 'userName');
  const found = candidates(call.state, call.dir.users, name);
  if (found.length > 1) throw refused('BARE_LOGIN', `${name} is ambiguous`);
  if (!found[0]) throw userNotFound(name);
  auditEvent(call.ctx, 'Impersonation', 'user', found[0].uuid, fullName(asking));
  return ticketReply(call.state, found[0], issueTicket(call.ctx, found[0]), null);
};

/** POST /authentication/oauth/tokeninfo */
export const tokenInfo: Handler = (call) => {
  const body = bodyOf(call);
  const jti = signerOf(call.state).jti(textOf(body, 'token'));
  const token = jti === null ? undefined : call.state.tokens[jti];
  const user = token ? call.dir.users.get(token.user) : undefined;
  const left = token ? Math.floor((Date.parse(token.expires) - call.ctx.now().getTime()) / 1000) : 0;
  call.ctx.chosen('TOKENINFO');
  if (!token || !user || left <= 0) throw refused('TOKENINFO', 'The token has expired or was revoked');
  const resource = body['resourceId'];
  if (typeof resource === 'string' && resource !== '' && !mayEnter(call, resource, user)) {
    throw refused('ERR_UNAUTHORIZED', `The user has no access to resource ${resource}`);
  }
  return ok({ userId: fullName(user), clientId: token.client, scope: token.scope, expiresIn: left });
};

/** GET /currentuser */
export const currentUser: Handler = (call) => {
  const user = call.who?.user;
  if (!user) throw refused('ERR_UNAUTHORIZED', 'Authentication required');
  const admin = isSystemAdmin(call.state, user);
  return ok({ user: userJson(call, user), isAdmin: admin, isSysAdmin: admin });
};
