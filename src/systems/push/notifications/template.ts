import { isRecord } from '../../transport.ts';

/** What a request file can be filled with. */
export type Values = {
  notificationId: string;
  title: string;
  body: string;
  /** Device tokens. */
  tokens: readonly string[];
  /** `{nid}`, for the app. */
  data: Readonly<Record<string, string>>;
  ttlSec: number;
  priority: 'normal' | 'high';
  /** Devices show one of the notices that have the same. */
  collapseKey: string;
  /** The name of this very send. */
  messageId: string;
};

const NAMES: Readonly<Record<keyof Values, true>> = {
  notificationId: true,
  title: true,
  body: true,
  tokens: true,
  data: true,
  ttlSec: true,
  priority: true,
  collapseKey: true,
  messageId: true,
};
const PLACE = /\{\{\s*(\w+)\s*\}\}/g;
const WHOLE = /^\{\{\s*(\w+)\s*\}\}$/;

/** A request file of the account's own making (contract 2.2: its schema is not public), ready to be filled in. */
export type Template = (values: Values) => string;

/**
 * Reads the operator's template: JSON whose texts may hold `{{title}}` and the other values. A text that is one place alone becomes the value as it is
 * (a list, a number); in any other text the value is written into it. Values are put in after parsing, so nothing in them can break the file.
 * @throws with a sentence for a text that is no JSON, and for a place that nothing fills.
 */
export function readTemplate(text: string): Template {
  const parsed = parse(text);
  const unknown = placesIn(parsed).filter((name) => !isName(name));
  if (unknown.length > 0)
    throw new Error(
      `The request template of systems.push.notifications has the place {{${unknown[0]}}}; known are ${Object.keys(NAMES).join(', ')}.`,
    );
  if (!placesIn(parsed).includes('tokens'))
    throw new Error(
      'The request template of systems.push.notifications has no place {{tokens}}: it would reach nobody, or everybody.',
    );
  return (values) => JSON.stringify(filled(parsed, values));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(
      'The request template of systems.push.notifications is not JSON; take the request file of your OpenText onboarding and put places such as "{{title}}" into it.',
    );
  }
}

function placesIn(value: unknown): string[] {
  if (typeof value === 'string') return [...value.matchAll(PLACE)].map(([, name = '']) => name);
  return isRecord(value) ? Object.values(value).flatMap(placesIn) : [];
}

function filled(value: unknown, values: Values): unknown {
  if (typeof value === 'string') return filledText(value, values);
  if (Array.isArray(value)) return value.map((item) => filled(item, values));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item, values)]));
}

function filledText(text: string, values: Values): unknown {
  const alone = WHOLE.exec(text)?.[1];
  if (isName(alone)) return values[alone];
  return text.replaceAll(PLACE, (place, name: string) => {
    if (!isName(name)) return place;
    const value = values[name];
    return typeof value === 'object' ? JSON.stringify(value) : String(value);
  });
}

function isName(name: string | undefined): name is keyof Values {
  return name !== undefined && Object.hasOwn(NAMES, name);
}
