import { isObject } from '../../common/fields.ts';
import type { Reply } from '../../common/types.ts';
import { list, text, whole } from '../input.ts';
import type { Call } from '../kit.ts';
import { ok, page } from '../kit.ts';
import type { Route } from '../router.ts';
import { assetsOf, folderOf, folderPath, listedAsset } from '../rules/assets.ts';
import { may } from '../rules/rights.ts';
import { matcher } from '../rules/search.ts';
import type { Asset, State } from '../state.ts';

/** What a field of the expression stands for in an asset (contract section 8). */
function valuesOf(state: State, asset: Asset, field: string | null): readonly string[] {
  if (field === null) return [asset.public_id, asset.display_name, ...asset.tags, ...Object.values(asset.context)];
  const [group, ...rest] = field.split('.');
  const name = rest.join('.');
  if (group === 'metadata' && name !== '') return [asset.metadata[name] ?? []].flat().map((value) => String(value));
  if (group === 'context' && name !== '') return [asset.context[name] ?? []].flat();
  const moderation = asset.moderation.filter((entry) => entry.status !== 'queued');
  const current = asset.moderation.find((entry) => entry.status === 'pending') ?? moderation.at(-1);
  const known: Record<string, readonly (string | number | null | undefined)[]> = {
    public_id: [asset.public_id],
    asset_id: [asset.asset_id],
    tags: asset.tags,
    resource_type: [asset.resource_type],
    type: [asset.type],
    format: [asset.format],
    asset_folder: [folderPath(state, asset)],
    folder: [folderPath(state, asset)],
    display_name: [asset.display_name],
    filename: [asset.public_id.split('/').at(-1)],
    moderation_status: [current?.status],
    moderation_kind: [current?.kind],
    status: ['active'],
    bytes: [asset.bytes],
    width: [asset.width],
    height: [asset.height],
    version: [asset.version],
    created_at: [asset.created_at],
    uploaded_at: [asset.updated_at],
  };
  return (known[field] ?? []).flatMap((value) => (value === null || value === undefined ? [] : [String(value)]));
}

const SORTS = ['public_id', 'created_at', 'uploaded_at', 'bytes', 'display_name', 'version', 'asset_folder'];

function sorted(call: Call, assets: Asset[]): Asset[] {
  const given = call.input['sort_by'];
  const pairs: unknown[] = Array.isArray(given) ? given : given === undefined || given === null ? [] : [given];
  const wanted = pairs.flatMap((pair) => (isObject(pair) ? Object.entries(pair) : []));
  if (wanted.length === 0) return [...assets].sort((a, b) => b.version - a.version);
  const key = (asset: Asset, by: string): string | number => {
    const value = valuesOf(call.state, asset, by)[0] ?? '';
    return by === 'bytes' || by === 'version' ? Number(value) : value;
  };
  return [...assets].sort((a, b) => {
    for (const [by, way] of wanted) {
      if (!SORTS.includes(by)) continue;
      const [x, y] = [key(a, by), key(b, by)];
      if (x !== y) return (x < y ? -1 : 1) * (way === 'desc' ? -1 : 1);
    }
    return 0;
  });
}

const ALWAYS = ['public_id', 'asset_id', 'created_at', 'status', 'type', 'resource_type', 'folder'];

/** In search replies context is flat, and a few fields more are there. */
function found(call: Call, asset: Asset, extra: ReadonlySet<string>, fields: string[]): Record<string, unknown> {
  const every = new Set(['tags', 'context', 'metadata', 'moderations']);
  const full: Record<string, unknown> = {
    ...listedAsset(call, asset, every),
    folder: folderPath(call.state, asset),
    filename: asset.public_id.split('/').at(-1),
    uploaded_at: asset.updated_at,
    status: 'active',
    etag: asset.etag,
    created_by: { access_key: asset.created_by },
    context: asset.context,
    image_metadata: {},
  };
  if (asset.moderation.length > 0) {
    full['moderation_status'] = valuesOf(call.state, asset, 'moderation_status')[0];
    full['moderation_kind'] = valuesOf(call.state, asset, 'moderation_kind')[0];
  }
  delete full['moderation'];
  const optional = ['tags', 'context', 'metadata', 'image_metadata'];
  const keep = (name: string): boolean => {
    if (fields.length > 0) return ALWAYS.includes(name) || fields.includes(name) || extra.has(name);
    return !optional.includes(name) || extra.has(name);
  };
  return Object.fromEntries(Object.entries(full).filter(([name]) => keep(name)));
}

function search(call: Call): Reply {
  const { input, state } = call;
  const fits = matcher(text(input, 'expression') ?? '');
  const all = assetsOf(state, call.env)
    .filter((asset) => fits((field) => valuesOf(state, asset, field)))
    .filter((asset) => may(call, 'read', folderOf(state, asset)));
  const size = whole(input, 'max_results', 0, 500) ?? 50;
  const { items, next } = page(sorted(call, all), text(input, 'next_cursor'), size);
  const extra = new Set(list(input, 'with_field') ?? []);
  const fields = list(input, 'fields') ?? [];
  return ok({
    total_count: all.length,
    time: 1,
    resources: items.map((asset) => found(call, asset, extra, fields)),
    ...(next === null ? {} : { next_cursor: next }),
  });
}

const takes = ['expression', 'max_results', 'sort_by', 'with_field', 'fields', 'next_cursor', 'aggregate'];

export const SEARCH_ROUTES: Route[] = [
  { method: 'POST', path: '/resources/search', plane: 'environment', takes, handler: search },
  { method: 'GET', path: '/resources/search', plane: 'environment', takes, handler: search },
];
