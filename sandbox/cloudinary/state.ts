import type { Selected } from '../common/choices.ts';

/**
 * Everything the stand-in remembers, as plain JSON, so that a saved `GET /state` can be put back.
 * Dates are ISO 8601 with `Z`; v2 replies turn them into epoch seconds (contract section 3).
 */
export type Mode = 'roles' | 'legacy';
export const USER_ROLES = [
  'master_admin',
  'admin',
  'billing',
  'technical_admin',
  'reports',
  'media_library_admin',
  'media_library_user',
] as const;

export type Account = {
  id: string;
  name: string;
  /** `roles`: Roles and Permissions (v2); `legacy`: fixed user roles only. */
  mode: Mode;
  seats: number;
  /** Digest of notification signatures. */
  digest: 'sha1' | 'sha256';
  /** Addresses that have an own Cloudinary account somewhere else. */
  emails_elsewhere: string[];
};

export type ProvisioningKey = { key: string; secret: string; enabled: boolean };

export type User = {
  id: string;
  name: string;
  email: string;
  role: string;
  pending: boolean;
  enabled: boolean;
  root: boolean;
  /** Empty means every environment. */
  sub_account_ids: string[];
  /** `saml` for those made at log-in. */
  providers: string[];
  two_factor: boolean;
  created_at: string;
  updated_at: string;
  last_login: string | null;
};

export type Group = { id: string; name: string; users: string[]; created_at: string; updated_at: string };

export type Environment = {
  id: string;
  name: string;
  cloud_name: string;
  enabled: boolean;
  custom_attributes: Record<string, unknown>;
  /** `fixed`: a folder is part of the public id. */
  folder_mode: 'dynamic' | 'fixed';
  /** Assets that the stand-in does not hold, for the limit of 1000. */
  assets_elsewhere: number;
  created_at: string;
  updated_at: string;
};

export type AccessKey = {
  name: string;
  api_key: string;
  api_secret: string;
  enabled: boolean;
  dedicated_for: string[];
  root: boolean;
  env: string;
  created_at: string;
  updated_at: string;
};

export type PrincipalType = 'user' | 'group' | 'apiKey' | 'provisioningKey';
export const PRINCIPAL_TYPES: readonly PrincipalType[] = ['user', 'group', 'apiKey', 'provisioningKey'];

/** A custom role; system roles live in `catalogue.ts`. */
export type Role = {
  id: string;
  name: string;
  description: string | null;
  permission_type: 'global' | 'content';
  scope_type: 'account' | 'prodenv';
  system_policy_ids: string[];
  created_at: string;
  updated_at: string;
};

export type CustomPolicy = {
  id: string;
  name: string;
  description: string | null;
  policy_statement: string;
  scope_type: 'account' | 'prodenv';
  scope_id: string | null;
  enabled: boolean;
  created_at: string;
  updated_at: string;
};

/** One role given to one principal at one scope, for one folder or collection where the role asks for it. */
export type Assignment = {
  principal_type: PrincipalType;
  principal_id: string;
  role_id: string;
  /** Environment id, `all`, or the account id for account roles. */
  scope_id: string;
  policy_parameters: Record<string, string>;
  created_at: string;
};

export type Folder = { external_id: string; env: string; path: string; created_at: string };
export type Collection = { id: string; env: string; name: string };

export type Moderation = { kind: string; status: string; updated_at: string };
export type AccessControl = { access_type: 'token' | 'anonymous'; start?: string; end?: string };
export type MetadataValue = string | number | string[];

export type Asset = {
  asset_id: string;
  env: string;
  public_id: string;
  resource_type: 'image' | 'video' | 'raw';
  type: string;
  format: string | null;
  version: number;
  width: number | null;
  height: number | null;
  bytes: number;
  etag: string;
  /** External id of the folder; null at the root. */
  folder: string | null;
  display_name: string;
  original_filename: string;
  tags: string[];
  context: Record<string, string>;
  metadata: Record<string, MetadataValue>;
  moderation: Moderation[];
  access_control: AccessControl[] | null;
  related: string[];
  created_at: string;
  updated_at: string;
  created_by: string;
};

export type DatasourceValue = { external_id: string; value: string; state: 'active' | 'inactive'; position: number };

export type Field = {
  external_id: string;
  env: string;
  label: string;
  type: 'string' | 'integer' | 'date' | 'enum' | 'set';
  mandatory: boolean;
  default_value: MetadataValue | null;
  validation: Record<string, unknown> | null;
  allow_dynamic_list_values: boolean;
  default_disabled: boolean;
  restrictions: Record<string, boolean>;
  datasource: DatasourceValue[] | null;
  created_at: string;
};

export type Rule = {
  external_id: string;
  env: string;
  metadata_field_id: string;
  name: string;
  condition: unknown;
  result: unknown;
  state: 'active' | 'inactive';
  position: number;
};

export type Trigger = {
  id: string;
  env: string;
  uri: string;
  uri_type: 'webhook' | 'flow' | 'poll';
  event_type: string;
  created_at: string;
  updated_at: string;
};

/** A notification on its way: in a poll queue (`channel`), or to a webhook. Bytes are kept as they were signed. */
export type Message = {
  id: string;
  env: string;
  trigger: string;
  channel: string | null;
  batch_id: string;
  body: string;
  timestamp: string;
  signature: string;
  sent_at: string;
  /** Not to be seen before. */
  visible_at: string;
  /** The handle of the last receipt; null before the first. */
  receipt: string | null;
  acked: boolean;
};

export type Delivery = {
  id: string;
  message: string;
  uri: string;
  attempt: number;
  status: number | null;
  at: string;
};

export type Session = { user: string; kind: string; at: string };
export type OauthToken = { token: string; env: string; scopes: string[]; user: string | null; expires: string };

export type State = {
  account: Account;
  provisioningKeys: Record<string, ProvisioningKey>;
  users: Record<string, User>;
  groups: Record<string, Group>;
  environments: Record<string, Environment>;
  keys: Record<string, AccessKey>;
  roles: Record<string, Role>;
  policies: Record<string, CustomPolicy>;
  assignments: Record<string, Assignment>;
  folders: Record<string, Folder>;
  collections: Record<string, Collection>;
  assets: Record<string, Asset>;
  fields: Record<string, Field>;
  /** `<environment>/<external id>` of deleted fields: never to be used again. */
  deletedFields: string[];
  /** Fields whose datasource is being worked on, for 420. */
  updatingFields: string[];
  rules: Record<string, Rule>;
  triggers: Record<string, Trigger>;
  messages: Record<string, Message>;
  deliveries: Record<string, Delivery>;
  sessions: Record<string, Session>;
  tokens: Record<string, OauthToken>;
  /** Calls used per plane in the hour that `window` names. */
  rates: Record<string, { window: string; used: number }>;
  chosen: Selected;
  /** Counts up for versions, so that two in one second differ. */
  lastVersion: number;
};
