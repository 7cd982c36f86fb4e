import type { Actual } from '../../domain/change.ts';
import type { Applied, CallContext } from '../port.ts';
import { asApplied } from '../written.ts';
import { patchUser } from './account.ts';
import { isSystemGroup, type Iconik } from './context.ts';
import { iconikError } from './errors.ts';
import { addMember } from './members.ts';
import { groupKey, teamKey } from './keys.ts';
import { membershipsOf } from './memberships.ts';
import type { Group, User } from './replies.ts';

/**
 * Gives the user another primary team, because nobody can be removed from theirs (contract section 4). Somebody who stays: a team granted since
 * the read comes first (a mover's new one), then any other team held; a leaver, or somebody with no other: the fallback team, joined if need be.
 * Throws ICONIK_NO_FALLBACK_TEAM.
 */
export async function replacePrimary(
  iconik: Iconik,
  kind: 'team' | 'group',
  user: User,
  leaving: Group,
  actual: Actual,
  call: CallContext,
): Promise<Applied> {
  const { teams } = await membershipsOf(iconik, user, call);
  const { fallbackTeam } = iconik.config;
  const fallback = await iconik.catalogs.findTeam(fallbackTeam, call);
  const others = teams.filter(
    (team) =>
      team.id !== leaving.id &&
      team.name !== leaving.name &&
      team.name !== fallbackTeam &&
      !isSystemGroup(iconik, team),
  );
  const heldBefore = new Set(actual.held.map((held) => held.key));
  const granted = others.find((team) => !heldBefore.has((kind === 'group' ? groupKey : teamKey)(team.name)));
  const usableFallback = fallback && fallback.id !== leaving.id ? fallback : undefined;
  const next = user.status === 'ACTIVE' ? (granted ?? others[0] ?? usableFallback) : (usableFallback ?? others[0]);
  if (!next) throw iconikError('ICONIK_NO_FALLBACK_TEAM', { about: leaving.name });
  if (!teams.some((team) => team.id === next.id) && !isSystemGroup(iconik, next)) {
    const joined = await addMember(iconik, kind, next, user.id, call);
    if (joined.outcome !== 'done') return joined;
  }
  return asApplied(await patchUser(iconik, user, { primary_group: next.id }, 'the primary team', call));
}
