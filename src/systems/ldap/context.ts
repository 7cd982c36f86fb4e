import type { LdapChoices } from './choices.ts';
import type { LdapConfig } from './config.ts';
import { dialectOf } from './dialect.ts';
import type { Dialect } from './dialect.ts';
import { placesOf } from './places.ts';
import type { Places } from './places.ts';

/** What every reader needs to know of the block. */
export type LdapContext = { config: LdapConfig; choices: LdapChoices; dialect: Dialect; places: Places };

export function contextOf(config: LdapConfig, choices: LdapChoices): LdapContext {
  return { config, choices, dialect: dialectOf(config), places: placesOf(config) };
}
