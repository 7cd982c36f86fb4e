import { toJson } from '../common/effects.ts';
import { isObject } from '../common/fields.ts';
import type { Context, Json, Reply } from '../common/types.ts';
import type { Message, Phone } from '../push/phones.ts';
import { deliver, show } from '../push/phones.ts';
import type { Call } from '../push/router.ts';
import type { Shape } from '../push/shape.ts';
import { problems } from '../push/shape.ts';
import { digest, textMap, textOr } from '../push/values.ts';
import { CHOSEN } from './chosen.ts';
import { OtagRefusal } from './errors.ts';
import type { Wanted } from './recipients.ts';
import { clientsFor, isEmpty, wantedOf } from './recipients.ts';
import { PUSH, WEB_NOTIFICATION } from './shapes.ts';
import type { App, Pushed, State } from './state.ts';

/** What a phone is to show, before it is known on which. */
type Notice = Omit<Message, 'id' | 'sent' | 'expires'> & { ttlS: number };

/** The deployed app named in the path, by its shared key. */
function appOf({ req, ctx, state, params }: Call<State>): App {
  const app = state.apps[params['app'] ?? ''];
  const key = req.headers['otagappkey'];
  const owner = Object.values(state.apps).find((one) => one.key === key);
  if (owner) ctx.caller(owner.name);
  if (!owner) throw new OtagRefusal(401, 'The header otagAppKey is missing or not valid.');
  if (!app) throw new OtagRefusal(404, 'No such app is deployed.', params['app'] ?? null);
  if (app !== owner)
    throw new OtagRefusal(Number(CHOSEN.use(ctx, 'OTAG_KEY_OF_OTHER')), 'The key is that of another app.', app.name);
  return app;
}

/** The path is gone on 16.5 and later, if that is chosen or planned. */
function checkPathServed(ctx: Context<State>): void {
  if (ctx.special('noRestPath') || CHOSEN.use(ctx, 'OTAG_165') === 404) throw new OtagRefusal(404, 'Not found.');
}

/** POST {gateway}/deployments/notifications/{app}/push. */
export function pushNotification(call: Call<State>): Reply {
  checkPathServed(call.ctx);
  const app = appOf(call);
  return logged(call, app, (row) => {
    const body = readBody(call, PUSH);
    const content = [body['title'], body['summary']].some((text) => textOr(text) !== null && text !== '');
    const data = isObject(body['data']) ? body['data'] : {};
    if (!content && Object.keys(data).length === 0)
      throw new OtagRefusal(400, 'A title, a summary or data are needed.');
    return issue(call, app, row, wantedOf(body), (phone) => noticeFor(call.state, phone, body, data));
  });
}

/** POST {gateway}/deployments/notifications/{app}: the deprecated web notification. */
export function webNotification(call: Call<State>): Reply {
  const app = appOf(call);
  return logged(call, app, (row) => {
    const body = readBody(call, WEB_NOTIFICATION);
    const payload = textOr(body['jsonPayload']) ?? '';
    if (!isJson(payload)) throw new OtagRefusal(400, 'jsonPayload must be JSON.');
    return issue(call, app, row, wantedOf(body), () => plain(call.state, payload));
  });
}

/** POST /gateway/v2/notifications: the older trusted server, as a form. */
export function trustedServer(call: Call<State>): Reply {
  const { req, ctx, state } = call;
  const form = req.form();
  const app = Object.values(state.apps).find((one) => one.key === form.get('key'));
  if (!app) throw new OtagRefusal(401, 'key is missing or not valid.');
  ctx.caller(app.name);
  return logged(call, app, (row) => {
    const message = form.get('message') ?? '';
    if (message === '') throw new OtagRefusal(400, 'message is missing.');
    CHOSEN.use(ctx, 'OTAG_USERS_FORM');
    const users = form.getAll('users').flatMap((text) => text.split(',').map((name) => name.trim()));
    const wanted = wantedOf({ users: users.filter((name) => name !== '') });
    return issue(call, app, row, wanted, () => plain(state, message));
  });
}

/** GET {gateway}/deployments/notifications/{app}/seqBounds. */
export function seqBounds(call: Call<State>): Reply {
  appOf(call);
  const { notifications, lastSeq } = call.state;
  return { status: 200, body: { currentMinSeq: notifications[0]?.seqno ?? lastSeq, currentMaxSeq: lastSeq } };
}

function readBody({ req, strict }: Call<State>, shape: Shape): Record<string, unknown> {
  if (strict && !(req.headers['content-type'] ?? '').startsWith('application/json'))
    throw new OtagRefusal(400, 'The header Content-Type must be application/json.');
  const body = req.json();
  const wrong = problems(body, shape, strict);
  if (!isObject(body) || wrong.length > 0) throw new OtagRefusal(400, `${wrong.join('; ')}.`);
  return body;
}

