import { expect } from '@jest/globals';
import { startStandIn } from '../../common/standIn.ts';
import type { StandIn } from '../../common/standIn.ts';
import type { Entry, Json } from '../../common/types.ts';
import { otds, USUAL_SECRETS } from '../standIn.ts';

export type Body = { [k: string]: Json };
export type Answer = { status: number; headers: Headers; text: string; body: Body };
type Options = { body?: unknown; form?: Record<string, string>; headers?: Record<string, string>; as?: string | null };

/** The OAuth client and the administrator of the seed. */
export const CLIENT = { client_id: 'tenure', client_secret: USUAL_SECRETS.clientSecret };
export const ADMIN = { userName: 'otadmin@otds.admin', password: USUAL_SECRETS.password };
const SCIM_TYPE = 'application/scim+json';

/** A stand-in on free ports and plain calls to it, each remembered by path, form and status. */
export class Recorder {
  seen: { method: string; path: string; status: number; form: string }[] = [];
  ticket = '';
  bearer = '';
  readonly standIn: StandIn;

  constructor(standIn: StandIn) {
    this.standIn = standIn;
  }

  async logIn(): Promise<void> {
    this.ticket = str(
      (await this.rest('POST', '/authentication/credentials', { body: ADMIN, as: null })).body['ticket'],
    );
    const form = { grant_type: 'client_credentials', ...CLIENT };
    this.bearer = str((await this.send('POST', '/otdsws/oauth2/token', { form, as: null })).body['access_token']);
  }

  /** A call by ticket (`as`: another one, null: none); `path` is the whole path. */
  async send(method: string, path: string, o: Options = {}): Promise<Answer> {
    const scim = path.includes('/scim/');
    const credential: Record<string, string> = scim
      ? { authorization: `Bearer ${o.as ?? this.bearer}` }
      : { OTDSTicket: o.as ?? this.ticket };
    const type = o.body === undefined ? {} : { 'content-type': scim ? SCIM_TYPE : 'application/json' };
    const res = await fetch(`${this.standIn.url}${path}`, {
      method,
      redirect: 'manual',
      headers: { ...type, ...(o.as === null ? {} : credential), ...o.headers },
      ...(o.body === undefined ? {} : { body: JSON.stringify(o.body) }),
      ...(o.form === undefined ? {} : { body: new URLSearchParams(o.form) }),
    });
    const text = await res.text();
    this.seen.push({ method, path: new URL(res.url).pathname, status: res.status, form: formOf(o, path) });
    const body = text.startsWith('{') ? (JSON.parse(text) as Body) : {};
    return { status: res.status, headers: res.headers, text, body };
  }

  rest(method: string, path: string, o: Options = {}): Promise<Answer> {
    return this.send(method, `/otdsws/rest${path}`, o);
  }

  /** A GET that has to succeed, and its body. */
  async get(path: string): Promise<Body> {
    return good(await this.rest('GET', path)).body;
  }

  /** A write that has to succeed with a body (`200`), or without one (`204`). */
  async done(method: string, path: string, body?: unknown, status = 200): Promise<Body> {
    return good(await this.rest(method, path, body === undefined ? {} : { body }), status).body;
  }

  /** A call that has to be refused so, in three fields. */
  async refused(status: number, method: string, path: string, body?: unknown): Promise<void> {
    const answer = good(await this.rest(method, path, body === undefined ? {} : { body }), status);
    expect(Object.keys(answer.body)).toEqual(['status', 'error', 'errorDetails']);
  }

