import { suggest } from '../config/suggest.ts';
import { isSystem, SYSTEM_NAMES, type SystemName } from './systems.ts';

/** People are read from it: no worker goes without. */
export const NEEDED: SystemName = 'otds';

/**
 * Reads `--only otds,iconik`. Answers the names in the order of the table, OTDS always among them. @throws with a sentence for a name that is none.
 */
export function systemsNamed(text: string): readonly SystemName[] {
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const unknown = names.find((name) => !isSystem(name));
  if (unknown !== undefined) throw new Error(unknownSystem(unknown));
  if (names.length === 0) throw new Error(`--only needs at least one name; there are: ${SYSTEM_NAMES.join(', ')}.`);
  return SYSTEM_NAMES.filter((name) => name === NEEDED || names.includes(name));
}

/** The sentence for a name that is none. */
export function unknownSystem(name: string): string {
  const meant = suggest(name, SYSTEM_NAMES);
  return `There is no stand-in "${name}"${meant === undefined ? '' : ` (did you mean ${meant}?)`}; there are: ${SYSTEM_NAMES.join(', ')}.`;
}
