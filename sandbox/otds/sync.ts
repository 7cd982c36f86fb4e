import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Context } from '../common/types.ts';
import { Directory } from './directory.ts';
import type { Attributes, Entity, OtdsState, Upstream, User } from './model.ts';
import { removeEntity } from './removal.ts';
import { addGroup, addUser, changeUser, link, unlink } from './writes.ts';
import type { Change } from './writes.ts';

type Ctx = Context<OtdsState>;
type UpstreamPerson = Upstream['people'][string];

/**
 * Brings a synchronised partition to the state of its source: people by their id there, then groups and their members.
 * `uuidOf` gives the ids of new objects; random unless said.
 */
export function importAll(ctx: Ctx, partition: string, uuidOf: (text: string) => string = () => randomUUID()): void {
  const upstream = ctx.state.upstream[partition] ?? { people: {}, groups: {} };
  const dir = Directory.of(ctx.state);
  const ours = <T extends Entity>(all: Record<string, T>) =>
    new Map(
      Object.values(all)
        .filter((e) => e.partition === partition && e.originUUID !== null)
        .map((e) => [e.originUUID ?? '', e]),
    );
  const users = ours(ctx.state.users);
  for (const [id, user] of users) if (!upstream.people[id]) removeEntity(ctx, 'user', user);
  for (const [id, person] of Object.entries(upstream.people)) {
    const user = users.get(id);
    if (user) update(ctx, user, person);
    else
      addUser(ctx, {
        partition,
        name: person.login,
        uuid: uuidOf(`import:${id}`),
        originUUID: id,
        attributes: wanted(person),
      });
  }
  const groups = ours(ctx.state.groups);
  for (const [id, group] of groups) if (!upstream.groups[id]) removeEntity(ctx, 'group', group);
  const people = ours(ctx.state.users);
  for (const [id, g] of Object.entries(upstream.groups)) {
    const group =
      groups.get(id) ??
      addGroup(ctx, {
        partition,
        name: g.name,
        uuid: uuidOf(`import:${id}`),
        description: g.description,
        originUUID: id,
      });
    align(
      ctx,
      dir,
      group,
      g.members.map((m) => people.get(m)).filter((u) => u !== undefined),
    );
  }
}

function wanted(person: UpstreamPerson): Attributes {
  return { ...person.attributes, accountDisabled: [String(person.disabled)] };
}

function update(ctx: Ctx, user: User, person: UpstreamPerson): void {
  const attributes: Attributes = {};
  for (const [name, values] of Object.entries(wanted(person))) {
    if (!isDeepStrictEqual(user.attributes[name] ?? [], values)) attributes[name] = values;
  }
  const change: Change = { attributes, ...(user.name === person.login ? {} : { name: person.login }) };
  if (Object.keys(attributes).length > 0 || change.name !== undefined) changeUser(ctx, user, change);
}

function align(ctx: Ctx, dir: Directory, group: Entity, members: User[]): void {
  const what = { membership: dir.groupMembers, object: 'membership', container: group, kind: 'users' } as const;
  const keep = new Set(members.map((m) => m.uuid));
  for (const uuid of [...dir.groupMembers.list(group.uuid).users]) {
    const user = dir.users.get(uuid);
    if (user && !keep.has(uuid)) unlink(ctx, { ...what, member: user });
  }
  for (const member of members) if (!dir.groupMembers.has(group.uuid, member.uuid)) link(ctx, { ...what, member });
}
