import { randomBytes } from 'node:crypto';
import type { Context, Reply } from '../common/types.ts';
import type { Message, Phone } from '../push/phones.ts';
import { deliver, show } from '../push/phones.ts';
import type { Call } from '../push/router.ts';
import { digest, textMap, textOr } from '../push/values.ts';
import { authorise } from './auth.ts';
import { CHOSEN } from './chosen.ts';
import { conditionOf } from './condition.ts';
import { badRequest, fcmError, FcmRefusal } from './errors.ts';
import type { FcmErrorCode } from './errors.ts';
import type { FcmMessage, Target } from './rules.ts';
import { part, readSendRequest, ttlSeconds } from './rules.ts';
import type { Sending, State } from './state.ts';

/** POST /v1/projects/{project}/messages:send. */
export function sendMessage(call: Call<State>): Reply {
  const { req, ctx, state } = call;
  const project = call.params['project'] ?? '';
  const account = authorise(req, ctx, project);
  const row: Sending = {
    at: ctx.now().toISOString(),
    account: account.email,
    project,
    nid: null,
    target: null,
    reached: 0,
    outcome: '',
    status: 200,
  };
  state.serial += 1;
  state.requests[String(state.serial).padStart(6, '0')] = row;
  try {
    const name = sendFor(call, project, row);
    row.outcome = 'accepted';
    return { status: 200, body: { name } };
  } catch (error) {
    if (!(error instanceof FcmRefusal)) throw error;
    row.outcome = outcomeOf(error);
    row.status = error.status;
    throw error;
  }
}

function outcomeOf(error: FcmRefusal): string {
  return /"errorCode":"([A-Z_]+)"/.exec(error.message)?.[1] ?? 'refused';
}

function sendFor({ req, ctx, state, strict }: Call<State>, project: string, row: Sending): string {
  countAgainstQuota(ctx, project);
  checkCall(req.query, strict ? (req.headers['content-type'] ?? '') : 'application/json');
  const { message, validateOnly, target } = readSendRequest(req.json());
  row.nid = textMap(message['data'])['nid'] ?? null;
  row.target = target.kind === 'token' ? digest(target.value) : `${target.kind} ${target.value}`;
  plannedErrors(ctx);
  const phones =
    target.kind === 'token' ? [phoneOfToken(ctx, target.value, project)] : audience(state, target, project);
  if (validateOnly) {
    row.outcome = 'validated';
    return `projects/${project}/messages/${String(CHOSEN.use(ctx, 'FCM_DRY'))}`;
  }
  const id = `0:${ctx.now().getTime()}${String(state.serial % 1000).padStart(3, '0')}%${randomBytes(8).toString('hex')}`;
  bring(ctx, phones, message, id);
  row.reached = phones.length;
  return `projects/${project}/messages/${id}`;
}

/** Parameters that every Google API takes. */
const SYSTEM_PARAMETERS = [
  '$.xgafv',
  'access_token',
  'alt',
  'callback',
  'fields',
  'key',
  'oauth_token',
  'prettyPrint',
  'quotaUser',
  'upload_protocol',
  'uploadType',
];

function checkCall(query: URLSearchParams, type: string): void {
  for (const name of query.keys()) {
    if (SYSTEM_PARAMETERS.includes(name)) continue;
    const cause = `Cannot bind query parameter. Field '${name}' could not be found in request message.`;
    throw badRequest([{ description: `Invalid JSON payload received. Unknown name "${name}": ${cause}` }]);
  }
  if (!type.startsWith('application/json'))
    throw badRequest([{ description: 'Invalid request: the header Content-Type must be application/json.' }]);
}

/** Everything but a 429 counts, refused requests too. */
function countAgainstQuota(ctx: Context<State>, project: string): void {
  const known = ctx.state.projects[project];
  if (!known) return;
  const minute = ctx.now().toISOString().slice(0, 16);
  const used = known.sends[minute] ?? 0;
  if (used >= known.perMinute || ctx.special('quotaExceeded')) {
    const afterS = Number(CHOSEN.use(ctx, 'FCM_QUOTA_RETRY_AFTER'));
    throw fcmError('QUOTA_EXCEEDED', afterS > 0 ? { 'Retry-After': String(afterS) } : {});
  }
  known.sends = { [minute]: used + 1 };
}

