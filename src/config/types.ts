/** Where a secret comes from: `env:NAME` or `file:/path`. The value itself never stands in a configuration file. */
export type SecretRef = string;

/** What Tenure may do on a target: `observe` reports, `adopt` links accounts and changes nothing else, `enforce` changes. */
export type Mode = 'observe' | 'adopt' | 'enforce';

/** Limits of one system's client. All milliseconds but `perSecond`. */
export type Limits = { requestMs: number; perSecond: number; concurrent: number };

/** What every block of `systems:` has. */
export type SystemConfig = {
  /** Absent on a system where nothing is granted (a directory only). */
  mode?: Mode;
  limits: Limits;
  /** Attribute of the account → field of the person, `attributes.<directory name>`, or `=constant`. */
  profile?: Readonly<Record<string, string>>;
  /** Opt-in: delete accounts Tenure created, so many days after a leaver was proved disabled. */
  deleteAfterDays?: number | undefined;
};

export type OtdsConfig = SystemConfig & {
  url: string;
  mode: Mode;
  /** Ticket login, or OAuth client credentials when `clientId` is set. */
  user?: string | undefined;
  password?: SecretRef | undefined;
  clientId?: string | undefined;
  clientSecret?: SecretRef | undefined;
  /** Partitions Tenure looks after; everything else is not seen. */
  partitions: readonly string[];
  /** Read-only for what their source owns: account changes there are "owned upstream". */
  synchronised: readonly string[];
  /** How accounts and group members are written: REST (default), or SCIM where it serves the partition. Reads are always by REST. */
  via?: 'rest' | 'scim' | undefined;
  /** Base of SCIM without the partition, where it is not `<url>/scim`. */
  scimUrl?: string | undefined;
  /** Which attribute is which. */
  attributes: Readonly<
    Record<'type' | 'startAt' | 'endAt' | 'manager' | 'email' | 'department' | 'region' | 'unit' | 'language', string>
  >;
};

export type IconikConfig = SystemConfig & {
  url: string;
  mode: Mode;
  appId: string;
  authToken: SecretRef;
  /** Team that becomes primary when a leaver's own primary team must go; it carries no access. */
  fallbackTeam: string;
  /** Attributes of the account from fields of the person: `email: email`, or a constant `type: "=STANDARD"`. */
  profile: Readonly<Record<string, string>>;
};

type Systems = { otds: OtdsConfig; iconik?: IconikConfig } & { [name: string]: SystemConfig };

export type TenureConfig = {
  version: 1;
  policyFile: string;
  /** System that people are read from. */
  directory: string;
  /** By name; a system without a block does not exist for Tenure. */
  systems: Systems;
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
