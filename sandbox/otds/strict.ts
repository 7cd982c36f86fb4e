import { isObject } from '../common/fields.ts';
import type { StandInRequest } from '../common/types.ts';
import { refused } from './errors.ts';

/** `--strict`: refuses what the contract does not know: a field, a parameter, a header that is relied on. */

const ENTITY = [
  'userPartitionID', 'name', 'description', 'location', 'id', 'values', 'attributes', 'customAttributes', 'objectClass', 'uuid', 'originUUID',
  'urlId', 'urlLocation', 'numMembers', 'userPassword',
]; // prettier-ignore
const MEMBERS = ['userPartitions', 'users', 'groups', 'organizationalUnits', 'roles'];
const RESOURCE = [
  'resourceName', 'description', 'displayName', 'allowImpersonation', 'resourceID', 'secretKey', 'connectorid', 'connectorName', 'resourceType',
  'connectionParamInfo', 'userAttributeMapping', 'groupAttributeMapping', 'pcCreatePermissionAllowed', 'pcModifyPermissionAllowed',
  'pcDeletePermissionAllowed', 'id', 'resourceState', 'userSynchronizationState', 'resourceDN', 'accessRoleList', 'impersonateList',
  'impersonateAnonymousList', 'logoutURL', 'logoutMethod', 'connectionHealthy', 'isAuthenticationEnabled',
]; // prettier-ignore
const CLIENT = [
  'id', 'name', 'description', 'redirectURLs', 'confidential', 'secret', 'accessTokenLifeTime', 'refreshTokenLifeTime', 'authCodeLifeTime',
  'allowRefreshToken', 'allowImpersonation', 'useSessionRefreshTokenLifeTime', 'allowedScopes', 'defaultScopes', 'authScopes', 'impersonateList',
  'customAttributes', 'uuid', 'location', 'urlId', 'urlLocation', 'logoutURL', 'logoutMethod',
]; // prettier-ignore
const PROFILE = [
  'profileName', 'description', 'baseDN', 'ipConnectionParameter', 'ipAuthentication', 'objectClassNameMapping', 'basicInfo', 'basicAttributes',
]; // prettier-ignore
const IMPERSONATION = ['allowImpersonation', 'impersonateList', 'impersonateAnonymousList'];
const LICENSE = ['name', 'description', 'values'];
const SCIM_USER = [
  'schemas', 'id', 'externalId', 'meta', 'userName', 'active', 'displayName', 'title', 'emails', 'preferredLanguage', 'name', 'addresses',
  'phoneNumbers', 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
]; // prettier-ignore
const SCIM_GROUP = ['schemas', 'id', 'externalId', 'meta', 'displayName', 'members'];
const SCIM_PATCH = ['schemas', 'Operations'];
const PAGE = ['page_size', 'next_page_cookie'];
const WHERE = [...PAGE, 'where_partition_name', 'where_filter', 'where_location', 'attrsAsKeys'];
const SCIM_LIST = ['filter', 'startIndex', 'count', 'attributes', 'excludedAttributes'];
const STRINGS = ['stringList'];

