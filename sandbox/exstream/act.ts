import { recordEffect } from '../common/effects.ts';
import { fields } from '../common/fields.ts';
import type { Context, Json } from '../common/types.ts';
import { Refusal } from '../common/types.ts';
import { CHOSEN } from './chosen.ts';
import { iso } from './ids.ts';
import { change, latest } from './rules/assets.ts';
import { setLock } from './rules/workflow.ts';
import { ASSET_STATES } from './state.ts';
import type { Asset, State } from './state.ts';

type Input = { as?: string; action: string; [k: string]: Json };

/** What people do inside the product, past the API's rules, and the switches of the stand-in. Unknown fields are refused. */
export function act(input: Input, ctx: Context<State>, asksOtds: boolean): Json {
  switch (input.action) {
    case 'choose':
      return CHOSEN.act(input, ctx);
    case 'membership':
      return membership(input, ctx, asksOtds);
    case 'move':
      return move(input, ctx);
    case 'lock':
      return lock(input, ctx);
    case 'edit':
      return edit(input, ctx);
    case 'expireTokens':
      return expireTokens(input, ctx);
    default:
      throw new Refusal(
        `exstream has no action "${input.action}"; it has choose, membership, move, lock, edit, expireTokens.`,
      );
  }
}

const BASE = { as: 'string?', action: 'string' } as const;

/** `{person, group, present}` in the seed's directory; with an OTDS it is changed there. */
function membership(input: Input, ctx: Context<State>, asksOtds: boolean): Json {
  fields('membership', input, { ...BASE, person: 'string', group: 'string', present: 'boolean' });
  if (asksOtds) throw new Refusal('Groups come from OTDS here; change the membership there.');
  const [person, group] = [String(input['person']), String(input['group'])];
  const one = ctx.state.people[person];
  if (!one) throw new Refusal(`There is no person ${person}.`, 404);
  const before = { groups: [...one.groups] };
  one.groups = one.groups.filter((name) => name.toLowerCase() !== group.toLowerCase());
  if (input['present'] === true) one.groups.push(group);
  recordEffect(ctx, 'person', person, before, { groups: one.groups });
  return { person, groups: one.groups };
}

/** The asset named by id or by a name that only one has. */
function assetNamed(state: State, name: Json | undefined): Asset {
  const found = Object.values(state.resources).filter((asset) => asset.id === name || latest(asset).name === name);
  const [asset, other] = found
    .filter((one) => one.type === 'exstrapplication')
    .concat(found.filter((one) => one.type !== 'exstrapplication'));
  if (!asset) throw new Refusal(`There is no resource ${JSON.stringify(name)}.`, 404);
  if (other && other.type === asset.type)
    throw new Refusal(`Several resources are called ${JSON.stringify(name)}; give the id.`);
  return asset;
}

function changeBy(
  input: Input,
  ctx: Context<State>,
  type: 'STATE' | 'CONTENT' | null,
  edits: (asset: Asset) => void,
): Json {
  const asset = assetNamed(ctx.state, input['resource']);
  const version = latest(asset);
  const by = input.as ?? 'someone.else@staff';
  const comment = typeof input['comment'] === 'string' ? input['comment'] : '';
  change(ctx, { asset, version, domain: asset.domains[0] ?? '', by, comment }, type, () => edits(asset));
  return { id: asset.id, version: version.version, state: version.state, locked: version.locked };
}

/** `{as, resource, state, comment?}`: a person moves an asset by hand. */
function move(input: Input, ctx: Context<State>): Json {
  fields('move', input, { ...BASE, resource: 'string', state: 'string', comment: 'string?' });
  const target = ASSET_STATES.find((state) => state === input['state']);
  if (!target) throw new Refusal(`state must be one of ${ASSET_STATES.join(', ')}.`);
  return changeBy(input, ctx, 'STATE', (asset) => Object.assign(latest(asset), { state: target, approvals: null }));
}

/** `{as, resource, locked}` */
function lock(input: Input, ctx: Context<State>): Json {
  fields('lock', input, { ...BASE, resource: 'string', locked: 'boolean' });
  const by = input.as ?? 'someone.else@staff';
  return changeBy(input, ctx, null, (asset) => setLock(latest(asset), by, input['locked'] === true));
}

/** `{as, resource, text}`: a person changes the content. */
function edit(input: Input, ctx: Context<State>): Json {
  fields('edit', input, { ...BASE, resource: 'string', text: 'string', comment: 'string?' });
  const base64 = Buffer.from(String(input['text'])).toString('base64');
  return changeBy(input, ctx, 'CONTENT', (asset) => (latest(asset).content = { mimeType: 'text/plain', base64 }));
}

/** `{user?}`: every token and ticket (of that user) ends now. */
function expireTokens(input: Input, ctx: Context<State>): Json {
  fields('expireTokens', input, { ...BASE, user: 'string?' });
  const mine = Object.values(ctx.state.tokens).filter(
    (one) => input['user'] === undefined || one.user === input['user'],
  );
  for (const session of mine) session.expires = iso(ctx.now());
  return { expired: mine.length };
}
