import { parseDn } from './dn.ts';
import type { Kind } from './dn.ts';
import type { Call } from './call.ts';
import type { Shelf } from './directory.ts';
import { refused, userNotFound } from './errors.ts';
import type { Entity, OtdsState, Partition, User } from './model.ts';

/** The partition of that name; case does not count. */
export function partitionNamed(state: OtdsState, name: string): Partition | undefined {
  if (Object.hasOwn(state.partitions, name)) return state.partitions[name];
  return Object.values(state.partitions).find((p) => p.name.toLowerCase() === name.toLowerCase());
}

function byDn<T extends Entity>(shelf: Shelf<T>, ref: string): T[] | null {
  const dn = parseDn(ref);
  if (!dn) return null;
  if (dn.uuid !== null) {
    const found = shelf.get(dn.uuid);
    const elsewhere = found && dn.partition !== null && dn.partition.toLowerCase() !== found.partition.toLowerCase();
    return found && !elsewhere ? [found] : [];
  }
  return dn.name === null ? [] : shelf.named(dn.name, dn.partition ?? undefined);
}

/**
 * All that `ref` can mean: a DN, `name@partition` (the name may hold an `@` itself), or a bare name, which is ambiguous when
 * several partitions have it and `partition` does not decide.
 */
export function candidates<T extends Entity>(state: OtdsState, shelf: Shelf<T>, ref: string, partition?: string): T[] {
  const dn = byDn(shelf, ref);
  if (dn) return dn;
  for (let at = ref.lastIndexOf('@'); at > 0; at = ref.lastIndexOf('@', at - 1)) {
    const place = partitionNamed(state, ref.slice(at + 1));
    const found = place ? shelf.named(ref.slice(0, at), place.name) : [];
    if (found.length > 0) return found;
  }
  return shelf.named(ref, partition);
}

function one<T extends Entity>(
  call: Call,
  shelf: Shelf<T>,
  ref: string,
  partition: string | undefined,
  missing: () => Error,
): T {
  const found = candidates(call.state, shelf, ref, partition);
  if (found.length > 1) throw refused('BARE_LOGIN', `${ref} is ambiguous: ${found.map((e) => e.partition).join(', ')}`);
  const only = found[0];
  if (!only) throw missing();
  if (!ref.includes('@') && !ref.includes('=')) {
    if (call.state.choices.BARE_LOGIN === 'refused') throw refused('BARE_LOGIN', `${ref} does not name a partition`);
    call.ctx.chosen('BARE_LOGIN');
  }
  return only;
}

export function userOf(call: Call, ref: string, partition?: string): User {
  return one(call, call.dir.users, ref, partition, () => userNotFound(ref));
}

export function groupOf(call: Call, ref: string, partition?: string): Entity {
  return one(call, call.dir.groups, ref, partition, () => refused('ERR_NOT_FOUND', `Group not found: ${ref}`));
}

export function roleOf(call: Call, ref: string, partition?: string): Entity {
  return one(call, call.dir.roles, ref, partition, () => refused('ERR_NOT_FOUND', `Role not found: ${ref}`));
}

export function partitionOf(call: Call, name: string): Partition {
  const dn = parseDn(name);
  const found = partitionNamed(call.state, dn?.partition ?? name);
  if (!found) throw refused('ERR_NOT_FOUND', `User partition not found: ${name}`);
  return found;
}

/** A user or a group: what can be a member of a group. A DN decides; a bare name means the one that exists. */
export function memberOf(call: Call, ref: string): { kind: Kind; entity: Entity } {
  const users = candidates(call.state, call.dir.users, ref);
  const groups = candidates(call.state, call.dir.groups, ref);
  if (users.length + groups.length > 1) throw refused('BARE_LOGIN', `${ref} is ambiguous`);
  if (users[0]) return { kind: 'user', entity: users[0] };
  if (groups[0]) return { kind: 'group', entity: groups[0] };
  throw refused('ERR_NOT_FOUND', `Member not found: ${ref}`);
}
