/**
 * Everything that Tenure assumes about OTDS without a public source (the [U] and [I] marks of `contracts/otds.md`), in one place. Compare with
 * the `openapi.json` of a real OTDS at first contact; `createOtds(config, { choices })` changes any of them.
 */
export type OtdsChoices = {
  /** Objects asked for per page; the server may give fewer. Its own default is 250, its ceiling unknown and taken to be 1000. */
  pageSize: number;
  /** How often one scan may begin again after a refused page cookie (its lifetime is unknown). */
  scanRestarts: number;
  /** After a refused login: no other try with the same secret for this long, milliseconds; failed logins may lock the account. */
  loginPauseMs: number;
  /** `apply` may need several requests (find, write, read back): its whole limit is this many times `limits.requestMs`. */
  applyRequests: number;
  /** How late a read may lag behind a write, milliseconds. Nothing found that says OTDS lags. */
  readLagMs: number;
  /** How often an access role is edited again when somebody else's change undid ours between PUT and re-read. */
  sharedTries: number;
  /** Worker type of people whose attribute is empty or unknown: the least. */
  unknownType: 'employee' | 'contractor' | 'partner';
  /** Name of the list in `GET /accessroles`. */
  accessRoleList: string;
  /** Clock difference from which `probe` complains, milliseconds. */
  clockSkewMs: number;
};

export const DEFAULT_CHOICES: OtdsChoices = {
  pageSize: 1_000,
  scanRestarts: 3,
  loginPauseMs: 300_000,
  applyRequests: 3,
  readLagMs: 0,
  sharedTries: 3,
  unknownType: 'partner',
  accessRoleList: 'accessRoles',
  clockSkewMs: 60_000,
};
