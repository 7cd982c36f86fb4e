import { isObject } from '../common/fields.ts';
import type { Context, StandInRequest } from '../common/types.ts';
import { CHOSEN } from './chosen.ts';
import { digest } from './ids.ts';
import { ApiRefusal } from './kit.ts';
import { hasRole } from './roles.ts';
import type { State, Token, User } from './state.ts';

/** 1000 requests in any 20 s per App-ID (contract section 3), counted by second of the real clock. */
const LIMIT = 1000;
const WINDOW_S = 20;

/** Counts a request and says how many are left; refuses with 429 when none is. */
export function countRequest(req: StandInRequest, ctx: Context<State>): number {
  const appId = req.headers['app-id'];
  const second = Math.floor(Date.now() / 1000);
  const rates = ctx.state.rates;
  for (const [app, seconds] of Object.entries(rates)) {
    for (const key of Object.keys(seconds)) if (Number(key) <= second - WINDOW_S) delete seconds[key];
    if (Object.keys(seconds).length === 0) delete rates[app];
  }
  if (!appId) return LIMIT;
  const mine = (rates[appId] ??= {});
  const used = Object.values(mine).reduce((sum, n) => sum + n, 0);
  if (used >= LIMIT) throw tooMany(ctx, second - Math.min(...Object.keys(mine).map(Number)));
  mine[String(second)] = (mine[String(second)] ?? 0) + 1;
  return LIMIT - used - 1;
}

function tooMany(ctx: Context<State>, oldestAgeS: number): ApiRefusal {
  ctx.chosen('retryAfter');
  const headers: Record<string, string> = { 'RateLimit-Remaining': '0' };
  if (CHOSEN.value(ctx.state, 'retryAfter') === 'present') headers['Retry-After'] = String(WINDOW_S - oldestAgeS);
  return new ApiRefusal(429, 'Too many requests', headers);
}

const INVALID = 'Token is invalid';

/** The token and user behind a pair of headers, or null; the same check for faults that match a caller. */
export function identify(req: StandInRequest, state: State, now: Date): { token: Token; user: User } | null {
  const appId = req.headers['app-id'];
  const secret = req.headers['auth-token'];
  if (!appId || !secret) return null;
  const fingerprint = digest(secret);
  const token = Object.values(state.tokens).find((t) => t.digest === fingerprint);
  if (!token || token.app_id.toLowerCase() !== appId.toLowerCase()) return null;
  if (token.expires !== null && Date.parse(token.expires) <= now.getTime()) return null;
  const user = state.users[token.user_id];
  return user ? { token, user } : null;
}

/** Both headers, a living token, an active user; anything else is 401 "Token is invalid". */
export function authenticate(req: StandInRequest, ctx: Context<State>): { token: Token; user: User } {
  const who = identify(req, ctx.state, ctx.now());
  if (!who) throw new ApiRefusal(401, INVALID);
  ctx.caller(who.user.email);
  if (ctx.special('tokenRevoked')) throw new ApiRefusal(401, INVALID);
  if (who.user.status !== 'ACTIVE') {
    ctx.chosen('inactiveTokens');
    if (who.user.status === 'DELETED' || CHOSEN.value(ctx.state, 'inactiveTokens') === 'stop') {
      throw new ApiRefusal(401, INVALID);
    }
  }
  return who;
}

/** Callers come from this machine. */
const CALLER_IP = '127.0.0.1';

/** 403 where the domain, or the caller's primary group, lists addresses and the caller's is not among them. */
export function checkAddress(ctx: Context<State>, user: User): void {
  for (const key of ['system', user.primary_group ?? '']) {
    const allowed = ctx.state.settings[key]?.['allowed_ips'];
    if (!Array.isArray(allowed) || allowed.length === 0) continue;
    const listed = allowed.map((item: unknown) => (isObject(item) ? item['ip'] : null));
    if (listed.includes(CALLER_IP)) continue;
    ctx.chosen('ipRefused');
    throw new ApiRefusal(CHOSEN.count(ctx.state, 'ipRefused'), `Access from ${CALLER_IP} is not allowed`);
  }
}

/** Invite-register has a limit of its own, whoever calls (contract section 3). */
export function countRegistration(ctx: Context<State>): void {
  const second = String(Math.floor(Date.now() / 1000));
  const mine = (ctx.state.rates['invite/register'] ??= {});
  if (Object.values(mine).reduce((sum, n) => sum + n, 0) >= CHOSEN.count(ctx.state, 'inviteRegisterLimit')) {
    ctx.chosen('inviteRegisterLimit');
    throw new ApiRefusal(429, 'Too many requests');
  }
  mine[second] = (mine[second] ?? 0) + 1;
}

export function needRole(state: State, user: User, role: string, method: string): void {
  if (!hasRole(state, user, role)) throw new ApiRefusal(403, `${method} requires role ${role}`);
}
