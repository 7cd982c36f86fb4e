import type { Held } from '../../domain/change.ts';
import type { Applied, CallContext } from '../port.ts';
import { path } from './client.ts';
import type { Iconik } from './context.ts';
import { shareKey } from './keys.ts';
import { mapConcurrent } from './mapConcurrent.ts';
import { shareReply, type User } from './replies.ts';

/**
 * Shares that the user made, expired ones too (an end can be moved). The list may still show what is closed, so each is confirmed by id where our
 * roles allow it; one that iconik will not show counts as open.
 */
export async function ownShares(iconik: Iconik, user: User, call: CallContext): Promise<Held[]> {
  const listed = await iconik.client.all('/API/assets/v1/shares/all/', shareReply, call, {
    owner_id: user.id,
    sort: 'date_created,asc',
  });
  const own = listed.filter((share) => share.owner_id === user.id);
  const open = await mapConcurrent(own, iconik.config.limits.concurrent, async (share) => {
    if (!share.object_id || (share.object_type !== 'assets' && share.object_type !== 'collections')) return true;
    const at = path`/API/assets/v1/${share.object_type}/${share.object_id}/shares/${share.id}/`;
    const reply = await iconik.client.raw(at, call);
    return !(reply.status === 404 && !reply.garbled);
  });
  return own
    .filter((_, index) => open[index])
    .map((share) => ({ key: shareKey(share.id), how: 'direct' as const, closesOnLeave: true }));
}

/** Closes one share for good: its links stop. By the bulk call, which needs only `can_manage_all_shares`; gone already is success. */
export async function closeShare(iconik: Iconik, shareId: string, call: CallContext): Promise<Applied> {
  const written = await iconik.client.write(
    {
      method: 'DELETE',
      at: '/API/assets/v1/shares/bulk/all/',
      json: { share_ids: [shareId] },
      about: 'closing the share',
    },
    call,
  );
  if (written.outcome === 'refused' && written.status !== 404) throw written.error;
  return written.outcome === 'unknown' ? { outcome: 'unknown', code: written.code } : { outcome: 'done' };
}
