import { fields } from '../common/fields.ts';
import type { Context, Json } from '../common/types.ts';
import { Refusal } from '../common/types.ts';
import type { Phone, WithPhones } from './phones.ts';
import { call, comeOnline } from './phones.ts';
import { digest } from './values.ts';

export type Input = { as?: string; action: string; [k: string]: Json };

const COMMON = { as: 'string?', action: 'string' } as const;
const PHONE_ACTIONS = ['tap', 'online', 'subscribe', 'scanner'];

/** The actions of one stand-in beside those of phones, by name. */
export type Actions<S> = Readonly<Record<string, (input: Input, ctx: Context<S>) => Json>>;

/** Does what people do with their phones, or an action of the stand-in's own; refuses others with the list of both. */
export function actWith<S extends WithPhones>(system: string, own: Actions<S>, input: Input, ctx: Context<S>): Json {
  const done = phoneAct(input, ctx);
  if (done !== undefined) return done;
  const action = Object.hasOwn(own, input.action) ? own[input.action] : undefined;
  if (!action) {
    const known = [...PHONE_ACTIONS, ...Object.keys(own)].join(', ');
    throw new Refusal(`${system} has no action "${input.action}"; it has ${known}.`);
  }
  return action(input, ctx);
}

/** What people do with their phones; undefined for any other action. Phones are named by token or by their person. */
function phoneAct<S extends WithPhones>(input: Input, ctx: Context<S>): Json | undefined {
  switch (input.action) {
    case 'tap':
      return tap(input, ctx);
    case 'online':
      return online(input, ctx);
    case 'subscribe':
      return subscribe(input, ctx);
    case 'scanner': {
      const { on } = fields('scanner', input, { ...COMMON, on: 'boolean' });
      ctx.state.scanner = on === true;
      return { scanner: ctx.state.scanner };
    }
    default:
      return undefined;
  }
}

/** The phone of that token, or the first one of that person. */
export function phoneOf(state: WithPhones, name: unknown): Phone {
  const all = Object.values(state.phones);
  const phone = all.find((one) => one.token === name) ?? all.find((one) => one.user === name);
  if (!phone) throw new Refusal(`There is no phone of ${JSON.stringify(name)}; see GET /state/phones.`, 404);
  return phone;
}

/** Somebody taps a notice: the app POSTs its `ackUrl`, or (`how: link`) a browser GETs it. */
function tap<S extends WithPhones>(input: Input, ctx: Context<S>): Json {
  const f = fields('tap', input, { ...COMMON, phone: 'string?', nid: 'string?', how: 'string?' });
  const phone = phoneOf(ctx.state, f['phone'] ?? input.as);
  const how = f['how'] ?? 'app';
  if (how !== 'app' && how !== 'link') throw new Refusal('how must be "app" or "link".');
  const message = phone.inbox.findLast((one) => one.shown && (f['nid'] === undefined || one.nid === f['nid']));
  if (!message) throw new Refusal('The phone shows no such notice.', 404);
  const url = message.data['ackUrl'];
  if (url === undefined) throw new Refusal('The notice has no "ackUrl" in its data.', 404);
  call(ctx, phone.token, how, url);
  return { phone: digest(phone.token), nid: message.nid, called: how === 'app' ? 'POST' : 'GET' };
}

function online<S extends WithPhones>(input: Input, ctx: Context<S>): Json {
  const f = fields('online', input, { ...COMMON, phone: 'string', online: 'boolean' });
  const phone = phoneOf(ctx.state, f['phone']);
  if (f['online'] === true) comeOnline(ctx, phone);
  else phone.online = false;
  return { phone: digest(phone.token), online: phone.online };
}

function subscribe<S extends WithPhones>(input: Input, ctx: Context<S>): Json {
  const f = fields('subscribe', input, { ...COMMON, phone: 'string', topic: 'string', present: 'boolean?' });
  const phone = phoneOf(ctx.state, f['phone']);
  const topic = String(f['topic']);
  phone.topics = phone.topics.filter((one) => one !== topic);
  if (f['present'] !== false) phone.topics.push(topic);
  return { phone: digest(phone.token), topics: phone.topics };
}
