import { toJson } from '../../common/effects.ts';
import type { Context, Json } from '../../common/types.ts';
import { CHOSEN } from '../chosen.ts';
import { iso, newId } from '../ids.ts';
import { recordWrite } from '../kit.ts';
import type { Delivery, Event, Webhook } from '../parts.ts';
import type { State } from '../state.ts';
import { later } from './background.ts';
import { webhookQuery } from './webhookQuery.ts';

/** Pauses before the second and the third try (contract section 13). */
const RETRY_MS = [1_000, 5_000];
const TIMEOUT_MS = 5_000;
const REORDERED_MS = 2_000;
const MOST_DELIVERIES = 200;

/**
 * Sends an event to every webhook that asked for it: really, by JSON POST, where the address is of this machine, else
 * to the outbox only. Specials: `webhookLost`, `webhookDoubled`, `webhookReordered` (comes 2 s late).
 */
export function announce(ctx: Context<State>, event: Event): void {
  const webhooks = Object.values(ctx.state.webhooks).filter((webhook) => wants(webhook, event));
  if (webhooks.length === 0 || ctx.special('webhookLost')) return;
  const times = ctx.special('webhookDoubled') ? 2 : 1;
  const late = ctx.special('webhookReordered');
  for (const webhook of webhooks) {
    for (let i = 0; i < times; i++) {
      if (late) later(ctx, { job: 'deliver', webhook: webhook.id, event, attempt: 1 }, REORDERED_MS);
      else deliver(ctx, webhook.id, event, 1);
    }
  }
}

function wants(webhook: Webhook, event: Event): boolean {
  if (webhook.status !== 'ENABLED' || webhook.event_type !== event.object_type) return false;
  for (const field of ['realm', 'operation', 'object_id'] as const) {
    if (webhook[field] !== null && webhook[field] !== event[field]) return false;
  }
  return webhook.query === null || webhookQuery(webhook.query)(event);
}

function isLoopback(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
}

/** One try; what came of it is noted when it is known. A webhook that is gone or silent by now is left alone. */
export function deliver(ctx: Context<State>, webhookId: string, event: Event, attempt: number): void {
  const webhook = ctx.state.webhooks[webhookId];
  if (webhook?.status !== 'ENABLED') return;
  if (attempt === 1) {
    const mail: { to: string; kind: string; [k: string]: Json } = { to: webhook.url, kind: 'webhook' };
    ctx.outbox({ ...mail, webhook: webhookId, headers: toJson(webhook.headers), payload: toJson(event) });
  }
  if (!isLoopback(webhook.url)) return;
  void post(webhook, event).then((status) => {
    ctx.later(0, (then) => noteDelivery(then, webhookId, event, attempt, status));
  });
}

/** The status that was answered, null when nothing was. Redirects are not followed: they could lead off this machine. */
async function post(webhook: Webhook, event: Event): Promise<number | null> {
  try {
    const reply = await fetch(webhook.url, {
      method: 'POST',
      headers: { ...webhook.headers, 'content-type': 'application/json' },
      body: JSON.stringify(event),
      signal: AbortSignal.timeout(TIMEOUT_MS),
      redirect: 'manual',
    });
    await reply.arrayBuffer();
    return reply.status;
  } catch {
    return null;
  }
}

function noteDelivery(
  ctx: Context<State>,
  webhookId: string,
  event: Event,
  attempt: number,
  status: number | null,
): void {
  const webhook = ctx.state.webhooks[webhookId];
  if (!webhook) return;
  keep(ctx, { id: newId(), webhook: webhookId, event, attempt, status, at: iso(ctx.now()) });
  if (status !== null && status >= 200 && status < 300) {
    if (webhook.failures > 0) change(ctx, webhook, { failures: 0, first_failed_at: null });
    return;
  }
  const pause = CHOSEN.value(ctx.state, 'webhookTries') === 'one' ? undefined : RETRY_MS[attempt - 1];
  if (pause !== undefined) later(ctx, { job: 'deliver', webhook: webhookId, event, attempt: attempt + 1 }, pause);
  else fail(ctx, webhook, event, status);
}

function keep(ctx: Context<State>, delivery: Delivery): void {
  const all = ctx.state.deliveries;
  all[delivery.id] = delivery;
  const [oldest] = Object.keys(all);
  if (oldest !== undefined && Object.keys(all).length > MOST_DELIVERIES) delete all[oldest];
  recordWrite(ctx, 'delivery', delivery.id, null, delivery);
}

/** A delivery failed with all its tries; too many in a row and the webhook falls silent until it is enabled again. */
function fail(ctx: Context<State>, webhook: Webhook, event: Event, status: number | null): void {
  const failures = webhook.failures + 1;
  change(ctx, webhook, {
    failures,
    first_failed_at: webhook.first_failed_at ?? iso(ctx.now()),
    last_error: status === null ? 'No answer' : `HTTP status ${status}`,
    last_payload: JSON.stringify(event),
    ...(failures >= CHOSEN.count(ctx.state, 'webhookFailLimit') ? { status: 'FAILING' as const } : {}),
  });
}

function change(ctx: Context<State>, webhook: Webhook, to: Partial<Webhook>): void {
  const before = structuredClone(webhook);
  Object.assign(webhook, to);
  recordWrite(ctx, 'webhook', webhook.id, before, webhook);
}
