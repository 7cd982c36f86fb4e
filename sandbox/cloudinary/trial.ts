import { Controlled } from '../common/controlled.ts';
import { startStandIn } from '../common/standIn.ts';
import type { Entry, Json } from '../common/types.ts';
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

export class Trial extends Controlled<Body, Body> {
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

  entries(): Promise<Entry[]> {
    return this.ledger();
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
