import type { Reply } from '../../common/types.ts';
import { flag, ids, list, needed, pairs, text } from '../input.ts';
import type { Call } from '../kit.ts';
import { ok, param } from '../kit.ts';
import { ApiRefusal } from '../refusal.ts';
import type { Route } from '../router.ts';
import { changeAsset, contextIn, findAsset, folderOf } from '../rules/assets.ts';
import { merged } from '../rules/metadata.ts';
import { may } from '../rules/rights.ts';
import type { Asset } from '../state.ts';

const MOST_IDS = 1000;
const MOST_TAGS_TIMES_IDS = 10_000;

/**
 * Does it to each asset and tells which ones: ids over 1000 are ignored, missing ones dropped, forbidden ones named in
 * `unauthorized` (contract section 8). Special `partialBulk`: half of them is dropped without a word.
 */
function each(call: Call, change: (asset: Asset) => Partial<Asset>): Reply {
  const asked = (ids(call.input, 'public_ids') ?? []).slice(0, MOST_IDS);
  if (asked.length === 0) throw new ApiRefusal(400, 'Missing required parameter - public_ids');
  const wanted = call.ctx.special('partialBulk') ? asked.slice(0, Math.ceil(asked.length / 2)) : asked;
  const type = text(call.input, 'type') ?? 'upload';
  const [done, unauthorized]: [string[], string[]] = [[], []];
  const plans: [Asset, Partial<Asset>][] = [];
  for (const id of wanted) {
    const asset = findAsset(call, param(call, 'rt'), type, id);
    if (!asset) continue;
    if (may(call, 'update', folderOf(call.state, asset))) plans.push([asset, change(asset)]);
    else unauthorized.push(id);
  }
  for (const [asset, changes] of plans) {
    changeAsset(call, asset, changes);
    done.push(asset.public_id);
  }
  return ok({ public_ids: done, ...(unauthorized.length > 0 ? { unauthorized } : {}) });
}

const TAG_COMMANDS = ['add', 'remove', 'replace', 'remove_all', 'set_exclusive'];

function tags(call: Call): Reply {
  const { input } = call;
  const command = needed(input, 'command');
  if (!TAG_COMMANDS.includes(command))
    throw new ApiRefusal(400, `Invalid command - ${command}. Must be one of: add, remove, replace, remove_all`);
  const wanted = list(input, 'tags') ?? list(input, 'tag') ?? [];
  if (wanted.length === 0 && command !== 'remove_all') throw new ApiRefusal(400, 'Missing required parameter - tags');
  if (wanted.length * (ids(input, 'public_ids')?.length ?? 0) > MOST_TAGS_TIMES_IDS)
    throw new ApiRefusal(400, `Too many tags - at most ${MOST_TAGS_TIMES_IDS} tags times public ids`);
  return each(call, (asset) => {
    if (command === 'remove_all') return { tags: [] };
    if (command === 'replace') return { tags: wanted };
    if (command === 'remove') return { tags: asset.tags.filter((tag) => !wanted.includes(tag)) };
    return { tags: [...new Set([...asset.tags, ...wanted])] };
  });
}

function context(call: Call): Reply {
  const command = needed(call.input, 'command');
  if (command !== 'add' && command !== 'remove_all')
    throw new ApiRefusal(400, `Invalid command - ${command}. Must be one of: add, remove_all`);
  if (command === 'remove_all') return each(call, () => ({ context: {} }));
  const wanted = contextIn(call.input['context']);
  if (!wanted) throw new ApiRefusal(400, 'Missing required parameter - context');
  return each(call, (asset) => ({ context: { ...asset.context, ...wanted } }));
}

function metadata(call: Call): Reply {
  const wanted = pairs(call.input['metadata'], 'metadata');
  if (!wanted) throw new ApiRefusal(400, 'Missing required parameter - metadata');
  const clear = flag(call.input, 'clear_invalid') === true;
  merged(call, {}, wanted, clear); // refuses what does not fit even where no asset is left to change
  return each(call, (asset) => ({ metadata: merged(call, asset.metadata, wanted, clear) }));
}

const at = { method: 'POST', plane: 'environment', upload: true } as const;
const COMMON = ['public_ids', 'type', 'command'];

export const BULK_ROUTES: Route[] = [
  { ...at, path: '/{rt:image|video|raw}/tags', takes: [...COMMON, 'tags', 'tag'], handler: tags },
  { ...at, path: '/{rt:image|video|raw}/context', takes: [...COMMON, 'context'], handler: context },
  {
    ...at,
    path: '/{rt:image|video|raw}/metadata',
    takes: ['public_ids', 'type', 'metadata', 'clear_invalid'],
    handler: metadata,
  },
];
