import { toJson } from '../common/effects.ts';
import type { Context, Json, Reply } from '../common/types.ts';
import { callOut, isLocal } from '../push/calls.ts';
import type { Call } from '../push/router.ts';
import { digest } from '../push/values.ts';
import { authorise } from './auth.ts';
import { CHOSEN } from './chosen.ts';
import { MraRefusal } from './errors.ts';
import { WEBHOOK } from './shapes.ts';
import type { State } from './state.ts';
import { readBody } from './submit.ts';

/** POST {base}/inbound/whatsapp/messages/webhook: where replies go from now on. */
export function setInbound(call: Call<State>): Reply {
  const account = authorise(call.req, call.ctx, 'whatsapp');
  const url = String(readBody(call, WEBHOOK)['url']);
  if (!/^https?:\/\/\S+$/.test(url)) throw new MraRefusal(400, 'url must be an address.');
  const before = account.inbound === null ? null : { url: account.inbound };
  call.ctx.write({ object: 'inbound', id: account.user, before, after: { url } });
  account.inbound = url;
  return { status: 200, body: { url } };
}

/** GET: the address. */
export function readInbound({ req, ctx }: Call<State>): Reply {
  const { inbound } = authorise(req, ctx, 'whatsapp');
  if (inbound === null) {
    if (CHOSEN.use(ctx, 'INBOUND_NONE') === 200) return { status: 200, body: {} };
    throw new MraRefusal(404, 'No webhook is set.');
  }
  return { status: 200, body: { url: inbound } };
}

/** DELETE: any 2xx, also when there is none. */
export function removeInbound({ req, ctx }: Call<State>): Reply {
  const account = authorise(req, ctx, 'whatsapp');
  const before = account.inbound === null ? null : { url: account.inbound };
  ctx.write({ object: 'inbound', id: account.user, before, after: null });
  account.inbound = null;
  return { status: 204 };
}

/** Somebody answers on WhatsApp. The body is made up: the vendor's is not public. */
export function replyOnWhatsapp(
  ctx: Context<State>,
  { user, from, text, choice }: { user: string; from: string; text: string | null; choice: string | null },
): Json {
  const url = ctx.state.accounts[user]?.inbound ?? null;
  const said = { ...(choice === null ? {} : { postback_data: choice }), ...(text === null ? {} : { text }) };
  const body = { standin_fake_schema: 1, from, ...said, time: ctx.now().toISOString() };
  if (url === null) return { posted: false, why: 'No webhook is set.' };
  ctx.outbox({
    to: url,
    kind: 'webhook',
    body: toJson(body),
    constant: String(CHOSEN.value(ctx.state, 'WHATSAPP_INBOUND')),
  });
  callOut(ctx, { url, method: 'POST', body }, (later, status) =>
    later.write({ object: 'inboundReply', id: digest(from), before: null, after: { status } }),
  );
  return { posted: isLocal(url) };
}
