import type { Actual } from '../../domain/change.ts';
import type { Applied, CallContext } from '../port.ts';
import { asApplied } from '../written.ts';
import { patchUser } from './account.ts';
import type { GroupKind } from './catalog.ts';
import { isSystemGroup, type Iconik } from './context.ts';
import { iconikError } from './errors.ts';
import { userById } from './find.ts';
import { addMember, isMember, memberPath } from './members.ts';
import { heldNamed, membershipsOf } from './memberships.ts';
import { replacePrimary } from './primaryTeam.ts';
import type { Group, User } from './replies.ts';

const done: Applied = { outcome: 'done' };

/** Adds the user to the team, role group or legacy group of that name by the one-member call; already in it is success. */
export async function grantGroup(
  iconik: Iconik,
  kind: GroupKind,
  name: string,
  userId: string,
  call: CallContext,
): Promise<Applied> {
  if (isSystemGroup(iconik, { name })) throw iconikError('ICONIK_SYSTEM_GROUP', { about: name });
  const group = await iconik.catalogs.groupNamed(kind, name, call);
  if (isSystemGroup(iconik, group)) throw iconikError('ICONIK_SYSTEM_GROUP', { about: name });
  const user = await userById(iconik.client, userId, call);
  if (!user) throw iconikError('ICONIK_ACCOUNT_GONE');
  if (await isMember(iconik, kind, group, user, call)) return done;
  if (leftToSaml(iconik, group)) return { outcome: 'upstream', code: 'ICONIK_SAML_GROUP' };
  const added = await addMember(iconik, kind, group, userId, call);
  if (added.outcome !== 'done' || kind === 'roles') return added;
  return await firstPrimary(iconik, group, user, call);
}

/** Takes the user out of the team, role group or legacy group of that name, of all of them where names repeat; not in it is success, once it is read. */
export async function revokeGroup(
  iconik: Iconik,
  kind: GroupKind,
  name: string,
  userId: string,
  actual: Actual,
  call: CallContext,
): Promise<Applied> {
  if (isSystemGroup(iconik, { name })) throw iconikError('ICONIK_SYSTEM_GROUP', { about: name });
  const user = await userById(iconik.client, userId, call);
  if (!user) return done;
  for (const group of heldNamed(await membershipsOf(iconik, user, call), kind, name)) {
    if (isSystemGroup(iconik, group)) throw iconikError('ICONIK_SYSTEM_GROUP', { about: name });
    if (leftToSaml(iconik, group)) return { outcome: 'upstream', code: 'ICONIK_SAML_GROUP' };
    // Renamed since the last look: what was to be taken away is something else, and the next read shows it under its new name.
    if (!(await iconik.catalogs.stillNamed(kind, group, call))) continue;
    const applied = await removeMember(iconik, kind, group, user, actual, call);
    if (applied.outcome !== 'done') return applied;
  }
  return done;
}

async function removeMember(
  iconik: Iconik,
  kind: GroupKind,
  group: Group,
  user: User,
  actual: Actual,
  call: CallContext,
): Promise<Applied> {
  if (kind !== 'roles' && user.primary_group === group.id) {
    const replaced = await replacePrimary(iconik, kind, user, group, actual, call);
    if (replaced.outcome !== 'done') return replaced;
  }
  const remove = {
    method: 'DELETE',
    at: memberPath(kind, group.id, user.id),
    about: `revocation of "${group.name}"`,
  } as const;
  const written = await iconik.client.write(remove, call);
  if (written.outcome !== 'refused') return asApplied(written);
  const now = await userById(iconik.client, user.id, call);
  if (!now || !(await isMember(iconik, kind, group, now, call))) return done;
  if (written.status === 404) throw iconikError('ICONIK_NOT_REMOVED', { status: 404, about: group.name });
  // Somebody made it the primary team since we looked.
  const becamePrimary = kind !== 'roles' && now.primary_group === group.id && user.primary_group !== group.id;
  if (becamePrimary && iconik.client.choices.primaryRefusedStatuses.includes(written.status))
    return await removeMember(iconik, kind, group, now, actual, call);
  throw written.error;
}

/** The first team that is granted becomes primary where only the fallback team, or a team of iconik's own, is so far. */
async function firstPrimary(iconik: Iconik, team: Group, user: User, call: CallContext): Promise<Applied> {
  const { teams } = await membershipsOf(iconik, user, call);
  const primary = teams.find((held) => held.id === user.primary_group);
  const placeholder = !primary || primary.name === iconik.config.fallbackTeam || isSystemGroup(iconik, primary);
  if (!placeholder || team.name === iconik.config.fallbackTeam) return done;
  const written = await patchUser(iconik, user, { primary_group: team.id }, 'the primary team', call);
  // The entitlement is granted; a primary team that iconik refuses to set is no reason to take it back.
  return written.outcome === 'refused' ? done : asApplied(written);
}

function leftToSaml(iconik: Iconik, group: Group): boolean {
  return group.is_saml_group === true && iconik.client.choices.samlGroups === 'refuse';
}
