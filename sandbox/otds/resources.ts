import { randomBytes, randomUUID } from 'node:crypto';
import type { Json } from '../common/types.ts';
import { ADMIN_PARTITION, needAdmin } from './access.ts';
import { scalar } from './attributes.ts';
import { bodyOf, created, EMPTY, ok, optionalTextOf, param, textOf } from './call.ts';
import type { Call, Handler } from './call.ts';
import { accessRoleDn, parseDn, resourceDn } from './dn.ts';
import { refused } from './errors.ts';
import type { AccessRole, Resource } from './model.ts';
import type { Context } from '../common/types.ts';
import type { OtdsState } from './model.ts';
import { isScim, keptParameters, shownParameters } from './push/receiver.ts';
import { addUser } from './writes.ts';

const FLAGS = [
  'pcCreatePermissionAllowed',
  'pcModifyPermissionAllowed',
  'pcDeletePermissionAllowed',
  'allowImpersonation',
];
const OWN = [
  'id',
  'resourceName',
  'resourceID',
  'resourceDN',
  'secretKey',
  'resourceState',
  'accessRoleList',
  'connectionHealthy',
];

function resourceOf(call: Call, name: string): Resource {
  const uuid = parseDn(name)?.uuid ?? null;
  const found = Object.values(call.state.resources).find(
    (r) => r.uuid === uuid || r.resourceName.toLowerCase() === name.toLowerCase() || r.resourceID === name,
  );
  if (!found) throw refused('ERR_NOT_FOUND', `Resource not found: ${name}`);
  return found;
}

function resourceJson(call: Call, r: Resource): object {
  const roles = Object.values(call.state.accessRoles).filter((a) => a.resources.includes(r.resourceName));
  return {
    description: null,
    displayName: r.resourceName,
    userSynchronizationState: false,
    resourceType: null,
    impersonateList: null,
    impersonateAnonymousList: null,
    pcCreatePermissionAllowed: false,
    pcModifyPermissionAllowed: false,
    pcDeletePermissionAllowed: false,
    allowImpersonation: false,
    logoutURL: null,
    logoutMethod: null,
    connectorName: null,
    connectorid: null,
    userAttributeMapping: [],
    groupAttributeMapping: [],
    ...r.fields,
    connectionParamInfo: shownParameters(r.fields['connectionParamInfo']),
    resourceName: r.resourceName,
    id: r.resourceName,
    resourceID: r.resourceID,
    resourceState: r.active ? 1 : 0,
    resourceDN: resourceDn(r.uuid),
    accessRoleList: roles.map((a) => ({ name: a.name, id: a.name, location: accessRoleDn(a.uuid) })),
    connectionHealthy: true,
  };
}

/** "true" in any case, or true. */
function flag(value: unknown): boolean {
  return scalar(value)?.toLowerCase() === 'true';
}

/** What a body brings beside the fields that OTDS itself keeps; flags come as strings and are kept as booleans. */
function fieldsOf(body: Record<string, unknown>, before: { [k: string]: Json } = {}): { [k: string]: Json } {
  const kept: { [k: string]: Json } = {};
  for (const [name, value] of Object.entries(body)) {
    if (OWN.includes(name)) continue;
    if (name === 'connectionParamInfo') kept[name] = keptParameters(value, before[name]);
    else kept[name] = FLAGS.includes(name) ? flag(value) : (value as Json); // parsed JSON
  }
  return kept;
}

/** A new SCIM resource pushes at once, without deletes unless they are allowed. */
function withPushDefaults(fields: { [k: string]: Json }): { [k: string]: Json } {
  if (!isScim(fields)) return fields;
  const usual = { userSynchronizationState: true, pcCreatePermissionAllowed: true, pcModifyPermissionAllowed: true };
  return { ...usual, ...fields };
}

