import type { Entry, FaultEffect, FaultPlan, Json } from './types.ts';

/**
 * For tests: a stand-in that is served, its control address spoken to over HTTP only. `A` is what the result of an action
 * may hold, `C` what any other reply there may hold, where the test does not say.
 */
export class Controlled<A, C = Json> {
  readonly url: string;
  readonly controlUrl: string;
  readonly close: () => Promise<void>;

  constructor(standIn: { url: string; control: string; close(): Promise<void> }) {
    this.url = standIn.url;
    this.controlUrl = standIn.control;
    this.close = () => standIn.close();
  }

  /** One request to the control address; a refusal is thrown with its text. */
  async control<T = C>(method: string, path: string, body?: unknown): Promise<T> {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const reply = await fetch(`${this.controlUrl}${path}`, { method, ...sent });
    if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${await reply.text()}`);
    return (await reply.json()) as T; // said by the test
  }

  /** An action; answers its result. */
  async act<T = A>(action: string, rest: object = {}): Promise<T> {
    return (await this.control<{ result: T }>('POST', '/act', { action, ...rest })).result;
  }

  choose(constant: string, value: Json): Promise<unknown> {
    return this.act('choose', { constant, value });
  }

  async fault(fault: FaultEffect, match: FaultPlan['match'] = {}, times = 1, skip = 0): Promise<void> {
    await this.control('POST', '/faults', { match, skip, times, fault });
  }

  /** A special fault for the next request that fits, or for a later one. */
  special(name: string, match: FaultPlan['match'] = {}, skip = 0): Promise<void> {
    return this.fault({ kind: 'special', name }, match, 1, skip);
  }

  async ledger(): Promise<Entry[]> {
    return (await this.control<{ entries: Entry[] }>('GET', '/ledger')).entries;
  }

  async lastEntry(): Promise<Entry> {
    const last = (await this.ledger()).at(-1);
    if (!last) throw new Error('The ledger is empty.');
    return last;
  }
}
