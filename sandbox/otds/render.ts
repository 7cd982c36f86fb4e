import type { Call } from './call.ts';
import { Directory } from './directory.ts';
import { locationOf, shortDn } from './dn.ts';
import type { Kind } from './dn.ts';
import { fullName, isLocked } from './model.ts';
import type { Entity, OtdsState, User } from './model.ts';

/** How objects look on the wire (contract, sections 4.1 and 5). */

/** Usually `login@partition`; in OpenText's own sample a login with an `@` stands alone. */
export function idOf(kind: Kind, e: Entity): string {
  return kind === 'user' && e.name.includes('@') ? e.name : fullName(e);
}

/** Attributes one after the other: in a page of a thousand people there are tens of thousands, so nothing is copied twice. */
type Pairs = [name: string, values: string[]][];

const FLAGS = [
  'accountDisabled', 'UserMustChangePasswordAtNextSignIn', 'UserCannotChangePassword', 'PasswordNeverExpires', 'pwdReset',
]; // prettier-ignore

function common(state: OtdsState, kind: Kind, e: Entity, location: string): Pairs {
  const pairs: Pairs = [];
  if (!e.attributes['cn']) pairs.push(['cn', [e.name]]);
  for (const name in e.attributes) pairs.push([name, e.attributes[name] ?? []]);
  if (e.description !== null) pairs.push(['description', [e.description]]);
  pairs.push(
    ['oTExternalID1', [e.name]],
    ['oTExternalID2', [fullName(e)]],
    ['oTExternalID3', [e.name]],
    ['oTExternalID4', [`${e.partition}${e.name}`]],
    ['entryUUID', [e.uuid]],
    ['entryDN', [location]],
    ['oTObjectGUID', [Buffer.from(e.uuid.replaceAll('-', ''), 'hex').toString('base64')]],
    ['createTimestamp', [e.created]],
    ['schemaType', ['3']],
  );
  if (e.originUUID !== null) pairs.push(['oTSource', [e.partition]]);
  return pairs;
}

function userPairs(call: Call, u: User, location: string, withModified: boolean): Pairs {
  const { state } = call;
  const dir = Directory.of(state);
  const pairs: Pairs = [];
  for (const flag of FLAGS) if (!u.attributes[flag]) pairs.push([flag, ['false']]);
  pairs.push(...common(state, 'user', u, location));
  pairs.push(['accountLockedOut', [String(isLocked(state, u, call.ctx.now()))]]);
  if (withModified) pairs.push(['modifyTimestamp', [u.modified]]);
  if (u.passwordChanged !== null) pairs.push(['passwordChangedTime', [u.passwordChanged]]);
  if (u.lastLogin !== null) pairs.push(['oTLastLoginTimestamp', [u.lastLogin]]);
  const groups = dir.groupMembers.of(u.uuid).map((uuid) => dir.groups.get(uuid));
  const short = groups.filter((g) => g !== undefined).map((g) => shortDn(state, 'group', g));
  if (short.length > 0) pairs.push(['oTMemberOf', short]);
  return pairs;
}

function shown(call: Call, kind: Kind, e: Entity, location: string, pairs: Pairs): object {
  const asKeys = (call.req.query.get('attrsAsKeys') ?? '').toLowerCase() === 'true';
  return {
    userPartitionID: e.partition,
    name: e.name,
    location,
    id: idOf(kind, e),
    ...(asKeys
      ? { attributes: Object.fromEntries(pairs), values: kind === 'user' ? [] : null }
      : { values: pairs.map(([name, values]) => ({ name, values })) }),
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
  const location = locationOf(call.state, 'user', u);
  return shown(call, 'user', u, location, userPairs(call, u, location, !withoutModified));
}

/** A group; OpenText's sample has no `modifyTimestamp`, so neither have ours. */
export function groupJson(call: Call, g: Entity): object {
  const location = locationOf(call.state, 'group', g);
  const numMembers = call.dir.groupMembers.count(g.uuid);
  return { numMembers, ...shown(call, 'group', g, location, common(call.state, 'group', g, location)) };
}

export function roleJson(call: Call, r: Entity): object {
  const location = locationOf(call.state, 'role', r);
  return shown(call, 'role', r, location, common(call.state, 'role', r, location));
}
