import type { Held } from '../../domain/change.ts';
import type { Applied, CallContext } from '../port.ts';
import { asApplied } from '../written.ts';
import type { Cloudinary } from './context.ts';
import { formatKey } from './entitlements.ts';
import { cloudinaryError } from './errors.ts';
import { userById } from './find.ts';
import { path } from './plane.ts';
import { userGroupsReply, type Group } from './replies.ts';

const done: Applied = { outcome: 'done' };

/** Groups of a user by its id, under the names that they bear now; undefined where Cloudinary has no such user. */
export async function groupsOf(
  { client }: Cloudinary,
  userId: string,
  call: CallContext,
): Promise<readonly Group[] | undefined> {
  return (await client.account.lookUp(client.v1(path`/users/${userId}/groups`), userGroupsReply, call))?.groups;
}

/** As entitlements. */
export function heldGroups(groups: readonly Group[]): Held[] {
  return groups.map(({ name }) => ({ key: formatKey({ kind: 'group', name }), how: 'direct' }));
}

/** Adds the user to the group of that name; already in it is success. Throws CLOUDINARY_UNKNOWN_GROUP, CLOUDINARY_ACCOUNT_GONE. */
export async function grantGroup(
  cloudinary: Cloudinary,
  name: string,
  userId: string,
  call: CallContext,
): Promise<Applied> {
  const group = await cloudinary.catalog.groupNamed(name, call);
  const held = await groupsOf(cloudinary, userId, call);
  if (!held) throw cloudinaryError('CLOUDINARY_ACCOUNT_GONE');
  if (held.some((one) => one.id === group.id)) return done;
  const { client } = cloudinary;
  const at = member(cloudinary, group, userId);
  const written = await client.account.write({ method: 'POST', at, about: `grant of "${name}"` }, call);
  if (written.outcome !== 'refused') return asApplied(written);
  // Whether adding twice is refused is not known (409), and a 404 may mean either of the two.
  if (written.status === 409 && (await isMember(cloudinary, group, userId, call))) return done;
  if (written.status !== 404) throw written.error;
  if (!(await userById(client, userId, call))) throw cloudinaryError('CLOUDINARY_ACCOUNT_GONE', { status: 404 });
  throw cloudinaryError('CLOUDINARY_UNKNOWN_GROUP', { status: 404, about: name });
}

/** Takes the user out of every group of that name; not in it is success, once it is read. */
export async function revokeGroup(
  cloudinary: Cloudinary,
  name: string,
  userId: string,
  call: CallContext,
): Promise<Applied> {
  const { client } = cloudinary;
  for (const group of (await groupsOf(cloudinary, userId, call)) ?? []) {
    if (group.name !== name) continue;
    const at = member(cloudinary, group, userId);
    const written = await client.account.write({ method: 'DELETE', at, about: `revocation of "${name}"` }, call);
    if (written.outcome === 'refused' && !(await isMember(cloudinary, group, userId, call))) continue;
    if (written.outcome === 'refused' && written.status === 404)
      throw cloudinaryError('CLOUDINARY_CONFLICT', { status: 404, about: `the group "${name}"` });
    const applied = asApplied(written);
    if (applied.outcome !== 'done') return applied;
  }
  return done;
}

async function isMember(cloudinary: Cloudinary, group: Group, userId: string, call: CallContext): Promise<boolean> {
  return ((await groupsOf(cloudinary, userId, call)) ?? []).some((one) => one.id === group.id);
}

function member({ client }: Cloudinary, group: Group, userId: string): string {
  return client.v1(path`/user_groups/${group.id}/users/${userId}`);
}
