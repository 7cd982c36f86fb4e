import type { Reply } from '../../common/types.ts';
import { ids } from '../input.ts';
import type { Call } from '../kit.ts';
import { param } from '../kit.ts';
import { ApiRefusal } from '../refusal.ts';
import type { Route } from '../router.ts';
import { changeAsset, findAsset, folderOf, neededAsset, neededAssetId } from '../rules/assets.ts';
import { need } from '../rules/rights.ts';
import type { Asset } from '../state.ts';

const MOST = 10;

type Row = { asset: string; status: number; code: string; message: string };

function subject(call: Call): Asset {
  const id = call.params['asset_id'];
  return id === undefined
    ? neededAsset(call, param(call, 'rt'), param(call, 'type'), param(call, 'public_id'))
    : neededAssetId(call, id);
}

/** By asset id where the subject was named so, else as `resource_type/type/public_id`. */
function other(call: Call, name: string): Asset | undefined {
  if (call.params['asset_id'] !== undefined) {
    const asset = call.state.assets[name];
    return asset?.env === call.env.id ? asset : undefined;
  }
  const [rt = '', type = '', ...rest] = name.split('/');
  return findAsset(call, rt, type, rest.join('/'));
}

function relate(call: Call, add: boolean): Reply {
  const field = add ? 'assets_to_relate' : 'assets_to_unrelate';
  const names = ids(call.input, field) ?? [];
  if (names.length === 0) throw new ApiRefusal(400, `Missing required parameter - ${field}`);
  if (names.length > MOST) throw new ApiRefusal(400, `Too many assets - at most ${MOST}`);
  const asset = subject(call);
  need(call, 'update', folderOf(call.state, asset));
  const [success, failed]: [Row[], Row[]] = [[], []];
  for (const name of names) {
    const wrong = refusal(call, asset, name, add);
    if (wrong) failed.push(wrong);
    else success.push({ asset: name, status: 200, code: 'success_ids', message: 'success' });
  }
  return { status: failed.length > 0 ? 207 : 200, body: { success, failed } };
}

/** Relates both ways, or says why not. */
function refusal(call: Call, asset: Asset, name: string, add: boolean): Row | null {
  const found = other(call, name);
  if (!found) return { asset: name, status: 404, code: 'non_existing_ids', message: 'resource does not exist' };
  if (found === asset)
    return { asset: name, status: 400, code: 'invalid_relate_to_self_id', message: 'cannot relate to self' };
  const held = asset.related.includes(found.asset_id);
  if (add && held) return { asset: name, status: 409, code: 'already_exists_ids', message: 'resource already exists' };
  if (!add && !held)
    return { asset: name, status: 404, code: 'relation_does_not_exist_ids', message: 'relation does not exist' };
  for (const [one, two] of [
    [asset, found],
    [found, asset],
  ] as const) {
    const rest = one.related.filter((id) => id !== two.asset_id);
    changeAsset(call, one, { related: add ? [...rest, two.asset_id] : rest });
  }
  return null;
}

const byId = '/resources/related_assets/{asset_id}';
const byName = '/resources/related_assets/{rt:image|video|raw}/{type}/{public_id*}';

export const RELATION_ROUTES: Route[] = [byId, byName].flatMap((path): Route[] => [
  { method: 'POST', path, plane: 'environment', takes: ['assets_to_relate'], handler: (call) => relate(call, true) },
  {
    method: 'DELETE',
    path,
    plane: 'environment',
    takes: ['assets_to_unrelate'],
    handler: (call) => relate(call, false),
  },
]);
