import { isObject } from '../common/fields.ts';
import { Router } from '../common/router.ts';
import type { Context, Definition, Json, Reply, StandInRequest } from '../common/types.ts';
import { effectsOfPhones } from '../push/phones.ts';
import type { Route } from '../push/router.ts';
import { rowsOf } from '../push/values.ts';
import { act } from './act.ts';
import { exchangeToken, identify } from './auth.ts';
import { CHOSEN } from './chosen.ts';
import { errorBody, FcmRefusal } from './errors.ts';
import { sendMessage } from './send.ts';
import type { Account, State } from './state.ts';
import { seed } from './state.ts';

export const ROUTES: readonly Route<State>[] = [
  { method: 'POST', path: '/token', handler: exchangeToken },
  { method: 'POST', path: '/v1/projects/{project}/messages:send', handler: sendMessage },
];

const router = new Router(ROUTES);

/** The stand-in of FCM HTTP v1 with the token exchange of its service account (contract section 4). */
export function fcmStandIn({ account, strict = false }: { account: Account; strict?: boolean }): Definition<State> {
  return {
    system: 'fcm',
    version: 'HTTP v1, contract of November 2026',
    seed: (o) => seed(account, o),
    handle: (req, ctx) => handle(req, ctx, strict),
    act,
    collections,
    derived: (state) => ({ effects: effects(state) }),
    secretKeys: ['access_token', 'token', 'private_key'],
    errorBody: (status, message) => errorBody(status, message),
    headers: { 'X-Stand-In': 'fcm' },
    callerOf(req, state, now) {
      state.accounts[account.email] ??= account;
      const known = state.accounts[account.email];
      if (known) Object.assign(known, account); // a saved state may know our account by an older key
      return identify(req, state, now)?.account.email ?? null;
    },
    live: ['bearers', 'accounts'],
    check: (state) =>
      isObject(state) && isObject(state['devices']) && isObject(state['phones'])
        ? null
        : 'The state needs the objects "devices" and "phones".',
  };
}

function handle(req: StandInRequest, ctx: Context<State>, strict: boolean): Reply {
  const found = router.find(req.method, req.segments);
  try {
    if (found === null || found === 'method') {
      CHOSEN.use(ctx, 'FCM_UNKNOWN_PATH');
      throw new FcmRefusal(404, errorBody(404, 'Requested entity was not found.'));
    }
    return found.route.handler({ req, ctx, state: ctx.state, params: found.params, strict });
  } catch (error) {
    if (!(error instanceof FcmRefusal)) throw error;
    return { status: error.status, headers: error.headers, body: error.body };
  }
}

function effects(state: State): Json {
  return rowsOf(effectsOfPhones(state.phones));
}

function collections(state: State): Record<string, Record<string, Json>> {
  const { projects, accounts, bearers, devices, phones, requests } = state;
  const stored = { projects, accounts, bearers, devices, phones, requests, effects: effectsOfPhones(phones) };
  return Object.fromEntries(Object.entries(stored).map(([name, rows]) => [name, rowsOf(rows)]));
}
