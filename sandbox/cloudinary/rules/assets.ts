import { createHash } from 'node:crypto';
import { isObject } from '../../common/fields.ts';
import { pairs } from '../input.ts';
import type { Call } from '../kit.ts';
import { recordWrite } from '../kit.ts';
import { ApiRefusal } from '../refusal.ts';
import type { AccessControl, Asset, Environment, Folder, State } from '../state.ts';
import { metadataChanged } from './metadata.ts';
import { tellModeration } from './moderation.ts';
import { emit } from './notify.ts';
import { cleanPath, makeFolder } from './tree.ts';

/** Where files would be delivered from; the stand-in delivers none. */
const DELIVERY = 'res.cloudinary.example';

export function assetsOf(state: State, env: Environment): Asset[] {
  return Object.values(state.assets).filter((asset) => asset.env === env.id);
}

export function findAsset(call: Call, rt: string, type: string, publicId: string): Asset | undefined {
  return assetsOf(call.state, call.env).find(
    (asset) => asset.resource_type === rt && asset.type === type && asset.public_id === publicId,
  );
}

export function neededAsset(call: Call, rt: string, type: string, publicId: string): Asset {
  const asset = findAsset(call, rt, type, publicId);
  if (!asset) throw new ApiRefusal(404, `Resource not found - ${publicId}`);
  return asset;
}

export function neededAssetId(call: Call, id: string): Asset {
  const asset = call.state.assets[id];
  if (asset?.env !== call.env.id) throw new ApiRefusal(404, `Resource not found - ${id}`);
  return asset;
}

export function folderOf(state: State, asset: Asset): Folder | null {
  return asset.folder === null ? null : (state.folders[asset.folder] ?? null);
}

export function folderPath(state: State, asset: Asset): string {
  return folderOf(state, asset)?.path ?? '';
}

/** What every form of an asset shows. */
function base(state: State, env: Environment, asset: Asset): Record<string, unknown> {
  const { asset_id, public_id, format, version, resource_type, type, created_at, bytes, width, height } = asset;
  const file = format === null || resource_type === 'raw' ? public_id : `${public_id}.${format}`;
  const path = `${env.cloud_name}/${resource_type}/${type}/v${version}/${file}`;
  return {
    asset_id,
    public_id,
    ...(format === null ? {} : { format }),
    version,
    resource_type,
    type,
    created_at,
    bytes,
    ...(width === null ? {} : { width, height }),
    asset_folder: folderPath(state, asset),
    display_name: asset.display_name,
    url: `http://${DELIVERY}/${path}`,
    secure_url: `https://${DELIVERY}/${path}`,
  };
}

function optional(asset: Asset): Record<string, unknown> {
  const { tags, context, metadata, moderation, access_control } = asset;
  return {
    ...(tags.length > 0 ? { tags: [...tags].sort() } : {}),
    ...(Object.keys(context).length > 0 ? { context: { custom: context } } : {}),
    metadata,
    ...(moderation.length > 0 ? { moderation } : {}),
    ...(access_control === null ? {} : { access_control }),
  };
}

/** An asset in full, as reading one and changing one answer it. */
export function shownAsset(call: Call, asset: Asset): Record<string, unknown> {
  const related = asset.related.map((id) => call.state.assets[id]).filter((one) => one !== undefined);
  return {
    ...base(call.state, call.env, asset),
    ...optional(asset),
    etag: asset.etag,
    original_filename: asset.original_filename,
    uploaded_at: asset.updated_at,
    created_by: { access_key: asset.created_by },
    ...(related.length > 0 ? { related_assets: related.map((one) => relatedName(one)) } : {}),
    derived: [],
    last_updated: { updated_at: asset.updated_at },
  };
}

function relatedName(asset: Asset): string {
  return `${asset.resource_type}/${asset.type}/${asset.public_id}`;
}

/** An asset in a list: tags, context, metadata and moderations only where they were asked for. */
export function listedAsset(call: Call, asset: Asset, wanted: ReadonlySet<string>): Record<string, unknown> {
  const extra = optional(asset);
  const shown: Record<string, unknown> = base(call.state, call.env, asset);
  if (asset.access_control !== null) shown['access_control'] = asset.access_control;
  for (const [flag, name] of [
    ['tags', 'tags'],
    ['context', 'context'],
    ['metadata', 'metadata'],
    ['moderations', 'moderation'],
  ] as const) {
    if (wanted.has(flag) && extra[name] !== undefined) shown[name] = extra[name];
  }
  return shown;
}

