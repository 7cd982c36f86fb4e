import type { Reply } from '../../common/types.ts';
import { CHOSEN } from '../chosen.ts';
import { newId, newPublicId } from '../ids.ts';
import { flag, list, needed, pairs, text } from '../input.ts';
import type { Call } from '../kit.ts';
import { defined, now, ok, param, recordWrite } from '../kit.ts';
import { ApiRefusal } from '../refusal.ts';
import type { Route } from '../router.ts';
import {
  accessControlIn,
  changeAsset,
  contextIn,
  findAsset,
  folderFor,
  folderOf,
  md5,
  neededAsset,
  nextVersion,
  shownAsset,
} from '../rules/assets.ts';
import { factsOf, resourceType } from '../rules/files.ts';
import { merged, withDefaults } from '../rules/metadata.ts';
import { wantedModeration } from '../rules/moderation.ts';
import { emit } from '../rules/notify.ts';
import { need } from '../rules/rights.ts';
import { parentOf } from '../rules/tree.ts';
import { uploadSignature } from '../sign.ts';
import type { Asset } from '../state.ts';

type File = { name: string; bytes: Buffer };

/** The file: a part of the multipart body, a data URI, or a web address, which is never fetched. */
function fileOf(call: Call): File {
  const sent = call.files['file'];
  if (sent) return sent;
  const value = text(call.input, 'file');
  if (value === undefined || value === '') throw new ApiRefusal(400, 'Missing required parameter - file');
  const [, base64, data = ''] = /^data:[^,]*?(;base64)?,([\s\S]*)$/.exec(value) ?? [];
  if (data !== '') return { name: 'file', bytes: Buffer.from(decodeURIComponent(data), base64 ? 'base64' : 'utf8') };
  if (CHOSEN.use(call.ctx, 'remoteUpload') === 'refuse') throw new ApiRefusal(400, `Resource not found - ${value}`);
  return { name: value.split('/').at(-1) ?? 'file', bytes: Buffer.from(value) };
}

function upload(call: Call): Reply {
  const { input } = call;
  const sent = fileOf(call);
  const file = { ...sent, name: text(input, 'filename_override') ?? sent.name.split(/[\\/]/).at(-1) ?? 'file' };
  if (file.bytes.length === 0) throw new ApiRefusal(400, 'Empty file');
  const facts = factsOf(file.bytes, file.name);
  const allowed = list(input, 'allowed_formats');
  if (allowed?.length && !allowed.includes(text(input, 'format') ?? facts.format ?? ''))
    throw new ApiRefusal(400, `File format ${facts.format ?? 'unknown'} not allowed`);
  const rt = resourceType(param(call, 'rt') || text(input, 'resource_type') || 'image', facts);
  const type = text(input, 'type') ?? 'upload';
  const publicId = publicIdOf(call, file, facts.format, rt);
  const folder = folderFor(call, assetFolder(call, publicId));
  need(call, 'create', folder);
  const held = findAsset(call, rt, type, publicId);
  if (held && flag(input, 'overwrite') === false) return ok({ ...uploadReply(call, held), existing: true });
  const common = {
    version: nextVersion(call),
    format: rt === 'raw' ? null : (text(input, 'format') ?? facts.format),
    width: facts.width,
    height: facts.height,
    bytes: file.bytes.length,
    etag: md5(file.bytes),
    original_filename: file.name.replace(/\.[^.]+$/, ''),
  };
  const asset = held
    ? overwritten(call, held, common)
    : created(call, { ...common, rt, type, publicId, folder: folder?.external_id ?? null });
  const later = flag(input, 'async') === true ? { batch_id: newId(24) } : {};
  emit(call.ctx, call.env, 'upload', { ...uploadReply(call, asset), ...later });
  if ('batch_id' in later) return ok({ status: 'pending', resource_type: rt, type, public_id: publicId, ...later });
  return ok(uploadReply(call, asset));
}

type Common = Pick<Asset, 'version' | 'format' | 'width' | 'height' | 'bytes' | 'etag' | 'original_filename'>;

