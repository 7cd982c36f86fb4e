import { recordEffect } from '../common/effects.ts';
import type { Context, Reply, StandInRequest } from '../common/types.ts';
import type { SentFile } from './body.ts';
import type { ChosenName } from './chosen.ts';
import { CHOSEN } from './chosen.ts';
import { iso } from './ids.ts';
import { ApiRefusal, v1Error } from './refusal.ts';
import type { AccessKey, Environment, OauthToken, State } from './state.ts';

/** Who calls: the account, an environment's key, a token, or nobody on open routes. */
export type Caller =
  | { kind: 'account'; key: string }
  | { kind: 'key'; key: AccessKey }
  | { kind: 'token'; token: OauthToken }
  | { kind: 'open' };

/** One authenticated request on its way to its handler. */
export type Call = {
  req: StandInRequest;
  ctx: Context<State>;
  state: State;
  /** Path parameters, decoded. */
  params: Record<string, string>;
  /** Query and body together. */
  input: Record<string, unknown>;
  files: Record<string, SentFile>;
  caller: Caller;
  /** The environment of the path; reading it on account routes is a mistake of the route table. */
  env: Environment;
};

export const ok = (body: object): Reply => ({ status: 200, body });

export function param(call: Call, name: string): string {
  return call.params[name] ?? '';
}

export function now(call: Pick<Call, 'ctx'>): string {
  return iso(call.ctx.now());
}

/** A refusal whose status is a chosen one: marks the reply as such. */
export function chosenRefusal(call: Pick<Call, 'ctx'>, name: ChosenName, message?: string): ApiRefusal {
  return new ApiRefusal(Number(CHOSEN.use(call.ctx, name)), message);
}

/** Records one effect, updated_at left out. */
export function recordWrite(ctx: Context<State>, object: string, id: string, before: unknown, after: unknown): void {
  recordEffect(ctx, object, id, before, after, 'updated_at');
}

/** Changes a stored object and records it. */
export function change<T extends object>(
  ctx: Context<State>,
  object: string,
  id: string,
  stored: T,
  changes: Partial<T>,
): void {
  const before = structuredClone(stored);
  Object.assign(stored, changes);
  if (Object.keys(changes).length > 0 && 'updated_at' in stored) stored.updated_at = iso(ctx.now());
  recordWrite(ctx, object, id, before, stored);
}

/** The object without those fields. */
export function without<T extends object>(value: T, ...names: string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)));
}

/** The object without fields that are undefined. */
export function defined<T extends object>(value: { [K in keyof T]: T[K] | undefined }): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as Partial<T>; // only fields went
}

/** One page of a list by an opaque cursor; `next` is null at the end. An unknown cursor is a 400. */
export function page<T>(
  all: readonly T[],
  cursor: string | undefined,
  size: number,
): { items: T[]; next: string | null } {
  const start = cursor === undefined || cursor === '' ? 0 : Number(Buffer.from(cursor, 'base64url').toString('utf8'));
  if (!Number.isInteger(start) || start < 0) throw new ApiRefusal(400, 'Invalid value for parameter next_cursor');
  const end = start + size;
  return {
    items: all.slice(start, end),
    next: end < all.length ? Buffer.from(String(end)).toString('base64url') : null,
  };
}

/** A v1 body of an error, for the shared half. */
export function errorBody(_status: number, message: string): object {
  return v1Error(message);
}
