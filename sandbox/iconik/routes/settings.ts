import { isObject } from '../../common/fields.ts';
import type { Reply } from '../../common/types.ts';
import type { Call } from '../kit.ts';
import { ApiRefusal, fieldError, noContent, notFound, ok, param, recordWrite } from '../kit.ts';
import type { Route } from '../router.ts';

/** Settings of a group or team, and of the domain (`system/current`): stored and given back (contract section 5). */
const FIELDS = [
  'acl_template_id',
  'default_upload_storage_id',
  'collections_get_parent_acls',
  'share_expiration_time',
  'delete_grace_period',
  'allowed_ips',
];

function keyOf(call: Call): string {
  const id = param(call, 'id');
  if (id === '') return 'system';
  if (!call.state.groups[id]) throw notFound('Group');
  return id;
}

function view(call: Call, key: string): object {
  const stored = call.state.settings[key] ?? {};
  const shown = Object.fromEntries(FIELDS.map((name) => [name, stored[name] ?? null]));
  const owner = key === 'system' ? { external_share: stored['external_share'] ?? true } : { group_id: key };
  return { ...shown, ...owner, system_domain_id: call.state.domain.id };
}

function edit(call: Call): Reply {
  const key = keyOf(call);
  if (key === 'system' && !call.me.is_admin)
    throw new ApiRefusal(403, 'Only a domain owner can change domain settings');
  const before = view(call, key);
  const kept = call.req.method === 'PUT' ? {} : call.state.settings[key];
  checkAddresses(call.body['allowed_ips']);
  const sent = Object.entries(call.body).filter(([name]) => [...FIELDS, 'external_share'].includes(name));
  call.state.settings[key] = { ...kept, ...Object.fromEntries(sent) };
  recordWrite(call.ctx, 'settings', key, before, view(call, key));
  return ok(view(call, key));
}

/** `allowed_ips` is a list of `{ip, app_id?}` (iconik's own API files have it so). */
function checkAddresses(value: unknown): void {
  if (value === undefined || value === null) return;
  const fits = (item: unknown): boolean => isObject(item) && typeof item['ip'] === 'string';
  if (!Array.isArray(value) || !value.every(fits)) throw fieldError('allowed_ips', 'Not a valid list of addresses.');
}

function remove(call: Call): Reply {
  const key = keyOf(call);
  const before = view(call, key);
  delete call.state.settings[key];
  recordWrite(call.ctx, 'settings', key, before, null);
  return noContent();
}

const S = '/API/settings/v1';
const read = (call: Call): Reply => ok(view(call, keyOf(call)));

function routesOf(path: string, roles: string): Route[] {
  return [
    { method: 'GET', path, role: `can_read_${roles}`, handler: read },
    { method: 'PUT', path, role: `can_write_${roles}`, handler: edit },
    { method: 'PATCH', path, role: `can_write_${roles}`, handler: edit },
    { method: 'DELETE', path, role: `can_delete_${roles}`, handler: remove },
  ];
}

export const settingsRoutes: Route[] = [
  ...routesOf(`${S}/group/{id}`, 'groups'),
  ...routesOf(`${S}/team/{id}`, 'teams'),
  { method: 'GET', path: `${S}/system/current`, handler: read },
  { method: 'PUT', path: `${S}/system/current`, handler: edit },
  { method: 'PATCH', path: `${S}/system/current`, handler: edit },
];
