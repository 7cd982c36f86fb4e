import { needAdmin } from './access.ts';
import { scalar } from './attributes.ts';
import { bodyOf, created, EMPTY, ok, optionalTextOf, param, stringListOf, textOf } from './call.ts';
import type { Call, Handler } from './call.ts';
import { refused } from './errors.ts';
import type { SystemAttribute, SystemConfig } from './model.ts';

/** `/systemconfig`: trusted sites, attributes of the system, what is audited (contract, section 8). */

/** What is audited unless somebody chose: a name of section 11 each. */
const EVENTS = [
  'User Create', 'User Modify', 'User Delete', 'User Rename', 'User locked out', 'Group Create', 'Group Modify', 'Group Delete', 'Group Rename',
  'Role Create', 'Role Modify', 'Role Delete', 'Add Parent Object', 'Remove Parent Object', 'Set group members', 'Import Finished',
  'Consolidation finished', 'Access Denied', 'Initial authentication successful', 'Initial authentication failed', 'Impersonation',
  'Password change successful', 'Password change failed', 'OAuth Client Create', 'OAuth Client Modify', 'Tenant Create',
]; // prettier-ignore

/** As after an installation. */
export function usualSystemConfig(): SystemConfig {
  return {
    whitelist: [],
    attributes: {},
    audit: { enabled: true, daysToKeep: '7', auditTo: 'DATABASE', eventIDs: EVENTS },
  };
}

/** GET /systemconfig/whitelist: the trusted sites. */
export const getWhitelist: Handler = (call) => ok({ stringList: call.state.systemConfig.whitelist });

/** PUT /systemconfig/whitelist: the whole list. */
export const putWhitelist: Handler = (call) => {
  needAdmin(call);
  const config = call.state.systemConfig;
  const before = config.whitelist;
  config.whitelist = [...new Set(stringListOf(call))];
  call.ctx.write({ object: 'whitelist', id: 'global', before, after: config.whitelist });
  return EMPTY;
};

function attributeOf(call: Call, name: string): SystemAttribute {
  const { attributes } = call.state.systemConfig;
  const found = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
  if (!found) throw refused('ERR_NOT_FOUND', `System attribute not found: ${name}`);
  return found;
}

/** GET /systemconfig/system_attributes */
export const listSystemAttributes: Handler = (call) =>
  ok({ systemAttributes: Object.values(call.state.systemConfig.attributes) });

/** GET /systemconfig/system_attributes/{name} */
export const getSystemAttribute: Handler = (call) => ok(attributeOf(call, param(call)));

function setAttribute(call: Call, name: string): SystemAttribute {
  const body = bodyOf(call);
  const value = scalar(body['value']);
  if (value === undefined) throw refused('ERR_BAD_INPUT', 'value is required');
  const { attributes } = call.state.systemConfig;
  const before = Object.hasOwn(attributes, name) ? (attributes[name] ?? null) : null;
  const friendlyName = optionalTextOf(body, 'friendlyName') ?? before?.friendlyName ?? null;
  const after = { name, value, friendlyName };
  attributes[name] = after;
  call.ctx.write({ object: 'systemAttribute', id: name, before, after });
  return after;
}

/** POST /systemconfig/system_attributes: sets one, known before or not. */
export const postSystemAttribute: Handler = (call) => {
  needAdmin(call);
  return created(call, setAttribute(call, textOf(bodyOf(call), 'name')));
};

/** PUT /systemconfig/system_attributes/{name} */
export const putSystemAttribute: Handler = (call) => {
  needAdmin(call);
  return ok(setAttribute(call, attributeOf(call, param(call)).name));
};

/** PUT /systemconfig/audit: what is audited, and for how long. Reading the records by REST is not known. */
export const putAudit: Handler = (call) => {
  needAdmin(call);
  const body = bodyOf(call);
  const { audit } = call.state.systemConfig;
  const { daysToKeep, enabled, auditTo, eventIDs } = { ...audit, ...body };
  const days = scalar(daysToKeep) ?? '';
  if (!/^\d{1,5}$/.test(days)) throw refused('ERR_BAD_INPUT', 'daysToKeep must be a number of days, as a string');
  if (typeof enabled !== 'boolean') throw refused('ERR_BAD_INPUT', 'enabled must be true or false');
  if (auditTo !== 'DATABASE') throw refused('ERR_BAD_INPUT', 'auditTo must be DATABASE');
  if (!Array.isArray(eventIDs) || !eventIDs.every((id) => typeof id === 'string'))
    throw refused('ERR_BAD_INPUT', 'eventIDs must be a list of strings');
  const after = { enabled, daysToKeep: days, auditTo, eventIDs };
  call.state.systemConfig.audit = after;
  call.ctx.write({ object: 'auditSettings', id: 'global', before: { ...audit }, after });
  return EMPTY;
};
