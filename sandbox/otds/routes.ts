import * as accessRoles from './accessRoles.ts';
import * as auth from './auth.ts';
import { authorize } from './authorize.ts';
import type { Handler } from './call.ts';
import * as groups from './groups.ts';
import * as members from './memberships.ts';
import * as oauth from './oauth.ts';
import * as clients from './oauthClients.ts';
import { consolidate } from './consolidation.ts';
import { openapi } from './openapi.ts';
import * as units from './orgUnits.ts';
import * as licenses from './licenses.ts';
import * as partitions from './partitions.ts';
import * as policy from './policy.ts';
import * as resources from './resources.ts';
import * as roles from './roles.ts';
import * as discovery from './scim/discovery.ts';
import * as scimGroups from './scim/groups.ts';
import * as scimUsers from './scim/users.ts';
import * as system from './systemConfig.ts';
import * as tenants from './tenants.ts';
import * as users from './users.ts';
import * as v1 from './v1.ts';

/** `open`: needs no login (the path checks what it is given itself). Patterns are relative to `/otdsws`. */
export type Route = { method: string; pattern: string; handler: Handler; open: boolean };

function route(line: string, handler: Handler, open = false): Route {
  const [method = '', pattern = ''] = line.split(' ');
  return { method, pattern, handler, open };
}

