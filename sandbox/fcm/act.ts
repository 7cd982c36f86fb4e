import { fields } from '../common/fields.ts';
import type { Context, Json } from '../common/types.ts';
import { Refusal } from '../common/types.ts';
import type { Actions, Input } from '../push/phoneActs.ts';
import { actWith, phoneOf } from '../push/phoneActs.ts';
import { newPhone } from '../push/phones.ts';
import { digest } from '../push/values.ts';
import { CHOSEN } from './chosen.ts';
import type { State } from './state.ts';

const COMMON = { as: 'string?', action: 'string' } as const;

/** What people do with their phones, what administrators do with the project, and the switches of the stand-in. */
export function act(input: Input, ctx: Context<State>): Json {
  return actWith('fcm', ACTIONS, input, ctx);
}

const ACTIONS: Actions<State> = {
  choose: (input, ctx) => CHOSEN.act(input, ctx),
  register,
  uninstall,
  quota,
  expireBearers(input, ctx) {
    fields('expireBearers', input, COMMON);
    const count = Object.keys(ctx.state.bearers).length;
    ctx.state.bearers = {};
    return { expired: count };
  },
};

/** Somebody installs the app: a new device token of our project. */
function register(input: Input, ctx: Context<State>): Json {
  const f = fields('register', input, { ...COMMON, user: 'string', token: 'string', platform: 'string?' });
  const platform = f['platform'] ?? 'android';
  if (platform !== 'android' && platform !== 'ios') throw new Refusal('platform must be "android" or "ios".');
  const [token, project] = [String(f['token']), Object.keys(ctx.state.projects)[0] ?? ''];
  if (ctx.state.devices[token]) throw new Refusal('There is a device of that token already.', 409);
  ctx.state.devices[token] = { token, project, status: 'live' };
  ctx.state.phones[token] = newPhone(token, String(f['user']), platform);
  ctx.write({ object: 'device', id: digest(token), before: null, after: { user: String(f['user']), status: 'live' } });
  return { device: digest(token) };
}

/** Somebody removes the app: from now on their token is UNREGISTERED. */
function uninstall(input: Input, ctx: Context<State>): Json {
  const f = fields('uninstall', input, { ...COMMON, phone: 'string' });
  const { token } = phoneOf(ctx.state, f['phone']);
  const device = ctx.state.devices[token];
  if (!device) throw new Refusal('There is no device of that token.', 404);
  ctx.write({ object: 'device', id: digest(token), before: { status: device.status }, after: { status: 'gone' } });
  device.status = 'gone';
  return { device: digest(token), status: device.status };
}

function quota(input: Input, ctx: Context<State>): Json {
  const f = fields('quota', input, { ...COMMON, project: 'string', perMinute: 'number' });
  const project = ctx.state.projects[String(f['project'])];
  if (!project) throw new Refusal(`There is no project ${JSON.stringify(f['project'])}.`, 404);
  project.perMinute = Number(f['perMinute']);
  return { project: project.id, perMinute: project.perMinute };
}