/** Adds a resource with its user `<resourceID>@otds.admin` and its access role "Access to <name>". */
export function addResource(
  ctx: Context<OtdsState>,
  o: {
    name: string;
    resourceID?: string;
    secretKey?: string;
    fields: { [k: string]: Json };
    uuid?: string;
    accessRoleUuid?: string;
    userUuid?: string;
  },
): Resource {
  const resourceID = o.resourceID ?? randomUUID();
  const resource: Resource = {
    uuid: o.uuid ?? randomUUID(),
    n: ++ctx.state.n,
    resourceName: o.name,
    resourceID,
    secretKey: o.secretKey ?? `${randomBytes(16).toString('base64').slice(0, 22)}==`,
    active: o.resourceID !== undefined, // known id and key: active at once
    fields: o.fields,
  };
  ctx.state.resources[o.name] = resource;
  ctx.write({
    object: 'resource',
    id: resource.uuid,
    before: null,
    after: { resourceName: o.name, resourceID, ...o.fields },
  });
  addUser(ctx, {
    partition: ADMIN_PARTITION,
    name: resourceID,
    description: `Resource ${o.name}`,
    ...(o.userUuid === undefined ? {} : { uuid: o.userUuid }),
  });
  const role: AccessRole = {
    uuid: o.accessRoleUuid ?? randomUUID(),
    n: ++ctx.state.n,
    name: `Access to ${o.name}`,
    description: `Access to resource ${o.name}`,
    status: 'ENABLED',
    resources: [o.name],
    attributes: { pushAllGroups: ['False'] },
    members: { userPartitions: [], organizationalUnits: [], groups: [], users: [], roles: [] },
  };
  ctx.state.accessRoles[role.name] = role;
  ctx.write({
    object: 'accessRole',
    id: role.uuid,
    before: null,
    after: { name: role.name, resources: role.resources },
  });
  return resource;
}

/** POST /resources */
export const createResource: Handler = (call) => {
  needAdmin(call);
  const body = bodyOf(call);
  const name = textOf(body, 'resourceName');
  const resourceID = optionalTextOf(body, 'resourceID') ?? undefined;
  const secretKey = optionalTextOf(body, 'secretKey') ?? undefined;
  if (
    Object.values(call.state.resources).some(
      (r) => r.resourceName.toLowerCase() === name.toLowerCase() || r.resourceID === resourceID,
    )
  ) {
    throw refused('ERR_DUPLICATE', `The resource ${name} already exists`);
  }
  if (resourceID && !secretKey) throw refused('ERR_BAD_INPUT', 'A resourceID needs a secretKey');
  const resource = addResource(call.ctx, {
    name,
    fields: withPushDefaults(fieldsOf(body)),
    ...(resourceID ? { resourceID } : {}),
    ...(secretKey ? { secretKey } : {}),
  });
  return created(call, resourceJson(call, resource));
};

/** GET /resources */
export const listResources: Handler = (call) => {
  const all = Object.values(call.state.resources).toSorted((a, b) => a.n - b.n);
  return ok({ resources: all.map((r) => resourceJson(call, r)), nextPageCookie: null });
};

/** GET /resources/{name} */
export const getResource: Handler = (call) => ok(resourceJson(call, resourceOf(call, param(call))));

function change(call: Call, r: Resource, fields: { [k: string]: Json }): void {
  const before = Object.fromEntries(Object.keys(fields).map((name) => [name, r.fields[name] ?? null]));
  Object.assign(r.fields, fields);
  call.ctx.write({ object: 'resource', id: r.uuid, before, after: fields });
}

/** PUT /resources/{name} */
export const putResource: Handler = (call) => {
  needAdmin(call);
  const r = resourceOf(call, param(call));
  change(call, r, fieldsOf(bodyOf(call), r.fields));
  return ok(resourceJson(call, r));
};

function setActive(call: Call, r: Resource, active: boolean): void {
  const before = { active: r.active };
  r.active = active;
  call.ctx.write({ object: 'resource', id: r.uuid, before, after: { active } });
}

/** POST /resources/{id}/activate */
export const activateResource: Handler = (call) => {
  needAdmin(call);
  const r = resourceOf(call, param(call));
  setActive(call, r, true);
  return ok(resourceJson(call, r));
};

/** PUT /resources/{name}/status */
export const putResourceStatus: Handler = (call) => {
  needAdmin(call);
  const r = resourceOf(call, param(call));
  const { isActivated, isAuthenticationEnabled, ...rest } = bodyOf(call);
  if (isActivated !== undefined) setActive(call, r, flag(isActivated));
  if (isAuthenticationEnabled !== undefined)
    change(call, r, { isAuthenticationEnabled: flag(isAuthenticationEnabled) });
  if (rest['isSynchronizationEnabled'] !== undefined) {
    change(call, r, { userSynchronizationState: flag(rest['isSynchronizationEnabled']) });
  }
  return EMPTY;
};

/** PUT /resources/{name}/impersonation */
export const putResourceImpersonation: Handler = (call) => {
  needAdmin(call);
  change(call, resourceOf(call, param(call)), fieldsOf(bodyOf(call)));
  return EMPTY;
};
