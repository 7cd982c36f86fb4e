import { isAbsolute } from 'node:path';
import { appendFileSync } from 'node:fs';
import { toJson } from '../common/effects.ts';
import { fields } from '../common/fields.ts';
import type { Context, Json } from '../common/types.ts';
import { Refusal } from '../common/types.ts';
import type { Input } from './act.ts';
import { collectionOf, userOf } from './act.ts';
import { iso, newId } from './ids.ts';
import { recordWrite } from './kit.ts';
import { OPERATIONS, addHistory } from './rules/history.ts';
import { samlLogin } from './rules/saml.ts';
import type { State, Thing } from './state.ts';

const textOf = (input: Input, name: string): string | null => {
  const value = input[name];
  return typeof value === 'string' ? value : null;
};

/** `{email, first_name?, last_name?, groups?: [claims]}`: through the identity provider of the mail's domain. */
export function actSamlLogin(input: Input, ctx: Context<State>): Json {
  const names = { first_name: 'string?', last_name: 'string?', groups: 'any?' } as const;
  fields('samlLogin', input, { as: 'string?', action: 'string', email: 'string', ...names });
  const email = textOf(input, 'email') ?? '';
  const domain = email.split('@')[1]?.toLowerCase() ?? '';
  const provider = ctx.state.saml_domains[domain]?.identity_provider_id;
  if (!provider || !ctx.state.identity_providers[provider]) {
    throw new Refusal(`No identity provider serves the domain of ${email}.`);
  }
  const groups = input['groups'];
  if (groups !== undefined && !Array.isArray(groups)) throw new Refusal('groups must be a list of claims.');
  const outcome = samlLogin(ctx, {
    email,
    first_name: textOf(input, 'first_name'),
    last_name: textOf(input, 'last_name'),
    groups: groups?.map(String) ?? null,
    identity_provider_id: provider,
  });
  if ('refused' in outcome) throw new Refusal(`The log-in is refused: ${outcome.refused}`);
  const { user, created, joined, left } = outcome;
  return { id: user.id, created, type: user.type, primary_group: user.primary_group, joined, left };
}

/** `{as, collection, title}`: somebody uploads an asset into a collection. */
export function actUpload(input: Input, ctx: Context<State>): Json {
  fields('upload', input, { as: 'string', action: 'string', collection: 'string', title: 'string' });
  const owner = userOf(ctx.state, input.as);
  const collection = collectionOf(ctx.state, input['collection']);
  const now = iso(ctx.now());
  const asset: Thing = {
    id: newId(),
    object_type: 'assets',
    title: textOf(input, 'title') ?? '',
    in_collections: [collection.id],
    created_by_user: owner.id,
    date_created: now,
  };
  ctx.state.things[asset.id] = asset;
  recordWrite(ctx, 'asset', asset.id, null, asset);
  addHistory(ctx.state, asset.id, 'VERSION_CREATE', owner.id, now);
  const before = { in_collections: [] };
  recordWrite(ctx, 'content', `${collection.id}/${asset.id}`, before, { in_collections: asset.in_collections });
  return { id: asset.id, collection: collection.id };
}

/** `{as, asset, operation, description?}`: something is done to an asset, such as DOWNLOAD; it stands in its history. */
export function actAsset(input: Input, ctx: Context<State>): Json {
  const needed = { as: 'string', action: 'string', asset: 'string', operation: 'string' } as const;
  fields('asset', input, { ...needed, description: 'string?' });
  const who = userOf(ctx.state, input.as);
  const named = textOf(input, 'asset');
  const asset = Object.values(ctx.state.things).find(
    (thing) => thing.object_type === 'assets' && (thing.id === named || thing.title === named),
  );
  if (!asset) throw new Refusal(`There is no asset ${JSON.stringify(named)}.`, 404);
  const operation = textOf(input, 'operation') ?? '';
  if (!OPERATIONS.includes(operation)) throw new Refusal(`operation must be one of ${OPERATIONS.join(', ')}.`);
  const now = iso(ctx.now());
  const entry = addHistory(ctx.state, asset.id, operation, who.id, now, textOf(input, 'description'));
  recordWrite(ctx, 'history', `${asset.id}/${entry.id}`, null, entry);
  return toJson(entry);
}

/** `{file}`: from now on each call is written to that file as an audit record; null ends it. */
export function actAudit(input: Input, ctx: Context<State>): Json {
  fields('audit', input, { as: 'string?', action: 'string', file: 'any' });
  const file = textOf(input, 'file');
  if (input['file'] !== null && (file === null || !isAbsolute(file))) {
    throw new Refusal('file must be an absolute path, or null.');
  }
  if (file !== null) tryFile(file);
  ctx.state.auditFile = file;
  return { file };
}

function tryFile(file: string): void {
  try {
    appendFileSync(file, '', { mode: 0o600 });
  } catch (error) {
    throw new Refusal(`The file cannot be written: ${error instanceof Error ? error.message : String(error)}.`);
  }
}
