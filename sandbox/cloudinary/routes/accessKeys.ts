import type { Reply } from '../../common/types.ts';
import { CHOSEN } from '../chosen.ts';
import { flag, list, needed, oneOf, text, whole } from '../input.ts';
import type { Call } from '../kit.ts';
import { change, defined, ok, param, recordWrite } from '../kit.ts';
import { ApiRefusal } from '../refusal.ts';
import type { Route } from '../router.ts';
import { newAccessKey } from '../rules/accessKeys.ts';
import { dropAssignments } from '../rules/people.ts';
import type { AccessKey } from '../state.ts';
import { environmentOfPath } from './environments.ts';

/** A key, its fields in the order that the vendor's own client compares (contract section 4.3). */
function shown(call: Call, key: AccessKey, inList = false): object {
  if (inList) call.ctx.chosen('secretsInLists');
  const omit = inList && CHOSEN.value(call.state, 'secretsInLists') === 'omitted';
  return {
    name: key.name,
    api_key: key.api_key,
    ...(omit ? {} : { api_secret: key.api_secret }),
    created_at: key.created_at,
    updated_at: key.updated_at,
    enabled: key.enabled,
    ...(key.dedicated_for.length > 0 ? { dedicated_for: key.dedicated_for } : {}),
    root: key.root,
  };
}

function keysOf(call: Call): AccessKey[] {
  const env = environmentOfPath(call);
  return Object.values(call.state.keys).filter((key) => key.env === env.id);
}

function keyOf(call: Call): AccessKey {
  const key = keysOf(call).find((one) => one.api_key === param(call, 'key'));
  if (!key) throw new ApiRefusal(404, `Cannot find access key ${param(call, 'key')}`);
  return key;
}

function listKeys(call: Call): Reply {
  const { input } = call;
  const keys = keysOf(call);
  const by = oneOf(input, 'sort_by', ['api_key', 'created_at', 'name', 'enabled']) ?? 'created_at';
  const down = oneOf(input, 'sort_order', ['desc', 'asc']) === 'desc' ? -1 : 1;
  const sorted = [...keys].sort((a, b) =>
    String(a[by]) < String(b[by]) ? -down : String(a[by]) > String(b[by]) ? down : 0,
  );
  const size = whole(input, 'page_size', 1, 100);
  const page = whole(input, 'page', 1, 100) ?? (size === undefined ? undefined : 1);
  const some = page === undefined ? sorted : sorted.slice((page - 1) * (size ?? 100), page * (size ?? 100));
  return ok({ access_keys: some.map((key) => shown(call, key, true)), total: keys.length });
}

function createKey(call: Call): Reply {
  const env = environmentOfPath(call);
  const name = text(call.input, 'name') ?? `Key ${keysOf(call).length + 1}`;
  const key = newAccessKey(call.ctx, env, { name, enabled: flag(call.input, 'enabled') ?? true, root: false });
  return ok(shown(call, key));
}

function updateKey(call: Call): Reply {
  const key = keyOf(call);
  const dedicated = list(call.input, 'dedicated_for');
  if (dedicated?.some((use) => use !== 'webhooks'))
    throw new ApiRefusal(400, 'Invalid value for parameter dedicated_for');
  if (dedicated?.length) {
    for (const other of keysOf(call)) {
      if (other !== key && other.dedicated_for.length > 0)
        change(call.ctx, 'accessKey', other.api_key, other, { dedicated_for: [] });
    }
  }
  const changes = { name: text(call.input, 'name'), enabled: flag(call.input, 'enabled'), dedicated_for: dedicated };
  change(call.ctx, 'accessKey', key.api_key, key, defined(changes));
  return ok(shown(call, key));
}

function remove(call: Call, key: AccessKey): Reply {
  delete call.state.keys[key.api_key];
  recordWrite(call.ctx, 'accessKey', key.api_key, key, null);
  dropAssignments(call.ctx, 'apiKey', key.api_key);
  return ok({ message: 'ok' });
}

function deleteByName(call: Call): Reply {
  const name = needed(call.input, 'name');
  const key = keysOf(call).find((one) => one.name === name);
  if (!key) throw new ApiRefusal(404, `Cannot find access key with name ${name}`);
  return remove(call, key);
}

const path = '/sub_accounts/{id}/access_keys';

export const ACCESS_KEY_ROUTES: Route[] = [
  {
    method: 'GET',
    path,
    plane: 'account',
    takes: ['page', 'page_size', 'sort_by', 'sort_order'],
    handler: listKeys,
  },
  { method: 'POST', path, plane: 'account', takes: ['name', 'enabled'], handler: createKey },
  {
    method: 'PUT',
    path: `${path}/{key}`,
    plane: 'account',
    takes: ['name', 'enabled', 'dedicated_for'],
    handler: updateKey,
  },
  { method: 'DELETE', path: `${path}/{key}`, plane: 'account', handler: (call) => remove(call, keyOf(call)) },
  { method: 'DELETE', path, plane: 'account', takes: ['name'], handler: deleteByName },
];
