import { fields } from '../common/fields.ts';
import type { Context, Json } from '../common/types.ts';
import { Refusal } from '../common/types.ts';
import { deliverability, newVersion, personDecides, personUploads } from './actAssets.ts';
import { editByHand } from './actEdits.ts';
import type { Input } from './actKit.ts';
import { cloudOf, COMMON, userOf } from './actKit.ts';
import { CHOSEN } from './chosen.ts';
import { iso, newId } from './ids.ts';
import { change, recordWrite } from './kit.ts';
import { changeUser, setMember, userByEmail } from './rules/people.ts';
import { addUser } from './rules/userList.ts';
import type { State, User } from './state.ts';

type Action = (input: Input, ctx: Context<State>) => Json;

const ACTIONS: Record<string, Action> = {
  acceptInvitation,
  samlLogin,
  edit: editByHand,
  upload: personUploads,
  newVersion,
  decide: personDecides,
  deliver: deliverability,
  issueToken,
  settings,
  choose: (input, ctx) => CHOSEN.act(input, ctx),
};

/** What people do inside the product, and the switches of the stand-in. Unknown fields are refused. */
export function act(input: Input, ctx: Context<State>): Json {
  const action = Object.hasOwn(ACTIONS, input.action) ? ACTIONS[input.action] : undefined;
  if (!action)
    throw new Refusal(`cloudinary has no action "${input.action}"; it has ${Object.keys(ACTIONS).join(', ')}.`);
  return action(input, ctx);
}

/** The invited person follows the mailed link. */
function acceptInvitation(input: Input, ctx: Context<State>): Json {
  fields('acceptInvitation', input, { ...COMMON, email: 'string' });
  const user = userOf(ctx.state, input['email']);
  if (!user.pending) throw new Refusal(`${user.email} has no open invitation.`);
  changeUser(ctx, user, { pending: false, last_login: iso(ctx.now()) });
  openSession(ctx, user, 'password');
  return { id: user.id, pending: false };
}

function openSession(ctx: Context<State>, user: User, kind: string): void {
  const session = { user: user.id, kind, at: iso(ctx.now()) };
  const id = newId(24);
  ctx.state.sessions[id] = session;
  recordWrite(ctx, 'session', id, null, session);
}

/** A log-in by SAML: makes the user when unknown, and sets what the assertion says; removes from groups
 * only with `overwrite`, as some accounts have it. */
function samlLogin(input: Input, ctx: Context<State>): Json {
  fields('samlLogin', input, {
    ...COMMON,
    email: 'string',
    name: 'string?',
    role: 'string?',
    groups: 'any?',
    overwrite: 'boolean?',
    environments: 'any?',
  });
  const email = String(input['email']);
  const at = iso(ctx.now());
  let user = userByEmail(ctx.state, email);
  if (user && !user.enabled) throw new Refusal(`${email} is disabled.`, 403);
  const envs = Array.isArray(input['environments']) ? input['environments'].map((n) => cloudOf(ctx.state, n).id) : [];
  const role = typeof input['role'] === 'string' ? input['role'] : undefined;
  if (!user) {
    user = {
      id: newId(),
      name: typeof input['name'] === 'string' ? input['name'] : email,
      email,
      role: role ?? 'media_library_user',
      pending: false,
      enabled: true,
      root: false,
      sub_account_ids: envs,
      providers: ['saml'],
      two_factor: false,
      created_at: at,
      updated_at: at,
      last_login: at,
    };
    addUser(ctx.state, user);
    recordWrite(ctx, 'user', user.id, null, user);
  } else {
    const given = { ...(role === undefined ? {} : { role }), ...(envs.length > 0 ? { sub_account_ids: envs } : {}) };
    changeUser(ctx, user, { ...given, pending: false, last_login: at });
  }
  const groups = Array.isArray(input['groups']) ? input['groups'] : [];
  for (const group of Object.values(ctx.state.groups)) {
    const named = groups.includes(group.name);
    const lost = input['overwrite'] === true && group.users.includes(user.id) && !named;
    if (named || lost) setMember(ctx, group.id, user.id, named);
  }
  openSession(ctx, user, 'saml');
  return { id: user.id };
}

/** An OAuth token for an environment, as an application or a person gets one. */
function issueToken(input: Input, ctx: Context<State>): Json {
  fields('issueToken', input, { ...COMMON, cloud: 'string?', scopes: 'any?', user: 'string?', seconds: 'number?' });
  const token = newId(40);
  const seconds = typeof input['seconds'] === 'number' ? input['seconds'] : 3600;
  const scopes = Array.isArray(input['scopes']) ? input['scopes'].map(String) : ['asset_management', 'upload'];
  ctx.state.tokens[token] = {
    token,
    env: cloudOf(ctx.state, input['cloud']).id,
    scopes,
    user: input['user'] === undefined ? null : userOf(ctx.state, input['user']).id,
    expires: new Date(ctx.now().getTime() + seconds * 1000).toISOString(),
  };
  recordWrite(ctx, 'token', token.slice(0, 8), null, { scopes });
  return { token };
}

/** Switches of account and environment: permission system, seats, digest, folder mode, assets that are elsewhere. */
function settings(input: Input, ctx: Context<State>): Json {
  const f = fields('settings', input, {
    ...COMMON,
    mode: 'string?',
    seats: 'number?',
    digest: 'string?',
    cloud: 'string?',
    folderMode: 'string?',
    assetsElsewhere: 'number?',
  });
  const { account } = ctx.state;
  const { mode, seats, digest, folderMode, assetsElsewhere } = f;
  if (mode !== undefined && mode !== 'roles' && mode !== 'legacy')
    throw new Refusal('mode must be "roles" or "legacy".');
  if (digest !== undefined && digest !== 'sha1' && digest !== 'sha256')
    throw new Refusal('digest must be "sha1" or "sha256".');
  if (folderMode !== undefined && folderMode !== 'dynamic' && folderMode !== 'fixed')
    throw new Refusal('folderMode must be "dynamic" or "fixed".');
  change(ctx, 'account', account.id, account, {
    ...(mode === undefined ? {} : { mode }),
    ...(typeof seats === 'number' ? { seats } : {}),
    ...(digest === undefined ? {} : { digest }),
  });
  if (folderMode !== undefined || typeof assetsElsewhere === 'number') {
    const env = cloudOf(ctx.state, input['cloud']);
    const elsewhere = typeof assetsElsewhere === 'number' ? { assets_elsewhere: assetsElsewhere } : {};
    change(ctx, 'environment', env.id, env, {
      ...elsewhere,
      ...(folderMode === undefined ? {} : { folder_mode: folderMode }),
    });
  }
  return { mode: account.mode, seats: account.seats, digest: account.digest };
}
