import { randomUUID } from 'node:crypto';
import { needAdmin } from './access.ts';
import { attributesOf } from './attributes.ts';
import { bodyOf, created, deleted, EMPTY, ok, optionalTextOf, param, textOf } from './call.ts';
import type { Call, Handler } from './call.ts';
import { licenseDn } from './dn.ts';
import { refused } from './errors.ts';
import type { License, LicenseHolder } from './model.ts';
import { groupOf, partitionOf, userOf } from './refs.ts';
import { groupJson, userJson } from './render.ts';
import { partitionJson } from './partitions.ts';

/** `/licensemanagement/licenses`: licences of resources, and who holds which of their features (contract, section 8). */

const KINDS = ['users', 'groups', 'partitions'] as const;

/** `PRODUCT¹resourceID`, as OTDS names licences. */
function nameOf(l: Pick<License, 'product' | 'resourceID'>): string {
  return `${l.product}¹${l.resourceID}`;
}

function licenseOf(call: Call, ref: string): License {
  const found = Object.values(call.state.licenses).find((l) => {
    const name = nameOf(l);
    return ref === licenseDn(name) || ref === name;
  });
  if (!found) throw refused('ERR_NOT_FOUND', `License not found: ${ref}`);
  return found;
}

function licenseJson(call: Call, l: License): object {
  const resource = Object.values(call.state.resources).find((r) => r.resourceID === l.resourceID);
  const name = nameOf(l);
  return {
    _oTLicenseType: l.attributes['oTLicenseType']?.[0] ?? 'NON-PRODUCTION',
    _oTLicenseResource: l.resourceID,
    _oTLicenseResourceName: resource?.resourceName ?? null,
    _oTLicenseProduct: l.product,
    name,
    location: licenseDn(name),
    id: licenseDn(name),
    description: l.description,
    values: Object.entries(l.attributes).map(([attribute, values]) => ({ name: attribute, values })),
  };
}

/** What OTDS wraps the replies of this part in. */
function wrapped(more: object) {
  return ok({ status: 0, displayString: 'Success', exceptions: null, retValue: 0, ...more, version: 1 });
}

function pageOf(name: string, items: object[], more: object = {}): object {
  return { [name]: items, ...more, actualPageSize: items.length, nextPageCookie: null, requestedPageSize: 250 };
}

/** GET /licensemanagement/licenses/assignedlicenses?resourceID=&validOnly= */
export const assignedLicenses: Handler = (call) => {
  const resourceID = call.req.query.get('resourceID');
  const validOnly = (call.req.query.get('validOnly') ?? '').toLowerCase() === 'true';
  const licenses = Object.values(call.state.licenses).filter(
    (l) => (resourceID === null || l.resourceID === resourceID) && (!validOnly || l.attributes['oTLicenseFile']),
  );
  const page = pageOf(
    '_licenses',
    licenses.map((l) => licenseJson(call, l)),
  );
  return wrapped({ licenseObjects: page });
};

/** POST /licensemanagement/licenses */
export const createLicense: Handler = (call) => {
  needAdmin(call);
  const body = bodyOf(call);
  const product = textOf(body, 'name');
  const attributes = attributesOf(body) ?? {};
  const resourceID = attributes['oTLicenseResource']?.[0];
  if (!Object.values(call.state.resources).some((r) => r.resourceID === resourceID) || resourceID === undefined)
    throw refused('ERR_BAD_INPUT', 'oTLicenseResource must be the resourceID of a resource');
  if (Object.values(call.state.licenses).some((l) => l.product === product && l.resourceID === resourceID))
    throw refused('ERR_DUPLICATE', `The license ${nameOf({ product, resourceID })} already exists`);
  const description = optionalTextOf(body, 'description') ?? null;
  const n = ++call.state.n;
  const license: License = { uuid: randomUUID(), n, product, resourceID, description, attributes, holders: [] };
  call.state.licenses[license.uuid] = license;
  const after = { product, resourceID, description };
  call.ctx.write({ object: 'license', id: license.uuid, before: null, after });
  return created(call, licenseJson(call, license));
};

