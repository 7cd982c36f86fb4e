import { createHash } from 'node:crypto';
import { idOf } from './ids.ts';
import { assignmentKey } from './rules/rolesOf.ts';
import { seedAssets, seedFields } from './seedAssets.ts';
import { EMAIL_ELSEWHERE, environmentId, groupId, minuteOf, seedGroups, seedUsers, userId } from './seedPeople.ts';
import type { AccessKey, Assignment, Environment, Folder, State } from './state.ts';

/** How our account and our environment are entered. The defaults are of use here only. */
export type Secrets = {
  cloud: string;
  apiKey: string;
  apiSecret: string;
  accountId: string;
  provisioningKey: string;
  provisioningSecret: string;
};

export const SECRETS: Secrets = {
  cloud: 'northwind',
  apiKey: '314159265358979',
  apiSecret: 'cloudinary-sandbox-api-secret',
  accountId: '7b0c1d9e-5f3a-4c52-9e61-0d2f8a7c4b15',
  provisioningKey: '271828182845904',
  provisioningSecret: 'cloudinary-sandbox-account-secret',
};

const PRODUCTION = environmentId('Production');
const ARCHIVE = environmentId('Archive');

function environment(name: string, cloud: string): Environment {
  return {
    id: environmentId(name),
    name,
    cloud_name: cloud,
    enabled: true,
    custom_attributes: {},
    folder_mode: 'dynamic',
    assets_elsewhere: 0,
    created_at: minuteOf(0),
    updated_at: minuteOf(0),
  };
}

function key(env: string, name: string, api_key: string, secret: string, root: boolean, minute: number): AccessKey {
  return {
    name,
    api_key,
    api_secret: secret,
    enabled: true,
    dedicated_for: [],
    root,
    env,
    created_at: minuteOf(minute),
    updated_at: minuteOf(minute),
  };
}

function madeUp(name: string): string {
  return createHash('sha256').update(`northwind-cloudinary/secret/${name}`).digest('base64url').slice(0, 27);
}

/** A key that a leaver took with him: keys belong to an environment, never to a person. */
export const SYNC_KEY = '161803398874989';

function seedKeys(secrets: Secrets): Record<string, AccessKey> {
  const keys = [
    key(PRODUCTION, 'Root', secrets.apiKey, secrets.apiSecret, true, 0),
    key(PRODUCTION, 'Trailer sync', SYNC_KEY, madeUp('sync'), false, 5),
    key(ARCHIVE, 'Root', '141421356237309', madeUp('archive'), true, 0),
  ];
  return Object.fromEntries(keys.map((one) => [one.api_key, one]));
}

const FOLDERS = [
  'Contractors',
  'Finished',
  'Legal',
  'Legal/Rights',
  'Marketing',
  'Marketing/Americas',
  'Marketing/APAC',
  'Marketing/Campaigns',
  'Marketing/EMEA',
  'Post Production',
  'Post Production/Dailies',
  'Project Aurora',
  'Project Aurora/Trailers',
];

function folderId(path: string): string {
  return idOf('folder', path, 32);
}

function seedFolders(): Record<string, Folder> {
  const folders = FOLDERS.map((path, i): Folder => ({
    external_id: folderId(path),
    env: PRODUCTION,
    path,
    created_at: minuteOf(i),
  }));
  return Object.fromEntries(folders.map((folder) => [folder.external_id, folder]));
}

type Held = [principal: string, role: string, folder?: string];

/** Groups enter the Media Library and have one folder each; a few people have roles of their own, as in real accounts. */
const GROUP_ROLES: Held[] = [
  ['Marketing', 'contributor', 'Marketing'],
  ['Post Production', 'contributor', 'Post Production'],
  ['Legal', 'viewer', 'Legal'],
  ['Contractors', 'viewer', 'Contractors'],
  ['Project Aurora', 'editor', 'Project Aurora'],
  ['Media Admins', 'manager', 'Finished'],
];
const USER_ROLES: Held[] = [
  ['ada.byrne@northwind.example', 'manager', 'Marketing/EMEA'],
  ['tom.weber@northwind.example', 'viewer', 'Legal'],
  ['chiara.rossi@northwind.example', 'editor', 'Legal/Rights'],
];

