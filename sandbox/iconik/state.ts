import type { Selected } from '../common/choices.ts';
import type { Delivery, Event, HistoryEntry, IdentityProvider, LogRecipient, SamlDomain, Webhook } from './parts.ts';

/**
 * Everything the stand-in remembers, as plain JSON, so that a saved `GET /state` can be put back.
 * Dates are ISO 8601 with `+00:00` (contract section 12).
 */
export const USER_STATUSES = ['ACTIVE', 'INACTIVE', 'BLOCKED', 'DELETED'] as const;
export const USER_TYPES = ['POWER', 'STANDARD', 'BROWSE_ONLY', 'BROWSE_API_ONLY'] as const;
type UserStatus = (typeof USER_STATUSES)[number];
type UserType = (typeof USER_TYPES)[number];
type Model = 'simplified' | 'legacy';

export type User = {
  id: string;
  email: string;
  first_name: string | null;
  last_name: string | null;
  type: UserType;
  status: UserStatus;
  is_admin: boolean;
  primary_group: string | null;
  /** Every group the user is in, of whatever kind, the primary one among them. */
  groups: string[];
  phone: string | null;
  description: string | null;
  metadata: Record<string, unknown>;
  system_domains: string[];
  identity_provider_id: string | null;
  saml_created: boolean;
  /** SHA-256 of the password, null while none is set. */
  password_digest: string | null;
  password_changed: string | null;
  last_web_login: string | null;
  last_successful_auth: string | null;
  last_unsuccessful_auth: string | null;
  date_created: string;
  date_modified: string;
};

/** `kind` is what the group is in a migrated domain; a legacy domain shows all as groups without a type. */
export type Group = {
  id: string;
  kind: 'TEAM' | 'ROLE_GROUP' | null;
  name: string;
  alias: string | null;
  description: string | null;
  external_id: string | null;
  roles: string[];
  role_categories: Record<string, boolean>;
  default_user_type: UserType | null;
  saml_primary_group_priority: number;
  is_saml_group: boolean;
  is_legacy_everyone: boolean;
  /** "Everyone" and "Administrator": made by iconik, never to be touched. */
  is_system: boolean;
  created_by_user: string | null;
  date_created: string;
  date_modified: string;
};

export type AclRow = { permissions: string[]; date_created: string; date_modified: string };
/** Rows of one object, by grantee. */
export type AclEntry = {
  users: Record<string, AclRow>;
  groups: Record<string, AclRow>;
  shares: Record<string, AclRow>;
};
export type GranteeKind = keyof AclEntry;

export type Collection = {
  id: string;
  title: string;
  parent_id: string | null;
  /** Every collection it lies in; a collection may lie in several. */
  in_collections: string[];
  is_root: boolean;
  status: 'ACTIVE' | 'HIDDEN' | 'DELETED';
  external_id: string | null;
  storage_id: string | null;
  category: string | null;
  project_id: string | null;
  created_by_user: string | null;
  deleted_by_user: string | null;
  date_deleted: string | null;
  date_created: string;
  date_modified: string;
};

/** What is not a collection but can carry rows: an asset, a storage, a metadata view. Made by the seed and by hand. */
export type Thing = {
  id: string;
  object_type: string;
  title: string;
  in_collections: string[];
  created_by_user: string | null;
  date_created: string;
};

export type ShareUser = {
  id: string;
  email: string;
  access_count: number;
  last_access_date: string | null;
  internal_user_id: string | null;
};
export type Share = {
  id: string;
  object_id: string;
  object_type: string;
  owner_id: string;
  title: string | null;
  message: string | null;
  expires: string;
  url: string | null;
  password_digest: string | null;
  project_id: string | null;
  population_status: 'POPULATING' | 'FINISHED';
  flags: Record<string, boolean>;
  users: Record<string, ShareUser>;
  /** The secret part of each mailed link, by share user: a fingerprint only. */
  links: Record<string, string>;
  date_created: string;
};