  async control(method: string, path: string, body?: unknown): Promise<Body> {
    const init = { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const res = await fetch(`${this.standIn.control}${path}`, init);
    const text = await res.text();
    if (!res.ok) throw new Error(`${method} ${path}: ${res.status} ${text}`);
    return JSON.parse(text) as Body;
  }

  /** Asks the control address until what it says fits; gives up after some seconds, saying what it said last. */
  async until(path: string, fits: (said: Body) => boolean): Promise<void> {
    for (let left = 1000; ; left--) {
      const said = await this.control('GET', path);
      if (fits(said)) return;
      if (left === 0) throw new Error(`${path}: ${JSON.stringify(said)}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Waits until nothing is on its way to a SCIM receiver. */
  settled(): Promise<void> {
    return this.until('/state/push-queue', (queue) => Object.keys(queue).length === 0);
  }

  async act(action: string, more: object = {}): Promise<Json> {
    return (await this.control('POST', '/act', { action, ...more }))['result'] ?? null;
  }

  async choose(constant: string, value: string | number): Promise<void> {
    await this.act('choose', { constant, value });
  }

  async plan(fault: object, match: object = {}, times = 1): Promise<void> {
    await this.control('POST', '/faults', { match, times, fault });
  }

  async entries(since = 0): Promise<Entry[]> {
    const res = await fetch(`${this.standIn.control}/ledger?since=${since}`);
    return ((await res.json()) as { entries: Entry[] }).entries;
  }

  async reset(o: object = {}): Promise<void> {
    await this.control('POST', '/reset', o);
    await this.logIn();
    this.seen = [];
  }
}

function formOf(o: Options, path: string): string {
  if (o.form) return 'form';
  if (o.body !== undefined) return 'json';
  return path.includes('?') ? 'query' : 'none';
}

export function good(answer: Answer, status = 200): Answer {
  if (answer.status !== status)
    throw new Error(`${status} was due, not ${answer.status}: ${answer.text.slice(0, 300)}`);
  return answer;
}

export function list(value: Json | undefined): Body[] {
  if (!Array.isArray(value)) throw new Error(`A list was due, not ${JSON.stringify(value)}`);
  return value as Body[];
}

export function part(value: Json | undefined): Body {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error(`An object was due, not ${JSON.stringify(value)}`);
  return value;
}

export function str(value: Json | undefined): string {
  if (typeof value !== 'string') throw new Error(`A text was due, not ${JSON.stringify(value)}`);
  return value;
}

export function names(value: Json | undefined): string[] {
  return list(value).map((one) => str(one['name']));
}

/** The values of an attribute of a user, group or role. */
export function attribute(of: Body, name: string): Json {
  return list(of['values']).find((v) => v['name'] === name)?.['values'] ?? null;
}

export function has(body: Json | undefined, ...fields: string[]): void {
  expect(Object.keys(part(body))).toEqual(expect.arrayContaining(fields));
}

let count = 0;
/** A name that nothing has yet. */
export function fresh(name: string): string {
  return `${name}-${++count}`;
}

/** One path segment. */
export const seg = encodeURIComponent;

/** The check of one route: sends it in each of its forms, looks at what came and reads the effect back. */
export type Check = (t: Recorder) => Promise<void>;
export type Checks = Record<string, Check>;

export async function startRecorder(o: { strict?: boolean; dataDir?: string } = {}): Promise<Recorder> {
  const { dataDir, strict = false } = o;
  const where = { port: 0, controlPort: 0, ...(dataDir === undefined ? {} : { dataDir }) };
  const t = new Recorder(await startStandIn(otds({ strict }), where));
  await t.logIn();
  t.seen = [];
  return t;
}

/** Whether a path is of that route. */
export function fits(pattern: string, path: string): boolean {
  return new RegExp(`^${pattern.replace(/[.]/g, '\\.').replace(/\{\w+\}/g, '[^/]+')}$`).test(path);
}

/** A new user of `staff`. */
export async function newUser(t: Recorder, more: object = {}): Promise<Body> {
  return t.done('POST', '/users', { userPartitionID: 'staff', name: fresh('person'), ...more });
}

/** A new group of `staff`. */
export async function newGroup(t: Recorder, more: object = {}): Promise<Body> {
  return t.done('POST', '/groups', { userPartitionID: 'staff', name: fresh('team'), ...more });
}
