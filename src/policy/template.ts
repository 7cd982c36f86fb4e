import type { Person } from '../domain/person.ts';
import { fieldOf } from './cel.ts';

/** An entitlement key with places to fill in: `iconik:team/${person.department} ${person.region}`. */
export type Template = {
  text: string;
  /** Fields of the person it needs, as `region` or `attributes.name`. */
  fields: readonly string[];
};

const PLACE = /\$\{\s*person\.(?<field>[A-Za-z]+|attributes(?:\.[A-Za-z][\w.-]*|\["[^"\]]+"\]))\s*\}/g;
// A value with one of these could name another level, folder or scope than the rule's author meant.
const RESERVED = /[/#@*:${}]|\p{Cc}|^\s|\s$/u;

/** Takes a template apart; undefined where a `${` is left that is no place for a field. */
export function parseTemplate(text: string): Template | undefined {
  const fields: string[] = [];
  const rest = text.replace(PLACE, (_all, field: string) => {
    fields.push(field.replace(/^attributes\["(.+)"\]$/, 'attributes.$1'));
    return '';
  });
  return rest.includes('${') ? undefined : { text, fields };
}

/** The template with every place replaced by the same text: `*` gives a pattern of all it can become. */
export function withPlaces(template: Template, replacement: string): string {
  return template.text.replace(PLACE, () => replacement);
}

/** The key for one person, or why there is none: a sentence without values. */
export function fill(template: Template, person: Person): { key: string } | { why: string } {
  let why: string | undefined;
  const key = template.text.replace(PLACE, (_all, written: string) => {
    const field = written.replace(/^attributes\["(.+)"\]$/, 'attributes.$1');
    const value = fieldOf(person, field);
    if (value === undefined || value === '') why ??= `the directory gives no ${field}`;
    else if (RESERVED.test(value))
      why ??= `the value of ${field} holds a character that means something in entitlement keys`;
    return value ?? '';
  });
  return why === undefined ? { key } : { why };
}
