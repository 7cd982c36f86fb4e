import type { Context } from '../common/types.ts';
import { callOut } from './calls.ts';
import { digest } from './values.ts';

/** A message on its way to a phone. `nid` is the notice it belongs to, as its data tell. Times are ISO. */
export type Message = {
  id: string;
  nid: string | null;
  title: string | null;
  body: string | null;
  data: Record<string, string>;
  priority: 'normal' | 'high';
  /** Replaces a waiting message of the same key. */
  collapse: string | null;
  /** Replaces a message of the same tag that is already shown. */
  tag: string | null;
  sent: string;
  /** Not delivered from then on; null = kept for ever. */
  expires: string | null;
};

type Received = Message & { received: string; shown: boolean };
/** A call that the phone made: a tap in the app (POST), a link (GET), or a link scanner (GET). */
export type Tap = { at: string; by: 'app' | 'link' | 'scanner'; url: string; status: number | null };

/** A virtual phone. `token` is its device token, or the client id where a gateway keeps the token. */
export type Phone = {
  token: string;
  /** `login@partition`. */
  user: string;
  platform: 'android' | 'ios';
  online: boolean;
  topics: string[];
  waiting: Message[];
  inbox: Received[];
  taps: Tap[];
};

/** A state with virtual phones. `scanner`: something on the way opens every link it sees. */
export type WithPhones = { phones: Record<string, Phone>; scanner: boolean };

/** At most so many different collapse keys wait for one device (FCM); of more the oldest is dropped. */
const COLLAPSE_KEYS_MAX = 4;

export function newPhone(token: string, user: string, platform: 'android' | 'ios'): Phone {
  return { token, user, platform, online: true, topics: [], waiting: [], inbox: [], taps: [] };
}

/** Brings a message to a phone: shown at once, or waiting while the phone is offline. */
export function deliver<S extends WithPhones>(ctx: Context<S>, phone: Phone, message: Message): void {
  if (phone.online) return show(ctx, phone, message);
  if (message.expires !== null && message.expires <= message.sent) return; // a lifetime of 0: now or never
  if (message.collapse !== null) {
    phone.waiting = phone.waiting.filter((one) => one.collapse !== message.collapse);
    const keys = [...new Set(phone.waiting.flatMap((one) => one.collapse ?? []))];
    const dropped = keys.length >= COLLAPSE_KEYS_MAX ? keys[0] : undefined;
    if (dropped !== undefined) phone.waiting = phone.waiting.filter((one) => one.collapse !== dropped);
  }
  phone.waiting.push(message);
  ctx.write({ object: 'waiting', id: `${digest(phone.token)}/${message.id}`, before: null, after: brief(message) });
}

/** Shows a message whatever its lifetime says. */
export function show<S extends WithPhones>(ctx: Context<S>, phone: Phone, message: Message): void {
  const replaced = phone.inbox.filter((one) => one.shown && message.tag !== null && one.tag === message.tag);
  for (const one of replaced) one.shown = false;
  phone.inbox.push({ ...message, received: ctx.now().toISOString(), shown: true });
  const after = { ...brief(message), replaced: replaced.length };
  ctx.write({ object: 'inbox', id: `${digest(phone.token)}/${message.id}`, before: null, after });
  const { nid, title, body, data } = message;
  ctx.outbox({ to: phone.user, kind: 'push', phone: digest(phone.token), nid, title, body, data });
  if (ctx.state.scanner) for (const url of linksIn(message)) call(ctx, phone.token, 'scanner', url);
}

function brief(message: Message): { [k: string]: string | null } {
  const { nid, title, priority, collapse, tag } = message;
  return { nid, title, priority, collapse, tag };
}

/** The phone finds a network: what waited and is still alive is shown, in its order. */
export function comeOnline<S extends WithPhones>(ctx: Context<S>, phone: Phone): void {
  phone.online = true;
  const now = ctx.now().toISOString();
  const waiting = phone.waiting;
  phone.waiting = [];
  for (const message of waiting) if (message.expires === null || message.expires > now) show(ctx, phone, message);
}

/** Every link of a message: in its data, its title, its text. */
function linksIn({ data, title, body }: Message): string[] {
  return [...Object.values(data), title ?? '', body ?? ''].flatMap(
    (text) => text.match(/https?:\/\/[^\s"'<>]+/g) ?? [],
  );
}

/** The phone calls an address; what came of it stands in its `taps`. */
export function call<S extends WithPhones>(ctx: Context<S>, token: string, by: Tap['by'], url: string): void {
  callOut(ctx, { url, method: by === 'app' ? 'POST' : 'GET' }, (later, status) => {
    const phone = later.state.phones[token];
    if (!phone) return;
    phone.taps.push({ at: later.now().toISOString(), by, url, status });
    later.write({ object: 'tap', id: `${digest(token)}/${phone.taps.length}`, before: null, after: { by, status } });
  });
}

export type Effect = { [address: string]: { to: string; received: number; visible: number } };

/** Per notice what each phone really received and still shows. Messages without `nid` stand under their own id. */
export function effectsOfPhones(phones: Record<string, Phone>): Record<string, { phones: Effect }> {
  const all: Record<string, { phones: Effect }> = {};
  for (const phone of Object.values(phones)) {
    for (const message of phone.inbox) {
      const notice = (all[message.nid ?? message.id] ??= { phones: {} });
      const row = (notice.phones[digest(phone.token)] ??= { to: phone.user, received: 0, visible: 0 });
      row.received += 1;
      row.visible += message.shown ? 1 : 0;
    }
  }
  return all;
}