/** PUT /licensemanagement/licenses/{id}: a newer licence file, or another description. */
export const putLicense: Handler = (call) => {
  needAdmin(call);
  const license = licenseOf(call, param(call));
  const body = bodyOf(call);
  const { oTLicenseResource, ...attributes } = attributesOf(body) ?? {};
  if (oTLicenseResource && oTLicenseResource[0] !== license.resourceID)
    throw refused('ERR_BAD_INPUT', 'A license cannot be moved to another resource');
  const before = { description: license.description, ...license.attributes };
  const description = optionalTextOf(body, 'description');
  if (description !== undefined) license.description = description;
  Object.assign(license.attributes, attributes);
  const after = { description: license.description, ...license.attributes };
  call.ctx.write({ object: 'license', id: license.uuid, before, after });
  return ok(licenseJson(call, license));
};

/** DELETE /licensemanagement/licenses/{id} */
export const deleteLicense: Handler = (call) => {
  needAdmin(call);
  const { uuid, product, resourceID } = licenseOf(call, param(call));
  delete call.state.licenses[uuid];
  call.ctx.write({ object: 'license', id: uuid, before: { product, resourceID }, after: null });
  return deleted(call);
};

function holderOf(call: Call, body: Record<string, unknown>, counter: string): LicenseHolder {
  const kind = KINDS.find((k) => k === textOf(body, '_oTLicenseProduct'));
  if (!kind) throw refused('ERR_BAD_INPUT', `_oTLicenseProduct must be one of ${KINDS.join(', ')}`);
  const name = textOf(body, 'name');
  const of = { users: userOf, groups: groupOf };
  const key = kind === 'partitions' ? partitionOf(call, name).name : of[kind](call, name).uuid;
  return { kind, key, counter, type: optionalTextOf(body, '_oTLicenseType') ?? 'Full' };
}

/** POST /licensemanagement/licenses/object/{id}: gives features of a licence to a user, a group or a whole partition. */
export const assignLicense: Handler = (call) => {
  needAdmin(call);
  const license = licenseOf(call, param(call));
  const body = bodyOf(call);
  const counters = attributesOf(body)?.['counter'] ?? [];
  if (counters.length === 0) throw refused('ERR_BAD_INPUT', 'values must name the counter');
  for (const holder of counters.map((counter) => holderOf(call, body, counter))) {
    const same = (h: LicenseHolder) => h.kind === holder.kind && h.key === holder.key && h.counter === holder.counter;
    const before = license.holders.find(same) ?? null;
    license.holders = [...license.holders.filter((h) => !same(h)), holder];
    const id = `${license.uuid}/${holder.key}/${holder.counter}`;
    call.ctx.write({ object: 'licenseHolder', id, before, after: holder });
  }
  return EMPTY;
};

/** GET /licensemanagement/licenses/object/{location}?counter=: who holds a feature, directly. */
export const licensedObjects: Handler = (call) => {
  const license = licenseOf(call, param(call));
  const counter = call.req.query.get('counter');
  const keys = (kind: LicenseHolder['kind']) =>
    license.holders.filter((h) => h.kind === kind && (counter === null || h.counter === counter)).map((h) => h.key);
  const users = keys('users').map((uuid) => call.dir.users.get(uuid));
  const groups = keys('groups').map((uuid) => call.dir.groups.get(uuid));
  const partitions = keys('partitions').map((name) => call.state.partitions[name]);
  const there = <T>(items: (T | undefined)[]) => items.filter((item) => item !== undefined);
  return wrapped({
    listGroupsResults: pageOf(
      'groups',
      there(groups).map((g) => groupJson(call, g)),
    ),
    listUsersResults: pageOf(
      'users',
      there(users).map((u) => userJson(call, u)),
    ),
    listUserPartitionResult: pageOf('_userPartitions', there(partitions).map(partitionJson), { warningMessage: null }),
  });
};
