import { needAdmin, needNative } from './access.ts';
import { attributesOf, customAttributesOf } from './attributes.ts';
import { bodyOf, created, deleted, ok, optionalTextOf, param, textOf } from './call.ts';
import type { Call, Handler } from './call.ts';
import { refused } from './errors.ts';
import type { Attributes, Entity } from './model.ts';
import { page, scanOf, textFilter } from './paging.ts';
import { groupOf, partitionOf } from './refs.ts';
import { removeEntity } from './removal.ts';
import { groupJson } from './render.ts';
import { whereOf, unitOf } from './users.ts';
import { addGroup, changeEntity } from './writes.ts';

/** GET /groups */
export const listGroups: Handler = (call) => {
  const scan = scanOf(call, 'groups');
  const { partition, fits } = whereOf(call, scan, 'groups');
  const text = textFilter(call, scan);
  const { items, fields } = page(
    call,
    scan,
    (after) => call.dir.groups.after(after, partition, { fits, text }),
    () => true,
  );
  return ok({ groups: items.map((g) => groupJson(call, g)), ...fields });
};

/** GET /groups/{ref} */
export const getGroup: Handler = (call) => ok(groupJson(call, groupOf(call, param(call))));

/** POST /groups */
export const createGroup: Handler = (call) => {
  const body = bodyOf(call);
  const partition = partitionOf(call, textOf(body, 'userPartitionID'));
  needAdmin(call, partition.name);
  needNative(partition, 'Creating a group');
  const name = textOf(body, 'name').trim();
  if (call.dir.groups.named(name, partition.name).length > 0) {
    throw refused('ERR_DUPLICATE', `The group ${name}@${partition.name} already exists`);
  }
  const group = addGroup(call.ctx, {
    partition: partition.name,
    name,
    description: optionalTextOf(body, 'description') ?? null,
    attributes: attributesOf(body) ?? {},
    customAttributes: customAttributesOf(body) ?? null,
    ou: unitOf(body, 'groups'),
  });
  return created(call, groupJson(call, group));
};

function writable(call: Call, body: Record<string, unknown> = {}): Entity {
  const hint = optionalTextOf(body, 'userPartitionID');
  const group = groupOf(call, param(call), hint ?? undefined);
  needAdmin(call, group.partition);
  const partition = call.state.partitions[group.partition];
  if (partition && group.originUUID !== null) needNative(partition, 'Changing a group');
  return group;
}

function change(replace: boolean): Handler {
  return (call) => {
    if (!replace && call.ctx.special('patchRefused')) throw refused('ERR_METHOD', 'Method PATCH is not allowed');
    const body = bodyOf(call);
    const group = writable(call, body);
    const name = optionalTextOf(body, 'name');
    if (typeof name === 'string' && name.toLowerCase() !== group.name.toLowerCase()) {
      throw refused('ERR_BAD_INPUT', 'A group cannot be renamed by changing its name');
    }
    const given = attributesOf(body);
    const description = optionalTextOf(body, 'description');
    const custom = customAttributesOf(body);
    const whole = replace && call.state.choices.PUT_MODE === 'replace';
    if (replace) call.ctx.chosen('PUT_MODE');
    const attributes: Attributes = whole
      ? Object.fromEntries(Object.keys(group.attributes).map((key) => [key, []]))
      : {};
    changeEntity(
      call.ctx,
      'group',
      group,
      {
        ...(description === undefined && !whole ? {} : { description: description ?? null }),
        ...(custom === undefined ? {} : { customAttributes: custom }),
        attributes: { ...attributes, ...given },
      },
      call.dir.groups,
    );
    return ok(groupJson(call, group));
  };
}

/** PUT /groups/{ref} */
export const putGroup: Handler = change(true);

/** PATCH /groups/{ref} */
export const patchGroup: Handler = change(false);

/** DELETE /groups/{ref} */
export const deleteGroup: Handler = (call) => {
  removeEntity(call.ctx, 'group', writable(call));
  return deleted(call);
};
