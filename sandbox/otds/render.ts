import type { Call } from './call.ts';
import { Directory } from './directory.ts';
import { locationOf, shortDn } from './dn.ts';
import type { Kind } from './dn.ts';
import { fullName, isLocked } from './model.ts';
import type { Attributes, Entity, OtdsState, User } from './model.ts';

/** How objects look on the wire (contract, sections 4.1 and 5). */

/** Usually `login@partition`; in OpenText's own sample a login with an `@` stands alone. */
export function idOf(kind: Kind, e: Entity): string {
  return kind === 'user' && e.name.includes('@') ? e.name : fullName(e);
}

function common(state: OtdsState, kind: Kind, e: Entity): Attributes {
  return {
    cn: [e.name],
    ...e.attributes,
    ...(e.description === null ? {} : { description: [e.description] }),
    oTExternalID1: [e.name],
    oTExternalID2: [fullName(e)],
    oTExternalID3: [e.name],
    oTExternalID4: [`${e.partition}${e.name}`],
    entryUUID: [e.uuid],
    entryDN: [locationOf(state, kind, e)],
    oTObjectGUID: [Buffer.from(e.uuid.replaceAll('-', ''), 'hex').toString('base64')],
    createTimestamp: [e.created],
    schemaType: ['3'],
    ...(e.originUUID === null ? {} : { oTSource: [e.partition] }),
  };
}

function userAttributes(call: Call, u: User): Attributes {
  const { state } = call;
  const dir = Directory.of(state);
  const groups = dir.groupMembers
    .of(u.uuid)
    .map((uuid) => dir.groups.get(uuid))
    .filter((g) => g !== undefined);
  return {
    accountDisabled: ['false'],
    UserMustChangePasswordAtNextSignIn: ['false'],
    UserCannotChangePassword: ['false'],
    PasswordNeverExpires: ['false'],
    pwdReset: ['false'],
    ...common(state, 'user', u),
    accountLockedOut: [String(isLocked(state, u, call.ctx.now()))],
    modifyTimestamp: [u.modified],
    ...(u.passwordChanged === null ? {} : { passwordChangedTime: [u.passwordChanged] }),
    ...(u.lastLogin === null ? {} : { oTLastLoginTimestamp: [u.lastLogin] }),
    ...(groups.length > 0 ? { oTMemberOf: groups.map((g) => shortDn(state, 'group', g)) } : {}),
  };
}

function shown(call: Call, kind: Kind, e: Entity, attributes: Attributes, emptyValues: [] | null): object {
  const asKeys = (call.req.query.get('attrsAsKeys') ?? '').toLowerCase() === 'true';
  const location = locationOf(call.state, kind, e);
  const values = Object.entries(attributes).map(([name, list]) => ({ name, values: list }));
  return {
    userPartitionID: e.partition,
    name: e.name,
    location,
    id: idOf(kind, e),
    ...(asKeys ? { attributes, values: emptyValues } : { values }),
    description: e.description,
    uuid: e.uuid,
    objectClass: { user: 'oTPerson', group: 'oTGroup', role: 'oTRole' }[kind],
    customAttributes: e.customAttributes,
    originUUID: e.originUUID,
    urlId: idOf(kind, e).replace(/[/\\&#?%]/g, encodeURIComponent), // as in OpenText's samples: blanks and @ stay
    urlLocation: location,
  };
}

/** `withoutModified` is a fault: some versions or sources leave the time out. */
export function userJson(call: Call, u: User, withoutModified = false): object {
  const attributes = userAttributes(call, u);
  if (withoutModified) delete attributes['modifyTimestamp'];
  return shown(call, 'user', u, attributes, []);
}

/** A group; OpenText's sample has no `modifyTimestamp`, so neither have ours. */
export function groupJson(call: Call, g: Entity): object {
  const numMembers = call.dir.groupMembers.count(g.uuid);
  return { numMembers, ...shown(call, 'group', g, common(call.state, 'group', g), null) };
}

export function roleJson(call: Call, r: Entity): object {
  return shown(call, 'role', r, common(call.state, 'role', r), null);
}
