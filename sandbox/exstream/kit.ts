import { isObject } from '../common/fields.ts';
import type { Context, Reply, StandInRequest } from '../common/types.ts';
import type { ChosenName } from './chosen.ts';
import { CHOSEN } from './chosen.ts';
import { ApiRefusal, CODES } from './errors.ts';
import { iso } from './ids.ts';
import type { Directory } from './directory.ts';
import type { Session, State } from './state.ts';

/** One request on its way to its handler. */
export type Call = {
  req: StandInRequest;
  ctx: Context<State>;
  state: State;
  /** Path parameters, decoded. */
  params: Record<string, string>;
  query: URLSearchParams;
  /** Who the token or ticket belongs to. On open routes nobody: reading it is a mistake of the route table. */
  me: Session;
  directory: Directory;
  strict: boolean;
};

export function param(call: Call, name: string): string {
  return call.params[name] ?? '';
}

export function nowIso(call: Pick<Call, 'ctx'>): string {
  return iso(call.ctx.now());
}

const JSON_TYPE = { 'content-type': 'application/json' };

/** A JSON reply. The content type has no charset: the vendor's own collection compares it as a whole. */
export function json(status: number, body: object): Reply {
  return { status, headers: JSON_TYPE, body };
}

function statusText(call: Call): string {
  return String(CHOSEN.value(call.state, 'STATUS_OK'));
}

/** Data envelope: single objects. */
export function data(call: Call, body: unknown, status = 200): Reply {
  return json(status, { status: statusText(call), data: body });
}

/** List envelope: no paging. */
export function list(call: Call, rows: unknown[]): Reply {
  return json(200, { status: statusText(call), data: rows });
}

/** Generic envelope of a DELETE that worked: 200 with a body, or 204, as chosen. */
export function deleted(call: Call): Reply {
  if (CHOSEN.use(call.ctx, 'DELETED_STATUS') === 204) return { status: 204, body: null };
  return json(200, { status: statusText(call) });
}

/** Bare text. */
export function text(body: string): Reply {
  return { status: 200, headers: { 'content-type': 'text/plain;charset=UTF-8' }, body };
}

/** The envelope of a POST that made something: 200 or 201, as chosen. */
export function created(call: Call, body: unknown): Reply {
  call.ctx.chosen('CREATED_STATUS');
  return data(call, body, CHOSEN.count(call.state, 'CREATED_STATUS'));
}

export { statusText };

/** A refusal whose status is a chosen one: marks the reply as such. */
export function chosenRefusal(call: Call, name: ChosenName, code: number, message: string): ApiRefusal {
  return new ApiRefusal(Number(CHOSEN.use(call.ctx, name)), code, message);
}

export function badInput(call: Call, message: string): ApiRefusal {
  return chosenRefusal(call, 'BAD_INPUT', CODES.BAD_INPUT, message);
}

/** The body as a JSON object, or 400. */
export function bodyOf(call: Call): Record<string, unknown> {
  const body = call.req.json();
  if (!isObject(body)) throw badInput(call, 'The request body must be a JSON object');
  return body;
}

/** A text of a body: the fallback when absent or null, 400 when it is no text or longer than `max`. */
export function textOf(
  call: Call,
  body: Record<string, unknown>,
  name: string,
  fallback: string,
  max = 10_000,
): string {
  const value = body[name];
  if (value === undefined || value === null) return fallback;
  if (typeof value !== 'string') throw badInput(call, `${name} must be a string`);
  if (value.length > max) throw badInput(call, `${name} is longer than ${max} characters`);
  return value;
}

export function requiredText(call: Call, body: Record<string, unknown>, name: string, max = 10_000): string {
  const value = textOf(call, body, name, '', max);
  if (value.trim() === '') throw badInput(call, `${name} is required`);
  return value;
}

export function flagOf(call: Call, body: Record<string, unknown>, name: string): boolean | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'boolean') throw badInput(call, `${name} must be true or false`);
  return value;
}

/** A query parameter that is `true` or `false` (any case); undefined when absent or empty. */
export function queryFlag(call: Call, name: string): boolean | undefined {
  const value = call.query.get(name)?.toLowerCase();
  if (value === undefined || value === '') return undefined;
  if (value !== 'true' && value !== 'false') throw badInput(call, `${name} must be true or false`);
  return value === 'true';
}

/** A query parameter that is a whole number from 0; undefined when absent or empty. */
export function queryNumber(call: Call, name: string): number | undefined {
  const value = call.query.get(name);
  if (value === null || value === '') return undefined;
  const number = Number(value);
  if (!Number.isInteger(number) || number < 0) throw badInput(call, `${name} must be a whole number`);
  return number;
}

/** A comma-separated query parameter, repeated or not; undefined when absent or empty. */
export function queryList(call: Call, name: string): string[] | undefined {
  const values = call.query
    .getAll(name)
    .flatMap((value) => value.split(','))
    .map((value) => value.trim())
    .filter((value) => value !== '');
  return values.length > 0 ? values : undefined;
}

/** The object without keys that are null or undefined: the vendor's replies leave them out. */
export function shown(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== null && v !== undefined));
}

/** The next number in the order of creation. */
export function nextN(state: State): number {
  state.n += 1;
  return state.n;
}