function seedAssignments(accountId: string): Record<string, Assignment> {
  const at = minuteOf(30);
  const inProduction = { scope_id: PRODUCTION, policy_parameters: {}, created_at: at };
  const enter = { ...inProduction, role_id: 'cld::role::prodenv::ml_user' };
  const onFolder = (role: string, folder = ''): Omit<Assignment, 'principal_type' | 'principal_id'> => ({
    ...inProduction,
    role_id: `cld::role::folder::${role}`,
    policy_parameters: { folder_id: folderId(folder) },
  });
  const rows: Assignment[] = [
    {
      principal_type: 'user',
      principal_id: userId('omar.haddad@northwind.example'),
      role_id: 'cld::role::account::master_admin',
      scope_id: accountId,
      policy_parameters: {},
      created_at: at,
    },
  ];
  for (const [name, role, folder] of GROUP_ROLES) {
    const who = { principal_type: 'group', principal_id: groupId(name) } as const;
    rows.push({ ...enter, ...who }, { ...onFolder(role, folder), ...who });
  }
  for (const [mail, role, folder] of USER_ROLES)
    rows.push({ ...onFolder(role, folder), principal_type: 'user', principal_id: userId(mail) });
  return Object.fromEntries(rows.map((row) => [assignmentKey(row), row]));
}

/** Northwind's Cloudinary account, the same each time; `people` adds invented users. */
export function seed(o: { seed?: string; people?: number }, secrets: Secrets = SECRETS): State {
  const users = seedUsers(o);
  const environments = [environment('Production', secrets.cloud), environment('Archive', 'northwind-archive')];
  const provisioning = { key: secrets.provisioningKey, secret: secrets.provisioningSecret, enabled: true };
  return {
    account: {
      id: secrets.accountId,
      name: 'Northwind Pictures',
      mode: 'roles',
      seats: Math.max(200, Object.keys(users).length + 100),
      digest: 'sha1',
      emails_elsewhere: [EMAIL_ELSEWHERE],
    },
    provisioningKeys: { [provisioning.key]: provisioning },
    users,
    groups: seedGroups(),
    environments: Object.fromEntries(environments.map((env) => [env.id, env])),
    keys: seedKeys(secrets),
    roles: {
      campaign_reviewer: {
        id: 'campaign_reviewer',
        name: 'Campaign reviewer',
        description: 'Sees and moderates, adds nothing.',
        permission_type: 'content',
        scope_type: 'prodenv',
        system_policy_ids: ['cld::policy::content::folder::view_download', 'cld::policy::content::folder::edit_assets'],
        created_at: minuteOf(20),
        updated_at: minuteOf(20),
      },
    },
    policies: {},
    assignments: seedAssignments(secrets.accountId),
    folders: seedFolders(),
    collections: {
      [idOf('collection', 'Press Kit', 32)]: {
        id: idOf('collection', 'Press Kit', 32),
        env: PRODUCTION,
        name: 'Press Kit',
      },
    },
    assets: seedAssets(PRODUCTION, folderId),
    fields: seedFields(PRODUCTION),
    deletedFields: [],
    updatingFields: [],
    rules: {},
    triggers: {},
    messages: {},
    deliveries: {},
    sessions: {},
    tokens: {},
    rates: {},
    chosen: {},
    lastVersion: 1_767_600_000,
  };
}

const seen = new WeakSet<object>();

/** A saved state may know us by other secrets than this start was given; keys that were deleted stay deleted. */
export function keepSecrets(state: State, secrets: Secrets): void {
  if (seen.has(state)) return;
  seen.add(state);
  const root = Object.values(state.keys).find((one) => one.root && one.env === PRODUCTION);
  if (root && (root.api_key !== secrets.apiKey || root.api_secret !== secrets.apiSecret)) {
    delete state.keys[root.api_key];
    state.keys = {
      [secrets.apiKey]: { ...root, api_key: secrets.apiKey, api_secret: secrets.apiSecret },
      ...state.keys,
    };
  }
  const [old] = Object.values(state.provisioningKeys);
  if (!old || state.provisioningKeys[secrets.provisioningKey]?.secret === secrets.provisioningSecret) return;
  state.provisioningKeys = {
    [secrets.provisioningKey]: {
      key: secrets.provisioningKey,
      secret: secrets.provisioningSecret,
      enabled: old.enabled,
    },
  };
}