function logged({ req, ctx, state }: Call<State>, app: App, run: (row: Pushed) => Reply): Reply {
  const row: Pushed = {
    ...{ at: ctx.now().toISOString(), app: app.name, path: req.path, nid: null },
    ...{ recipients: [], reached: 0, outcome: 'accepted', status: 200 },
  };
  state.serial += 1;
  state.requests[String(state.serial).padStart(6, '0')] = row;
  try {
    return run(row);
  } catch (error) {
    if (error instanceof OtagRefusal) Object.assign(row, { outcome: 'refused', status: error.status });
    throw error;
  }
}

function issue(call: Call<State>, app: App, row: Pushed, wanted: Wanted, noticeOf: (phone: Phone) => Notice): Reply {
  const { ctx, state } = call;
  if (isEmpty(wanted)) throw new OtagRefusal(400, 'At least one recipient, or broadcast, is needed.');
  row.recipients = [...wanted.users.map(digest), ...wanted.clientIds.map(digest), ...wanted.groups, ...wanted.runtimes];
  const clients = ctx.special('reachesNobody') ? [] : clientsFor(ctx, wanted);
  const seqno = ++state.lastSeq;
  const note = { seqno, at: ctx.now().toISOString(), app: app.name, clients: clients.map((client) => client.id) };
  state.notifications.push(note);
  state.notifications = state.notifications.slice(-CHOSEN.count(state, 'OTAG_KEPT'));
  ctx.write({
    object: 'notification',
    id: String(seqno),
    before: null,
    after: { app: app.name, clients: toJson(note.clients) },
  });
  const copies = ctx.special('deliveredTwice') ? 2 : 1;
  const [never, late] = [ctx.special('neverDelivered'), ctx.special('deliveredLate')];
  for (const client of clients) {
    const phone = state.phones[client.id];
    if (!phone) continue;
    const { ttlS, ...notice } = noticeOf(phone);
    row.nid ??= notice.nid;
    const message = { ...notice, id: String(seqno), ...times(ctx, ttlS) };
    for (let i = 0; i < copies && !never; i++) {
      if (!late) deliver(ctx, phone, message);
      else ctx.later((ttlS + 1) * 1000, (later) => show(later, later.state.phones[client.id] ?? phone, message));
    }
  }
  row.reached = clients.length;
  return CHOSEN.use(ctx, 'OTAG_REPLY') === 'empty' ? { status: 200 } : { status: 200, body: { success: true } };
}

function times(ctx: Context<State>, ttlS: number): { sent: string; expires: string } {
  const now = ctx.now();
  return { sent: now.toISOString(), expires: new Date(now.getTime() + ttlS * 1000).toISOString() };
}

/** What the phone shows: the newer FCM form takes effect where it is given. */
function noticeFor(state: State, phone: Phone, body: Record<string, unknown>, data: Record<string, unknown>): Notice {
  const android = phone.platform === 'android' && isObject(body['androidConfig']) ? body['androidConfig'] : {};
  const apns = phone.platform === 'ios' && isObject(body['apnsConfig']) ? body['apnsConfig'] : {};
  const own = isObject(android['notification']) ? android['notification'] : {};
  const apnsHeaders = textMap(apns['headers']);
  const flat = { ...asTexts(data), ...textMap(android['data']) };
  const ttl = /^(\d+)(\.\d+)?s$/.exec(textOr(android['ttl']) ?? '')?.[1];
  return {
    nid: flat['nid'] ?? null,
    title: textOr(own['title']) ?? textOr(body['title']),
    body: textOr(own['body']) ?? textOr(body['summary']) ?? textOr(data['summary']),
    data: flat,
    priority: textOr(android['priority'])?.toLowerCase() === 'high' ? 'high' : 'normal',
    collapse: textOr(android['collapseKey']) ?? textOr(body['collapseKey']) ?? apnsHeaders['apns-collapse-id'] ?? null,
    tag: textOr(own['tag']) ?? apnsHeaders['apns-collapse-id'] ?? null,
    ttlS: ttl === undefined ? CHOSEN.count(state, 'OTAG_TTL_S') : Number(ttl),
  };
}

function plain(state: State, text: string): Notice {
  const parsed: unknown = isJson(text) ? JSON.parse(text) : {};
  const data = asTexts(isObject(parsed) ? parsed : {});
  const none = { collapse: null, tag: null, priority: 'normal', title: data['title'] ?? null } as const;
  return { ...none, nid: data['nid'] ?? null, body: text, data, ttlS: CHOSEN.count(state, 'OTAG_TTL_S') };
}

function asTexts(data: Record<string, unknown>): Record<string, string> {
  const text = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, text(toJson(value))]));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
