import { PUSH_PROVIDERS } from '../config/local.ts';
import { suggest } from '../config/suggest.ts';
import { LOCAL_NAMES, SYSTEM_NAMES, type LocalName } from './systems.ts';

/** People are read from it: no worker goes without. */
export const NEEDED: LocalName = 'otds';

/** What `--only` may name. `push` is Tenure's word for those through which people are told; they come together, since one block of the configuration speaks to them. */
export const ONLY_NAMES: readonly string[] = [...LOCAL_NAMES, 'push'];

/**
 * Reads `--only otds,iconik`. Answers the names in the order of the table, OTDS always among them, and with one provider of notices all.
 * @throws with a sentence for a name that is none.
 */
export function systemsNamed(text: string): readonly LocalName[] {
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const unknown = names.find((name) => !ONLY_NAMES.includes(name));
  if (unknown !== undefined) throw new Error(unknownName('system', unknown, ONLY_NAMES));
  if (names.length === 0) throw new Error(`--only needs at least one name; there are: ${ONLY_NAMES.join(', ')}.`);
  const push = names.some((name) => name === 'push' || PUSH_PROVIDERS.includes(name));
  return LOCAL_NAMES.filter(
    (name) => name === NEEDED || names.includes(name) || (push && PUSH_PROVIDERS.includes(name)),
  );
}

/** The sentence for a stand-in that there is not. */
export const unknownSystem = (name: string): string => unknownName('stand-in', name, SYSTEM_NAMES);

function unknownName(what: string, name: string, known: readonly string[]): string {
  const meant = suggest(name, known);
  return `There is no ${what} "${name}"${meant === undefined ? '' : ` (did you mean ${meant}?)`}; there are: ${known.join(', ')}.`;
}
