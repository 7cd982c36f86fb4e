/**
 * Everything the client assumes about Cloudinary that no public source confirms (contract section 13), and its own paces. One place, overridable
 * per account by `createCloudinary(config, { choices })`; an account's owner confirms or changes a line, no other file does.
 */
export type CloudinaryChoices = {
  /** Statuses by which a known e-mail is refused; 400 only together with the text "already exists". */
  emailTakenStatuses: readonly number[];
  /** Statuses by which Permissions v2 answers in an account that still has the legacy permissions. */
  legacyStatuses: readonly number[];
  /** Users on a page; a smaller page that Cloudinary insists on is noticed. */
  usersPerPage: number;
  /** Folders on a page: 500 at most. */
  foldersPerPage: number;
  /** How late a read may lag behind a write, milliseconds: nothing is published. */
  readLagMs: number;
  /** Wait after a 420 or 429 that says nothing, milliseconds; up to the same again is added at random. */
  rateLimitWaitMs: number;
  /** Longest wait that a rate header is believed, milliseconds; windows last an hour. */
  rateLimitMaxMs: number;
  /** Share of an hour's calls that scans leave to the changes of people. */
  scanReserve: number;
  /** Wait before a call with refused credentials is tried again, milliseconds. */
  credentialsWaitMs: number;
  /** How long names of environments, groups, roles and folders are believed, milliseconds; a missing name is looked up at once. */
  catalogMs: number;
  /** User roles that see everything whatever Permissions v2 says. */
  adminRoles: readonly string[];
  /** End of the id of the policy without which nobody enters an environment's Media Library. */
  entryPolicy: string;
  /** Requests that one change may need at most, one after the other; its hard limit is so many request limits. */
  requestsPerChange: number;
};

export const defaultChoices: CloudinaryChoices = {
  emailTakenStatuses: [409, 400],
  legacyStatuses: [403, 404],
  usersPerPage: 500,
  foldersPerPage: 500,
  readLagMs: 0,
  rateLimitWaitMs: 5_000,
  rateLimitMaxMs: 3_600_000,
  scanReserve: 0.1,
  credentialsWaitMs: 300_000,
  catalogMs: 60_000,
  adminRoles: ['master_admin', 'media_library_admin'],
  entryPolicy: 'ml::access',
  requestsPerChange: 7,
};