function created(
  call: Call,
  o: Common & { rt: Asset['resource_type']; type: string; publicId: string; folder: string | null },
): Asset {
  const { input } = call;
  const { rt, type, publicId, folder, ...common } = o;
  const metadata = merged(call, {}, pairs(input['metadata'], 'metadata') ?? {}, flag(input, 'clear_invalid') === true);
  const asset: Asset = {
    asset_id: newId(32),
    env: call.env.id,
    public_id: publicId,
    resource_type: rt,
    type,
    ...common,
    folder,
    display_name: text(input, 'display_name') ?? publicId.split('/').at(-1) ?? publicId,
    tags: list(input, 'tags') ?? [],
    context: contextIn(input['context']) ?? {},
    metadata: withDefaults(call, metadata),
    moderation: wantedModeration(call, text(input, 'moderation')) ?? [],
    access_control: accessControlIn(input['access_control']) ?? null,
    related: [],
    created_at: now(call),
    updated_at: now(call),
    created_by: callerKey(call),
  };
  call.state.assets[asset.asset_id] = asset;
  recordWrite(call.ctx, 'asset', asset.asset_id, null, asset);
  return asset;
}

/** The same public id again: a new version of the same asset. */
function overwritten(call: Call, held: Asset, common: Common): Asset {
  const { input } = call;
  const moderation = wantedModeration(call, text(input, 'moderation'));
  if (moderation === undefined && held.moderation.length > 0) call.ctx.chosen('overwriteModeration');
  const kept = CHOSEN.value(call.state, 'overwriteModeration') === 'kept' ? held.moderation : [];
  changeAsset(call, held, { ...common, moderation: moderation ?? kept, ...described(call, held) });
  return held;
}

function publicIdOf(call: Call, file: File, format: string | null, rt: string): string {
  const { input } = call;
  const plain = file.name.replace(/\.[^.]+$/, '');
  const useName = flag(input, 'use_filename') === true;
  const unique = flag(input, 'unique_filename') ?? true;
  const made = useName ? (unique ? `${plain}_${newPublicId().slice(0, 6)}` : plain) : newPublicId();
  const id = text(input, 'public_id') ?? (rt === 'raw' && format !== null ? `${made}.${format}` : made);
  const prefix = text(input, 'public_id_prefix') ?? text(input, 'folder') ?? prefixByFolder(call);
  return prefix ? `${prefix.replace(/\/+$/, '')}/${id}` : id;
}

function prefixByFolder(call: Call): string | undefined {
  return flag(call.input, 'use_asset_folder_as_public_id_prefix') === true
    ? text(call.input, 'asset_folder')
    : undefined;
}

/** In fixed mode the public id says the folder; in dynamic mode `asset_folder` does, else `folder`. */
function assetFolder(call: Call, publicId: string): string {
  if (call.env.folder_mode === 'fixed') return parentOf(publicId);
  return text(call.input, 'asset_folder') ?? text(call.input, 'folder') ?? '';
}

function callerKey(call: Call): string {
  if (call.caller.kind === 'key') return call.caller.key.api_key;
  return call.caller.kind === 'token' ? 'token' : '';
}

type Described = Pick<Asset, 'tags' | 'context' | 'metadata' | 'access_control' | 'display_name' | 'folder'>;

/** Descriptive fields that `upload`, `explicit` and `update` take alike; what is not sent stays. */
export function described(call: Call, asset: Asset): Partial<Described> {
  const { input } = call;
  const metadata = pairs(input['metadata'], 'metadata');
  const path = text(input, 'asset_folder');
  return defined<Described>({
    tags: list(input, 'tags'),
    context: contextIn(input['context']),
    metadata: metadata && merged(call, asset.metadata, metadata, flag(input, 'clear_invalid') === true),
    access_control: accessControlIn(input['access_control']),
    display_name: text(input, 'display_name'),
    folder: path === undefined ? undefined : (folderFor(call, path)?.external_id ?? null),
  });
}