export type App = {
  id: string;
  name: string;
  description: string | null;
  url: string | null;
  type: 'PAT' | 'OAUTH';
  oauth_client_type: 'confidential' | 'public' | null;
  client_secret_digest: string | null;
  default_user_id: string | null;
  redirect_uris: string[];
  allowed_scopes: string[];
  date_created: string;
  date_modified: string;
};
export type Token = {
  id: string;
  digest: string;
  app_id: string;
  user_id: string;
  expires: string | null;
  date_created: string;
  date_modified: string;
};

type Invite = {
  digest: string;
  primary_group: string;
  groups: string[];
  type: UserType;
  is_admin: boolean;
  by: string;
  date_created: string;
};
export type Project = {
  id: string;
  name: string;
  collection_id: string;
  storage_id: string | null;
  created_by_user: string;
  members: Record<string, { created_by_user: string; date_created: string }>;
  date_created: string;
  date_modified: string;
};
export type Template = { id: string; name: string; entry: AclEntry; date_created: string; date_modified: string };

/** Work that iconik does in the background; due times are on the control clock. */
export type Pending = { at: string } & (
  | { job: 'deliver'; webhook: string; event: Event; attempt: number }
  | { job: 'inherit'; collection: string; kind: GranteeKind; grantee: string }
  | { job: 'deleteCollection'; collection: string; by: string }
  | {
      job: 'content';
      object_ids: string[];
      include_assets: boolean;
      include_collections: boolean;
      user_ids: string[];
      group_ids: string[];
      /** null = the rows are removed */
      permissions: string[] | null;
      mode: 'OVERWRITE' | 'APPEND';
    }
);

/** Undo log for lists that lag behind: what an object was before the change at `at` (null = not there). */
export type Recent = { at: string; kind: 'users' | 'groups' | 'collections' | 'shares'; id: string; before: unknown };

export type State = {
  domain: {
    id: string;
    name: string;
    base_url: string;
    status: 'ACTIVE' | 'WARNING' | 'FROZEN' | 'DEACTIVATED';
    model: Model;
    everyone: string;
    service_user: string;
  };
  /** Alternatives chosen over the defaults of `chosen.ts`. */
  chosen: Selected;
  users: Record<string, User>;
  groups: Record<string, Group>;
  mappings: Record<string, { name: string; group_id: string }>;
  apps: Record<string, App>;
  tokens: Record<string, Token>;
  invites: Record<string, Invite>;
  /** Secret part of invitation and password links → user, by fingerprint. */
  invitations: Record<string, { user_id: string; expires: string }>;
  /** Direct rows by `<type>/<key>`. */
  acls: Record<string, AclEntry>;
  /** Propagating rows by collection. */
  propagating: Record<string, AclEntry>;
  /** What descendants already see of the propagating rows; follows with a delay. */
  inheritance: Record<string, AclEntry>;
  templates: Record<string, Template>;
  collections: Record<string, Collection>;
  things: Record<string, Thing>;
  projects: Record<string, Project>;
  shares: Record<string, Share>;
  settings: Record<string, Record<string, unknown>>;
  webhooks: Record<string, Webhook>;
  /** The newest tries to deliver, oldest first. */
  deliveries: Record<string, Delivery>;
  identity_providers: Record<string, IdentityProvider>;
  /** Mail domains whose people log in by an identity provider. */
  saml_domains: Record<string, SamlDomain>;
  logs_recipients: Record<string, LogRecipient>;
  /** By asset, oldest first. */
  history: Record<string, HistoryEntry[]>;
  /** Calls by `<day>/<user>`: what the audit statistics count. */
  activity: Record<string, number>;
  /** Where each call is written as an audit record, one JSON line each; null = nowhere. */
  auditFile: string | null;
  pending: Pending[];
  recent: Recent[];
  /** Requests per App-ID by second of the real clock. */
  rates: Record<string, Record<string, number>>;
};
