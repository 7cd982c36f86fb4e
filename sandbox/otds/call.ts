import { isObject } from '../common/fields.ts';
import type { Context, Reply, StandInRequest } from '../common/types.ts';
import { refused } from './errors.ts';
import type { Directory } from './directory.ts';
import type { OtdsState, User } from './model.ts';
import type { PageCookies } from './paging.ts';

/** Who calls: a user of the directory, by a ticket or a token. */
export type Identity = { user: User; name: string };

/** One request on its way: what every handler gets. */
export type Call = {
  req: StandInRequest;
  ctx: Context<OtdsState>;
  state: OtdsState;
  dir: Directory;
  cookies: PageCookies;
  /** Null only on paths that need no login. */
  who: Identity | null;
  /** The decoded parts of the path that stand for something, in order. */
  params: string[];
};

export type Handler = (call: Call) => Reply | Promise<Reply>;

/** The n-th part of the path that stands for something. */
export function param(call: Call, n = 0): string {
  return call.params[n] ?? '';
}

/** The body as a JSON object, or a refusal. */
export function bodyOf(call: Call): Record<string, unknown> {
  const body = call.req.json();
  if (!isObject(body)) throw refused('ERR_BAD_INPUT', 'The request body must be a JSON object');
  return body;
}

/** A required text of a body. */
export function textOf(body: Record<string, unknown>, name: string): string {
  const value = body[name];
  if (typeof value !== 'string' || value.trim() === '') throw refused('ERR_BAD_INPUT', `${name} is required`);
  return value;
}

/** An optional text of a body; undefined when it is not there, null when it is null or empty. */
export function optionalTextOf(body: Record<string, unknown>, name: string): string | null | undefined {
  const value = body[name];
  if (value === undefined) return undefined;
  if (value !== null && typeof value !== 'string') throw refused('ERR_BAD_INPUT', `${name} must be a string`);
  return value === '' ? null : value;
}

/** The names or DNs of a `{stringList: […]}` body. */
export function stringListOf(call: Call): string[] {
  const list = bodyOf(call)['stringList'];
  if (!Array.isArray(list)) throw refused('ERR_BAD_INPUT', 'stringList must be a list of strings');
  return list.map((item: unknown) => {
    if (typeof item !== 'string' || item === '') throw refused('ERR_BAD_INPUT', 'stringList must be a list of strings');
    return item;
  });
}

/** 204, or 200 without a body where clients were seen to expect no more than "2xx, empty". */
export const EMPTY: Reply = { status: 204 };

export function ok(body: object): Reply {
  return { status: 200, body };
}

/** The reply to a creation: the whole object. */
export function created(call: Call, body: object): Reply {
  call.ctx.chosen('CREATE_STATUS');
  return { status: Number(call.state.choices.CREATE_STATUS), body };
}

/** The reply to a deletion: empty. */
export function deleted(call: Call): Reply {
  call.ctx.chosen('DELETE_STATUS');
  return { status: Number(call.state.choices.DELETE_STATUS) };
}
