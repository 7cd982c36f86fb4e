import type { Reply } from '../../common/types.ts';
import { newId } from '../ids.ts';
import type { Call } from '../kit.ts';
import {
  chosenRefusal,
  created,
  fieldError,
  noContent,
  notFound,
  oneOf,
  param,
  recordWrite,
  requiredText,
} from '../kit.ts';
import type { IdentityProvider, SamlDomain } from '../parts.ts';
import { IDP_TYPES } from '../parts.ts';
import { crudRoles } from '../roles.ts';
import type { Route } from '../router.ts';
import type { Kind } from './crud.ts';
import { crudRoutes, needed, readSettings } from './crud.ts';

const S = '/API/auth/v1/auth/saml';
const roles = crudRoles('identity_providers');

const providers: Kind<IdentityProvider> = {
  path: `${S}/idp`,
  roles,
  what: 'Identity provider',
  object: 'identity_provider',
  table: (state) => state.identity_providers,
  make: (call, id, dates) => ({
    id,
    public_id: newId(),
    type: 'GENERIC',
    settings: {},
    ...dates,
    ...readFields(call),
  }),
  change: readFields,
};

/** Both are needed on create and PUT; PATCH changes what it brings. */
function readFields(call: Call): Partial<Pick<IdentityProvider, 'type' | 'settings'>> {
  const type = needed(call, 'type', oneOf(call.body, 'type', IDP_TYPES));
  return { ...(type ? { type } : {}), ...readSettings(call) };
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

export const identityProviderRoutes: Route[] = [
  ...crudRoutes(providers),
  { method: 'POST', path: `${S}/domains`, role: roles.write, handler: mapDomain },
  { method: 'DELETE', path: `${S}/domains/{domain}`, role: roles.delete, handler: unmapDomain },
];
