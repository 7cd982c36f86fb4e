import { isObject } from '../../common/fields.ts';
import type { OtdsState, Resource } from '../model.ts';

/** Where a resource pushes to: a SCIM 2.0 resource as the console makes it, with base URL, token URL, client id and secret. */

export type Receiver = {
  resource: Resource;
  baseUrl: string;
  tokenUrl: string | null;
  clientId: string | null;
  secret: string | null;
  mayCreate: boolean;
  mayModify: boolean;
  mayDelete: boolean;
};

/** The connector and its parameters in `connectionParamInfo`; the vendor's own names are not known. */
const SCIM_CONNECTOR = 'SCIM';
const PARAMETERS = {
  baseUrl: 'baseURL',
  tokenUrl: 'oauthTokenURL',
  clientId: 'clientID',
  secret: 'clientSecret',
} as const;

/** How a secret parameter shows in replies; written back, it leaves the secret as it is. */
const HIDDEN = '********';

type Parameter = { name: string; value: string };

function parametersOf(list: unknown): Parameter[] {
  if (!Array.isArray(list)) return [];
  return list.filter(isObject).map((p) => ({ name: String(p['name'] ?? ''), value: String(p['value'] ?? '') }));
}

function isSecret(name: string): boolean {
  return name.toLowerCase() === PARAMETERS.secret.toLowerCase();
}

/** `connectionParamInfo` without its secrets. */
export function shownParameters(list: unknown): Parameter[] {
  return parametersOf(list).map((p) => (isSecret(p.name) && p.value !== '' ? { ...p, value: HIDDEN } : p));
}

/** `connectionParamInfo` as it is kept: hidden secrets are those of before. */
export function keptParameters(given: unknown, before: unknown): Parameter[] {
  const old = parametersOf(before);
  return parametersOf(given).map((p) =>
    isSecret(p.name) && p.value === HIDDEN ? (old.find((o) => isSecret(o.name)) ?? p) : p,
  );
}

export function isScim(fields: Record<string, unknown>): boolean {
  return String(fields['connectorid'] ?? '').toUpperCase() === SCIM_CONNECTOR;
}

/** Where this resource pushes to; null when it does not push by SCIM, or not now. */
export function receiverOf(resource: Resource): Receiver | null {
  const { fields } = resource;
  if (!isScim(fields) || fields['userSynchronizationState'] !== true) return null;
  const parameters = parametersOf(fields['connectionParamInfo']);
  const value = (name: string) =>
    parameters.find((p) => p.name.toLowerCase() === name.toLowerCase())?.value.trim() || null;
  const baseUrl = value(PARAMETERS.baseUrl)?.replace(/\/+$/, '');
  if (!baseUrl) return null;
  return {
    resource,
    baseUrl,
    tokenUrl: value(PARAMETERS.tokenUrl),
    clientId: value(PARAMETERS.clientId),
    secret: value(PARAMETERS.secret),
    mayCreate: fields['pcCreatePermissionAllowed'] === true,
    mayModify: fields['pcModifyPermissionAllowed'] === true,
    mayDelete: fields['pcDeletePermissionAllowed'] === true,
  };
}

/** Every receiver there is now. */
export function receivers(state: OtdsState): Receiver[] {
  return Object.values(state.resources)
    .map(receiverOf)
    .filter((r) => r !== null);
}
