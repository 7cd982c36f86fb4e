import type { Reply } from '../../common/types.ts';
import { newId } from '../ids.ts';
import type { Call } from '../kit.ts';
import {
  chosenRefusal,
  created,
  fieldError,
  isRecord,
  noContent,
  notFound,
  nowIso,
  ok,
  oneOf,
  param,
  recordWrite,
  requiredText,
} from '../kit.ts';
import { cursor } from '../paging.ts';
import type { IdentityProvider, SamlDomain } from '../parts.ts';
import { IDP_TYPES } from '../parts.ts';
import { crudRoles } from '../roles.ts';
import type { Route } from '../router.ts';

function pathProvider(call: Call): IdentityProvider {
  const provider = call.state.identity_providers[param(call, 'id')];
  if (!provider) throw notFound('Identity provider');
  return provider;
}

/** Both are needed on create and PUT; PATCH changes what it brings. */
function readFields(call: Call): Partial<Pick<IdentityProvider, 'type' | 'settings'>> {
  const partly = call.req.method === 'PATCH';
  const type = oneOf(call.body, 'type', IDP_TYPES);
  const settings = call.body['settings'];
  if (!type && !partly) throw fieldError('type', 'Missing data for required field.');
  if (settings === undefined && !partly) throw fieldError('settings', 'Missing data for required field.');
  if (settings !== undefined && !isRecord(settings)) throw fieldError('settings', 'Not a valid mapping.');
  return { ...(type ? { type } : {}), ...(settings === undefined ? {} : { settings }) };
}

function create(call: Call): Reply {
  const now = nowIso(call);
  const dates = { date_created: now, date_modified: now };
  const blank = { id: newId(), public_id: newId(), type: 'GENERIC', settings: {}, ...dates } as const;
  const provider: IdentityProvider = { ...blank, ...readFields(call) };
  call.state.identity_providers[provider.id] = provider;
  recordWrite(call.ctx, 'identity_provider', provider.id, null, provider);
  return created(provider);
}

function edit(call: Call): Reply {
  const provider = pathProvider(call);
  const before = structuredClone(provider);
  Object.assign(provider, readFields(call), { date_modified: nowIso(call) });
  recordWrite(call.ctx, 'identity_provider', provider.id, before, provider);
  return ok(provider);
}

function remove(call: Call): Reply {
  const provider = pathProvider(call);
  delete call.state.identity_providers[provider.id];
  recordWrite(call.ctx, 'identity_provider', provider.id, provider, null);
  return noContent();
}

/** A body's `identity_provider_id`, which has to be there. */
export function readProviderId(call: Call): string {
  const id = requiredText(call.body, 'identity_provider_id');
  if (call.state.identity_providers[id]) return id;
  throw chosenRefusal(call, 'unknownIdentityProvider', { identity_provider_id: 'Identity provider does not exist.' });
}

function mapDomain(call: Call): Reply {
  const domain = requiredText(call.body, 'domain').toLowerCase();
  const system_domain_id = requiredText(call.body, 'system_domain_id');
  if (system_domain_id !== call.state.domain.id) throw fieldError('system_domain_id', 'System domain does not exist.');
  const mapped: SamlDomain = { domain, identity_provider_id: readProviderId(call), system_domain_id };
  const before = call.state.saml_domains[domain] ?? null;
  call.state.saml_domains[domain] = mapped;
  recordWrite(call.ctx, 'saml_domain', domain, before, mapped);
  return created(mapped);
}

function unmapDomain(call: Call): Reply {
  const domain = param(call, 'domain').toLowerCase();
  const before = call.state.saml_domains[domain];
  if (!before) throw notFound('Domain');
  delete call.state.saml_domains[domain];
  recordWrite(call.ctx, 'saml_domain', domain, before, null);
  return noContent();
}

function list(call: Call): Reply {
  const all = Object.values(call.state.identity_providers);
  return cursor(
    call,
    all,
    (provider) => provider.id,
    (provider) => provider,
  );
}

const S = '/API/auth/v1/auth/saml';
const roles = crudRoles('identity_providers');

export const identityProviderRoutes: Route[] = [
  { method: 'GET', path: `${S}/idp`, role: roles.read, handler: list },
  { method: 'POST', path: `${S}/idp`, role: roles.write, handler: create },
  { method: 'GET', path: `${S}/idp/{id}`, role: roles.read, handler: (call) => ok(pathProvider(call)) },
  { method: 'PUT', path: `${S}/idp/{id}`, role: roles.write, handler: edit },
  { method: 'PATCH', path: `${S}/idp/{id}`, role: roles.write, handler: edit },
  { method: 'DELETE', path: `${S}/idp/{id}`, role: roles.delete, handler: remove },
  { method: 'POST', path: `${S}/domains`, role: roles.write, handler: mapDomain },
  { method: 'DELETE', path: `${S}/domains/{domain}`, role: roles.delete, handler: unmapDomain },
];
