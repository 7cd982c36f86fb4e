import type { Context } from '../../common/types.ts';
import { newId } from '../ids.ts';
import { recordWrite } from '../kit.ts';
import type { Delivery, Message, State } from '../state.ts';

/** Three more attempts, after about 3, 6 and 9 minutes (contract section 10.3, second-hand). */
const RETRY_MS = [180_000, 360_000, 540_000];
const TIMEOUT_MS = 5000;

function isLoopback(uri: string): boolean {
  try {
    const { protocol, hostname } = new URL(uri);
    return protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
  } catch {
    return false;
  }
}

/** Posts a notification to a webhook on this machine; others are in the outbox only. Anything but 200 is tried again. */
export function deliver(ctx: Context<State>, uri: string, message: Message, attempt: number): void {
  if (!isLoopback(uri)) return;
  void post(uri, message).then((status) => {
    ctx.later(0, (then) => noteDelivery(then, uri, message, attempt, status));
  });
}

async function post(uri: string, message: Message): Promise<number | null> {
  try {
    const headers = {
      'content-type': 'application/json',
      'X-Cld-Timestamp': message.timestamp,
      'X-Cld-Signature': message.signature,
    };
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const reply = await fetch(uri, { method: 'POST', headers, body: message.body, signal, redirect: 'manual' });
    await reply.arrayBuffer();
    return reply.status;
  } catch {
    return null;
  }
}

function noteDelivery(
  ctx: Context<State>,
  uri: string,
  message: Message,
  attempt: number,
  status: number | null,
): void {
  const delivery: Delivery = { id: newId(24), message: message.id, uri, attempt, status, at: ctx.now().toISOString() };
  ctx.state.deliveries[delivery.id] = delivery;
  recordWrite(ctx, 'delivery', delivery.id, null, delivery);
  const wait = RETRY_MS[attempt - 1];
  if (status !== 200 && wait !== undefined) ctx.later(wait, (then) => deliver(then, uri, message, attempt + 1));
}
