import type { Context, StandInRequest } from '../common/types.ts';
import { CHOSEN } from './chosen.ts';
import { groupsNow, keepSession } from './directory.ts';
import type { Directory } from './directory.ts';
import { ApiRefusal, CODES } from './errors.ts';
import { digest, iso } from './ids.ts';
import type { Session, State } from './state.ts';

export type Login = 'bearer' | 'ticket' | 'none';

/** The credential of a request: a Bearer token, or on the service gateway a ticket. */
function secretOf(req: StandInRequest, login: Login): string | null {
  if (login === 'ticket') return req.headers['otdsticket'] ?? null;
  return /^Bearer\s+(.+)$/i.exec(req.headers['authorization'] ?? '')?.[1]?.trim() ?? null;
}

/** The headers by which OTDS knows the same user. */
export function credentialOf(req: StandInRequest, login: Login): Record<string, string> {
  const secret = secretOf(req, login) ?? '';
  return login === 'ticket' ? { OTDSTicket: secret } : { authorization: `Bearer ${secret}` };
}

/** Who calls, if that is known already; never refuses. For faults that match a caller. */
export function callerOf(req: StandInRequest, state: State): string | null {
  for (const login of ['bearer', 'ticket'] as const) {
    const secret = secretOf(req, login);
    if (secret !== null) return state.tokens[digest(secret)]?.user ?? null;
  }
  return null;
}

const nobody: Session = { kind: 'token', user: 'anonymous', client: null, groups: [], expires: '' };

/**
 * Who calls, or 401. A token that was not issued here is shown to OTDS once and then kept with the groups its user had at
 * that time, as a token carries them.
 */
export async function authenticate(
  req: StandInRequest,
  ctx: Context<State>,
  directory: Directory,
  login: Login,
): Promise<Session> {
  if (login === 'none') return nobody;
  const secret = secretOf(req, login);
  const session = secret === null ? null : await sessionOf(secret, req, ctx, directory, login);
  if (!session || session.kind !== (login === 'ticket' ? 'ticket' : 'token'))
    throw refused(ctx, 'Full authentication is required to access this resource');
  ctx.caller(session.user);
  if (ctx.special('tokenExpiry')) session.expires = iso(ctx.now());
  if (Date.parse(session.expires) <= ctx.now().getTime()) throw refused(ctx, 'The access token has expired');
  if (CHOSEN.value(ctx.state, 'TOKEN_GROUPS') === 'issue') return session;
  return { ...session, groups: await groupsNow(directory, ctx.state, session.user, credentialOf(req, login)) };
}

function refused(ctx: Context<State>, message: string): ApiRefusal {
  ctx.chosen('EXPIRED');
  return new ApiRefusal(CHOSEN.count(ctx.state, 'EXPIRED'), CODES.UNAUTHORIZED, message, '401');
}

async function sessionOf(
  secret: string,
  req: StandInRequest,
  ctx: Context<State>,
  directory: Directory,
  login: Login,
): Promise<Session | null> {
  const known = ctx.state.tokens[digest(secret)];
  if (known || !directory.otds) return known ?? null;
  const seen = login === 'ticket' ? await seenTicket(secret, ctx, directory) : await seenToken(secret, ctx, directory);
  if (!seen) return null;
  const groups = await groupsNow(directory, ctx.state, seen.user, credentialOf(req, login));
  const session: Session = { ...seen, groups };
  keepSession(ctx.state, secret, session, ctx.now());
  return session;
}

type Seen = Omit<Session, 'groups'>;

async function seenToken(token: string, ctx: Context<State>, directory: Directory): Promise<Seen | null> {
  const info = (await directory.otds?.tokenInfo(token, directory.resource)) ?? null;
  if (!info) return null;
  const expires = iso(new Date(ctx.now().getTime() + info.expiresInS * 1000));
  return { kind: 'token', user: info.user, client: info.client, expires };
}

async function seenTicket(ticket: string, ctx: Context<State>, directory: Directory): Promise<Seen | null> {
  const user = (await directory.otds?.ticketUser(ticket)) ?? null;
  if (user === null) return null;
  const expires = iso(new Date(ctx.now().getTime() + CHOSEN.count(ctx.state, 'TICKET_TTL_S') * 1000));
  return { kind: 'ticket', user, client: null, expires };
}
