import { isObject } from '../../common/fields.ts';
import type { Reply } from '../../common/types.ts';
import { param } from '../call.ts';
import type { Call, Handler } from '../call.ts';
import type { Entity } from '../model.ts';
import { removeEntity } from '../removal.ts';
import { addGroup, changeEntity, link, unlink } from '../writes.ts';
import { ScimError } from './error.ts';
import { parseFilter } from './filter.ts';
import { groupFields, memberRefs } from './mapping.ts';
import type { Document } from './mapping.ts';
import { pageOf } from './page.ts';
import { patched } from './patch.ts';
import { reply, scimBase, scimBody, scimPartition } from './reply.ts';

/** `/scim/{partition}/Groups` */

function groupJson(call: Call, g: Entity, withMembers = true): Document {
  const named = (uuid: string) => (call.dir.users.get(uuid) ?? call.dir.groups.get(uuid))?.name;
  const fields = groupFields(g, withMembers ? memberRefs(call.dir.groupMembers, g, named) : []);
  const meta = { resourceType: 'Group', created: g.created, location: `${scimBase(call)}/Groups/${g.uuid}` };
  const shown: Document = { ...fields, id: g.uuid, meta };
  const left = (call.req.query.get('excludedAttributes') ?? '').split(',').map((name) => name.trim().toLowerCase());
  return Object.fromEntries(Object.entries(shown).filter(([name]) => !left.includes(name.toLowerCase())));
}

function groupOf(call: Call): Entity {
  const partition = scimPartition(call);
  const group = call.dir.groups.get(param(call, 1));
  if (group?.partition !== partition.name) throw new ScimError(404, `Resource ${param(call, 1)} not found`);
  return group;
}

function nameOf(doc: Document): string {
  const name = doc['displayName'];
  if (typeof name !== 'string' || name.trim() === '')
    throw new ScimError(400, 'displayName is required', 'invalidValue');
  return name.trim();
}

function needFree(call: Call, name: string, partition: string, but?: Entity): void {
  if (call.dir.groups.named(name, partition).some((g) => g.uuid !== but?.uuid))
    throw new ScimError(409, `The group ${name} already exists`, 'uniqueness');
}

type Member = { kind: 'users' | 'groups'; member: Entity };

/** The members that a document names, each there. */
function membersOf(call: Call, doc: Document): Member[] {
  const list = doc['members'] ?? [];
  if (!Array.isArray(list)) throw new ScimError(400, 'members must be a list', 'invalidValue');
  return list.map((item: unknown): Member => {
    const value = isObject(item) ? item['value'] : item;
    const user = typeof value === 'string' ? call.dir.users.get(value) : undefined;
    const group = typeof value === 'string' ? call.dir.groups.get(value) : undefined;
    if (user) return { kind: 'users', member: user };
    if (group) return { kind: 'groups', member: group };
    throw new ScimError(400, `There is no member ${String(value)}`, 'invalidValue');
  });
}

function align(call: Call, group: Entity, wanted: Member[]): void {
  const { groupMembers, users, groups } = call.dir;
  const loop = wanted.some(
    ({ member }) => member.uuid === group.uuid || groupMembers.ofDeep(group.uuid).has(member.uuid),
  );
  if (loop) throw new ScimError(400, 'A group cannot contain itself', 'invalidValue');
  const what = { membership: groupMembers, object: 'membership', container: group } as const;
  const keep = new Set(wanted.map(({ member }) => member.uuid));
  const held = groupMembers.list(group.uuid);
  for (const member of held.users.filter((u) => !keep.has(u)).map((u) => users.get(u)))
    if (member) unlink(call.ctx, { ...what, kind: 'users', member });
  for (const member of held.groups.filter((g) => !keep.has(g)).map((g) => groups.get(g)))
    if (member) unlink(call.ctx, { ...what, kind: 'groups', member });
  for (const { kind, member } of wanted)
    if (!groupMembers.has(group.uuid, member.uuid)) link(call.ctx, { ...what, kind, member });
}

/** GET /scim/{partition}/Groups */
export const listScimGroups: Handler = (call) => {
  const partition = scimPartition(call);
  const text = call.req.query.get('filter');
  const filter = text === null ? null : parseFilter(text);
  const deep = filter !== null && [...filter.terms.keys()].some((name) => name.startsWith('members'));
  const wanted = (g: Entity) =>
    g.partition === partition.name && (filter === null || filter.matches(groupJson(call, g, deep)));
  return pageOf(call, call.dir.groups.after(0, partition.name), wanted, (g) => groupJson(call, g));
};

/** GET /scim/{partition}/Groups/{id} */
export const getScimGroup: Handler = (call) => reply(200, groupJson(call, groupOf(call)));

/** POST /scim/{partition}/Groups */
export const createScimGroup: Handler = (call) => {
  const partition = scimPartition(call).name;
  const doc = scimBody(call);
  const name = nameOf(doc);
  needFree(call, name, partition);
  const members = membersOf(call, doc);
  const originUUID = typeof doc['externalId'] === 'string' ? doc['externalId'] : null;
  const group = addGroup(call.ctx, { partition, name, originUUID });
  align(call, group, members);
  return reply(201, groupJson(call, group), { location: `${scimBase(call)}/Groups/${group.uuid}` });
};

function become(call: Call, group: Entity, doc: Document): Reply {
  const name = nameOf(doc);
  needFree(call, name, group.partition, group);
  align(call, group, membersOf(call, doc));
  const externalId = doc['externalId'];
  group.originUUID = typeof externalId === 'string' && externalId !== '' ? externalId : null;
  if (name !== group.name) changeEntity(call.ctx, 'group', group, { name }, call.dir.groups);
  return reply(200, groupJson(call, group));
}

/** PUT /scim/{partition}/Groups/{id} */
export const putScimGroup: Handler = (call) => become(call, groupOf(call), scimBody(call));

/** PATCH /scim/{partition}/Groups/{id} */
export const patchScimGroup: Handler = (call) => {
  const group = groupOf(call);
  const whole = groupJson({ ...call, req: { ...call.req, query: new URLSearchParams() } }, group);
  return become(call, group, patched(whole, scimBody(call)));
};

/** DELETE /scim/{partition}/Groups/{id} */
export const deleteScimGroup: Handler = (call) => {
  removeEntity(call.ctx, 'group', groupOf(call));
  return { status: 204 };
};
