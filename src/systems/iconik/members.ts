import type { Applied, CallContext } from '../port.ts';
import { asApplied } from '../written.ts';
import { COLLECTION, type GroupKind } from './catalog.ts';
import { path } from './client.ts';
import type { Iconik } from './context.ts';
import { iconikError } from './errors.ts';
import { userById } from './find.ts';
import { membershipsOf } from './memberships.ts';
import type { Group, User } from './replies.ts';

/** POST of one member. A 409 of somebody who turns out to be in it is success. */
export async function addMember(
  iconik: Iconik,
  kind: GroupKind,
  group: Group,
  userId: string,
  call: CallContext,
): Promise<Applied> {
  const written = await iconik.client.write(
    { method: 'POST', at: memberPath(kind, group.id, userId), about: `grant of "${group.name}"` },
    call,
  );
  if (written.outcome !== 'refused') return asApplied(written);
  if (written.status !== 404 && written.status !== 409) throw written.error;
  const user = await userById(iconik.client, userId, call);
  if (!user) throw iconikError('ICONIK_ACCOUNT_GONE', { status: written.status });
  if (await isMember(iconik, kind, group, user, call)) return { outcome: 'done' };
  if (written.status === 404) throw iconikError('ICONIK_UNKNOWN_TEAM', { status: 404, about: group.name });
  throw written.error;
}

/** Whether a user read by id is in that team or role group. */
export async function isMember(
  iconik: Iconik,
  kind: GroupKind,
  group: Group,
  user: User,
  call: CallContext,
): Promise<boolean> {
  const memberships = await membershipsOf(iconik, user, call);
  return (kind === 'roles' ? memberships.roles : memberships.teams).some((held) => held.id === group.id);
}

/** The one-member call of a team, role group or legacy group: contract section 5. */
export function memberPath(kind: GroupKind, groupId: string, userId: string): string {
  return path`/API/users/v1/${COLLECTION[kind]}/${groupId}/users/${userId}/`;
}
