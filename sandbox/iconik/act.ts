import { fields } from '../common/fields.ts';
import type { Context, Json } from '../common/types.ts';
import { Refusal } from '../common/types.ts';
import { CHOSEN } from './chosen.ts';
import { digest, iso } from './ids.ts';
import { actAsset, actAudit, actSamlLogin, actUpload } from './actAround.ts';
import { editAcl, editMembership, editUser } from './actEdits.ts';
import { revoke } from './routes/tokens.ts';
import { migrate } from './rules/migration.ts';
import { changeUser, userByEmail } from './rules/people.ts';
import { FLAGS, newShare, readExpires, refusedLink } from './rules/sharing.ts';
import type { Collection, State, User } from './state.ts';

export type Input = { as?: string; action: string; [k: string]: Json };

/** What people do inside the product, and the switches of the stand-in. Unknown fields are refused. */
export function act(input: Input, ctx: Context<State>): Json {
  switch (input.action) {
    case 'accessModel':
      return accessModel(input, ctx);
    case 'choose':
      return CHOSEN.act(input, ctx);
    case 'edit':
      return edit(input, ctx);
    case 'share':
      return share(input, ctx);
    case 'openShare':
      return openShare(input, ctx);
    case 'acceptInvitation':
      return acceptInvitation(input, ctx);
    case 'revokeToken':
      return revokeTokens(input, ctx);
    case 'samlLogin':
      return actSamlLogin(input, ctx);
    case 'upload':
      return actUpload(input, ctx);
    case 'asset':
      return actAsset(input, ctx);
    case 'audit':
      return actAudit(input, ctx);
    default:
      throw new Refusal(
        `iconik has no action "${input.action}"; it has accessModel, choose, edit, share, openShare, acceptInvitation, revokeToken, samlLogin, upload, asset, audit.`,
      );
  }
}

function accessModel(input: Input, ctx: Context<State>): Json {
  const { model } = fields('accessModel', input, { as: 'string?', action: 'string', model: 'string' });
  if (model !== 'simplified' && model !== 'legacy') throw new Refusal('model must be "simplified" or "legacy".');
  migrate(ctx, model);
  return { model };
}

/** A change by hand, as somebody makes it in the product: of a user, a membership or an ACL row. */
function edit(input: Input, ctx: Context<State>): Json {
  if (input['set'] !== undefined) return editUser(input, ctx);
  if (input['group'] !== undefined && input['present'] !== undefined) return editMembership(input, ctx);
  if (input['permissions'] !== undefined) return editAcl(input, ctx);
  throw new Refusal('edit takes {user, set}, {user, group, present} or {user or group, collection, permissions}.');
}

/** The user named by e-mail or id. */
export function userOf(state: State, name: Json | undefined): User {
  const user = typeof name === 'string' ? (state.users[name] ?? userByEmail(state, name)) : undefined;
  if (!user) throw new Refusal(`There is no user ${JSON.stringify(name)}.`, 404);
  return user;
}

/** The collection named by title or id; a title that several have needs the id. */
export function collectionOf(state: State, name: Json | undefined): Collection {
  const all = Object.values(state.collections).filter((one) => one.id === name || one.title === name);
  const [found, other] = all;
  if (!found) throw new Refusal(`There is no collection ${JSON.stringify(name)}.`, 404);
  if (other) throw new Refusal(`Several collections are called ${JSON.stringify(name)}; give the id.`);
  return found;
}

function share(input: Input, ctx: Context<State>): Json {
  const optional = { emails: 'any?', title: 'string?', expires: 'string?' } as const;
  fields('share', input, { as: 'string', action: 'string', collection: 'string', ...optional });
  const owner = userOf(ctx.state, input.as);
  const collection = collectionOf(ctx.state, input['collection']);
  const emails = Array.isArray(input['emails']) ? input['emails'].map(String) : ['guest@festival.example'];
  const made = newShare(ctx, {
    object_type: 'collections',
    object_id: collection.id,
    owner_id: owner.id,
    flags: Object.fromEntries(Object.entries(FLAGS).map(([name, { fallback }]) => [name, fallback])),
    title: typeof input['title'] === 'string' ? input['title'] : collection.title,
    message: null,
    password: null,
    project_id: null,
    expires: readExpires(ctx, typeof input['expires'] === 'string' ? input['expires'] : null),
    emails,
    withUrl: false,
  });
  return { id: made.id, object_id: collection.id, owner_id: owner.id, expires: made.expires };
}

/** Somebody opens a shared link: whether it still works. */
function openShare(input: Input, ctx: Context<State>): Json {
  fields('openShare', input, { as: 'string?', action: 'string', share: 'string', email: 'string?' });
  const found = typeof input['share'] === 'string' ? ctx.state.shares[input['share']] : undefined;
  if (!found) return { opened: false, why: 'There is no such share.' };
  const why = refusedLink(ctx, found);
  if (why !== null) return { opened: false, why };
  const user = Object.values(found.users).find((one) => one.email === input['email']);
  if (user) Object.assign(user, { access_count: user.access_count + 1, last_access_date: iso(ctx.now()) });
  return { opened: true, why: null };
}

/** The invited person follows the mailed link and sets a password. */
function acceptInvitation(input: Input, ctx: Context<State>): Json {
  fields('acceptInvitation', input, { as: 'string?', action: 'string', email: 'string', password: 'string?' });
  const user = userOf(ctx.state, input['email']);
  const waiting = Object.entries(ctx.state.invitations).filter(([, { user_id }]) => user_id === user.id);
  if (waiting.length === 0) throw new Refusal(`${user.email} has no open invitation.`);
  for (const [key] of waiting) delete ctx.state.invitations[key];
  const now = iso(ctx.now());
  const password = typeof input['password'] === 'string' ? input['password'] : 'correct horse battery staple';
  changeUser(ctx, user, {
    password_digest: digest(password),
    password_changed: now,
    status: user.status === 'INACTIVE' && user.password_digest === null ? 'ACTIVE' : user.status,
    last_web_login: now,
    last_successful_auth: now,
  });
  return { id: user.id, status: user.status };
}

/** An administrator revokes every token of a user. */
function revokeTokens(input: Input, ctx: Context<State>): Json {
  fields('revokeToken', input, { as: 'string?', action: 'string', user: 'string' });
  const user = userOf(ctx.state, input['user']);
  const tokens = Object.values(ctx.state.tokens).filter((token) => token.user_id === user.id);
  for (const token of tokens) revoke(ctx, token);
  return { revoked: tokens.length };
}
