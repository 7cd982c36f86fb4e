import { startStandIn } from '../../common/standIn.ts';
import { OWNER, SERVICE } from '../seed.ts';
import { iconikStandIn } from '../standIn.ts';
import type { Answer, Body, Item, Options } from '../trial.ts';
import { Trial } from '../trial.ts';

type Seen = { method: string; path: string; status: number; text: string; query: string[]; body: string[] };

/** A trial in strict mode, as the domain owner unless said otherwise, that remembers what was sent and answered. */
export class Recorder extends Trial {
  seen: Seen[] = [];

  override async api(method: string, path: string, o: Options = {}): Promise<Answer> {
    const answer = await super.api(method, path, { as: OWNER, ...o });
    const url = new URL(path.startsWith('/') ? path : `/API/${path}`, this.url);
    const body = fieldsOf(o.body);
    const { status, text } = answer;
    this.seen.push({ method, path: url.pathname, status, text, query: [...url.searchParams.keys()], body });
    return answer;
  }

  /** One GET that has to be answered 200, and its body. */
  async get(path: string): Promise<Body> {
    return good(await this.api('GET', path), 200);
  }

  /** One request that has to be answered with `status`, good or bad, and its body. */
  async send(status: number, method: string, path: string, body?: unknown): Promise<Body> {
    return good(await this.api(method, path, body === undefined ? {} : { body }), status);
  }

  /** The same as our service account, which lacks many roles and all that is somebody else's. */
  async asService(status: number, method: string, path: string, body?: unknown): Promise<Body> {
    return good(await this.api(method, path, { as: SERVICE, ...(body === undefined ? {} : { body }) }), status);
  }

  /** The same as nobody: open routes need no headers. */
  async asNobody(status: number, method: string, path: string, body?: unknown): Promise<Body> {
    return good(await this.api(method, path, { as: null, ...(body === undefined ? {} : { body }) }), status);
  }

  /** Does it under each value of a chosen constant, the usual one last. */
  async either(
    constant: string,
    other: number,
    usual: number,
    work: (status: number) => Promise<unknown>,
  ): Promise<void> {
    for (const status of [other, usual]) {
      await this.choose(constant, status);
      await work(status);
    }
  }

  /** A user that is new. */
  person(): Promise<Item> {
    const body = { email: `${fresh('person')}@northwind.example`, first_name: 'New', type: 'STANDARD' };
    return this.send(201, 'POST', 'users/v1/users/', body);
  }

  collection(parent_id: string | null = null): Promise<Item> {
    const body = { title: fresh('Collection'), parent_id };
    return this.send(201, 'POST', 'assets/v1/collections/?apply_default_acls=false', body);
  }
}

function fieldsOf(body: unknown): string[] {
  if (typeof body === 'string') return [...new URLSearchParams(body).keys()];
  return typeof body === 'object' && body !== null ? Object.keys(body) : [];
}

function good(answer: Answer, status: number): Body {
  if (answer.status !== status) {
    throw new Error(`${status} was due, not ${answer.status}: ${answer.text.slice(0, 300)}`);
  }
  return answer.body;
}

/** The check of one route: sends it in each of its forms, looks at what came and reads the effect back. */
export type Check = (t: Recorder) => Promise<void>;
export type Checks = Record<string, Check>;

/** Checks with the beginning of their paths put in front. */
export function under(base: string, checks: Checks): Checks {
  return Object.fromEntries(Object.entries(checks).map(([name, check]) => [name.replace(' ', ` ${base}`), check]));
}

let count = 0;
/** A name that nothing has yet. */
export function fresh(name: string): string {
  return `${name}-${++count}`;
}

export const NOBODY = '4f4c2b0e-0000-4000-8000-000000000000';

export const ids = (body: { objects: Item[] }): string[] => body.objects.map((one) => one.id);

export async function startRecorder(): Promise<Recorder> {
  return new Recorder(await startStandIn(iconikStandIn(SERVICE, { strict: true }), { port: 0, controlPort: 0 }));
}
