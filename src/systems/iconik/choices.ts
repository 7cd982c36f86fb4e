/**
 * Everything the client assumes about iconik that no public source confirms (contract section 13), and its own paces. One place, overridable per
 * tenant by `createIconik(config, { choices })`; a tenant owner confirms or changes a line, no other file does.
 */
export type IconikChoices = {
  /** Statuses that mean "this e-mail is taken" on create and update. */
  emailTakenStatuses: readonly number[];
  /** Statuses by which the removal from somebody's primary team is refused. */
  primaryRefusedStatuses: readonly number[];
  /** Status of a page beyond the last one; it ends a listing. */
  pageBeyondEndStatus: number;
  /** Objects per page. iconik's specification says 100 at most, one client asks for 500. */
  perPage: number;
  /** How late a read by id may lag behind a write, milliseconds. Lists may lag, and prove nothing. */
  readLagMs: number;
  /** Wait after a 429 that carries no `Retry-After`, milliseconds; up to the same again is added at random. */
  rateLimitWaitMs: number;
  /** Wait before a call with refused credentials is tried again, milliseconds. */
  credentialsWaitMs: number;
  /** `warn`: write to teams that SAML claims govern and say that the next log-in undoes it. `refuse`: leave them to the identity provider. */
  samlGroups: 'warn' | 'refuse';
  /** Collection of propagating rows in ACL paths: known from a real tenant, not published. */
  propagatingType: string;
  /** Teams and groups that iconik looks after itself, lower case: reported, never written. */
  systemGroups: readonly string[];
  /** How long names of teams, role groups and collections are believed, milliseconds; a missing name is looked up at once. */
  catalogMs: number;
  /** How long the list of applications is believed for warnings, milliseconds. */
  appsMs: number;
  /** Requests that one change may need at most; its hard limit is so many request limits. */
  requestsPerChange: number;
};

export const defaultChoices: IconikChoices = {
  emailTakenStatuses: [400, 409],
  primaryRefusedStatuses: [400, 403, 409],
  pageBeyondEndStatus: 404,
  perPage: 100,
  readLagMs: 0,
  rateLimitWaitMs: 5_000,
  credentialsWaitMs: 300_000,
  samlGroups: 'warn',
  propagatingType: '_propagating_collections',
  systemGroups: ['administrator', 'administrators', 'everyone', 'all users'],
  catalogMs: 60_000,
  appsMs: 15_000,
  requestsPerChange: 4,
};
