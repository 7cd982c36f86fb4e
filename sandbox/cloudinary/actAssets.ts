import { fields } from '../common/fields.ts';
import type { Context, Json } from '../common/types.ts';
import { Refusal } from '../common/types.ts';
import type { Input } from './actKit.ts';
import { cloudOf, COMMON, userOf } from './actKit.ts';
import { CHOSEN } from './chosen.ts';
import { iso, newId } from './ids.ts';
import type { Call } from './kit.ts';
import { recordWrite } from './kit.ts';
import { ApiRefusal } from './refusal.ts';
import { changeAsset, folderOf, nextVersion } from './rules/assets.ts';
import { decided, wantedModeration } from './rules/moderation.ts';
import { emit } from './rules/notify.ts';
import { userMay } from './rules/rights.ts';
import { makeFolder } from './rules/tree.ts';
import type { Asset, State } from './state.ts';

/** The part of a call that rules need, for what is done in the Console. */
function callOf(ctx: Context<State>, input: Input): Call {
  const env = cloudOf(ctx.state, input['cloud']);
  return {
    req: undefined as never, // rules of assets do not look at the request
    ctx,
    state: ctx.state,
    params: {},
    input: {},
    files: {},
    caller: { kind: 'open' },
    env,
  };
}

function assetOf(call: Call, name: Json | undefined): Asset {
  const asset = Object.values(call.state.assets).find(
    (one) => one.env === call.env.id && (one.asset_id === name || one.public_id === name),
  );
  if (!asset) throw new Refusal(`There is no asset ${JSON.stringify(name)}.`, 404);
  return asset;
}

function needMay(call: Call, input: Input, action: 'create' | 'moderate' | 'read', asset: Asset): void {
  if (input.as === undefined) return;
  const user = userOf(call.state, input.as);
  if (!userMay(call.state, user, call.env, action, folderOf(call.state, asset)))
    throw new Refusal(`${user.email} may not ${action} there.`, 403);
}

/** Somebody uploads in the Console: `{as?, public_id, folder?, moderation?}`. */
export function personUploads(input: Input, ctx: Context<State>): Json {
  fields('upload', input, {
    ...COMMON,
    cloud: 'string?',
    public_id: 'string',
    folder: 'string?',
    moderation: 'string?',
    resource_type: 'string?',
  });
  const call = callOf(ctx, input);
  const path = typeof input['folder'] === 'string' ? input['folder'] : '';
  const folder = path === '' ? null : makeFolder(ctx, call.env, path);
  const at = iso(ctx.now());
  const kind = input['resource_type'];
  const asset: Asset = {
    asset_id: newId(32),
    env: call.env.id,
    public_id: String(input['public_id']),
    resource_type: kind === 'video' || kind === 'raw' ? kind : 'image',
    type: 'upload',
    format: 'jpg',
    version: nextVersion(call),
    width: 640,
    height: 480,
    bytes: 12_345,
    etag: newId(32),
    folder: folder?.external_id ?? null,
    display_name: String(input['public_id']),
    original_filename: String(input['public_id']),
    tags: [],
    context: {},
    metadata: {},
    moderation: asRefusal(() => wantedModeration(call, text(input['moderation']))) ?? [],
    access_control: null,
    related: [],
    created_at: at,
    updated_at: at,
    created_by: 'console',
  };
  needMay(call, input, 'create', asset);
  ctx.state.assets[asset.asset_id] = asset;
  recordWrite(ctx, 'asset', asset.asset_id, null, asset);
  const { asset_id, public_id, version, resource_type, type } = asset;
  emit(ctx, call.env, 'upload', { asset_id, public_id, version, resource_type, type, asset_folder: path });
  return { asset_id };
}

function text(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** A rule's refusal in the words of the control address. */
function asRefusal<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof ApiRefusal ? new Refusal(`${error.message}.`, error.status) : error;
  }
}

/** A new file for an asset: the version counts up, moderation begins again where it is asked for. */
export function newVersion(input: Input, ctx: Context<State>): Json {
  fields('newVersion', input, { ...COMMON, cloud: 'string?', asset: 'string', moderation: 'string?' });
  const call = callOf(ctx, input);
  const asset = assetOf(call, input['asset']);
  needMay(call, input, 'create', asset);
  const moderation = asRefusal(() => wantedModeration(call, text(input['moderation'])));
  const kept = CHOSEN.value(ctx.state, 'overwriteModeration') === 'kept' ? asset.moderation : [];
  changeAsset(call, asset, { version: nextVersion(call), etag: newId(32), moderation: moderation ?? kept });
  const { asset_id, public_id, version, resource_type, type } = asset;
  emit(ctx, call.env, 'upload', { asset_id, public_id, version, resource_type, type, overwritten: true });
  return { asset_id, version };
}

/** Somebody approves or rejects in the Media Library. */
export function personDecides(input: Input, ctx: Context<State>): Json {
  fields('decide', input, { ...COMMON, cloud: 'string?', asset: 'string', status: 'string' });
  const call = callOf(ctx, input);
  const asset = assetOf(call, input['asset']);
  needMay(call, input, 'moderate', asset);
  changeAsset(call, asset, { moderation: asRefusal(() => decided(call, asset, String(input['status']))) });
  return { asset_id: asset.asset_id, status: asset.moderation.map((entry) => entry.status) };
}

/** Whether an anonymous visitor would be given the file, and why not. */
export function deliverability(input: Input, ctx: Context<State>): Json {
  fields('deliver', input, { ...COMMON, cloud: 'string?', asset: 'string' });
  const call = callOf(ctx, input);
  const asset = assetOf(call, input['asset']);
  if (asset.type !== 'upload') return { delivered: false, why: `The type is ${asset.type}.` };
  if (asset.moderation.some((entry) => entry.status === 'rejected'))
    return { delivered: false, why: 'It was rejected.' };
  const open = asset.moderation.some((entry) => entry.status === 'pending');
  if (open && CHOSEN.value(ctx.state, 'unapprovedDelivery') === 'blocked')
    return { delivered: false, why: 'It is not approved.' };
  const at = ctx.now().toISOString();
  const rules = asset.access_control;
  const anonymous = rules?.some(
    (rule) => rule.access_type === 'anonymous' && (rule.start ?? '') <= at && at <= (rule.end ?? '9999'),
  );
  if (rules !== null && anonymous !== true) return { delivered: false, why: 'It needs a token.' };
  return { delivered: true, why: null };
}
