/** What the wrapper assumes or chose where neither standard nor server says it (`contracts/ldap.md` 5, 6, 9), in one place. */
export type LdapChoices = {
  /** Entries asked for per page. */
  pageSize: number;
  /** Time to connect, milliseconds. */
  connectMs: number;
  /** After a refused bind: no other try with the same password for this long, milliseconds; failed binds may lock the account. */
  loginPauseMs: number;
  /** Names in one membership filter. */
  namesPerFilter: number;
  /** Levels of groups within groups that are followed; deeper ones mean a broken directory. */
  groupDepth: number;
  /** Taken off a `modifyTimestamp` watermark: grain of a second, clocks of several servers, milliseconds. */
  timestampOverlapMs: number;
  /** More changed people than this are not read one by one: everybody is compared. */
  changesOneByOne: number;
  /** People that a scan listed and did not read, looked up one by one before the scan counts as broken. */
  lookUps: number;
  /** Worker type of people whose attribute is empty or unknown: the least. */
  unknownType: 'employee' | 'contractor' | 'partner';
  /** Clock difference from which `probe` complains, milliseconds. */
  clockSkewMs: number;
};

export const DEFAULT_CHOICES: LdapChoices = {
  pageSize: 500,
  connectMs: 5_000,
  loginPauseMs: 300_000,
  namesPerFilter: 50,
  groupDepth: 50,
  timestampOverlapMs: 300_000,
  changesOneByOne: 500,
  lookUps: 100,
  unknownType: 'partner',
  clockSkewMs: 60_000,
};
