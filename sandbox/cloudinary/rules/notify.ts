import { toJson } from '../../common/effects.ts';
import type { Context, Json } from '../../common/types.ts';
import { CHOSEN } from '../chosen.ts';
import { iso, newId } from '../ids.ts';
import { recordWrite } from '../kit.ts';
import { notificationSignature } from '../sign.ts';
import type { Environment, Message, State, Trigger } from '../state.ts';
import { signingKey } from './accessKeys.ts';
import { deliver } from './deliver.ts';

const LATE_MS = 60_000;
/** Waiting polls: called when a message comes. In memory only, as a waiting request is. */
const waiting = new Set<() => void>();

export function onMessage(wake: () => void): () => void {
  waiting.add(wake);
  return () => void waiting.delete(wake);
}

/**
 * Tells every trigger of the event: into its poll queue, or to its webhook. The payload is signed as bytes once
 * (contract section 10.3). Specials: `eventLost`, `eventDoubled`, `eventLate`, `eventForged`, `eventReordered`.
 */
export function emit(ctx: Context<State>, env: Environment, type: string, fields: Record<string, unknown>): void {
  const triggers = Object.values(ctx.state.triggers).filter(
    (t) => t.env === env.id && (t.event_type === type || t.event_type === 'all'),
  );
  if (triggers.length === 0 || ctx.special('eventLost')) return;
  const doubled = ctx.special('eventDoubled');
  const late = ctx.special('eventLate');
  const forged = ctx.special('eventForged');
  const reordered = ctx.special('eventReordered');
  for (const trigger of triggers) {
    const message = messageOf(ctx, env, trigger, type, fields);
    if (forged) put(ctx, trigger, { ...message, id: newId(32), signature: '0'.repeat(message.signature.length) }, 0);
    put(ctx, trigger, message, late ? LATE_MS : 0);
    if (doubled) put(ctx, trigger, { ...message, id: newId(32) }, 0);
    if (reordered) swapLast(ctx.state, message);
  }
  for (const wake of waiting) wake();
}

function messageOf(
  ctx: Context<State>,
  env: Environment,
  trigger: Trigger,
  type: string,
  fields: Record<string, unknown>,
): Message {
  const key = signingKey(ctx, env.id);
  const at = ctx.now();
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const body = JSON.stringify({
    notification_type: type,
    timestamp: iso(at),
    request_id: newId(32),
    ...fields,
    notification_context: { triggered_at: at.toISOString(), triggered_by: { source: 'api', id: key?.api_key ?? '' } },
    signature_key: key?.api_key ?? null,
  });
  return {
    id: newId(32),
    env: env.id,
    trigger: trigger.id,
    channel: trigger.uri_type === 'poll' ? trigger.uri.replace(/^poll:\/\//, '') : null,
    batch_id: typeof fields['batch_id'] === 'string' ? fields['batch_id'] : newId(24),
    body,
    timestamp,
    signature: notificationSignature(ctx.state.account.digest, body, timestamp, key?.api_secret ?? ''),
    sent_at: at.toISOString(),
    visible_at: at.toISOString(),
    receipt: null,
    acked: false,
  };
}

function put(ctx: Context<State>, trigger: Trigger, message: Message, lateMs: number): void {
  message.visible_at = new Date(ctx.now().getTime() + lateMs).toISOString();
  if (trigger.uri_type === 'poll') {
    ctx.state.messages[message.id] = message;
    const after = { channel: message.channel, batch_id: message.batch_id, trigger: trigger.id };
    recordWrite(ctx, 'message', message.id, null, after);
    return;
  }
  const payload = toJson(JSON.parse(message.body));
  const mail: { to: string; kind: string; [k: string]: Json } = { to: trigger.uri, kind: 'webhook', payload };
  ctx.outbox({ ...mail, signature: message.signature, timestamp: message.timestamp, raw: message.body });
  if (lateMs > 0) ctx.later(lateMs, (then) => deliver(then, trigger.uri, message, 1));
  else deliver(ctx, trigger.uri, message, 1);
}

/** Puts the newest message before the one that came just before it. */
function swapLast(state: State, message: Message): void {
  const same = Object.values(state.messages).filter((m) => m.channel === message.channel && m !== message);
  const previous = same.at(-1);
  if (!previous || !state.messages[message.id]) return;
  [previous.sent_at, message.sent_at] = [message.sent_at, previous.sent_at];
  delete state.messages[previous.id];
  state.messages[previous.id] = previous;
}

/** Forgets messages that were kept long enough (contract section 13). */
export function settleMessages(ctx: Context<State>): void {
  const all = ctx.state.messages;
  const oldest = ctx.now().getTime() - CHOSEN.count(ctx.state, 'pollRetentionHours') * 3_600_000;
  for (const [id, message] of Object.entries(all)) {
    if (Date.parse(message.sent_at) >= oldest) break; // kept in the order they were sent
    delete all[id];
  }
}

/** Unacknowledged, visible messages of a channel or a batch, oldest first. */
export function visible(ctx: Context<State>, env: string, where: { channel?: string; batch?: string }): Message[] {
  const at = ctx.now().toISOString();
  const some = Object.values(ctx.state.messages).filter(
    (m) =>
      m.env === env &&
      !m.acked &&
      m.visible_at <= at &&
      (where.channel === undefined ? m.channel !== null && m.batch_id === where.batch : m.channel === where.channel),
  );
  if (CHOSEN.value(ctx.state, 'pollOrder') === 'oldest first') return some;
  return some.sort((a, b) => (a.signature < b.signature ? -1 : 1));
}
