import type { Json, Reply } from '../../common/types.ts';
import { CHOSEN } from '../chosen.ts';
import { newId } from '../ids.ts';
import { ids, text, whole } from '../input.ts';
import type { Call } from '../kit.ts';
import { ok } from '../kit.ts';
import { ApiRefusal } from '../refusal.ts';
import type { Route } from '../router.ts';
import { onMessage, visible } from '../rules/notify.ts';
import { need } from '../rules/rights.ts';
import type { Message } from '../state.ts';

const MOST_HANDLES = 100;

/** Waits until there is something, at most `wait_seconds` of real time. The key is absent when there is nothing. */
async function receive(call: Call): Promise<Reply> {
  need(call, 'triggers');
  const { input } = call;
  const [channel, batch] = [text(input, 'channel'), text(input, 'batch_id')];
  if ((channel === undefined) === (batch === undefined))
    throw new ApiRefusal(400, 'exactly one of channel and batch_id is needed');
  const where = channel === undefined ? { batch: batch ?? '' } : { channel };
  const most = whole(input, 'max_messages', 1, 100) ?? 10;
  const waitSeconds = whole(input, 'wait_seconds', 0, 60) ?? 20;
  const hiddenSeconds = whole(input, 'visibility_timeout', 1, 600) ?? 30;
  const some = await waitFor(() => visible(call.ctx, call.env.id, where).slice(0, most), waitSeconds * 1000);
  if (some.length === 0) {
    call.ctx.chosen('unknownChannel');
    return ok({});
  }
  call.ctx.chosen('pollOrder');
  return ok({ messages: some.map((message) => handOut(call, message, hiddenSeconds)) });
}

function waitFor(look: () => Message[], waitMs: number): Promise<Message[]> {
  const first = look();
  if (first.length > 0 || waitMs === 0) return Promise.resolve(first);
  return new Promise((resolve) => {
    const end = (found: Message[]): void => {
      clearTimeout(timer);
      stop();
      resolve(found);
    };
    const timer = setTimeout(() => end(look()), waitMs);
    timer.unref();
    const stop = onMessage(() => {
      const found = look();
      if (found.length > 0) end(found);
    });
  });
}

/** Hides the message for a while and gives it with a new receipt. */
function handOut(call: Call, message: Message, hiddenSeconds: number): { [k: string]: Json } {
  message.receipt = newId(48);
  message.visible_at = new Date(call.ctx.now().getTime() + hiddenSeconds * 1000).toISOString();
  return {
    receipt_handle: message.receipt,
    batch_id: message.batch_id,
    payload: JSON.parse(message.body) as Json, // what was stringified parses as JSON
    signed_payload: Buffer.from(message.body, 'utf8').toString('base64url'),
    signature: message.signature,
    timestamp: message.timestamp,
  };
}

function acknowledge(call: Call): Reply {
  need(call, 'triggers');
  const handles = ids(call.input, 'receipt_handles') ?? [];
  if (handles.length === 0) throw new ApiRefusal(400, 'missing fields', { details: { fields: ['receipt_handles'] } });
  if (handles.length > MOST_HANDLES) throw new ApiRefusal(400, `at most ${MOST_HANDLES} receipt handles`);
  const mine = Object.values(call.state.messages).filter((message) => message.env === call.env.id);
  const results = handles.map((handle) => {
    const message = mine.find((one) => one.receipt === handle);
    if (message && !message.acked) {
      message.acked = true;
      call.ctx.write({ object: 'message', id: message.id, before: { acked: false }, after: { acked: true } });
      return { receipt_handle: handle, status: 'acked' };
    }
    call.ctx.chosen('staleHandle');
    return { receipt_handle: handle, status: String(CHOSEN.value(call.state, 'staleHandle')) };
  });
  return ok({ results });
}

export const MESSAGE_ROUTES: Route[] = [
  {
    method: 'GET',
    path: '/messages',
    plane: 'queue',
    takes: ['channel', 'batch_id', 'max_messages', 'wait_seconds', 'visibility_timeout'],
    handler: receive,
  },
  { method: 'POST', path: '/messages/ack', plane: 'queue', takes: ['receipt_handles'], handler: acknowledge },
];
