import { isDeepStrictEqual } from 'node:util';
import type { Reply } from '../../common/types.ts';
import { param } from '../call.ts';
import type { Call, Handler } from '../call.ts';
import type { Attributes, User } from '../model.ts';
import { removeEntity } from '../removal.ts';
import { addUser, changeUser } from '../writes.ts';
import type { Change } from '../writes.ts';
import { ScimError } from './error.ts';
import { parseFilter } from './filter.ts';
import { userAttributes, userFields } from './mapping.ts';
import type { Document } from './mapping.ts';
import { pageOf } from './page.ts';
import { patched } from './patch.ts';
import { reply, scimBase, scimBody, scimPartition } from './reply.ts';

/** `/scim/{partition}/Users` */

function userJson(call: Call, u: User): Document {
  const location = `${scimBase(call)}/Users/${u.uuid}`;
  return {
    ...userFields(u),
    id: u.uuid,
    meta: { resourceType: 'User', created: u.created, lastModified: u.modified, location },
  };
}

function userOf(call: Call): User {
  const partition = scimPartition(call);
  const user = call.dir.users.get(param(call, 1));
  if (user?.partition !== partition.name) throw new ScimError(404, `Resource ${param(call, 1)} not found`);
  return user;
}

function nameOf(doc: Document): string {
  const name = doc['userName'];
  if (typeof name !== 'string' || name.trim() === '') throw new ScimError(400, 'userName is required', 'invalidValue');
  return name.trim();
}

function needFree(call: Call, name: string, partition: string, but?: User): void {
  const taken = call.dir.users.named(name, partition).some((u) => u.uuid !== but?.uuid);
  if (taken) throw new ScimError(409, `The user ${name} already exists`, 'uniqueness');
}

/** GET /scim/{partition}/Users */
export const listScimUsers: Handler = (call) => {
  const partition = scimPartition(call);
  const text = call.req.query.get('filter');
  const filter = text === null ? null : parseFilter(text);
  const [name, id] = [filter?.terms.get('username'), filter?.terms.get('id')];
  const few = name !== undefined ? call.dir.users.named(name, partition.name) : null;
  const one = id === undefined ? undefined : call.dir.users.get(id);
  const source = few ?? (id === undefined ? call.dir.users.after(0, partition.name) : one ? [one] : []);
  const wanted = (u: User) => u.partition === partition.name && (filter === null || filter.matches(userJson(call, u)));
  return pageOf(call, source, wanted, (u) => userJson(call, u));
};

/** GET /scim/{partition}/Users/{id} */
export const getScimUser: Handler = (call) => reply(200, userJson(call, userOf(call)));

/** POST /scim/{partition}/Users */
export const createScimUser: Handler = (call) => {
  const partition = scimPartition(call).name;
  const doc = scimBody(call);
  const name = nameOf(doc);
  needFree(call, name, partition);
  const originUUID = typeof doc['externalId'] === 'string' ? doc['externalId'] : null;
  const user = addUser(call.ctx, { partition, name, originUUID, attributes: userAttributes(doc) });
  const body = userJson(call, user);
  return reply(201, body, { location: `${scimBase(call)}/Users/${user.uuid}` });
};

/** Brings a user to what a document says, writing down what changes (or that nothing does). */
function become(call: Call, user: User, doc: Document): Reply {
  const name = nameOf(doc);
  needFree(call, name, user.partition, user);
  const wanted = userAttributes(doc);
  const held = (attribute: string) => user.attributes[attribute] ?? (attribute === 'accountDisabled' ? ['false'] : []);
  const attributes: Attributes = Object.fromEntries(
    Object.entries(wanted).filter(([attribute, values]) => !isDeepStrictEqual(held(attribute), values)),
  );
  const change: Change = { attributes, ...(name === user.name ? {} : { name }) };
  const externalId = doc['externalId'];
  user.originUUID = typeof externalId === 'string' && externalId !== '' ? externalId : null;
  changeUser(call.ctx, user, change);
  return reply(200, userJson(call, user));
}

/** PUT /scim/{partition}/Users/{id} */
export const putScimUser: Handler = (call) => become(call, userOf(call), scimBody(call));

/** PATCH /scim/{partition}/Users/{id} */
export const patchScimUser: Handler = (call) => {
  const user = userOf(call);
  return become(call, user, patched(userJson(call, user), scimBody(call)));
};

/** DELETE /scim/{partition}/Users/{id} */
export const deleteScimUser: Handler = (call) => {
  removeEntity(call.ctx, 'user', userOf(call));
  return { status: 204 };
};
