import { isObject } from '../common/fields.ts';
import { Router } from '../common/router.ts';
import type { Context, Definition, Json, Reply, StandInRequest } from '../common/types.ts';
import type { Effect } from '../push/phones.ts';
import { effectsOfPhones } from '../push/phones.ts';
import type { Call, Route } from '../push/router.ts';
import { digest, rowsOf } from '../push/values.ts';
import { act } from './act.ts';
import { identify, issueToken } from './auth.ts';
import { CHOSEN } from './chosen.ts';
import { errorBody, MraRefusal, noteRefusal } from './errors.ts';
import { readInbound, removeInbound, setInbound } from './inbound.ts';
import { parse } from './parser.ts';
import type { Secrets, State } from './state.ts';
import { accountsOf, seed, USUAL_SECRETS } from './state.ts';
import { readStatus } from './status.ts';
import { submit } from './submit.ts';

const BASE = '/mra/v1';
const OUT = `${BASE}/outbound`;
const INBOUND = `${BASE}/inbound/whatsapp/messages/webhook`;

export const ROUTES: readonly Route<State>[] = [
  { method: 'POST', path: '/tenants/{tenant}/oauth2/token', handler: issueToken },
  { method: 'POST', path: `${BASE}/utils/parser`, handler: parse },
  { method: 'POST', path: `${OUT}/sms`, handler: (call) => submit(call, 'sms', 'sms') },
  { method: 'GET', path: `${OUT}/sms/status`, handler: (call) => readStatus(call, 'sms') },
  { method: 'POST', path: `${OUT}/emails`, handler: (call) => submit(call, 'emails', 'emails') },
  { method: 'GET', path: `${OUT}/emails/status`, handler: (call) => readStatus(call, 'emails') },
  { method: 'POST', path: `${OUT}/faxes`, handler: (call) => submit(call, 'faxes', 'faxes') },
  { method: 'GET', path: `${OUT}/faxes/status`, handler: (call) => readStatus(call, 'faxes') },
  { method: 'POST', path: `${OUT}/whatsapp`, handler: (call) => submit(call, 'whatsapp', 'whatsapp') },
  { method: 'POST', path: `${OUT}/whatsapp/template_message`, handler: (call) => submit(call, 'whatsapp', 'template') },
  { method: 'GET', path: `${OUT}/whatsapp/status`, handler: (call) => readStatus(call, 'whatsapp') },
  { method: 'POST', path: INBOUND, handler: setInbound },
  { method: 'GET', path: INBOUND, handler: readInbound },
  { method: 'DELETE', path: INBOUND, handler: removeInbound },
];

const router = new Router(ROUTES);

/** The stand-in of OpenText Notifications (Cloud Fax and Notifications), contract section 2. */
export function notificationsStandIn(o: { secrets?: Secrets; strict?: boolean } = {}): Definition<State> {
  const secrets = o.secrets ?? USUAL_SECRETS;
  return {
    system: 'notifications',
    version: 'contract of November 2026',
    seed: (options) => seed(secrets, options),
    handle: (req, ctx) => handle(req, ctx, o.strict === true),
    act,
    collections,
    derived: (state) => ({ effects: rowsOf(effects(state)) }),
    secretKeys: ['access_token', 'password', 'secret', 'url', 'data'],
    errorBody,
    headers: { 'X-Stand-In': 'notifications' },
    callerOf(req, state, now) {
      for (const [user, account] of Object.entries(accountsOf(secrets).accounts)) state.accounts[user] ??= account;
      Object.assign(state.clients, accountsOf(secrets).clients);
      return identify(req, state, now)?.user ?? null;
    },
    live: ['bearers', 'accounts', 'clients'],
    check: (state) =>
      isObject(state) && isObject(state['jobs']) && isObject(state['phones'])
        ? null
        : 'The state needs the objects "jobs" and "phones".',
  };
}

function handle(req: StandInRequest, ctx: Context<State>, strict: boolean): Reply {
  const segments = once(req.segments, ctx, strict);
  const call: Call<State> = { req, ctx, state: ctx.state, params: {}, strict };
  try {
    const found = router.find(req.method, segments);
    if (found !== null && found !== 'method') return found.route.handler({ ...call, params: found.params });
    if (isPushStatus(req, ctx, segments)) return readStatus(call, 'push');
    throw new MraRefusal(404, `There is no ${req.method} ${req.path}.`);
  } catch (error) {
    if (!(error instanceof MraRefusal)) throw error;
    if ('error_code' in error.body) noteRefusal(ctx);
    return { status: error.status, headers: error.headers, body: error.body };
  }
}

/** The vendor's own collection has the prefix in the base and in some paths: then it comes twice. */
function once(segments: string[], ctx: Context<State>, strict: boolean): string[] {
  const twice = segments.slice(0, 4).join('/') === 'mra/v1/mra/v1';
  if (!twice || strict || CHOSEN.use(ctx, 'MRA_PREFIX') === 'once') return segments;
  return segments.slice(2);
}

function isPushStatus(req: StandInRequest, ctx: Context<State>, segments: string[]): boolean {
  const path = String(CHOSEN.value(ctx.state, 'PUSH_STATUS'));
  const asked = req.method === 'GET' && `/${segments.join('/')}` === `${BASE}/${path.replace(/^\//, '')}`;
  if (asked) CHOSEN.use(ctx, 'PUSH_STATUS');
  return asked && path !== 'none';
}

type Places = Record<string, { channel: string; received: number }>;
type Effects = Record<string, { phones?: Effect; numbers?: Places; mailboxes?: Places }>;

/** Per notice (`nid`) or rung (`message_id`, else the job) what phones, numbers and mailboxes really received. */
function effects(state: State): Effects {
  const all: Effects = effectsOfPhones(state.phones);
  for (const { channel, address, letters } of Object.values(state.inboxes)) {
    const kind = channel === 'emails' ? 'mailboxes' : 'numbers';
    for (const { message_id, job } of letters) {
      const notice = (all[message_id ?? job] ??= {});
      const places = (notice[kind] ??= {});
      const place = (places[digest(address)] ??= { channel, received: 0 });
      place.received += 1;
    }
  }
  return all;
}

function collections(state: State): Record<string, Record<string, Json>> {
  const { accounts, clients, bearers, jobs, inboxes, phones, requests } = state;
  const stored = { accounts, clients, bearers, jobs, inboxes, phones, requests, effects: effects(state) };
  return Object.fromEntries(Object.entries(stored).map(([name, table]) => [name, rowsOf(table)]));
}
