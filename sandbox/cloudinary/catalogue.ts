import type { Role } from './state.ts';

export type Action = 'read' | 'create' | 'update' | 'delete' | 'moderate' | 'share' | 'metadata' | 'triggers';

export type SystemPolicy = {
  id: string;
  name: string;
  description: string;
  category: string;
  sub_category: string;
  permission_type: 'global' | 'content';
  scope_type: 'account' | 'prodenv';
  policy_parameters: string[];
  /** What the policy permits here. */
  actions: Action[];
};

/** Made when the permission system began; the catalogue of every account has the same. */
export const CATALOGUE_DATE = '2024-06-27T08:00:16Z';

type Row = [id: string, name: string, category: string, actions: Action[]];

/** Ids marked in the contract (section 5) are the vendor's; the others are of the same form. */
const GLOBAL: Row[] = [
  ['ml::access', 'Access the Media Library', 'Management', []],
  ['folder_and_asset_management::view', 'View all folders and assets', 'Folders and assets', ['read']],
  ['folder_and_asset_management::create_asset', 'Add assets anywhere', 'Folders and assets', ['create']],
  ['folder_and_asset_management::manage', 'Manage all folders and assets', 'Folders and assets', ['update', 'delete']],
  ['assets::moderate', 'Moderate assets', 'Folders and assets', ['moderate']],
  ['metadata::manage', 'Manage structured metadata', 'Settings', ['metadata']],
  ['upload_presets::manage', 'Manage upload presets', 'Settings', []],
  ['webhooks::manage', 'Manage notifications', 'Settings', ['triggers']],
  ['api_keys::manage', 'Manage API keys', 'Settings', []],
  ['reports::view', 'View reports', 'Reports', []],
];
const ACCOUNT: Row[] = [
  ['users::manage', 'Manage users and groups', 'Account', []],
  ['roles::manage', 'Manage roles', 'Account', []],
  ['account_reports::view', 'View account reports', 'Account', []],
];
const FOLDER: Row[] = [
  ['view_download', 'View assets', 'Folder', ['read']],
  ['download_public_assets', 'Download public assets', 'Folder', []],
  ['add_assets', 'Add assets', 'Folder', ['create']],
  ['edit_assets', 'Edit assets', 'Folder', ['update', 'moderate']],
  ['delete_assets', 'Delete assets', 'Folder', ['delete']],
  ['share', 'Share the folder', 'Folder', ['share']],
];
const COLLECTION: Row[] = [
  ['view', 'View the collection', 'Collection', ['read']],
  ['edit', 'Edit the collection', 'Collection', ['update']],
  ['share', 'Share the collection', 'Collection', ['share']],
];

function policies(
  rows: Row[],
  prefix: string,
  permission: 'global' | 'content',
  scope: 'account' | 'prodenv',
  parameter: string | null,
): SystemPolicy[] {
  return rows.map(([id, name, category, actions]) => ({
    id: `cld::policy::${prefix}::${id}`,
    name,
    description: `${name}.`,
    category,
    sub_category: 'General operations',
    permission_type: permission,
    scope_type: scope,
    policy_parameters: parameter === null ? [] : [parameter],
    actions,
  }));
}

export const SYSTEM_POLICIES: readonly SystemPolicy[] = [
  ...policies(GLOBAL, 'global', 'global', 'prodenv', null),
  ...policies(ACCOUNT, 'account', 'global', 'account', null),
  ...policies(FOLDER, 'content::folder', 'content', 'prodenv', 'folder_id'),
  ...policies(COLLECTION, 'content::collection', 'content', 'prodenv', 'collection_id'),
];

const all = (prefix: string): string[] =>
  SYSTEM_POLICIES.filter((p) => p.id.startsWith(`cld::policy::${prefix}::`)).map((p) => p.id);
const some = (prefix: string, ...names: string[]): string[] => names.map((name) => `cld::policy::${prefix}::${name}`);

type RoleRow = [id: string, name: string, description: string, policies: string[]];

const ROLE_ROWS: Record<'account' | 'prodenv' | 'folder' | 'collection', RoleRow[]> = {
  account: [
    ['master_admin', 'Master Admin', 'Fully manage the account.', all('account')],
    ['admin', 'Admin', 'Manage users and groups.', some('account', 'users::manage')],
    ['reports', 'Reports', 'View account reports.', some('account', 'account_reports::view')],
  ],
  prodenv: [
    ['master_admin', 'Master Admin', 'Fully manage the product environment.', all('global')],
    ['ml_user', 'Media Library User', 'Access the Media Library.', some('global', 'ml::access')],
    ['reports', 'Reports', 'View reports.', some('global', 'reports::view')],
  ],
  folder: [
    ['viewer', 'Viewer', 'View and download.', some('content::folder', 'view_download', 'download_public_assets')],
    ['contributor', 'Contributor', 'View and add.', some('content::folder', 'view_download', 'add_assets')],
    ['editor', 'Editor', 'View, add and edit.', some('content::folder', 'view_download', 'add_assets', 'edit_assets')],
    ['manager', 'Manager', 'Everything in the folder.', all('content::folder')],
  ],
  collection: [
    ['viewer', 'Viewer', 'View the collection.', some('content::collection', 'view')],
    ['manager', 'Manager', 'Everything in the collection.', all('content::collection')],
  ],
};

export type SystemRole = Role & { policy_parameters: string[] };

export const SYSTEM_ROLES: readonly SystemRole[] = Object.entries(ROLE_ROWS).flatMap(([family, rows]) =>
  rows.map(([id, name, description, policyIds]): SystemRole => ({
    id: `cld::role::${family}::${id}`,
    name,
    description,
    permission_type: family === 'folder' || family === 'collection' ? 'content' : 'global',
    scope_type: family === 'account' ? 'account' : 'prodenv',
    system_policy_ids: policyIds,
    policy_parameters: family === 'folder' ? ['folder_id'] : family === 'collection' ? ['collection_id'] : [],
    created_at: CATALOGUE_DATE,
    updated_at: CATALOGUE_DATE,
  })),
);

/** The statement of a system policy, in Cedar. */
export function statementOf(policy: SystemPolicy): string {
  const actions = policy.actions.map((action) => `Cloudinary::Action::"${action}"`).join(', ');
  const parameter = policy.policy_parameters[0];
  if (actions === '' || parameter === undefined)
    return `permit(principal, action, resource == Cloudinary::Feature::"${policy.id.replace('cld::policy::', 'cld::')}");`;
  return `permit(principal, action in [${actions}], resource is Cloudinary::Asset) when { resource.ancestor_ids.contains("<${parameter}>") };`;
}

const LEVELS = ['viewer', 'contributor', 'editor', 'manager'];

/** How far a folder role reaches, 0 to 4; custom roles by their policies. */
export function levelOf(role: Pick<Role, 'id' | 'system_policy_ids'>): number {
  const known = LEVELS.indexOf(role.id.replace('cld::role::folder::', ''));
  if (known >= 0) return known + 1;
  const held = SYSTEM_POLICIES.filter((p) => role.system_policy_ids.includes(p.id)).flatMap((p) => p.actions);
  if (held.includes('share')) return 4;
  if (held.includes('update') || held.includes('delete')) return 3;
  return held.includes('create') ? 2 : 1;
}
