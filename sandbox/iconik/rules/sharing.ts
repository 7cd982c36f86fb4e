import { toJson } from '../../common/effects.ts';
import type { Context } from '../../common/types.ts';
import { CHOSEN } from '../chosen.ts';
import { digest, iso, newId, newSecret } from '../ids.ts';
import { fieldError, recordWrite, remember } from '../kit.ts';
import { userByEmail } from './people.ts';
import type { Share, ShareUser, State } from '../state.ts';

/** The switches of a share; four of them must be sent (contract section 8). */
export const FLAGS: Record<string, { required: boolean; fallback: boolean }> = {
  allow_download: { required: true, fallback: false },
  allow_comments: { required: true, fallback: false },
  allow_approving_comments: { required: true, fallback: false },
  allow_setting_approve_status: { required: true, fallback: false },
  allow_upload: { required: false, fallback: false },
  allow_download_proxy: { required: false, fallback: false },
  allow_view_versions: { required: false, fallback: false },
  allow_view_transcriptions: { required: false, fallback: false },
  allow_custom_actions: { required: false, fallback: false },
  allow_user_search_for_mentions: { required: false, fallback: false },
  allow_sync: { required: false, fallback: false },
  show_existing_comments: { required: false, fallback: true },
  show_watermark: { required: false, fallback: false },
  is_approval: { required: false, fallback: false },
};

const DAY_MS = 86_400_000;

/** When a share ends: what was sent, at most `shareMaxYears` from now, else the domain's default. */
export function readExpires(ctx: Context<State>, sent: string | null | undefined): string {
  const now = ctx.now();
  if (!sent) {
    const domain = ctx.state.settings['system']?.['share_expiration_time'];
    ctx.chosen('shareDefaultDays');
    const days = typeof domain === 'number' ? domain : CHOSEN.count(ctx.state, 'shareDefaultDays');
    return iso(new Date(now.getTime() + days * DAY_MS));
  }
  const at = new Date(/[zZ]|[+-]\d\d:?\d\d$/.test(sent) ? sent : `${sent}Z`);
  if (Number.isNaN(at.getTime())) throw fieldError('expires', 'Not a valid datetime.');
  const latest = new Date(now);
  latest.setUTCFullYear(latest.getUTCFullYear() + CHOSEN.count(ctx.state, 'shareMaxYears'));
  if (at > latest) {
    ctx.chosen('shareMaxYears');
    throw fieldError('expires', `At most ${CHOSEN.count(ctx.state, 'shareMaxYears')} years from now.`);
  }
  return iso(at);
}

export type NewShare = Pick<
  Share,
  'object_id' | 'object_type' | 'owner_id' | 'flags' | 'title' | 'message' | 'project_id' | 'expires'
> & { password: string | null; emails: string[]; withUrl: boolean };

/** Creates a share, mails each recipient a personal link and records it. */
export function newShare(ctx: Context<State>, { password, emails, withUrl, ...given }: NewShare): Share {
  const id = newId();
  const share: Share = {
    ...given,
    id,
    url: withUrl ? `${ctx.state.domain.base_url}/share/${newSecret()}` : null,
    password_digest: password ? digest(password) : null,
    population_status: 'FINISHED',
    users: {},
    links: {},
    date_created: iso(ctx.now()),
  };
  remember(ctx, 'shares', id, null);
  ctx.state.shares[id] = share;
  for (const email of new Set(emails.map((one) => one.toLowerCase()))) addShareUser(ctx, share, email);
  ctx.write({ object: 'share', id, before: null, after: toJson(shareInLedger(share)) });
  return share;
}

/** A recipient: somebody of the domain or a free external. The link goes by mail only. */
export function addShareUser(ctx: Context<State>, share: Share, email: string): ShareUser {
  const secret = newSecret();
  const internal = userByEmail(ctx.state, email);
  const user: ShareUser = {
    id: newId(),
    email,
    access_count: 0,
    last_access_date: null,
    internal_user_id: internal?.id ?? null,
  };
  share.users[user.id] = user;
  share.links[user.id] = digest(secret);
  const link = `${ctx.state.domain.base_url}/share/${share.id}/${secret}`;
  ctx.outbox({ to: email, kind: 'share', share: share.id, title: share.title, link });
  return user;
}

function shareInLedger(share: Share): object {
  const { id, object_id, object_type, owner_id, title, expires, url, flags, users } = share;
  const emails = Object.values(users).map((user) => user.email);
  return { id, object_id, object_type, owner_id, title, expires, url, ...flags, emails };
}

export function changeShare(ctx: Context<State>, share: Share, change: Partial<Share>): void {
  const before = shareInLedger(structuredClone(share));
  remember(ctx, 'shares', share.id, share);
  Object.assign(share, change);
  recordWrite(ctx, 'share', share.id, before, shareInLedger(share));
}

export function dropShare(ctx: Context<State>, share: Share): void {
  remember(ctx, 'shares', share.id, share);
  delete ctx.state.shares[share.id];
  for (const entry of Object.values(ctx.state.acls)) delete entry.shares[share.id];
  ctx.write({ object: 'share', id: share.id, before: toJson(shareInLedger(share)), after: null });
}

/** Why a link opens nothing, or null when it does. */
export function refusedLink(ctx: Context<State>, share: Share): string | null {
  if (Date.parse(share.expires) <= ctx.now().getTime()) return 'The share has expired.';
  const owner = ctx.state.users[share.owner_id];
  const dead = CHOSEN.value(ctx.state, 'sharesOfInactiveOwner') === 'dead' && owner?.status !== 'ACTIVE';
  return dead ? 'The owner of the share is not active.' : null;
}
