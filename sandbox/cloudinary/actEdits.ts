import { fields } from '../common/fields.ts';
import type { Context, Json } from '../common/types.ts';
import { Refusal } from '../common/types.ts';
import type { Input } from './actKit.ts';
import { cloudOf, COMMON, userOf } from './actKit.ts';
import { setAssignment } from './rules/assign.ts';
import { changeUser, setMember } from './rules/people.ts';
import { roleOf } from './rules/rolesOf.ts';
import { folderByPath, makeFolder } from './rules/tree.ts';
import type { PrincipalType, State } from './state.ts';

type Handler = (input: Input, ctx: Context<State>) => Json;

const USER_FIELDS = ['name', 'email', 'role', 'enabled', 'pending', 'sub_account_ids'] as const;

/**
 * A change by hand in the Console, past the rules of the API: `{user, set}`, `{user, group, present}`,
 * `{user|group, role, folder?, present}` or `{folder, present}`.
 */
export const editByHand: Handler = (input, ctx) => {
  if (input['set'] !== undefined) return editUser(input, ctx);
  if (input['role'] !== undefined) return editRole(input, ctx);
  if (input['user'] !== undefined && input['group'] !== undefined) return editMember(input, ctx);
  if (input['folder'] !== undefined) return editFolder(input, ctx);
  throw new Refusal(
    'edit takes {user, set}, {user, group, present}, {user or group, role, folder, present} or {folder}.',
  );
};

function editUser(input: Input, ctx: Context<State>): Json {
  const f = fields('edit', input, { ...COMMON, user: 'string', set: 'object' });
  const user = userOf(ctx.state, input['user']);
  const set = f['set'] as Record<string, unknown>; // checked to be an object
  const unknown = Object.keys(set).find((name) => !USER_FIELDS.some((known) => known === name));
  if (unknown !== undefined) throw new Refusal(`A user has no field "${unknown}" to edit.`);
  changeUser(ctx, user, set); // by hand anything goes
  return { id: user.id };
}

function groupOf(state: State, name: Json | undefined): string {
  const group = Object.values(state.groups).find((one) => one.name === name || one.id === name);
  if (!group) throw new Refusal(`There is no group ${JSON.stringify(name)}.`, 404);
  return group.id;
}

function editMember(input: Input, ctx: Context<State>): Json {
  fields('edit', input, { ...COMMON, user: 'string', group: 'string', present: 'boolean' });
  const user = userOf(ctx.state, input['user']);
  setMember(ctx, groupOf(ctx.state, input['group']), user.id, input['present'] === true);
  return { id: user.id };
}

function editRole(input: Input, ctx: Context<State>): Json {
  fields('edit', input, {
    ...COMMON,
    user: 'string?',
    group: 'string?',
    role: 'string',
    folder: 'string?',
    cloud: 'string?',
    present: 'boolean',
  });
  const role = roleOf(ctx.state, String(input['role']));
  if (!role) throw new Refusal(`There is no role ${JSON.stringify(input['role'])}.`, 404);
  const env = cloudOf(ctx.state, input['cloud']);
  const folder = typeof input['folder'] === 'string' ? folderByPath(ctx.state, env.id, input['folder']) : undefined;
  if (role.policy_parameters.includes('folder_id') && !folder)
    throw new Refusal('The role needs a folder that exists.');
  const type: PrincipalType = input['user'] === undefined ? 'group' : 'user';
  const id = type === 'user' ? userOf(ctx.state, input['user']).id : groupOf(ctx.state, input['group']);
  const grant = {
    principal_type: type,
    principal_id: id,
    role_id: role.id,
    scope_id: role.scope_type === 'account' ? ctx.state.account.id : env.id,
    policy_parameters: folder && role.permission_type === 'content' ? { folder_id: folder.external_id } : {},
  };
  setAssignment(ctx, grant, input['present'] === true);
  return { id };
}

function editFolder(input: Input, ctx: Context<State>): Json {
  fields('edit', input, { ...COMMON, folder: 'string', cloud: 'string?' });
  return { external_id: makeFolder(ctx, cloudOf(ctx.state, input['cloud']), String(input['folder'])).external_id };
}
