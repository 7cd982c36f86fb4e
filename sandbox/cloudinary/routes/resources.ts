import type { Reply } from '../../common/types.ts';
import { flag, ids, list, needed, oneOf, text, whole } from '../input.ts';
import type { Call } from '../kit.ts';
import { ok, page, param } from '../kit.ts';
import { ApiRefusal } from '../refusal.ts';
import type { Route } from '../router.ts';
import {
  assetsOf,
  changeAsset,
  folderOf,
  folderPath,
  listedAsset,
  neededAsset,
  neededAssetId,
  shownAsset,
} from '../rules/assets.ts';
import { decided, KINDS, STATUSES } from '../rules/moderation.ts';
import { may, need } from '../rules/rights.ts';
import type { Asset } from '../state.ts';
import { ASSET_FIELDS, described, removeAsset } from './upload.ts';

const FLAGS = ['tags', 'context', 'metadata', 'moderations'];
const ALWAYS = ['asset_id', 'public_id', 'folder'];

/** A page of assets that the caller may see, newest first unless told otherwise. */
function listed(call: Call, assets: Asset[], most = 500): Reply {
  const { input, state } = call;
  const seen = assets.filter((asset) => may(call, 'read', folderOf(state, asset)));
  const up = oneOf(input, 'direction', ['asc', 'desc', '1', '-1']);
  const sorted = [...seen].sort((a, b) => a.version - b.version);
  if (up !== 'asc' && up !== '1') sorted.reverse();
  const size = whole(input, 'max_results', 1, most) ?? 10;
  const { items, next } = page(sorted, text(input, 'next_cursor'), size);
  const wanted = new Set(FLAGS.filter((name) => flag(input, name) === true));
  const fields = list(input, 'fields');
  const shown = items.map((asset) => {
    const full: Record<string, unknown> = listedAsset(call, asset, fields?.length ? new Set(FLAGS) : wanted);
    if (!fields?.length) return full;
    full['folder'] = folderPath(state, asset);
    return Object.fromEntries(Object.entries(full).filter(([name]) => ALWAYS.includes(name) || fields.includes(name)));
  });
  return ok({ resources: shown, ...(next === null ? {} : { next_cursor: next }) });
}

function ofType(call: Call): Asset[] {
  const rt = param(call, 'rt');
  return assetsOf(call.state, call.env).filter((asset) => asset.resource_type === rt);
}

function listType(call: Call): Reply {
  const type = call.params['type'];
  const prefix = text(call.input, 'prefix') ?? '';
  const wanted = ids(call.input, 'public_ids');
  const some = ofType(call).filter(
    (asset) =>
      (type === undefined || asset.type === type) &&
      asset.public_id.startsWith(prefix) &&
      (wanted === undefined || wanted.includes(asset.public_id)),
  );
  return listed(call, some);
}

function byContext(call: Call): Reply {
  const key = needed(call.input, 'key');
  const value = text(call.input, 'value');
  const some = ofType(call).filter(
    (a) => a.context[key] !== undefined && (value === undefined || a.context[key] === value),
  );
  return listed(call, some);
}

/** The queue: what is in that state by that kind. */
function byModeration(call: Call): Reply {
  const [kind, status] = [param(call, 'kind'), param(call, 'status')];
  if (!KINDS.some((known) => known === kind)) throw new ApiRefusal(400, `Invalid moderation kind ${kind}`);
  if (!STATUSES.some((known) => known === status)) throw new ApiRefusal(400, `Invalid moderation status ${status}`);
  const some = ofType(call).filter((a) => a.moderation.some((entry) => entry.kind === kind && entry.status === status));
  return listed(call, some);
}

function byFolder(call: Call): Reply {
  const path = needed(call.input, 'asset_folder').replace(/^\/+|\/+$/g, '');
  return listed(
    call,
    assetsOf(call.state, call.env).filter((asset) => folderPath(call.state, asset) === path),
  );
}

function byAssetIds(call: Call): Reply {
  const wanted = ids(call.input, 'asset_ids') ?? [];
  return listed(
    call,
    assetsOf(call.state, call.env).filter((asset) => wanted.includes(asset.asset_id)),
  );
}

function assetOf(call: Call): Asset {
  const id = call.params['asset_id'];
  return id === undefined
    ? neededAsset(call, param(call, 'rt'), param(call, 'type'), param(call, 'public_id'))
    : neededAssetId(call, id);
}

function readAsset(call: Call): Reply {
  const asset = assetOf(call);
  need(call, 'read', folderOf(call.state, asset));
  return ok(shownAsset(call, asset));
}

/** Decides and describes in one call (contract section 8): either all of it is done or nothing. */
function updateAsset(call: Call): Reply {
  const asset = assetOf(call);
  const folder = folderOf(call.state, asset);
  const status = text(call.input, 'moderation_status');
  if (status !== undefined) need(call, 'moderate', folder);
  const changes = described(call, asset);
  if (Object.keys(changes).length > 0) need(call, 'update', folder);
  const moderation = status === undefined ? {} : { moderation: decided(call, asset, status) };
  changeAsset(call, asset, { ...changes, ...moderation });
  return ok(shownAsset(call, asset));
}

