import { isObject } from '../../common/fields.ts';
import type { Reply } from '../../common/types.ts';
import { CHOSEN } from '../chosen.ts';
import { newId } from '../ids.ts';
import { flag, list, needed, text } from '../input.ts';
import type { Call } from '../kit.ts';
import { change, defined, now, ok, param, recordWrite } from '../kit.ts';
import { ApiRefusal } from '../refusal.ts';
import type { Route } from '../router.ts';
import { newAccessKey } from '../rules/accessKeys.ts';
import { userList } from '../rules/userList.ts';
import type { Environment, State } from '../state.ts';

const MOST_ASSETS = 1000;

export function environmentOfPath(call: Call): Environment {
  const env = call.state.environments[param(call, 'id')];
  if (!env) throw new ApiRefusal(404, `Cannot find sub account with id ${param(call, 'id')}`);
  return env;
}

/** An environment as replies show it: with the secrets of its keys, in clear (contract section 4.3). */
function shown(call: Call, env: Environment, inList = false): object {
  const omit = inList && CHOSEN.value(call.state, 'secretsInLists') === 'omitted';
  if (inList) call.ctx.chosen('secretsInLists');
  const keys = Object.values(call.state.keys)
    .filter((key) => key.env === env.id)
    .map((key) => ({ key: key.api_key, ...(omit ? {} : { secret: key.api_secret }), enabled: key.enabled }));
  const { id, name, cloud_name, enabled, custom_attributes, created_at, updated_at } = env;
  return { cloud_name, name, enabled, id, api_access_keys: keys, custom_attributes, created_at, updated_at };
}

function listEnvironments(call: Call): Reply {
  const { input } = call;
  const enabled = flag(input, 'enabled');
  const [ids, clouds] = [
    list(input, 'ids') ?? [],
    (list(input, 'cloud_names') ?? []).map((name) => name.toLowerCase()),
  ];
  if (ids.length > 100 || clouds.length > 100) throw new ApiRefusal(400, 'Too many ids');
  const prefix = (text(input, 'prefix') ?? '').toLowerCase();
  const all = Object.values(call.state.environments).filter(
    (env) =>
      (enabled === undefined || env.enabled === enabled) &&
      (ids.length === 0 || ids.includes(env.id)) &&
      (clouds.length === 0 || clouds.includes(env.cloud_name.toLowerCase())) &&
      env.name.toLowerCase().startsWith(prefix),
  );
  return ok({ sub_accounts: all.map((env) => shown(call, env, true)) });
}

function cloudName(call: Call, wanted: string | undefined, own?: Environment): string | undefined {
  if (wanted === undefined) return undefined;
  if (!/^[A-Za-z0-9_-]+$/.test(wanted)) throw new ApiRefusal(400, `Invalid cloud name ${wanted}`);
  const taken = Object.values(call.state.environments).some(
    (env) => env !== own && env.cloud_name.toLowerCase() === wanted.toLowerCase(),
  );
  if (taken) throw new ApiRefusal(409, `Cloud name ${wanted} already exists`);
  return wanted;
}

function attributes(call: Call): Record<string, unknown> | undefined {
  const value = call.input['custom_attributes'];
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw new ApiRefusal(400, 'Invalid value for parameter custom_attributes');
  return value;
}

function createEnvironment(call: Call): Reply {
  const { input, state } = call;
  const name = needed(input, 'name');
  const base = text(input, 'base_sub_account_id');
  if (base !== undefined && base !== '' && !state.environments[base])
    throw new ApiRefusal(404, `cannot find sub account ${base}`);
  const env: Environment = {
    id: newId(),
    name,
    cloud_name: cloudName(call, text(input, 'cloud_name') || undefined) ?? `d${newId(8)}`,
    enabled: flag(input, 'enabled') ?? true,
    custom_attributes: attributes(call) ?? {},
    folder_mode: 'dynamic',
    assets_elsewhere: 0,
    created_at: now(call),
    updated_at: now(call),
  };
  state.environments[env.id] = env;
  recordWrite(call.ctx, 'environment', env.id, null, env);
  newAccessKey(call.ctx, env, { name: 'Root', enabled: true, root: true });
  return ok(shown(call, env));
}

function assetCount(state: State, env: Environment): number {
  return env.assets_elsewhere + Object.values(state.assets).filter((asset) => asset.env === env.id).length;
}

function needSmall(call: Call, env: Environment): void {
  if (assetCount(call.state, env) >= MOST_ASSETS)
    throw new ApiRefusal(403, `Sub account ${env.id} has ${MOST_ASSETS} assets or more`);
}

function updateEnvironment(call: Call): Reply {
  const env = environmentOfPath(call);
  const { input } = call;
  const cloud = cloudName(call, text(input, 'cloud_name') || undefined, env);
  if (cloud !== undefined && cloud !== env.cloud_name) needSmall(call, env);
  const changes = { name: text(input, 'name'), cloud_name: cloud, enabled: flag(input, 'enabled') };
  change(call.ctx, 'environment', env.id, env, defined({ ...changes, custom_attributes: attributes(call) }));
  return ok(shown(call, env));
}

function deleteEnvironment(call: Call): Reply {
  const env = environmentOfPath(call);
  const { state } = call;
  needSmall(call, env);
  delete state.environments[env.id];
  for (const held of [
    state.keys,
    state.folders,
    state.assets,
    state.fields,
    state.rules,
    state.triggers,
    state.messages,
  ])
    for (const [id, one] of Object.entries<{ env: string }>(held)) if (one.env === env.id) delete held[id];
  for (const [id, one] of Object.entries(state.assignments)) if (one.scope_id === env.id) delete state.assignments[id];
  recordWrite(call.ctx, 'environment', env.id, env, null);
  return ok({ message: 'ok' });
}

/** An array, unlike every other reply of the plane. */
function billingUsage(call: Call): Reply {
  const users = userList(call.state).all.length;
  const period = call.ctx.now().toISOString().slice(0, 7);
  const usage = { plan: 'Enterprise', period, users: { usage: users, limit: call.state.account.seats } };
  return ok([usage]);
}

const FIELDS = ['name', 'cloud_name', 'custom_attributes', 'enabled'];
const path = '/sub_accounts/{id}';

export const ENVIRONMENT_ROUTES: Route[] = [
  {
    method: 'GET',
    path: '/sub_accounts',
    plane: 'account',
    takes: ['enabled', 'ids', 'cloud_names', 'prefix'],
    handler: listEnvironments,
  },
  {
    method: 'POST',
    path: '/sub_accounts',
    plane: 'account',
    takes: [...FIELDS, 'base_sub_account_id'],
    handler: createEnvironment,
  },
  { method: 'GET', path, plane: 'account', handler: (call) => ok(shown(call, environmentOfPath(call))) },
  { method: 'PUT', path, plane: 'account', takes: FIELDS, handler: updateEnvironment },
  { method: 'DELETE', path, plane: 'account', handler: deleteEnvironment },
  {
    method: 'GET',
    path: '/billing_usage',
    plane: 'account',
    takes: ['year', 'include_prodenv_breakdown'],
    handler: billingUsage,
  },
];
