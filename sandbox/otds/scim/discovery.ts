import type { Handler } from '../call.ts';
import { ScimError } from './error.ts';
import { ENTERPRISE_SCHEMA, GROUP_SCHEMA, USER_SCHEMA } from './mapping.ts';
import { listReply, reply, scimBase, scimPartition } from './reply.ts';
import type { Call } from '../call.ts';

/** `/ServiceProviderConfig`, `/ResourceTypes`, `/Schemas`: whether OTDS has them is not known (constant SCIM_SERVER). */

function needDiscovery(call: Call): void {
  scimPartition(call);
  call.ctx.chosen('SCIM_SERVER');
  if (call.state.choices.SCIM_SERVER === 'bare') throw new ScimError(404, 'Not found');
}

/** GET /scim/{partition}/ServiceProviderConfig */
export const serviceProviderConfig: Handler = (call) => {
  needDiscovery(call);
  return reply(200, {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
    patch: { supported: true },
    bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
    filter: { supported: true, maxResults: Number(call.state.choices.PAGE_SIZE_MAX) },
    changePassword: { supported: false },
    sort: { supported: false },
    etag: { supported: false },
    authenticationSchemes: [
      { type: 'oauthbearertoken', name: 'OAuth Bearer Token', description: 'A token of an OAuth client of this OTDS' },
    ],
    meta: { resourceType: 'ServiceProviderConfig', location: `${scimBase(call)}/ServiceProviderConfig` },
  });
};

/** GET /scim/{partition}/ResourceTypes */
export const resourceTypes: Handler = (call) => {
  needDiscovery(call);
  const type = (id: string, endpoint: string, schema: string, more: object = {}) => ({
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
    id,
    name: id,
    endpoint,
    schema,
    ...more,
    meta: { resourceType: 'ResourceType', location: `${scimBase(call)}/ResourceTypes/${id}` },
  });
  const extensions = { schemaExtensions: [{ schema: ENTERPRISE_SCHEMA, required: false }] };
  return listReply([type('User', '/Users', USER_SCHEMA, extensions), type('Group', '/Groups', GROUP_SCHEMA)], 1, 2);
};

function attribute(name: string, type = 'string', more: object = {}): object {
  const usual = { multiValued: false, required: false, caseExact: false, mutability: 'readWrite', returned: 'default' };
  return { name, type, ...usual, uniqueness: 'none', ...more };
}

function several(name: string, ...subAttributes: string[]): object {
  return attribute(name, 'complex', { multiValued: true, subAttributes: subAttributes.map((s) => attribute(s)) });
}

const USER = [
  attribute('userName', 'string', { required: true, uniqueness: 'server' }),
  ...['externalId', 'displayName', 'title', 'preferredLanguage'].map((name) => attribute(name)),
  attribute('active', 'boolean'),
  attribute('name', 'complex', { subAttributes: ['givenName', 'familyName', 'formatted'].map((s) => attribute(s)) }),
  several('emails', 'type', 'value'),
  several('phoneNumbers', 'type', 'value'),
  several('addresses', 'type', 'formatted', 'streetAddress', 'locality', 'region', 'postalCode', 'country'),
];
const ENTERPRISE = [
  attribute('employeeNumber'),
  attribute('department'),
  attribute('manager', 'complex', { subAttributes: [attribute('value')] }),
];
const GROUP = [
  attribute('displayName', 'string', { required: true }),
  attribute('externalId'),
  several('members', 'value', 'type', 'display'),
];

/** GET /scim/{partition}/Schemas */
export const schemas: Handler = (call) => {
  needDiscovery(call);
  const schema = (id: string, name: string, attributes: object[]) => ({
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
    id,
    name,
    attributes,
    meta: { resourceType: 'Schema', location: `${scimBase(call)}/Schemas/${id}` },
  });
  const all = [
    schema(USER_SCHEMA, 'User', USER),
    schema(ENTERPRISE_SCHEMA, 'EnterpriseUser', ENTERPRISE),
    schema(GROUP_SCHEMA, 'Group', GROUP),
  ];
  return listReply(all, 1, all.length);
};
