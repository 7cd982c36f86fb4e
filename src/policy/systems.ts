/** What a rule may grant on a system. The policy reader knows this without asking the system. */
export type KnownKind = {
  /** What holding it means. */
  what: string;
  /** True: the key must end with `@scope` (an OTDS group with its partition). */
  scoped?: boolean;
  /** Levels, one of which the key must name after `#`. */
  levels?: readonly string[];
};

export type KnownSystem = {
  kinds: Readonly<Record<string, KnownKind>>;
  /** Account attributes a rule may set. */ profile: readonly string[];
};

/** Systems that a policy can name; a new system adds its line here. */
export const knownSystems: Readonly<Record<string, KnownSystem>> = {
  otds: {
    kinds: {
      group: { what: 'member of an OTDS group', scoped: true },
      accessrole: { what: 'member of an OTDS access role' },
      role: { what: 'holder of an OTDS role' },
    },
    profile: [],
  },
  iconik: {
    kinds: {
      team: { what: 'member of a team' },
      roles: { what: 'member of a role group' },
      collection: {
        what: 'access to a collection by an ACL of its own',
        levels: ['read', 'write', 'delete', 'change-acl'],
      },
      share: { what: 'owner of a share; closed when the owner leaves' },
    },
    profile: ['email', 'first_name', 'last_name', 'type', 'phone', 'description'],
  },
};

/**
 * Names that really exist, for `policy check`: read from the directory and the targets. What is not listed is checked for its form only.
 */
export type Catalogue = {
  /** Every group, `name@partition`. */
  groups?: readonly string[];
  /** `iconik:team` → names of all teams, and so on. */
  names?: Readonly<Record<string, readonly string[]>>;
  /** Default: `knownSystems`. */
  systems?: Readonly<Record<string, KnownSystem>>;
};