/** Changes an asset, records it and tells triggers of each kind of change. */
export function changeAsset(call: Call, asset: Asset, changes: Partial<Asset>): void {
  const before = structuredClone(asset);
  Object.assign(asset, changes);
  asset.updated_at = call.ctx
    .now()
    .toISOString()
    .replace(/\.\d+Z$/, 'Z');
  recordWrite(call.ctx, 'asset', asset.asset_id, before, asset);
  tell(call, asset, before);
}

function tell(call: Call, asset: Asset, before: Asset): void {
  const { ctx, env } = call;
  const { asset_id, public_id, resource_type, type } = asset;
  const common = { asset_id, resource_type, type };
  const differs = (field: keyof Asset): boolean => JSON.stringify(asset[field]) !== JSON.stringify(before[field]);
  if (differs('moderation')) tellModeration(call, asset);
  if (metadataChanged(asset, before.metadata)) {
    const change = { asset_id, previous_metadata: before.metadata, new_metadata: asset.metadata };
    emit(ctx, env, 'resource_metadata_changed', { resources: { [public_id]: change } });
  }
  if (differs('tags')) {
    const added = asset.tags.filter((tag) => !before.tags.includes(tag));
    const removed = before.tags.filter((tag) => !asset.tags.includes(tag));
    emit(ctx, env, 'resource_tags_changed', { resources: { [public_id]: { ...common, added, removed } } });
  }
  if (differs('context')) {
    const change = { ...common, previous_context: before.context, new_context: asset.context };
    emit(ctx, env, 'resource_context_changed', { resources: { [public_id]: change } });
  }
  if (differs('access_control')) {
    const change = { previous_access_control: before.access_control, new_access_control: asset.access_control };
    emit(ctx, env, 'access_control_changed', { resources: [{ ...common, public_id, ...change }] });
  }
  if (differs('folder')) {
    const to = folderPath(call.state, asset);
    emit(ctx, env, 'move', { resources: { [public_id]: { ...common, to_asset_folder: to } } });
  }
  if (differs('display_name')) {
    const change = { ...common, new_display_name: asset.display_name };
    emit(ctx, env, 'resource_display_name_changed', { resources: { [public_id]: change } });
  }
}

/** The folder for an `asset_folder`, made when it is not there; null for the root. */
export function folderFor(call: Call, path: string): Folder | null {
  return path.replace(/\//g, '') === '' ? null : makeFolder(call.ctx, call.env, cleanPath(path));
}

/** `access_control`: a list, or a JSON text of one; an empty one clears. */
export function accessControlIn(value: unknown): AccessControl[] | null | undefined {
  if (value === undefined || value === null) return undefined;
  if (value === '') return null;
  const given: unknown = typeof value === 'string' ? parsed(value) : value;
  const list: unknown[] = Array.isArray(given) ? given : [given];
  if (list.length === 0) return null;
  return list.map((item): AccessControl => {
    const type = isObject(item) ? item['access_type'] : undefined;
    if (!isObject(item) || (type !== 'token' && type !== 'anonymous'))
      throw new ApiRefusal(400, 'Invalid value for parameter access_control');
    const { start, end } = item;
    return {
      access_type: type,
      ...(typeof start === 'string' ? { start } : {}),
      ...(typeof end === 'string' ? { end } : {}),
    };
  });
}

function parsed(value: string): unknown {
  try {
    const json: unknown = JSON.parse(value);
    return json;
  } catch {
    throw new ApiRefusal(400, 'Invalid value for parameter access_control');
  }
}

export function contextIn(value: unknown): Record<string, string> | undefined {
  const given = pairs(value, 'context');
  if (given === undefined) return undefined;
  return Object.fromEntries(Object.entries(given).map(([k, v]) => [k, typeof v === 'string' ? v : JSON.stringify(v)]));
}

/** Greater than any before, and the time in seconds where that is enough. */
export function nextVersion(call: Pick<Call, 'ctx'>): number {
  const { state } = call.ctx;
  state.lastVersion = Math.max(state.lastVersion + 1, Math.floor(call.ctx.now().getTime() / 1000));
  return state.lastVersion;
}

export function md5(bytes: Buffer): string {
  return createHash('md5').update(bytes).digest('hex');
}
