import { fields } from '../common/fields.ts';
import type { Context, Json } from '../common/types.ts';
import { Refusal } from '../common/types.ts';
import type { Actions, Input } from '../push/phoneActs.ts';
import { actWith, phoneOf } from '../push/phoneActs.ts';
import { newPhone } from '../push/phones.ts';
import { CHOSEN } from './chosen.ts';
import type { State } from './state.ts';
import { RUNTIMES } from './state.ts';

const COMMON = { as: 'string?', action: 'string' } as const;

/** What people do with their phones, what changes behind the gateway, and the switches of the stand-in. */
export function act(input: Input, ctx: Context<State>): Json {
  return actWith('otag', ACTIONS, input, ctx);
}

const ACTIONS: Actions<State> = {
  choose: (input, ctx) => CHOSEN.act(input, ctx),
  /** Somebody signs in to the mobile client on a phone. */
  signIn(input, ctx) {
    const f = fields('signIn', input, { ...COMMON, user: 'string', client: 'string', runtime: 'string?' });
    const runtime = RUNTIMES.find((one) => one === (f['runtime'] ?? RUNTIMES[0]));
    if (!runtime) throw new Refusal(`runtime must be one of ${RUNTIMES.join(', ')}.`);
    const [id, user] = [String(f['client']), String(f['user'])];
    forget(ctx.state, id);
    ctx.state.clientsOf[user] = [...(ctx.state.clientsOf[user] ?? []), id];
    ctx.state.clients[id] = { id, user, runtime, lastSeen: null };
    ctx.state.phones[id] ??= newPhone(id, user, runtime === RUNTIMES[0] ? 'android' : 'ios');
    if (!ctx.state.users.includes(user)) ctx.state.users.push(user);
    ctx.write({ object: 'client', id, before: null, after: { user, runtime } });
    return { client: id };
  },
  /** Somebody puts the phone away: a broadcast passes it over once it was not seen for `OTAG_RECENT_DAYS`. */
  putAway(input, ctx) {
    const { phone } = fields('putAway', input, { ...COMMON, phone: 'string' });
    const client = ctx.state.clients[phoneOf(ctx.state, phone).token];
    if (!client) throw new Refusal('There is no such client.', 404);
    client.lastSeen = ctx.now().toISOString();
    return { client: client.id, lastSeen: client.lastSeen };
  },
  /** Somebody signs out: the gateway forgets the client. */
  signOut(input, ctx) {
    const { phone } = fields('signOut', input, { ...COMMON, phone: 'string' });
    const { token: id, user } = phoneOf(ctx.state, phone);
    forget(ctx.state, id);
    ctx.write({ object: 'client', id, before: { user }, after: null });
    return { client: id };
  },
  /** The directory changed: somebody is in a group from now on, or no longer. */
  member(input, ctx) {
    const f = fields('member', input, { ...COMMON, user: 'string', group: 'string', present: 'boolean' });
    const [user, group] = [String(f['user']), String(f['group'])];
    const people = (ctx.state.groups[group] ?? []).filter((one) => one !== user);
    ctx.state.groups[group] = f['present'] === true ? [...people, user] : people;
    return { group, members: ctx.state.groups[group].length };
  },
};

function forget(state: State, id: string): void {
  const user = state.clients[id]?.user;
  if (user === undefined) return;
  delete state.clients[id];
  state.clientsOf[user] = (state.clientsOf[user] ?? []).filter((one) => one !== id);
}