function uploadReply(call: Call, asset: Asset): Record<string, unknown> {
  const key =
    call.caller.kind === 'key' ? call.caller.key : Object.values(call.state.keys).find((k) => k.env === call.env.id);
  const { version, public_id } = asset;
  const signature = uploadSignature(public_id, version, key?.api_secret ?? '');
  const version_id = md5(Buffer.from(`${asset.asset_id}/${version}`));
  const { derived: _, ...shown } = { tags: [], ...shownAsset(call, asset) } as Record<string, unknown>;
  return { ...shown, version_id, signature, placeholder: false, api_key: key?.api_key ?? '' };
}

function explicit(call: Call): Reply {
  const { input } = call;
  const asset = neededAsset(call, param(call, 'rt'), text(input, 'type') ?? 'upload', needed(input, 'public_id'));
  need(call, 'update', folderOf(call.state, asset));
  const moderation = wantedModeration(call, text(input, 'moderation'));
  changeAsset(call, asset, { ...(moderation ? { moderation } : {}), ...described(call, asset) });
  return ok(uploadReply(call, asset));
}

function rename(call: Call): Reply {
  const { input } = call;
  const rt = param(call, 'rt');
  const type = text(input, 'type') ?? 'upload';
  const asset = neededAsset(call, rt, type, needed(input, 'from_public_id'));
  need(call, 'update', folderOf(call.state, asset));
  const [to, toType] = [needed(input, 'to_public_id'), text(input, 'to_type') ?? type];
  const other = findAsset(call, rt, toType, to);
  if (other && other !== asset) {
    if (flag(input, 'overwrite') !== true) throw new ApiRefusal(400, `to_public_id(${to}) already exists`);
    delete call.state.assets[other.asset_id];
    recordWrite(call.ctx, 'asset', other.asset_id, other, null);
  }
  const from = asset.public_id;
  changeAsset(call, asset, { public_id: to, type: toType });
  const { asset_id, resource_type } = asset;
  emit(call.ctx, call.env, 'rename', { asset_id, resource_type, type: toType, from_public_id: from, to_public_id: to });
  return ok(shownAsset(call, asset));
}

function destroy(call: Call): Reply {
  const { input } = call;
  const asset = findAsset(call, param(call, 'rt'), text(input, 'type') ?? 'upload', needed(input, 'public_id'));
  if (!asset) return ok({ result: 'not found' });
  need(call, 'delete', folderOf(call.state, asset));
  removeAsset(call, asset);
  return ok({ result: 'ok' });
}

export function removeAsset(call: Call, asset: Asset): void {
  delete call.state.assets[asset.asset_id];
  recordWrite(call.ctx, 'asset', asset.asset_id, asset, null);
  const { asset_id, public_id, version, resource_type, type } = asset;
  emit(call.ctx, call.env, 'delete', { resources: [{ asset_id, public_id, version, resource_type, type }] });
}

export const ASSET_FIELDS = [
  'tags',
  'context',
  'metadata',
  'access_control',
  'asset_folder',
  'display_name',
  'clear_invalid',
];
const UPLOAD_FIELDS = [
  ...ASSET_FIELDS,
  ...'file public_id type moderation overwrite folder format filename_override use_filename unique_filename'.split(' '),
  ...'use_asset_folder_as_public_id_prefix public_id_prefix notification_url invalidate async allowed_formats'.split(
    ' ',
  ),
];
const at = { plane: 'environment', upload: true } as const;
const RENAME = 'from_public_id to_public_id type to_type overwrite invalidate context metadata notification_url'.split(
  ' ',
);

export const UPLOAD_ROUTES: Route[] = [
  { ...at, method: 'POST', path: '/{rt:image|video|raw|auto}/upload', takes: UPLOAD_FIELDS, handler: upload },
  { ...at, method: 'POST', path: '/upload', takes: UPLOAD_FIELDS, handler: upload },
  { ...at, method: 'POST', path: '/{rt:image|video|raw}/explicit', takes: UPLOAD_FIELDS, handler: explicit },
  { ...at, method: 'POST', path: '/{rt:image|video|raw}/rename', takes: RENAME, handler: rename },
  {
    ...at,
    method: 'POST',
    path: '/{rt:image|video|raw}/destroy',
    takes: ['public_id', 'type', 'invalidate', 'notification_url'],
    handler: destroy,
  },
];
