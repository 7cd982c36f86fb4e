import { isObject } from '../common/fields.ts';
import { Router } from '../common/router.ts';
import type { Context, Definition, Json, Reply, StandInRequest } from '../common/types.ts';
import { effectsOfPhones } from '../push/phones.ts';
import type { Route } from '../push/router.ts';
import { rowsOf } from '../push/values.ts';
import { act } from './act.ts';
import { errorBody, OtagRefusal } from './errors.ts';
import { pushNotification, seqBounds, trustedServer, webNotification } from './push.ts';
import type { State } from './state.ts';
import { APP, seed, USUAL_KEY } from './state.ts';

const BASE = '/deployments/notifications/{app}';

export const ROUTES: readonly Route<State>[] = [
  { method: 'POST', path: `${BASE}/push`, handler: pushNotification },
  { method: 'GET', path: `${BASE}/seqBounds`, handler: seqBounds },
  { method: 'POST', path: BASE, handler: webNotification },
  { method: 'POST', path: '/gateway/v2/notifications', handler: trustedServer },
];

const router = new Router(ROUTES);

/** The stand-in of the AppWorks Gateway's notifications (contract section 3). `key` is the shared secret of our app. */
export function otagStandIn({
  key = USUAL_KEY,
  strict = false,
}: { key?: string; strict?: boolean } = {}): Definition<State> {
  return {
    system: 'otag',
    version: 'AppWorks Gateway 16.3, contract of November 2026',
    seed: (o) => seed(key, o),
    handle: (req, ctx) => handle(req, ctx, strict),
    act,
    collections,
    derived: (state) => ({ effects: rowsOf(effectsOfPhones(state.phones)) }),
    secretKeys: ['key', 'otagAppKey', 'providerKey'],
    errorBody: (status, message) => errorBody(status, message),
    headers: { 'X-Stand-In': 'otag' },
    callerOf(req, state) {
      const own = state.apps[APP];
      if (own) own.key = key; // a saved state may know our app by an older key
      const sent = req.headers['otagappkey'];
      return Object.values(state.apps).find((app) => app.key === sent)?.name ?? null;
    },
    live: ['apps'],
    check: (state) =>
      isObject(state) && isObject(state['clients']) && isObject(state['phones'])
        ? null
        : 'The state needs the objects "clients" and "phones".',
  };
}

function handle(req: StandInRequest, ctx: Context<State>, strict: boolean): Reply {
  try {
    const found = router.find(req.method, req.segments);
    if (found === null || found === 'method') throw new OtagRefusal(404, `There is no ${req.method} ${req.path}.`);
    const extra = [...req.query.keys()][0];
    if (strict && extra !== undefined) throw new OtagRefusal(400, `The parameter ${extra} is not known.`);
    return found.route.handler({ req, ctx, state: ctx.state, params: found.params, strict });
  } catch (error) {
    if (!(error instanceof OtagRefusal)) throw error;
    return ctx.special('noErrorBody') ? { status: error.status } : { status: error.status, body: error.body };
  }
}

function collections(state: State): Record<string, Record<string, Json>> {
  const { apps, clients, phones, groups, requests } = state;
  const notifications = Object.fromEntries(state.notifications.map((one) => [String(one.seqno), one]));
  const stored = { apps, clients, phones, groups, requests, notifications, effects: effectsOfPhones(phones) };
  return Object.fromEntries(Object.entries(stored).map(([name, rows]) => [name, rowsOf(rows)]));
}
