import { randomUUID } from 'node:crypto';
import { isObject } from '../common/fields.ts';
import type { Json } from '../common/types.ts';
import { needAdmin } from './access.ts';
import { bodyOf, created, ok, optionalTextOf, param, textOf } from './call.ts';
import type { Call, Handler } from './call.ts';
import { DELETE_STATUS } from './chosen.ts';
import { orgUnitDn, parseDn, partitionDn } from './dn.ts';
import { refused } from './errors.ts';
import type { OrgUnit, Partition } from './model.ts';
import { page, inOrder, scanOf } from './paging.ts';
import { partitionNamed, partitionOf } from './refs.ts';
import { importAll } from './sync.ts';

function partitionJson(p: Partition): object {
  return {
    name: p.name,
    id: p.name,
    userPartitionID: p.name,
    description: p.description,
    location: partitionDn(p.name),
    uuid: p.uuid,
    objectClass: 'oTPartition',
    synchronized: p.synchronised,
  };
}

function addPartition(call: Call, name: string, profile: { [k: string]: Json } | null): Partition {
  if (partitionNamed(call.state, name)) throw refused('ERR_DUPLICATE', `The user partition ${name} already exists`);
  const description = optionalTextOf(bodyOf(call), 'description') ?? null;
  const synchronised = profile !== null;
  const partition: Partition = { name, description, uuid: randomUUID(), synchronised, administrators: [], profile };
  call.state.partitions[name] = partition;
  if (synchronised) call.state.upstream[name] ??= { people: {}, groups: {} };
  call.ctx.write({ object: 'partition', id: name, before: null, after: { name, description, synchronised } });
  return partition;
}

/** POST /partitions */
export const createPartition: Handler = (call) => {
  needAdmin(call);
  return created(call, partitionJson(addPartition(call, textOf(bodyOf(call), 'name'), null)));
};

/** GET /partitions/{name} */
export const getPartition: Handler = (call) => ok(partitionJson(partitionOf(call, param(call))));

function withoutPasswords(value: unknown): Json {
  if (Array.isArray(value)) return value.map(withoutPasswords);
  if (!isObject(value))
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
  return Object.fromEntries(
    Object.entries(value).map(([key, v]) => [key, /password/i.test(key) ? null : withoutPasswords(v)]),
  );
}

/** POST /identityproviderprofiles: a synchronised partition, empty until something is upstream and imported. */
export const createProfile: Handler = (call) => {
  needAdmin(call);
  const body = bodyOf(call);
  const profile = withoutPasswords(body);
  const partition = addPartition(call, textOf(body, 'profileName'), isObject(profile) ? profile : {});
  return created(call, {
    profileName: partition.name,
    ...partition.profile,
    location: partitionDn(partition.name),
    uuid: partition.uuid,
  });
};

/** POST /identityproviderprofiles/{name}/command: `import` brings in what changed upstream; exactly 204. */
export const command: Handler = (call) => {
  const partition = partitionOf(call, param(call));
  needAdmin(call, partition.name);
  if (!partition.synchronised) throw refused('ERR_BAD_INPUT', `${partition.name} is not a synchronized partition`);
  const wanted = textOf(bodyOf(call), 'command');
  if (wanted !== 'import') throw refused('ERR_BAD_INPUT', `Unknown command: ${wanted}`);
  importAll(call.ctx, partition.name);
  return { status: 204 };
};

function orgUnitJson(u: OrgUnit): object {
  const location = orgUnitDn(u.partition, u.name);
  return {
    userPartitionID: u.partition,
    name: u.name,
    description: u.description,
    location,
    id: location,
    uuid: u.uuid,
    objectClass: 'organizationalUnit',
    values: [{ name: 'ou', values: [u.name] }],
    urlId: location,
    urlLocation: location,
  };
}

function orgUnitOf(call: Call, dn: string): OrgUnit {
  const { unit, partition } = parseDn(dn) ?? { unit: dn, partition: null };
  const same = (a: string, b: string | null) => b === null || a.toLowerCase() === b.toLowerCase();
  const found = Object.values(call.state.orgUnits).find(
    (u) => unit !== null && same(u.name, unit) && same(u.partition, partition),
  );
  if (!found) throw refused('ERR_NOT_FOUND', `Organizational unit not found: ${dn}`);
  return found;
}

/** GET /orgunits */
export const listOrgUnits: Handler = (call) => {
  const scan = scanOf(call, 'orgunits');
  const name = scan.filters.get('where_partition_name');
  const partition = name ? partitionOf(call, name).name : null;
  const all = Object.values(call.state.orgUnits).filter((u) => partition === null || u.partition === partition);
  const { items, fields } = page<OrgUnit>(call, scan, inOrder(all), () => true);
  return ok({ organizationalUnits: items.map(orgUnitJson), ...fields });
};

/** POST /orgunits */
export const createOrgUnit: Handler = (call) => {
  const body = bodyOf(call);
  const partition = partitionOf(call, textOf(body, 'userPartitionID'));
  needAdmin(call, partition.name);
  const name = textOf(body, 'name');
  const exists = Object.values(call.state.orgUnits).some(
    (u) => u.partition === partition.name && u.name.toLowerCase() === name.toLowerCase(),
  );
  if (exists) throw refused('ERR_DUPLICATE', `The organizational unit ${name} already exists`);
  const description = optionalTextOf(body, 'description') ?? null;
  const unit: OrgUnit = { uuid: randomUUID(), n: ++call.state.n, partition: partition.name, name, description };
  call.state.orgUnits[unit.uuid] = unit;
  call.ctx.write({
    object: 'orgUnit',
    id: unit.uuid,
    before: null,
    after: { userPartitionID: partition.name, name, description },
  });
  return created(call, orgUnitJson(unit));
};

/** GET /orgunits/{dn} */
export const getOrgUnit: Handler = (call) => ok(orgUnitJson(orgUnitOf(call, param(call))));

/** DELETE /orgunits/{dn}: only an empty one. */
export const deleteOrgUnit: Handler = (call) => {
  const unit = orgUnitOf(call, param(call));
  needAdmin(call, unit.partition);
  const inside = [...Object.values(call.state.users), ...Object.values(call.state.groups)];
  if (inside.some((e) => e.partition === unit.partition && e.ou?.toLowerCase() === unit.name.toLowerCase())) {
    throw refused('ERR_BAD_INPUT', `The organizational unit ${unit.name} is not empty`);
  }
  delete call.state.orgUnits[unit.uuid];
  const before = { userPartitionID: unit.partition, name: unit.name };
  call.ctx.write({ object: 'orgUnit', id: unit.uuid, before, after: null });
  call.ctx.chosen('DELETE_STATUS');
  return { status: DELETE_STATUS };
};
