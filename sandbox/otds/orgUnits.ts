import { randomUUID } from 'node:crypto';
import { needAdmin } from './access.ts';
import { bodyOf, created, deleted, EMPTY, ok, optionalTextOf, param, stringListOf, textOf } from './call.ts';
import type { Call, Handler } from './call.ts';
import { orgUnitDn, parseDn, partitionDn } from './dn.ts';
import { refused } from './errors.ts';
import type { Entity, OrgUnit, User } from './model.ts';
import { filterOf, inOrder, page, scanOf } from './paging.ts';
import { partitionJson } from './partitions.ts';
import { partitionOf, roleOf } from './refs.ts';
import { roleJson, userJson } from './render.ts';

/** Organisational units inside partitions. Their names are unique within a partition here, so that a DN of one step names each. */

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

function within(u: OrgUnit, e: Entity): boolean {
  return e.partition === u.partition && e.ou?.toLowerCase() === u.name.toLowerCase();
}

function below(call: Call, u: OrgUnit): OrgUnit[] {
  return Object.values(call.state.orgUnits).filter((c) => c.partition === u.partition && c.parent === u.name);
}

function pageOfUnits(call: Call, kind: string, units: OrgUnit[]) {
  const { items, fields } = page<OrgUnit>(call, scanOf(call, kind), inOrder(units), () => true);
  return { organizationalUnits: items.map(orgUnitJson), ...fields };
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

/** POST /orgunits: `location` may name the unit above. */
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
  const location = optionalTextOf(body, 'location');
  const parent = location && parseDn(location)?.unit ? orgUnitOf(call, location).name : null;
  const unit: OrgUnit = { uuid: randomUUID(), n: ++call.state.n, partition: partition.name, name, description, parent };
  call.state.orgUnits[unit.uuid] = unit;
  const after = { userPartitionID: partition.name, name, description, parent };
  call.ctx.write({ object: 'orgUnit', id: unit.uuid, before: null, after });
  return created(call, orgUnitJson(unit));
};

/** GET /orgunits/{dn} */
export const getOrgUnit: Handler = (call) => ok(orgUnitJson(orgUnitOf(call, param(call))));

/** PUT /orgunits/{dn}: the description. */
export const putOrgUnit: Handler = (call) => {
  const unit = orgUnitOf(call, param(call));
  needAdmin(call, unit.partition);
  const body = bodyOf(call);
  const name = optionalTextOf(body, 'name');
  if (name && name.toLowerCase() !== unit.name.toLowerCase())
    throw refused('ERR_BAD_INPUT', 'An organizational unit cannot be renamed by changing its name');
  const before = { description: unit.description };
  unit.description = optionalTextOf(body, 'description') ?? null;
  call.ctx.write({ object: 'orgUnit', id: unit.uuid, before, after: { description: unit.description } });
  return ok(orgUnitJson(unit));
};

/** DELETE /orgunits/{dn}: only an empty one. */
export const deleteOrgUnit: Handler = (call) => {
  const unit = orgUnitOf(call, param(call));
  needAdmin(call, unit.partition);
  const inside = [...Object.values(call.state.users), ...Object.values(call.state.groups)];
  if (inside.some((e) => within(unit, e)) || below(call, unit).length > 0)
    throw refused('ERR_BAD_INPUT', `The organizational unit ${unit.name} is not empty`);
  delete call.state.orgUnits[unit.uuid];
  const before = { userPartitionID: unit.partition, name: unit.name };
  call.ctx.write({ object: 'orgUnit', id: unit.uuid, before, after: null });
  return deleted(call);
};

/** GET /orgunits/{dn}/children: the units directly below. */
export const getOrgUnitChildren: Handler = (call) => {
  const unit = orgUnitOf(call, param(call));
  return ok(pageOfUnits(call, `children:${unit.uuid}`, below(call, unit)));
};

/** GET /orgunits/{dn}/parents: the units above, next one first, and the partition. */
export const getOrgUnitParents: Handler = (call) => {
  const unit = orgUnitOf(call, param(call));
  const above: OrgUnit[] = [];
  for (let name = unit.parent ?? null; name !== null;) {
    const next: OrgUnit = orgUnitOf(call, orgUnitDn(unit.partition, name));
    above.push(next);
    name = next.parent ?? null;
  }
  const partition = call.state.partitions[unit.partition];
  return ok({
    organizationalUnits: above.map(orgUnitJson),
    userPartition: partition ? partitionJson(partition) : partitionDn(unit.partition),
  });
};

/** GET /orgunits/{dn}/users: the people directly in it. */
export const getOrgUnitUsers: Handler = (call) => {
  const unit = orgUnitOf(call, param(call));
  const scan = scanOf(call, `orgunit:${unit.uuid}`);
  const matches = filterOf(call, scan);
  const { items, fields } = page<User>(
    call,
    scan,
    (after) => call.dir.users.after(after, unit.partition),
    (u) => within(unit, u) && matches(u),
  );
  return ok({ users: items.map((u) => userJson(call, u)), ...fields });
};

/** GET /orgunits/{dn}/roles */
export const getOrgUnitRoles: Handler = (call) => {
  const unit = orgUnitOf(call, param(call));
  const roles = (unit.roles ?? []).map((uuid) => call.dir.roles.get(uuid)).filter((r) => r !== undefined);
  const { items, fields } = page<Entity>(call, scanOf(call, `ouroles:${unit.uuid}`), inOrder(roles), () => true);
  return ok({ roles: items.map((r) => roleJson(call, r)), ...fields });
};

/** POST /orgunits/{dn}/roles */
export const postOrgUnitRoles: Handler = (call) => {
  const unit = orgUnitOf(call, param(call));
  needAdmin(call, unit.partition);
  const given = stringListOf(call).map((ref) => roleOf(call, ref).uuid);
  const before = unit.roles ?? [];
  unit.roles = [...new Set([...before, ...given])];
  call.ctx.write({ object: 'orgUnit', id: unit.uuid, before: { roles: before }, after: { roles: unit.roles } });
  return EMPTY;
};