/** Everything that is served; openapi.json lists exactly this. */
export const routes: Route[] = [
  route('POST oauth2/token', oauth.token, true),
  route('GET oauth2/auth', authorize, true),
  route('GET oauth2/jwks', oauth.jwks, true),
  route('GET rest/openapi.json', openapi, true),
  route('POST rest/authentication/credentials', auth.credentials, true),
  route('POST rest/authentication/ticketforuser', auth.ticketForUser, true),
  route('POST rest/authentication/oauth/tokeninfo', auth.tokenInfo, true),
  route('GET rest/currentuser', auth.currentUser),

  route('GET rest/users', users.listUsers),
  route('POST rest/users', users.createUser),
  route('GET rest/users/{ref}', users.getUser),
  route('PATCH rest/users/{ref}', users.patchUser),
  route('PUT rest/users/{ref}', users.putUser),
  route('DELETE rest/users/{ref}', users.deleteUser),
  route('PUT rest/users/{ref}/password', users.putPassword),
  route('GET rest/users/{ref}/memberof', members.getUserMemberOf),
  route('POST rest/users/{ref}/memberof', members.userMemberOf('add')),
  route('POST rest/users/{ref}/memberof/deletionset', members.userMemberOf('remove')),
  route('GET rest/users/{ref}/roles', roles.getUserRoles),
  route('POST rest/users/{ref}/roles', roles.postUserRoles),

  route('GET rest/groups', groups.listGroups),
  route('POST rest/groups', groups.createGroup),
  route('GET rest/groups/{ref}', groups.getGroup),
  route('PATCH rest/groups/{ref}', groups.patchGroup),
  route('PUT rest/groups/{ref}', groups.putGroup),
  route('DELETE rest/groups/{ref}', groups.deleteGroup),
  route('GET rest/groups/{ref}/memberof', members.getGroupMemberOf),
  route('POST rest/groups/{ref}/memberof', members.groupMemberOf('add')),
  route('POST rest/groups/{ref}/memberof/deletionset', members.groupMemberOf('remove')),
  route('GET rest/groups/{ref}/members', members.getGroupMembers),
  route('POST rest/groups/{ref}/members', members.groupMembers('add')),
  route('POST rest/groups/{ref}/members/deletionset', members.groupMembers('remove')),
  route('GET rest/groups/{ref}/users', members.getGroupUsers),
  route('POST rest/groups/{ref}/groups', members.groupGroups('add')),
  route('POST rest/groups/{ref}/groups/deletionset', members.groupGroups('remove')),
  route('POST rest/groups/{ref}/roles', roles.postGroupRoles),

  route('POST rest/partitions', partitions.createPartition),
  route('GET rest/partitions/{name}', partitions.getPartition),
  route('POST rest/identityproviderprofiles', partitions.createProfile),
  route('POST rest/identityproviderprofiles/{name}/command', partitions.command),
  route('GET rest/orgunits', units.listOrgUnits),
  route('POST rest/orgunits', units.createOrgUnit),
  route('GET rest/orgunits/{dn}', units.getOrgUnit),
  route('PUT rest/orgunits/{dn}', units.putOrgUnit),
  route('DELETE rest/orgunits/{dn}', units.deleteOrgUnit),
  route('GET rest/orgunits/{dn}/children', units.getOrgUnitChildren),
  route('GET rest/orgunits/{dn}/parents', units.getOrgUnitParents),
  route('GET rest/orgunits/{dn}/users', units.getOrgUnitUsers),
  route('GET rest/orgunits/{dn}/roles', units.getOrgUnitRoles),
  route('POST rest/orgunits/{dn}/roles', units.postOrgUnitRoles),

  route('GET rest/accessroles', accessRoles.listAccessRoles),
  route('GET rest/accessroles/{name}', accessRoles.getAccessRole),
  route('PUT rest/accessroles/{name}', accessRoles.putAccessRole),
  route('POST rest/accessroles/{name}/members', accessRoles.postAccessRoleMembers),
  route('POST rest/accessroles/{name}/members/deletionset', accessRoles.deleteAccessRoleMembers),
  route('PUT rest/accessroles/{name}/attributes', accessRoles.putAccessRoleAttributes),

  route('GET rest/roles', roles.listRoles),
  route('POST rest/roles', roles.createRole),
  route('GET rest/roles/{ref}', roles.getRole),
  route('PUT rest/roles/{ref}', roles.putRole),
  route('DELETE rest/roles/{ref}', roles.deleteRole),
  route('GET rest/roles/{ref}/users', roles.getRoleUsers),
  route('GET rest/roles/{ref}/members', roles.getRoleMembers),
  route('POST rest/roles/{ref}/members', roles.roleMembers('add')),
  route('POST rest/roles/{ref}/members/deletionset', roles.roleMembers('remove')),
  route('POST rest/roles/{ref}/roles', roles.roleRoles('add')),
  route('POST rest/roles/{ref}/roles/deletionset', roles.roleRoles('remove')),

  route('GET rest/resources', resources.listResources),
  route('POST rest/resources', resources.createResource),
  route('GET rest/resources/{name}', resources.getResource),
  route('PUT rest/resources/{name}', resources.putResource),
  route('POST rest/resources/{name}/activate', resources.activateResource),
  route('PUT rest/resources/{name}/status', resources.putResourceStatus),
  route('PUT rest/resources/{name}/impersonation', resources.putResourceImpersonation),

  route('POST rest/oauthclients', clients.createOAuthClient),
  route('GET rest/oauthclients/{name}', clients.getOAuthClient),
  route('PATCH rest/oauthclients/{name}', clients.patchOAuthClient),
  route('PUT rest/oauthclients/{name}/impersonation', clients.putOAuthImpersonation),

  route('POST rest/consolidation', consolidate),
  route('GET rest/licensemanagement/licenses/assignedlicenses', licenses.assignedLicenses),
  route('POST rest/licensemanagement/licenses', licenses.createLicense),
  route('PUT rest/licensemanagement/licenses/{id}', licenses.putLicense),
  route('DELETE rest/licensemanagement/licenses/{id}', licenses.deleteLicense),
  route('POST rest/licensemanagement/licenses/object/{id}', licenses.assignLicense),
  route('GET rest/licensemanagement/licenses/object/{location}', licenses.licensedObjects),

  route('GET rest/systemconfig/whitelist', system.getWhitelist),
  route('PUT rest/systemconfig/whitelist', system.putWhitelist),
  route('GET rest/systemconfig/system_attributes', system.listSystemAttributes),
  route('POST rest/systemconfig/system_attributes', system.postSystemAttribute),
  route('GET rest/systemconfig/system_attributes/{name}', system.getSystemAttribute),
  route('PUT rest/systemconfig/system_attributes/{name}', system.putSystemAttribute),
  route('GET rest/systemconfig/passwordpolicy', policy.getPasswordPolicy),
  route('PUT rest/systemconfig/passwordpolicy', policy.putPasswordPolicy),
  route('PUT rest/systemconfig/audit', system.putAudit),

  route('GET tenants', tenants.listTenants),
  route('POST tenants', tenants.createTenant),
  route('GET tenants/{name}', tenants.getTenant),

  route('POST v1/authentication/credentials', v1.v1Credentials, true),
  route('POST v1/users', v1.v1CreateUser),
  route('PUT v1/users/{ref}/password', v1.v1Password),

  route('GET scim/{partition}/ServiceProviderConfig', discovery.serviceProviderConfig, true),
  route('GET scim/{partition}/ResourceTypes', discovery.resourceTypes, true),
  route('GET scim/{partition}/Schemas', discovery.schemas, true),
  route('GET scim/{partition}/Users', scimUsers.listScimUsers, true),
  route('POST scim/{partition}/Users', scimUsers.createScimUser, true),
  route('GET scim/{partition}/Users/{id}', scimUsers.getScimUser, true),
  route('PUT scim/{partition}/Users/{id}', scimUsers.putScimUser, true),
  route('PATCH scim/{partition}/Users/{id}', scimUsers.patchScimUser, true),
  route('DELETE scim/{partition}/Users/{id}', scimUsers.deleteScimUser, true),
  route('GET scim/{partition}/Groups', scimGroups.listScimGroups, true),
  route('POST scim/{partition}/Groups', scimGroups.createScimGroup, true),
  route('GET scim/{partition}/Groups/{id}', scimGroups.getScimGroup, true),
  route('PUT scim/{partition}/Groups/{id}', scimGroups.putScimGroup, true),
  route('PATCH scim/{partition}/Groups/{id}', scimGroups.patchScimGroup, true),
  route('DELETE scim/{partition}/Groups/{id}', scimGroups.deleteScimGroup, true),
];

/** Every route as `METHOD /path/{with}/{parameters}`. */
export const ROUTE_NAMES: readonly string[] = routes.map(nameOf);

/** Those that need no login; SCIM's look at their callers themselves. */
export const OPEN_ROUTES: readonly string[] = routes
  .filter((r) => r.open && !r.pattern.startsWith('scim/'))
  .map(nameOf);

function nameOf(r: Route): string {
  return `${r.method} /otdsws/${r.pattern}`;
}

/** The route of a path (its parts after `otdsws`), the parts that stand for something, and whether the path is known at all. */
export function find(method: string, parts: string[]): { route: Route | null; params: string[]; known: boolean } {
  let known = false;
  for (const candidate of routes) {
    const pattern = candidate.pattern.split('/');
    if (pattern.length !== parts.length || !pattern.every((p, i) => p.startsWith('{') || p === parts[i])) continue;
    known = true;
    if (candidate.method !== method) continue;
    return { route: candidate, params: parts.filter((_, i) => pattern[i]?.startsWith('{')), known };
  }
  return { route: null, params: [], known };
}
