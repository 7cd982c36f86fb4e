import { randomUUID } from 'node:crypto';
import { isObject } from '../common/fields.ts';
import type { Json } from '../common/types.ts';
import { needAdmin } from './access.ts';
import { auditEvent } from './audit.ts';
import { bodyOf, created, ok, optionalTextOf, param, textOf } from './call.ts';
import type { Call, Handler } from './call.ts';
import { partitionDn } from './dn.ts';
import { refused } from './errors.ts';
import type { Partition } from './model.ts';
import { partitionNamed, partitionOf } from './refs.ts';
import { importAll } from './sync.ts';

/** A partition as OTDS shows it. */
export function partitionJson(p: Partition): object {
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
  auditEvent(call.ctx, 'Import Finished', 'partition', partition.name, call.who?.name ?? '');
  return { status: 204 };
};
