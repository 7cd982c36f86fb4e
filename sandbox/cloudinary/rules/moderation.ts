import { CHOSEN } from '../chosen.ts';
import type { Call } from '../kit.ts';
import { chosenRefusal, now } from '../kit.ts';
import { ApiRefusal } from '../refusal.ts';
import type { Asset, Moderation } from '../state.ts';
import { emit } from './notify.ts';

export const KINDS = [
  'manual',
  'webpurify',
  'aws_rek',
  'aws_rek_video',
  'perception_point',
  'google_video_moderation',
  'duplicate',
] as const;
export const STATUSES = ['queued', 'pending', 'approved', 'rejected', 'aborted'] as const;

/** `moderation=manual`, or several with pipes between, manual last: the first is pending, the others wait. */
export function wantedModeration(call: Call, text: string | undefined): Moderation[] | undefined {
  if (text === undefined || text === '') return undefined;
  const kinds = text.split('|').map((kind) => kind.split(':')[0] ?? '');
  for (const kind of kinds) {
    if (!KINDS.some((known) => known === kind)) throw new ApiRefusal(400, `Invalid moderation value - ${kind}`);
  }
  if (kinds.includes('manual') && kinds.at(-1) !== 'manual')
    throw new ApiRefusal(400, 'Invalid moderation value - manual must be last');
  return kinds.map((kind, i) => ({ kind, status: i === 0 ? 'pending' : 'queued', updated_at: now(call) }));
}

/** Approves or rejects; gives the new entries. Nothing else can be written (contract section 8). */
export function decided(call: Call, asset: Asset, status: string): Moderation[] {
  if (status !== 'approved' && status !== 'rejected')
    throw new ApiRefusal(400, `Invalid moderation status - ${status}. Must be one of: approved, rejected`);
  const at = now(call);
  const entries = asset.moderation.map((entry) => ({ ...entry }));
  if (entries.length === 0) {
    if (CHOSEN.use(call.ctx, 'unmoderatedDecision') !== 200)
      throw chosenRefusal(call, 'unmoderatedDecision', 'The asset is not moderated');
    return [{ kind: 'manual', status, updated_at: at }];
  }
  let open = entries.find((entry) => entry.status === 'pending');
  if (!open) {
    if (CHOSEN.use(call.ctx, 'repeatedDecision') !== 200)
      throw chosenRefusal(call, 'repeatedDecision', 'The asset was moderated already');
    open = entries.findLast((entry) => entry.status === 'approved' || entry.status === 'rejected');
  }
  if (!open) return entries;
  Object.assign(open, { status, updated_at: at });
  const waiting = entries.filter((entry) => entry.status === 'queued');
  // One rejection ends the rest; an approval lets the next one begin.
  if (status === 'rejected') for (const entry of waiting) Object.assign(entry, { status: 'aborted', updated_at: at });
  else if (waiting[0]) Object.assign(waiting[0], { status: 'pending', updated_at: at });
  return entries;
}

/** Tells triggers of a decision, and of the end when nothing is open any more. */
export function tellModeration(call: Call, asset: Asset): void {
  const { ctx, env } = call;
  const last = asset.moderation.findLast((entry) => entry.status !== 'queued' && entry.status !== 'aborted');
  if (!last) return;
  const { asset_id, public_id, version, resource_type, type } = asset;
  const common = { asset_id, public_id, version, resource_type, type };
  const latest = asset.moderation.find((entry) => entry.updated_at === now(call)) ?? last;
  emit(ctx, env, 'moderation', {
    ...common,
    moderation_status: latest.status,
    moderation_kind: latest.kind,
    moderation_response: latest.kind === 'manual' ? null : {},
    moderation_updated_at: latest.updated_at,
  });
  if (asset.moderation.some((entry) => entry.status === 'pending' || entry.status === 'queued')) return;
  const final = asset.moderation.some((entry) => entry.status === 'rejected') ? 'rejected' : last.status;
  emit(ctx, env, 'moderation_summary', { ...common, moderation_status: final, moderation_kind: last.kind });
}
