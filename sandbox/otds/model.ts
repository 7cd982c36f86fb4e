import type { Choices } from './chosen.ts';
import type { Json } from '../common/types.ts';

/** Attribute name → values; OTDS knows strings only, for booleans too. */
export type Attributes = Record<string, string[]>;

export type CustomAttribute = { type: string; name: string; value: string };

/** What users, groups and roles have in common. `n` is the order of creation, over all kinds; times are to the second. */
export type Entity = {
  uuid: string;
  n: number;
  partition: string;
  name: string;
  description: string | null;
  originUUID: string | null;
  /** Stored attributes only; derived ones (ids, DNs, times) are added when shown. */
  attributes: Attributes;
  customAttributes: CustomAttribute[] | null;
  /** Name of the organisational unit, null for the usual one. */
  ou: string | null;
  created: string;
  modified: string;
};

export type User = Entity & {
  /** `salt:sha256`, null where none was set. */
  password: string | null;
  passwordChanged: string | null;
  lastLogin: string | null;
  lockedAt: string | null;
  failures: number;
  /** Earlier passwords, newest first, as `password`. */
  history?: string[];
};

/** Members by uuid. */
export type Members = { users: string[]; groups: string[]; roles: string[] };

export type Partition = {
  name: string;
  description: string | null;
  uuid: string;
  synchronised: boolean;
  /** `login@partition` of those who may write here without being system administrators. */
  administrators: string[];
  /** What POST /identityproviderprofiles brought, passwords left out. */
  profile: { [k: string]: Json } | null;
};

export type OrgUnit = {
  uuid: string;
  n: number;
  partition: string;
  name: string;
  description: string | null;
  /** Name of the unit above, null directly below the partition. */
  parent?: string | null;
  /** Roles given to the unit, by uuid. */
  roles?: string[];
};

/** Members of an access role: partitions by name, units by DN, the others by uuid. */
export type AccessRoleMembers = {
  userPartitions: string[];
  organizationalUnits: string[];
  groups: string[];
  users: string[];
  roles: string[];
};

export type AccessRole = {
  uuid: string;
  n: number;
  name: string;
  description: string | null;
  status: string;
  /** Names of resources. */
  resources: string[];
  attributes: Attributes;
  members: AccessRoleMembers;
};

export type Resource = {
  uuid: string;
  n: number;
  resourceName: string;
  resourceID: string;
  secretKey: string | null;
  active: boolean;
  /** Everything else that was written. */
  fields: { [k: string]: Json };
};

export type OAuthClient = { uuid: string; n: number; id: string; secret: string | null; fields: { [k: string]: Json } };

/** The authoritative directory above a synchronised partition. */
export type Upstream = {
  people: Record<string, { login: string; attributes: Attributes; disabled: boolean }>;
  groups: Record<string, { name: string; description: string; members: string[] }>;
};

type Ticket = { user: string; expires: string };
export type Token = { client: string; user: string; scope: string; expires: string };
/** A code of the authorization endpoint; used once. */
type AuthCode = Token & { redirectUri: string; challenge: string | null; nonce: string | null };

/** Who holds a feature of a licence: users and groups by uuid, partitions by name. */
export type LicenseHolder = { kind: 'users' | 'groups' | 'partitions'; key: string; type: string; counter: string };

export type License = {
  uuid: string;
  n: number;
  product: string;
  resourceID: string;
  description: string | null;
  attributes: Attributes;
  holders: LicenseHolder[];
};

export type SystemAttribute = { name: string; value: string; friendlyName: string | null };

export type SystemConfig = {
  whitelist: string[];
  attributes: Record<string, SystemAttribute>;
  audit: { enabled: boolean; daysToKeep: string; auditTo: string; eventIDs: string[] };
};

export type AuditRecord = { at: string; event: string; object: string; id: string; by: string };

/** Numbers and booleans by OTDS's names; times in days, `lockoutDuration` in minutes. */
export type PasswordPolicy = Record<string, number | boolean> & {
  lockoutFailureCount: number;
  lockoutDuration: number;
};

export type Tenant = { id: string; uuid: string; displayName: string | null; adminUserName: string | null };

/** One object on its way to a SCIM receiver. `fault` is what goes wrong with it on purpose. */
export type PushJob = {
  seq: number;
  resource: string;
  kind: 'user' | 'group';
  id: string;
  verb: 'put' | 'remove';
  /** Also delete at the receiver what was only deactivated before (clean-up of a consolidation). */
  cleanup: boolean;
  tries: number;
  /** Being sent: what changes now needs another job. */
  started: boolean;
  due: string;
  fault: string | null;
  error: string | null;
};

/** What a receiver has from us. `remoteId` is null when the push was lost. */
export type Pushed = { kind: 'user' | 'group'; name: string; remoteId: string | null; active: boolean };

/** Everything the stand-in holds; plain JSON. */
export type OtdsState = {
  /** The last order number given. */
  n: number;
  users: Record<string, User>;
  groups: Record<string, Entity>;
  members: Record<string, Members>;
  roles: Record<string, Entity>;
  roleMembers: Record<string, Members>;
  partitions: Record<string, Partition>;
  orgUnits: Record<string, OrgUnit>;
  accessRoles: Record<string, AccessRole>;
  resources: Record<string, Resource>;
  oauthClients: Record<string, OAuthClient>;
  upstream: Record<string, Upstream>;
  tickets: Record<string, Ticket>;
  tokens: Record<string, Token>;
  /** Private key of access tokens, PEM. */
  signingKey: string;
  passwordPolicy: PasswordPolicy;
  licenses: Record<string, License>;
  systemConfig: SystemConfig;
  tenants: Record<string, Tenant>;
  /** By sequence number, oldest first. */
  auditRecords: Record<string, AuditRecord>;
  refreshTokens: Record<string, Token>;
  authCodes: Record<string, AuthCode>;
  /** By sequence number, oldest first. */
  pushQueue: Record<string, PushJob>;
  /** By resource (uuid), then by object (uuid). */
  pushed: Record<string, Record<string, Pushed>>;
  choices: Choices;
};

/** `login@partition` or `group@partition`: unambiguous, also where OTDS's own `id` is not. */
export function fullName(e: { name: string; partition: string }): string {
  return `${e.name}@${e.partition}`;
}

/** A time as OTDS writes it: to the second. */
export function stamp(at: Date): string {
  return `${at.toISOString().slice(0, 19)}Z`;
}

/** Locked out by too many wrong passwords (or by hand), and not yet free again. */
export function isLocked(state: OtdsState, user: User, now: Date): boolean {
  if (user.lockedAt === null) return false;
  const { lockoutDuration } = state.passwordPolicy; // minutes; 0 = until somebody unlocks
  return lockoutDuration === 0 || now.getTime() < Date.parse(user.lockedAt) + lockoutDuration * 60_000;
}
