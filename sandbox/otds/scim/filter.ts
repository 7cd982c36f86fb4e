import { isObject } from '../../common/fields.ts';
import { ScimError } from './error.ts';
import { stepsOf } from './mapping.ts';
import type { Document } from './mapping.ts';

/** Filters of the kind `attribute eq "value"`, joined by `and`; nothing else (constant SCIM_SERVER). */

export type Filter = {
  /** In lower case: attribute → value. */
  terms: Map<string, string>;
  /** The values that the filter asks for, as an object. */
  wanted: Document;
  matches: (item: Document) => boolean;
};

function valueAt(item: unknown, steps: string[]): unknown[] {
  if (Array.isArray(item)) return item.flatMap((one: unknown) => valueAt(one, steps));
  const [step, ...rest] = steps;
  if (step === undefined) return isObject(item) ? valueAt(item['value'], []) : [item];
  if (!isObject(item)) return [];
  const key = Object.keys(item).find((k) => k.toLowerCase() === step.toLowerCase());
  return key === undefined ? [] : valueAt(item[key], rest);
}

/** Text is compared whatever the case, but for ids. */
function same(attribute: string, held: unknown, wanted: string): boolean {
  const text = String(held);
  return /^(id|externalid)$/i.test(attribute) ? text === wanted : text.toLowerCase() === wanted.toLowerCase();
}

/** Reads a filter, or refuses it with `invalidFilter`. */
export function parseFilter(text: string): Filter {
  const terms: [string, string | number | boolean][] = [];
  for (const term of text.split(/\s+and\s+(?=(?:[^"]*"[^"]*")*[^"]*$)/i)) {
    const match = /^\s*\(?\s*([\w.:$-]+)\s+eq\s+("(?:[^"\\]|\\.)*"|true|false|-?\d+)\s*\)?\s*$/i.exec(term);
    if (!match)
      throw new ScimError(400, `Only filters of the kind: attribute eq "value" are served: ${text}`, 'invalidFilter');
    const [, attribute = '', value = ''] = match;
    terms.push([attribute, JSON.parse(/^(true|false)$/i.test(value) ? value.toLowerCase() : value) as string]);
  }
  return {
    terms: new Map(terms.map(([name, value]) => [name.toLowerCase(), String(value)])),
    wanted: Object.fromEntries(terms),
    matches: (item) =>
      terms.every(([name, value]) => valueAt(item, stepsOf(name)).some((held) => same(name, held, String(value)))),
  };
}
