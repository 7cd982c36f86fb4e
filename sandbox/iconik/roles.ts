import type { Group, State, User } from './state.ts';

/** The roles that the routes of this stand-in ask for, by contract sections 3 to 11. */
export const ALL_ROLES: readonly string[] = [
  ...['read', 'write', 'create', 'delete'].map((verb) => `can_${verb}_users`),
  ...['groups', 'teams', 'role_groups', 'group_mappings', 'acls', 'acl_templates', 'apps', 'projects'].flatMap((x) => [
    `can_read_${x}`,
    `can_write_${x}`,
    `can_delete_${x}`,
  ]),
  ...['read', 'create', 'write', 'delete', 'purge'].map((verb) => `can_${verb}_collections`),
  ...['webhooks', 'identity_providers', 'logs_recipients'].flatMap((x) => [
    `can_read_${x}`,
    `can_write_${x}`,
    `can_delete_${x}`,
  ]),
  'can_read_assets_history',
  'can_create_projects',
  'can_add_project_members',
  'can_delete_project_members',
  'can_read_shares',
  'can_write_shares',
  'can_delete_object_shares',
  'can_manage_all_shares',
  'can_read_assets',
  'can_write_assets',
  'can_write_approval_status',
  'can_read_stats',
  'can_read_system_domains',
].sort();

/** The usual three roles of one kind of thing. */
export function crudRoles(thing: string): { read: string; write: string; delete: string } {
  return { read: `can_read_${thing}`, write: `can_write_${thing}`, delete: `can_delete_${thing}` };
}

/** Exactly contract section 14, so that what our account lacks in a tenant is refused here too. */
export const SERVICE_ROLES: readonly string[] = [
  'can_read_users',
  'can_create_users',
  'can_write_users',
  ...['groups', 'teams', 'role_groups', 'acls'].flatMap((x) => [`can_read_${x}`, `can_write_${x}`, `can_delete_${x}`]),
  'can_read_group_mappings',
  'can_read_collections',
  'can_create_collections',
  'can_write_collections',
  'can_read_apps',
  'can_read_stats',
  'can_manage_all_shares',
].sort();

/** What every user type may do without any group. Only this much, so that role groups decide the rest. */
const TYPE_DEFAULTS: readonly string[] = ['can_read_collections'];

export const CATEGORIES = [
  'core',
  'organize',
  'upload',
  'download',
  'collaborate',
  'assets_edit',
  'metadata_admin',
  'storage_admin',
  'users_groups_admin',
  'integrations_admin',
  'billing',
  'face_recognition',
  'others',
] as const;

/** Effective roles = type defaults ∪ roles of the (role) groups; a domain owner has all. */
export function rolesOf(state: State, user: User): string[] {
  if (user.is_admin) return [...ALL_ROLES];
  const roles = new Set(TYPE_DEFAULTS);
  for (const id of user.groups) {
    const group = state.groups[id];
    if (group && carriesRoles(state, group)) group.roles.forEach((role) => roles.add(role));
  }
  return [...roles].sort();
}

/** In a migrated domain teams carry no roles. */
export function carriesRoles(state: State, group: Group): boolean {
  return state.domain.model === 'legacy' || group.kind !== 'TEAM';
}

export function hasRole(state: State, user: User, role: string): boolean {
  return rolesOf(state, user).includes(role);
}
