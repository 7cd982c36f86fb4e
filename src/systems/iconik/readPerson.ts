import type { Actual, Held } from '../../domain/change.ts';
import { SystemError } from '../errors.ts';
import type { CallContext } from '../port.ts';
import { profileOf } from './account.ts';
import { heldCollections } from './collectionAcl.ts';
import type { Iconik } from './context.ts';
import { accountState, userById } from './find.ts';
import { Interest } from './keys.ts';
import { heldMemberships, membershipsOf } from './memberships.ts';
import type { User } from './replies.ts';
import { ownShares } from './shares.ts';
import { warningsOf } from './warnings.ts';

const absent: Actual = { account: 'absent', profile: {}, held: [], warnings: [] };

/** Full read of one user by id: account, profile, teams, role groups, and where they matter collections and own shares. */
export async function readPerson(
  iconik: Iconik,
  userId: string | undefined,
  entries: readonly string[],
  call: CallContext,
): Promise<Actual> {
  if (userId === undefined) return absent;
  // Proves that the address leads to iconik's API at all: a wrong one answers 404 as well, and would make everybody look gone.
  await iconik.model.get(call);
  const user = await userById(iconik.client, userId, call);
  if (!user) return absent;
  const interest = new Interest(entries);
  const memberships = await membershipsOf(iconik, user, call);
  const collections = await heldCollections(iconik, user, interest, call);
  const shares = interest.shares ? await sharesOf(iconik, user, call) : { held: [], warnings: [] };
  const warnings = await warningsOf(iconik, user, memberships, interest, call);
  if (collections.unreadable > 0)
    warnings.push(`iconik shows us no ACL of ${collections.unreadable} collections: what is held there is not known.`);
  return {
    account: accountState(user),
    ...(accountState(user) === 'disabled' && { blocked: user.status === 'BLOCKED' }),
    nativeId: user.id,
    profile: profileOf(user),
    held: withoutRepeats([...heldMemberships(iconik, memberships), ...collections.held, ...shares.held]),
    warnings: [...warnings, ...shares.warnings],
  };
}

async function sharesOf(iconik: Iconik, user: User, call: CallContext): Promise<{ held: Held[]; warnings: string[] }> {
  try {
    return { held: await ownShares(iconik, user, call), warnings: [] };
  } catch (error) {
    // While the account is open it must stay closable; a closed one is only proved by reading everything.
    if (user.status !== 'ACTIVE' || !(error instanceof SystemError) || error.code !== 'ICONIK_FORBIDDEN') throw error;
    return {
      held: [],
      warnings: ['Own shares are not known: our service account lacks the role can_manage_all_shares.'],
    };
  }
}

/** One entry per key, what can be taken away before what cannot; sorted. */
function withoutRepeats(held: readonly Held[]): Held[] {
  const byKey = new Map<string, Held>();
  for (const item of held) if (item.how === 'direct' || !byKey.has(item.key)) byKey.set(item.key, item);
  return [...byKey.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}
