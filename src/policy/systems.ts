import type { Vocabulary } from '../systems/system.ts';

/**
 * Names that really exist, for `policy check`: read from the directory and the targets. What is not listed is checked for its form only.
 */
export type Catalogue = {
  /** Every group, `name@partition`. */
  groups?: readonly string[];
  /** `iconik:team` → names of all teams, and so on. */
  names?: Readonly<Record<string, readonly string[]>>;
  /** What can be said about each system. Default: `knownSystems`. */
  systems?: Readonly<Record<string, Vocabulary>>;
};
