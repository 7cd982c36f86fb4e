import { startStandIn } from '../common/standIn.ts';
import type { Entry, FaultEffect, Json } from '../common/types.ts';
import { SECRETS } from './seed.ts';
import { cloudinaryStandIn } from './standIn.ts';

/** For tests: the stand-in served on free ports, spoken to over HTTP only. */

/** What any of the routes may answer, all together: tests read what they expect. */
export type Item = { [k: string]: Json } & { id: string; name: string; email: string };
export type Body = { [k: string]: Json };
export type Answer = { status: number; headers: Headers; body: Body; text: string };
type Options = {
  body?: unknown;
  form?: Record<string, string | string[]>;
  multipart?: Record<string, string | Blob | string[]>;
  headers?: Record<string, string>;
  /** `key:secret` instead of ours; null: without. */
  as?: string | null;
};

const BASE = {
  account: `/v1_1/provisioning/accounts/${SECRETS.accountId}`,
  permissions: `/v2/accounts/${SECRETS.accountId}/permissions`,
  public: '/v2/accounts/permissions/public',
  environment: `/v1_1/${SECRETS.cloud}`,
  queue: `/v2/notifications/${SECRETS.cloud}`,
};
export type Plane = keyof typeof BASE;

export const ACCOUNT = `${SECRETS.provisioningKey}:${SECRETS.provisioningSecret}`;
export const KEY = `${SECRETS.apiKey}:${SECRETS.apiSecret}`;

export class Trial {
  readonly url: string;
  readonly controlUrl: string;
  readonly close: () => Promise<void>;

  constructor(standIn: { url: string; control: string; close(): Promise<void> }) {
    this.url = standIn.url;
    this.controlUrl = standIn.control;
    this.close = () => standIn.close();
  }

  account(method: string, path: string, o: Options = {}): Promise<Answer> {
    return this.send('account', method, path, o);
  }

  permissions(method: string, path: string, o: Options = {}): Promise<Answer> {
    return this.send('permissions', method, path, o);
  }

  env(method: string, path: string, o: Options = {}): Promise<Answer> {
    return this.send('environment', method, path, o);
  }

  queue(method: string, path: string, o: Options = {}): Promise<Answer> {
    return this.send('queue', method, path, o);
  }

  pathOf(plane: Plane, path: string): string {
    return this.url + BASE[plane] + path;
  }

  /** One request on a plane; `path` follows its base. */
  async send(plane: Plane, method: string, path: string, o: Options = {}): Promise<Answer> {
    const as = o.as === undefined ? (plane === 'account' || plane === 'permissions' ? ACCOUNT : KEY) : o.as;
    const headers: Record<string, string> = { ...o.headers };
    if (as !== null && plane !== 'public') headers['authorization'] = `Basic ${Buffer.from(as).toString('base64')}`;
    const body = bodyOf(o, headers);
    const reply = await fetch(this.pathOf(plane, path), { method, headers, ...(body === null ? {} : { body }) });
    const text = await reply.text();
    return { status: reply.status, headers: reply.headers, text, body: parsed(text) };
  }

  /** One request to the control address; anything but 200 throws with its text. */
  async control<T = Body>(method: string, path: string, body?: unknown): Promise<T> {
    const init = body === undefined ? {} : { body: JSON.stringify(body) };
    const reply = await fetch(this.controlUrl + path, { method, ...init });
    const text = await reply.text();
    if (!reply.ok) throw new Error(`${reply.status} ${text}`);
    return JSON.parse(text) as T;
  }

  async act<T = Body>(action: string, rest: object = {}): Promise<T> {
    return (await this.control<{ result: T }>('POST', '/act', { action, ...rest })).result;
  }

  async choose(constant: string, value: string | number | boolean): Promise<void> {
    await this.act('choose', { constant, value });
  }

  /** A special fault for the next request that fits. */
  async special(name: string, match: { method?: string; path?: string } = {}): Promise<void> {
    const fault: FaultEffect = { kind: 'special', name };
    await this.control('POST', '/faults', { match, times: 1, fault });
  }

  async entries(): Promise<Entry[]> {
    return (await this.control<{ entries: Entry[] }>('GET', '/ledger')).entries;
  }

  async lastEntry(): Promise<Entry> {
    const last = (await this.entries()).at(-1);
    if (!last) throw new Error('The ledger is empty.');
    return last;
  }

  /** A user of the seed by e-mail; a missing one fails the test. */
  async user(email: string): Promise<Item> {
    const { body } = await this.account('GET', `/users?emails=${encodeURIComponent(email)}`);
    return first(body['users'], email);
  }

  async group(name: string): Promise<Item> {
    const { body } = await this.account('GET', '/user_groups');
    const groups = body['user_groups'];
    const found = Array.isArray(groups) ? groups.find((one) => isItem(one) && one.name === name) : undefined;
    return first([found ?? null], name);
  }

  async folder(path: string): Promise<string> {
    const { body } = await this.env('PUT', '/folders/by_path', { body: { path } });
    return String(body['external_id']);
  }

  async environment(name = 'Production'): Promise<Item> {
    const { body } = await this.account('GET', `/sub_accounts?prefix=${name}`);
    return first(body['sub_accounts'], name);
  }
}

function isItem(value: Json): value is Item {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function first(list: Json | undefined, what: string): Item {
  const [item] = Array.isArray(list) ? list : [];
  if (item === undefined || !isItem(item)) throw new Error(`There is no ${what}.`);
  return item;
}

function parsed(text: string): Body {
  try {
    return JSON.parse(text) as Body;
  } catch {
    return {};
  }
}

function bodyOf(o: Options, headers: Record<string, string>): string | URLSearchParams | FormData | null {
  if (o.form) {
    const form = new URLSearchParams();
    for (const [name, value] of Object.entries(o.form)) for (const one of [value].flat()) form.append(name, one);
    return form;
  }
  if (o.multipart) {
    const form = new FormData();
    for (const [name, value] of Object.entries(o.multipart)) for (const one of [value].flat()) form.append(name, one);
    return form;
  }
  if (o.body === undefined) return null;
  headers['content-type'] ??= 'application/json';
  return JSON.stringify(o.body);
}

export async function startTrial(o: { dataDir?: string; strict?: boolean } = {}): Promise<Trial> {
  const options = { port: 0, controlPort: 0, ...(o.dataDir === undefined ? {} : { dataDir: o.dataDir }) };
  return new Trial(await startStandIn(cloudinaryStandIn({ strict: o.strict ?? false }), options));
}
