import { expect } from '@jest/globals';
import { startStandIn } from '../../common/standIn.ts';
import type { Json } from '../../common/types.ts';
import { cloudinaryStandIn } from '../standIn.ts';
import type { Answer, Body, Plane } from '../trial.ts';
import { Trial } from '../trial.ts';

type Send = Parameters<Trial['send']>;
type Options = NonNullable<Send[3]>;

/** A trial in strict mode that remembers what was answered to which path. */
export class Recorder extends Trial {
  seen: { method: string; path: string; status: number; form: string }[] = [];

  override async send(plane: Plane, method: string, path: string, o: Options = {}): Promise<Answer> {
    const answer = await super.send(plane, method, path, o);
    const full = new URL(this.pathOf(plane, path)).pathname;
    this.seen.push({ method, path: full, status: answer.status, form: formOf(o, path) });
    return answer;
  }

  /** One request that has to succeed with `status`, and its body. */
  async get(plane: Plane, path: string, o: Options = {}): Promise<Body> {
    return good(await this.send(plane, 'GET', path, o));
  }

  async done(plane: Plane, method: string, path: string, body?: unknown, status = 200): Promise<Body> {
    return good(await this.send(plane, method, path, body === undefined ? {} : { body }), status);
  }

  /** Requests that have to be refused so. */
  async refused(status: number, plane: Plane, method: string, path: string, body?: unknown): Promise<Body> {
    return good(await this.send(plane, method, path, body === undefined ? {} : { body }), status);
  }
}

/** How a request says what it wants; `none` when it says nothing. */
function formOf(o: Options, path: string): string {
  if (o.multipart) return 'multipart';
  if (o.form) return 'form';
  if (o.body !== undefined) return 'json';
  return path.includes('?') ? 'query' : 'none';
}

export function good(answer: Answer, status = 200): Body {
  if (answer.status !== status)
    throw new Error(`${status} was due, not ${answer.status}: ${answer.text.slice(0, 300)}`);
  return answer.body;
}

/** The check of one route: sends it in each of its forms, looks at what came and reads the effect back. */
export type Check = (t: Recorder) => Promise<void>;
export type Checks = Record<string, Check>;

export function list(value: Json | undefined): Body[] {
  if (!Array.isArray(value)) throw new Error(`A list was due, not ${JSON.stringify(value)}`);
  return value as Body[];
}

export function has(body: Json | undefined, ...names: string[]): void {
  expect(Object.keys(body ?? {})).toEqual(expect.arrayContaining(names));
}

export function str(value: Json | undefined): string {
  if (typeof value !== 'string') throw new Error(`A text was due, not ${JSON.stringify(value)}`);
  return value;
}

let count = 0;
/** A name that nothing has yet. */
export function fresh(name: string): string {
  return `${name}-${++count}`;
}

export async function startRecorder(): Promise<Recorder> {
  return new Recorder(await startStandIn(cloudinaryStandIn({ strict: true }), { port: 0, controlPort: 0 }));
}

/** Whether a path is of that route. */
export function fits(pattern: string, path: string): boolean {
  const source = pattern.replace(/\{([^}]+)\}/g, (_, name: string) => {
    if (name.endsWith('*')) return '.+';
    return name.includes(':') ? `(?:${name.split(':')[1]})` : '[^/]+';
  });
  return new RegExp(`^${source}$`).test(path);
}