function deleteMany(call: Call, some: Asset[], asked: string[], nameOf: (asset: Asset) => string): Reply {
  const deleted: Record<string, string> = Object.fromEntries(asked.map((id) => [id, 'not_found']));
  for (const asset of some) {
    if (!may(call, 'delete', folderOf(call.state, asset))) continue;
    removeAsset(call, asset);
    deleted[nameOf(asset)] = 'deleted';
  }
  return ok({ deleted, deleted_counts: {}, partial: false });
}

function deleteByType(call: Call): Reply {
  const { input } = call;
  const same = ofType(call).filter((asset) => asset.type === param(call, 'type'));
  const [wanted, prefix] = [ids(input, 'public_ids'), text(input, 'prefix')];
  const all = flag(input, 'all') === true;
  if (!wanted && prefix === undefined && !all) throw new ApiRefusal(400, 'Missing required parameter - public_ids');
  const some = same.filter(
    (a) => all || (wanted ? wanted.includes(a.public_id) : a.public_id.startsWith(prefix ?? '')),
  );
  return deleteMany(call, some, wanted ?? [], (asset) => asset.public_id);
}

function deleteByTag(call: Call): Reply {
  const some = ofType(call).filter((asset) => asset.tags.includes(param(call, 'tag')));
  return deleteMany(call, some, [], (asset) => asset.public_id);
}

function deleteByIds(call: Call): Reply {
  const wanted = ids(call.input, 'asset_ids');
  if (!wanted) throw new ApiRefusal(400, 'Missing required parameter - asset_ids');
  const some = wanted.flatMap((id) => call.state.assets[id] ?? []).filter((asset) => asset.env === call.env.id);
  return deleteMany(call, some, wanted, (asset) => asset.asset_id);
}

function tags(call: Call): Reply {
  const prefix = text(call.input, 'prefix') ?? '';
  const all = [...new Set(ofType(call).flatMap((asset) => asset.tags))].filter((tag) => tag.startsWith(prefix)).sort();
  const { items, next } = page(all, text(call.input, 'next_cursor'), whole(call.input, 'max_results', 1, 500) ?? 10);
  return ok({ tags: items, ...(next === null ? {} : { next_cursor: next }) });
}

function byTag(call: Call): Reply {
  return listed(
    call,
    ofType(call).filter((asset) => asset.tags.includes(param(call, 'tag'))),
  );
}

const env = { plane: 'environment' } as const;
const PAGED = ['max_results', 'next_cursor', 'direction', 'fields', ...FLAGS];
const READ =
  'colors media_metadata image_metadata faces quality_analysis accessibility_analysis pages phash coordinates versions exif related max_results'.split(
    ' ',
  );
const DELETE = ['public_ids', 'prefix', 'all', 'keep_original', 'invalidate', 'next_cursor', 'transformations'];
const UPDATE = [...ASSET_FIELDS, 'moderation_status', 'notification_url'];
const rt = '/resources/{rt:image|video|raw}';

export const RESOURCE_ROUTES: Route[] = [
  { ...env, method: 'GET', path: '/ping', handler: () => ok({ status: 'ok' }) },
  { ...env, method: 'GET', path: '/resources', handler: () => ok({ resource_types: ['image', 'raw', 'video'] }) },
  { ...env, method: 'GET', path: rt, takes: [...PAGED, 'prefix', 'public_ids', 'start_at'], handler: listType },
  {
    ...env,
    method: 'GET',
    path: `${rt}/{type}`,
    takes: [...PAGED, 'prefix', 'public_ids', 'start_at'],
    handler: listType,
  },
  { ...env, method: 'GET', path: `${rt}/tags/{tag}`, takes: PAGED, handler: byTag },
  { ...env, method: 'GET', path: `${rt}/context`, takes: [...PAGED, 'key', 'value'], handler: byContext },
  { ...env, method: 'GET', path: `${rt}/moderations/{kind}/{status}`, takes: PAGED, handler: byModeration },
  { ...env, method: 'GET', path: '/resources/by_asset_folder', takes: [...PAGED, 'asset_folder'], handler: byFolder },
  { ...env, method: 'GET', path: '/resources/by_asset_ids', takes: [...PAGED, 'asset_ids'], handler: byAssetIds },
  { ...env, method: 'GET', path: '/resources/{asset_id}', takes: READ, handler: readAsset },
  { ...env, method: 'PUT', path: '/resources/{asset_id}', takes: UPDATE, handler: updateAsset },
  { ...env, method: 'GET', path: `${rt}/{type}/{public_id*}`, takes: READ, handler: readAsset },
  { ...env, method: 'POST', path: `${rt}/{type}/{public_id*}`, takes: UPDATE, handler: updateAsset },
  { ...env, method: 'DELETE', path: `${rt}/{type}`, takes: DELETE, handler: deleteByType },
  { ...env, method: 'DELETE', path: `${rt}/tags/{tag}`, takes: DELETE, handler: deleteByTag },
  { ...env, method: 'DELETE', path: '/resources', takes: ['asset_ids', ...DELETE], handler: deleteByIds },
  {
    ...env,
    method: 'GET',
    path: '/tags/{rt:image|video|raw}',
    takes: ['prefix', 'max_results', 'next_cursor'],
    handler: tags,
  },
];
