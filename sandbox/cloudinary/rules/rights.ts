import type { Json } from '../../common/types.ts';
import { permits } from '../cedar.ts';
import type { Action } from '../catalogue.ts';
import { levelOf } from '../catalogue.ts';
import { CHOSEN } from '../chosen.ts';
import type { Call } from '../kit.ts';
import { ApiRefusal } from '../refusal.ts';
import type { AccessKey, Assignment, Environment, Folder, State, User } from '../state.ts';
import { actionsOf, folderRoles, inEnvironment, lineage, roleOf } from './rolesOf.ts';

/** 403 in the words of the newer permission system (contract section 3). */
function refused(env: Environment, action: Action): ApiRefusal {
  return new ApiRefusal(
    403,
    `[prodenv:${env.id}] Request forbidden due to missing permissions (actions=["${action}"])`,
  );
}

/** Refuses unless the caller may do this, in that folder where there is one. */
export function need(call: Call, action: Action, folder: Folder | null = null): void {
  const { caller, env, state } = call;
  if (caller.kind === 'account' || caller.kind === 'open') return;
  if (caller.kind === 'token') {
    if (
      !caller.token.scopes.includes('asset_management') &&
      !(action === 'create' && caller.token.scopes.includes('upload'))
    )
      throw new ApiRefusal(403, 'This token is unauthorized to perform the requested action');
    const user = caller.token.user === null ? undefined : state.users[caller.token.user];
    if (user && !userMay(state, user, env, action, folder)) throw refused(env, action);
    return;
  }
  if (!keyMay(state, caller.key, env, action, folder)) throw refused(env, action);
}

/** Whether the caller may; for lists that leave out what may not be seen. */
export function may(call: Call, action: Action, folder: Folder | null): boolean {
  try {
    need(call, action, folder);
    return true;
  } catch (error) {
    if (error instanceof ApiRefusal) return false;
    throw error;
  }
}

/** The root key may everything; another key only what was granted to it [I]. */
function keyMay(state: State, key: AccessKey, env: Environment, action: Action, folder: Folder | null): boolean {
  if (key.root || state.account.mode === 'legacy' || CHOSEN.value(state, 'newKeyRights') === 'all') return true;
  const mine = inEnvironment(state, env.id).filter(
    (a) => a.principal_type === 'apiKey' && a.principal_id === key.api_key,
  );
  if (anyPermits(state, mine, action, folder)) return true;
  const above = folder ? lineage(state, folder).map((one) => one.external_id) : [];
  const custom = Object.values(state.policies).filter(
    (p) => p.enabled && (p.scope_id === env.id || p.scope_id === null),
  );
  return permits(
    custom.map((p) => p.policy_statement),
    { principal: key.api_key, action, ancestors: above },
  );
}

function anyPermits(state: State, rows: Assignment[], action: Action, folder: Folder | null): boolean {
  const above = new Set(folder ? lineage(state, folder).map((one) => one.external_id) : []);
  return rows.some((a) => {
    const role = roleOf(state, a.role_id);
    if (!role || !actionsOf(role).has(action)) return false;
    const at = a.policy_parameters['folder_id'];
    return role.permission_type === 'global' || (at !== undefined && above.has(at));
  });
}

/** The assignments of a user, own and by groups. */
function assignmentsOf(state: State, user: User, env: string): Assignment[] {
  const groups = new Set(Object.values(state.groups).flatMap((g) => (g.users.includes(user.id) ? [g.id] : [])));
  return inEnvironment(state, env).filter(
    (a) =>
      (a.principal_type === 'user' && a.principal_id === user.id) ||
      (a.principal_type === 'group' && groups.has(a.principal_id)),
  );
}

export function hasEnvironment(user: User, env: string): boolean {
  return user.role === 'master_admin' || user.sub_account_ids.length === 0 || user.sub_account_ids.includes(env);
}

/** Whether a person may do this in the Console, by roles of their own and of their groups. */
export function userMay(state: State, user: User, env: Environment, action: Action, folder: Folder | null): boolean {
  if (!user.enabled || user.pending || !hasEnvironment(user, env.id)) return false;
  if (user.role === 'master_admin' || user.role === 'media_library_admin') return true;
  const rows = assignmentsOf(state, user, env.id);
  const enters = rows.some((a) =>
    roleOf(state, a.role_id)?.system_policy_ids.includes('cld::policy::global::ml::access'),
  );
  return enters && anyPermits(state, rows, action, folder);
}

/** How far the caller's own rights on a folder reach: 0 none to 4 manager. */
export function callerLevel(call: Call, folder: Folder): number {
  const { caller, state } = call;
  if (caller.kind !== 'key') return 4;
  if (caller.key.root || CHOSEN.value(state, 'newKeyRights') === 'all') return 4;
  const levels = folderRoles(state, folder)
    .filter(({ assignment: a }) => a.principal_type === 'apiKey' && a.principal_id === caller.key.api_key)
    .map(({ assignment }) => roleOf(state, assignment.role_id))
    .map((role) => (role ? levelOf(role) : 0));
  const whole = inEnvironment(state, call.env.id).some(
    (a) =>
      a.principal_type === 'apiKey' &&
      a.principal_id === caller.key.api_key &&
      a.role_id === 'cld::role::prodenv::master_admin',
  );
  return Math.max(0, whole ? 4 : 0, ...levels);
}

/** For reviewers: which folders each person can see, and why. */
export function accessReport(state: State): Record<string, Json> {
  const report: Record<string, Json> = {};
  if (Object.keys(state.users).length > 1000) return report; // a generated company: too much to derive at each look
  // In an order of their own: a state that was saved and put back holds its folders in another.
  const key = (folder: Folder): string => `${folder.env} ${folder.path}`;
  const folders = Object.values(state.folders).sort((a, b) => (key(a) < key(b) ? -1 : 1));
  for (const user of Object.values(state.users)) {
    const rows: Json[] = [];
    for (const folder of folders) {
      const env = state.environments[folder.env];
      if (!env || !userMay(state, user, env, 'read', folder)) continue;
      rows.push({
        folder: folder.path,
        folder_id: folder.external_id,
        environment: env.cloud_name,
        why: why(state, user, folder),
      });
    }
    report[user.email] = rows;
  }
  return report;
}

function why(state: State, user: User, folder: Folder): Json {
  if (user.role === 'master_admin' || user.role === 'media_library_admin') return [{ by: `user role ${user.role}` }];
  const mine = new Set(assignmentsOf(state, user, folder.env));
  return folderRoles(state, folder)
    .filter(({ assignment }) => mine.has(assignment))
    .map(({ assignment: a, inherited }) => ({
      role: a.role_id,
      by: a.principal_type === 'user' ? 'direct' : `group ${state.groups[a.principal_id]?.name ?? a.principal_id}`,
      inherited,
      set_at: a.policy_parameters['folder_id'] ?? null,
    }));
}
