/** Where a secret comes from: `env:NAME` or `file:/path`. The value itself never stands in a configuration file. */
export type SecretRef = string;

/** What Tenure may do on a target: `observe` reports, `adopt` links accounts and changes nothing else, `enforce` changes. */
export type Mode = 'observe' | 'adopt' | 'enforce';

/** Limits of one system's client. All milliseconds but `perSecond`. */
export type Limits = { requestMs: number; perSecond: number; concurrent: number };

export type OtdsConfig = {
  url: string;
  mode: Mode;
  /** Ticket login, or OAuth client credentials when `clientId` is set. */
  user?: string;
  password?: SecretRef;
  clientId?: string;
  clientSecret?: SecretRef;
  /** Partitions Tenure looks after; everything else is not seen. */
  partitions: readonly string[];
  /** Read-only for what their source owns: account changes there are "owned upstream". */
  synchronised: readonly string[];
  /** Which attribute is which. */
  attributes: Readonly<
    Record<'type' | 'startAt' | 'endAt' | 'manager' | 'email' | 'department' | 'region' | 'unit' | 'language', string>
  >;
  limits: Limits;
};

export type IconikConfig = {
  url: string;
  mode: Mode;
  appId: string;
  authToken: SecretRef;
  /** Team that becomes primary when a leaver's own primary team must go; it carries no access. */
  fallbackTeam: string;
  /** Attributes of the account from fields of the person: `email: email`, or a constant `type: "=STANDARD"`. */
  profile: Readonly<Record<string, string>>;
  deleteAfterDays?: number;
  limits: Limits;
};

export type TenureConfig = {
  version: 1;
  policyFile: string;
  systems: { otds: OtdsConfig; iconik: IconikConfig };
  engine: {
    /** Life of a lease between renewals. */
    leaseMs: number;
    /** Added to a request's hard limit for `mayLandUntil`. */
    landingMarginMs: number;
    /** A leaver's re-check after the last proof. */
    recheckMs: number;
  };
  watch: {
    everyMs: number;
    /** A pass that would start more leavers than this holds them for a release. */
    leavers: { count: number };
    /** An unproved pair younger than this is left to its own run. */
    sweepAfterMs: number;
  };
};