/** Fields of bodies, by method and pattern; the first line that fits counts. A form counts by its fields, too. */
const BODIES: [RegExp, string[]][] = [
  [/^POST oauth2\/token$/, [
    'grant_type', 'client_id', 'client_secret', 'scope', 'username', 'password', 'subject_token', 'subject_token_type', 'refresh_token', 'code',
    'redirect_uri', 'code_verifier',
  ]],
  [/^POST v1\/auth/, ['user_name', 'password', 'ticket_type', 'target_resource_id']],
  [/^POST v1\/users$/, ['user_partition_id', 'name', 'description', 'location', 'id', 'values', 'custom_attributes']],
  [/^PUT v1\//, ['new_password', 'old_password']],
  [/^PATCH scim\//, SCIM_PATCH],
  [/^(POST|PUT) scim\/\{partition\}\/Users/, SCIM_USER],
  [/^(POST|PUT) scim\//, SCIM_GROUP],
  [/^POST tenants$/, ['id', 'displayName', 'adminUserName', 'adminPassword']],
  [/credentials$/, ['userName', 'password', 'ticketType', 'targetResourceId']],
  [/ticketforuser$/, ['userName', 'ticket']],
  [/tokeninfo$/, ['token', 'resourceId']],
  [/\/password$/, ['newPassword', 'oldPassword']],
  [/accessroles\/\{name\}\/members/, MEMBERS],
  [/\}\/(memberof|roles|members|groups)(\/deletionset)?$|whitelist$/, STRINGS],
  [/^(POST|PUT|PATCH) rest\/(users|groups|roles)(\/\{ref\})?$/, ENTITY],
  [/rest\/partitions$/, ['name', 'description']],
  [/identityproviderprofiles$/, PROFILE],
  [/\/command$/, ['command']],
  [/rest\/orgunits/, ENTITY],
  [/^PUT rest\/accessroles\/\{name\}$/, [
    'id', 'name', 'description', 'status', 'location', 'uuid', 'accessRoleMembers', 'resources', 'attributeList',
  ]],
  [/rest\/accessroles\/\{name\}\/attributes$/, ['attributes']],
  [/\/activate$/, []],
  [/\/status$/, ['isActivated', 'isAuthenticationEnabled', 'isSynchronizationEnabled']],
  [/\/impersonation$/, IMPERSONATION],
  [/rest\/resources/, RESOURCE],
  [/rest\/oauthclients/, CLIENT],
  [/consolidation$/, [
    'objectToConsolidate', 'resourceList', 'cleanupUsersInResource', 'cleanupGroupsInResource', 'repair', 'consolidateWithIdentityProvider',
  ]],
  [/licenses\/object/, ['_oTLicenseType', '_oTLicenseProduct', 'name', 'values']],
  [/licenses/, LICENSE],
  [/system_attributes/, ['name', 'value', 'friendlyName']],
  [/systemconfig\/audit$/, ['daysToKeep', 'enabled', 'auditTo', 'eventIDs']],
]; // prettier-ignore

const QUERIES: [RegExp, string[]][] = [
  [/^GET oauth2\/auth$/, [
    'response_type', 'client_id', 'redirect_uri', 'scope', 'state', 'nonce', 'code_challenge', 'code_challenge_method',
  ]],
  [/^GET scim\/\{partition\}\/(Users|Groups)/, SCIM_LIST],
  [/^GET rest\/users$/, [...WHERE, 'where_state']],
  [/^GET rest\/users\/\{ref\}$/, ['attrs', 'attrsAsKeys']],
  [/^GET rest\/(groups|roles)$/, WHERE],
  [/^GET rest\/(users|groups|roles|orgunits)/, WHERE],
  [/assignedlicenses$/, ['resourceID', 'validOnly']],
  [/^GET .*licenses\/object/, ['counter']],
]; // prettier-ignore

/** Headers on which a client could rely though the contract says that there is no such thing. */
const PROMISES = ['idempotency-key', 'if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since', 'prefer'];

function listFor(table: [RegExp, string[]][], route: string): string[] | undefined {
  return table.find(([pattern]) => pattern.test(route))?.[1];
}

function fieldsOf(req: StandInRequest): string[] {
  if (req.body.trim() === '') return [];
  if (/form-urlencoded/.test(req.headers['content-type'] ?? '')) return [...req.form().keys()];
  const body = req.json();
  return isObject(body) ? Object.keys(body) : [];
}

/** Each of `values` has a name and values, nothing else. */
function checkValues(body: unknown): void {
  const values: unknown = isObject(body) ? body['values'] : undefined;
  const keys = Array.isArray(values) ? values.filter(isObject).flatMap((item) => Object.keys(item)) : [];
  const unknown = keys.find((key) => key !== 'name' && key !== 'values');
  if (unknown !== undefined) throw refused('STRICT', `Unknown field of values: ${unknown}`);
}

/** Refuses (400) what the contract does not know of a request to that route, `METHOD pattern`. */
export function checkStrict(req: StandInRequest, route: string): void {
  const known = listFor(BODIES, route);
  for (const name of fieldsOf(req))
    if (known && !known.includes(name)) throw refused('STRICT', `Unknown field: ${name}`);
  if (known?.includes('values')) checkValues(req.json());
  const parameters = listFor(QUERIES, route) ?? [];
  for (const name of req.query.keys())
    if (!parameters.includes(name)) throw refused('STRICT', `Unknown parameter: ${name}`);
  for (const name of Object.keys(req.headers))
    if (PROMISES.includes(name)) throw refused('STRICT', `Unknown header: ${name}`);
}
