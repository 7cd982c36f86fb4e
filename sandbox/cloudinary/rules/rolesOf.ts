import type { Action, SystemRole } from '../catalogue.ts';
import { SYSTEM_POLICIES, SYSTEM_ROLES } from '../catalogue.ts';
import type { Assignment, Folder, State } from '../state.ts';

/** A role of either kind, with the names of its parameters. */
export type AnyRole = SystemRole & { management_type: 'system' | 'custom' };

const SYSTEM = new Map(SYSTEM_ROLES.map((role) => [role.id, { ...role, management_type: 'system' as const }]));

export function roleOf(state: State, id: string): AnyRole | undefined {
  const custom = state.roles[id];
  if (!custom) return SYSTEM.get(id);
  return {
    ...custom,
    management_type: 'custom',
    policy_parameters: custom.permission_type === 'content' ? ['folder_id'] : [],
  };
}

export function allRoles(state: State): AnyRole[] {
  return [...SYSTEM.keys(), ...Object.keys(state.roles)].flatMap((id) => roleOf(state, id) ?? []);
}

/** What the role permits. */
export function actionsOf(role: AnyRole): Set<Action> {
  return new Set(SYSTEM_POLICIES.filter((p) => role.system_policy_ids.includes(p.id)).flatMap((p) => p.actions));
}

/** The key under which an assignment is kept: the same role twice at one place is one row. */
export function assignmentKey(a: Omit<Assignment, 'created_at'>): string {
  const [parameter] = Object.entries(a.policy_parameters).map(([name, value]) => `${name}=${value}`);
  return [a.principal_type, a.principal_id, a.role_id, a.scope_id, parameter ?? ''].join('|');
}

/** The folder and those above it, nearest first. */
export function lineage(state: State, folder: Folder): Folder[] {
  const same = Object.values(state.folders).filter((one) => one.env === folder.env);
  return same
    .filter((one) => one.path === folder.path || folder.path.startsWith(`${one.path}/`))
    .sort((a, b) => b.path.length - a.path.length);
}

/** Assignments that hold in an environment: those of it, those for all, those of the account. */
export function inEnvironment(state: State, env: string): Assignment[] {
  return Object.values(state.assignments).filter((a) => a.scope_id === env || a.scope_id === 'all');
}

/** Content roles on a folder: `inherited` where they were set further up. */
export function folderRoles(state: State, folder: Folder): { assignment: Assignment; inherited: boolean }[] {
  const above = new Set(lineage(state, folder).map((one) => one.external_id));
  return inEnvironment(state, folder.env)
    .filter((a) => above.has(a.policy_parameters['folder_id'] ?? ''))
    .map((assignment) => ({ assignment, inherited: assignment.policy_parameters['folder_id'] !== folder.external_id }));
}
