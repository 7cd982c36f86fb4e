import { refusal } from './reject.ts';

type Kind = 'who' | 'text' | 'boolean' | 'instant' | 'list';
export type Shape = Readonly<Record<string, { kind: Kind; required?: true; example: string }>>;

const WHO = /^.+@[^@\s]+$/u;
const INSTANT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/u;

const SAYS: Record<Kind, string> = {
  who: 'login@partition',
  text: 'a text',
  boolean: 'true or false',
  instant: 'a date or instant like 2026-12-31 or 2026-12-31T17:00:00Z',
  list: 'a list of texts',
};

const FITS: Record<Kind, (value: unknown) => boolean> = {
  who: (v) => typeof v === 'string' && WHO.test(v),
  text: (v) => typeof v === 'string' && v.trim() !== '' && v.length <= 1000,
  boolean: (v) => typeof v === 'boolean',
  instant: (v) => typeof v === 'string' && INSTANT.test(v) && !Number.isNaN(Date.parse(v)),
  list: (v) => Array.isArray(v) && v.every((item) => typeof item === 'string'),
};

/** Ends the run (or refuses the call) at once when the one input object has not exactly this shape; the sentence names the field and shows an example. */
export function checkInput(what: string, input: unknown, shape: Shape): void {
  const example = `{${Object.entries(shape)
    .filter(([, f]) => f.required)
    .map(([name, f]) => `"${name}":${f.example}`)
    .join(',')}}`;
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw refusal('INPUT_INVALID', `${what} takes one JSON object, at least ${example}.`);
  }
  for (const name of Object.keys(input)) {
    if (!(name in shape))
      throw refusal('INPUT_INVALID', `${what}: unknown field "${name}". It takes ${Object.keys(shape).join(', ')}.`);
  }
  for (const [name, field] of Object.entries(shape)) checkField(what, name, Reflect.get(input, name), field, example);
}

function checkField(what: string, name: string, value: unknown, field: Shape[string], example: string): void {
  if (value === undefined || value === null) {
    if (field.required)
      throw refusal('INPUT_INVALID', `${what}: the field "${name}" is missing. The least input is ${example}.`);
    return;
  }
  if (!FITS[field.kind](value))
    throw refusal(
      'INPUT_INVALID',
      `${what}: the field "${name}" must be ${SAYS[field.kind]}, for example ${field.example}.`,
    );
}

/** Inputs of the workflow types and handlers. */
export const PERSON: Shape = { person: { kind: 'who', required: true, example: '"ada.byrne@staff"' } };
export const LEAVER: Shape = {
  ...PERSON,
  by: { kind: 'who', example: '"grace.lee@staff"' },
  reason: { kind: 'text', example: '"contract ended early"' },
  urgent: { kind: 'boolean', example: 'true' },
  lastDay: { kind: 'instant', example: '"2026-12-31"' },
};
export const DECISION: Shape = {
  decision: { kind: 'text', required: true, example: '"approve"' },
  by: { kind: 'who', required: true, example: '"grace.lee@staff"' },
  reason: { kind: 'text', required: true, example: '"needed for the spring campaign"' },
  item: { kind: 'text', example: '"media-library-admin"' },
  until: { kind: 'instant', example: '"2026-12-31"' },
};
export const RELEASE: Shape = {
  hold: { kind: 'text', required: true, example: '"leavers/2026-12-01T06:00:00Z"' },
  by: { kind: 'who', required: true, example: '"grace.lee@staff"' },
  reason: { kind: 'text', required: true, example: '"checked with HR"' },
  items: { kind: 'list', required: true, example: '["tom.weber@staff"]' },
};
