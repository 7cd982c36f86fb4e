import { readFileSync } from 'node:fs';
import { isObject } from '../common/fields.ts';
import type { StandInRequest } from '../common/types.ts';
import type { Call } from './kit.ts';
import { chosenRefusal, fieldError } from './kit.ts';
import type { Route } from './router.ts';
import { routeName } from './router.ts';

/**
 * One row of `coverage.json`: a route as the contract has it. In `body` a star marks what must be sent, `[]` a list,
 * `{}` an object, `?` a truth value, `#` a number; without a mark it is a text. No `body`: the route takes none.
 */
export type Row = {
  section: string;
  method: string;
  path: string;
  role?: string;
  open?: boolean;
  query?: string[];
  body?: string[];
  statuses: number[];
  fields?: string[];
};

/** Everything that the contract has, one row for each route. */
export const ROWS = JSON.parse(readFileSync(new URL('coverage.json', import.meta.url), 'utf8')) as Row[];

const BY_NAME = new Map(ROWS.map((row) => [`${row.method} ${row.path}`, row]));

/** Headers on which a client could rely though the contract says that there is no such thing. */
const PROMISES = ['idempotency-key', 'if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since', 'prefer'];

/** Refuses a field of another type than the contract has; null stands for nothing everywhere. */
export function checkTypes(call: Call, route: Route): void {
  for (const field of BY_NAME.get(routeName(route))?.body ?? []) {
    const name = plainName(field);
    const value = call.body[name];
    if (value === undefined || value === null || field.endsWith('!')) continue;
    const wrong = field.includes('[]')
      ? !Array.isArray(value) && 'list'
      : field.includes('{}')
        ? !isObject(value) && 'mapping'
        : field.includes('?')
          ? typeof value !== 'boolean' && 'boolean'
          : field.includes('#')
            ? typeof value !== 'number' && 'number'
            : typeof value !== 'string' && 'string';
    if (wrong !== false) throw fieldError(name, `Not a valid ${wrong}.`);
  }
}

/** Refuses what the contract does not know of: a field, a parameter, a header that is relied on. */
export function checkStrict(call: Call, route: Route): void {
  const row = BY_NAME.get(routeName(route));
  const unknown = (name: string, what: string): Error =>
    chosenRefusal(call, 'unknownField', { [name]: `Unknown ${what}.` });
  for (const name of call.req.query.keys()) if (!row?.query?.includes(name)) throw unknown(name, 'parameter');
  const known = (row?.body ?? []).map(plainName);
  for (const name of namesSent(call.req, call.body)) if (!known.includes(name)) throw unknown(name, 'field');
  for (const name of Object.keys(call.req.headers)) if (PROMISES.includes(name)) throw unknown(name, 'header');
}

/** The name of a field without its marks. */
export function plainName(field: string): string {
  return field.replace(/[^\w]+$/, '');
}

function namesSent(req: StandInRequest, body: Record<string, unknown>): string[] {
  const isForm = (req.headers['content-type'] ?? '').includes('application/x-www-form-urlencoded');
  return isForm ? [...req.form().keys()] : Object.keys(body);
}