const PLANNED: Record<string, FcmErrorCode> = {
  unregistered: 'UNREGISTERED',
  senderIdMismatch: 'SENDER_ID_MISMATCH',
  thirdPartyAuth: 'THIRD_PARTY_AUTH_ERROR',
  invalidToken: 'INVALID_ARGUMENT',
  internal: 'INTERNAL',
};

function plannedErrors(ctx: Context<State>): void {
  for (const [name, code] of Object.entries(PLANNED)) if (ctx.special(name)) throw fcmError(code);
  if (ctx.special('unavailable')) throw fcmError('UNAVAILABLE', { 'Retry-After': '30' });
  if (ctx.special('unavailableSilent')) throw fcmError('UNAVAILABLE');
}

function phoneOfToken(ctx: Context<State>, token: string, project: string): Phone {
  const device = ctx.state.devices[token];
  const phone = ctx.state.phones[token];
  if (!device || !phone) {
    if (/^[\w-]+:APA91b[\w-]{100,}$/.test(token) && Number(CHOSEN.use(ctx, 'FCM_UNKNOWN_TOKEN')) === 404)
      throw fcmError('UNREGISTERED');
    throw fcmError('INVALID_ARGUMENT');
  }
  if (device.project !== project) throw fcmError('SENDER_ID_MISMATCH');
  if (device.status === 'gone') throw fcmError('UNREGISTERED');
  if (device.status === 'noApns') throw fcmError('THIRD_PARTY_AUTH_ERROR');
  return phone;
}

function audience(state: State, target: Target, project: string): Phone[] {
  const topic = target.value.replace(/^\/topics\//, '');
  const wanted =
    target.kind === 'topic' ? (topics: readonly string[]) => topics.includes(topic) : conditionOf(target.value);
  if (!wanted)
    throw badRequest([{ field: 'message.condition', description: 'Invalid condition expression provided.' }]);
  if (target.kind === 'topic' && !/^[\w.~%-]+$/.test(topic))
    throw badRequest([{ field: 'message.topic', description: 'Malformed topic name' }]);
  return Object.values(state.phones).filter((phone) => {
    const device = state.devices[phone.token];
    return device?.status === 'live' && device.project === project && wanted(phone.topics);
  });
}

function bring(ctx: Context<State>, phones: Phone[], message: FcmMessage, id: string): void {
  if (ctx.special('neverDelivered')) return;
  const ttlS = ttlSeconds(message);
  const copies = ctx.special('deliveredTwice') ? 2 : 1;
  const late = ctx.special('deliveredLate');
  for (const phone of phones) {
    const one = messageFor(phone, message, { id, sent: ctx.now(), ttlS });
    for (let i = 0; i < copies; i++) {
      if (!late) deliver(ctx, phone, one);
      else ctx.later((ttlS + 1) * 1000, (later) => show(later, later.state.phones[phone.token] ?? phone, one));
    }
  }
}

/** The message as that phone gets it: Android and Apple take key, tag, priority and texts from different parts. */
function messageFor(phone: Phone, message: FcmMessage, o: { id: string; sent: Date; ttlS: number }): Message {
  const android = phone.platform === 'android';
  const alert = android ? part(message, 'android', 'notification') : part(message, 'apns', 'payload', 'aps', 'alert');
  const apns = textMap(part(message, 'apns')['headers']);
  const config = part(message, 'android');
  const common = part(message, 'notification');
  const high = android ? config['priority'] === 'HIGH' : apns['apns-priority'] !== '5';
  const data = { ...textMap(message['data']), ...(android ? textMap(config['data']) : {}) };
  return {
    id: o.id,
    nid: data['nid'] ?? null,
    title: textOr(alert['title']) ?? textOr(common['title']),
    body: textOr(alert['body']) ?? textOr(common['body']),
    data,
    priority: high ? 'high' : 'normal',
    collapse: (android ? textOr(config['collapse_key']) : apns['apns-collapse-id']) ?? null,
    tag: (android ? textOr(alert['tag']) : apns['apns-collapse-id']) ?? null,
    sent: o.sent.toISOString(),
    expires: new Date(o.sent.getTime() + o.ttlS * 1000).toISOString(),
  };
}
