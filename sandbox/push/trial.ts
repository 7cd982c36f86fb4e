import { Controlled } from '../common/controlled.ts';
import { startStandIn } from '../common/standIn.ts';
import type { Definition, FaultEffect, FaultPlan, Json } from '../common/types.ts';

/** For tests: a stand-in on free ports, spoken to over HTTP only. `B` is what any of its replies may hold. */

export type Answer<B> = { status: number; headers: Headers; body: B; text: string };
export type Options = { body?: unknown; form?: Record<string, string>; headers?: Record<string, string> };

export class Trial<B> extends Controlled<Record<string, Json>> {
  /** One request to the vendor's address: `body` as JSON (a text as it is), `form` as a form. */
  async send(method: string, path: string, { body, form, headers = {} }: Options = {}): Promise<Answer<B>> {
    const json = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
    const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    const payload = form ? { body: new URLSearchParams(form) } : json;
    const reply = await fetch(`${this.url}${path}`, { method, headers: { ...type, ...headers }, ...payload });
    const text = await reply.text();
    return { status: reply.status, headers: reply.headers, body: parsed(text) as B, text }; // tests read what they expect
  }

  state<T = Json>(collection: string): Promise<T> {
    return this.control<T>('GET', `/state/${collection}`);
  }

  advance(seconds: number): Promise<unknown> {
    return this.control('POST', '/clock', { advance: seconds });
  }

  async outbox(to: string): Promise<Record<string, Json>[]> {
    const { messages } = await this.control<{ messages: Record<string, Json>[] }>('GET', `/outbox?to=${to}`);
    return messages;
  }

  plan(fault: FaultEffect, match: FaultPlan['match'] = {}, skip = 0): Promise<void> {
    return this.fault(fault, match, 1, skip);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** Serves a definition on free ports. */
export async function startTrial<S, B>(def: Definition<S>, dataDir?: string): Promise<Trial<B>> {
  return new Trial<B>(
    await startStandIn(def, { port: 0, controlPort: 0, ...(dataDir === undefined ? {} : { dataDir }) }),
  );
}

const LIMIT_MS = 8_000;

/** Asks until the answer holds; gives up after eight seconds. */
export async function until<T>(ask: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
  for (const end = Date.now() + LIMIT_MS; ;) {
    const value = await ask();
    if (holds(value)) return value;
    if (Date.now() > end)
      throw new Error(`It never came true; the last answer was ${JSON.stringify(value).slice(0, 400)}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
