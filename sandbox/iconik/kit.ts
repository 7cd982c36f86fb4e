import { recordEffect } from '../common/effects.ts';
import type { Context, Reply, StandInRequest } from '../common/types.ts';
import type { ChosenName } from './chosen.ts';
import { CHOSEN } from './chosen.ts';
import { iso } from './ids.ts';
import { listChanged } from './lists.ts';
import type { Recent, State, Token, User } from './state.ts';

/** One authenticated request on its way to its handler. */
export type Call = {
  req: StandInRequest;
  ctx: Context<State>;
  state: State;
  /** Path parameters, decoded. */
  params: Record<string, string>;
  /** The JSON object sent, `{}` when there was none. */
  body: Record<string, unknown>;
  /** Who the token acts as. On open routes nobody: reading it is a mistake of the route table. */
  me: User;
  token: Token;
};

export type Errors = string[] | Record<string, string>;

/** A refusal that becomes the reply `{"errors": …}` (contract section 3). */
export class ApiRefusal extends Error {
  readonly status: number;
  readonly errors: Errors;
  readonly headers: Record<string, string>;

  constructor(status: number, errors: string | Errors, headers: Record<string, string> = {}) {
    super(typeof errors === 'string' ? errors : JSON.stringify(errors));
    this.status = status;
    this.errors = typeof errors === 'string' ? [errors] : errors;
    this.headers = headers;
  }
}

export function notFound(what: string): ApiRefusal {
  return new ApiRefusal(404, `${what} not found`);
}

export function fieldError(field: string, message: string, status = 400): ApiRefusal {
  return new ApiRefusal(status, { [field]: message });
}

/** A refusal whose status is a chosen one: marks the reply as such. */
export function chosenRefusal(call: Call, name: ChosenName, errors: string | Errors): ApiRefusal {
  return new ApiRefusal(Number(CHOSEN.use(call.ctx, name)), errors);
}

export const ok = (body: object): Reply => ({ status: 200, body });
export const created = (body: object): Reply => ({ status: 201, body });
export const noContent = (): Reply => ({ status: 204, body: null });

/** "200 or 204": which one is chosen; the body goes with 200 only. */
export function okOrNoContent(call: Call, body: object): Reply {
  return CHOSEN.use(call.ctx, 'okOrNoContent') === 200 ? ok(body) : noContent();
}

/** "202 or 204": which one is chosen. */
export function acceptedOrNoContent(call: Call): Reply {
  return CHOSEN.use(call.ctx, 'acceptedOrNoContent') === 202 ? { status: 202, body: {} } : noContent();
}

export function param(call: Call, name: string): string {
  return call.params[name] ?? '';
}

export function nowIso(call: Pick<Call, 'ctx'>): string {
  return iso(call.ctx.now());
}

/** Records one effect, date_modified left out. */
export function recordWrite(ctx: Context<State>, object: string, id: string, before: unknown, after: unknown): void {
  recordEffect(ctx, object, id, before, after, 'date_modified');
}

const RECENT_MS = 60_000;

/** Keeps what a listed object was before a change, for lists that lag; to be called before one is added or removed. */
export function remember(ctx: Context<State>, kind: Recent['kind'], id: string, before: unknown): void {
  listChanged(ctx.state[kind]);
  const now = ctx.now();
  const oldest = now.getTime() - RECENT_MS;
  const recent = ctx.state.recent.filter((entry) => Date.parse(entry.at) > oldest).slice(-200);
  recent.push({ at: iso(now), kind, id, before: before === null ? null : structuredClone(before) });
  ctx.state.recent = recent;
}

/** A text field: the text, null when sent as null, undefined when not sent; anything else is a 400. */
export function text(body: Record<string, unknown>, field: string): string | null | undefined {
  const value = body[field];
  if (value === undefined || value === null || typeof value === 'string') return value;
  throw fieldError(field, 'Not a valid string.');
}

export function requiredText(body: Record<string, unknown>, field: string): string {
  const value = text(body, field);
  if (!value) throw fieldError(field, 'Missing data for required field.');
  return value;
}

export function flag(body: Record<string, unknown>, field: string): boolean | undefined {
  const value = body[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'boolean') return value;
  throw fieldError(field, 'Not a valid boolean.');
}

/** A list of texts, undefined when not sent or null. */
export function texts(body: Record<string, unknown>, field: string): string[] | undefined {
  const value = body[field];
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value) && value.every((item): item is string => typeof item === 'string')) return value;
  throw fieldError(field, 'Not a valid list.');
}

export function oneOf<T extends string>(
  body: Record<string, unknown>,
  field: string,
  allowed: readonly T[],
): T | undefined {
  const value = body[field];
  if (value === undefined || value === null) return undefined;
  const known = allowed.find((item) => item === value);
  if (known === undefined) throw fieldError(field, `Must be one of: ${allowed.join(', ')}.`);
  return known;
}

/** The object without those fields. */
export function without(value: object, ...names: string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)));
}
