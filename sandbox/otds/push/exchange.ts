import { isObject } from '../../common/fields.ts';
import type { Receiver } from './receiver.ts';

/** One conversation with a SCIM receiver over HTTP. */

const TIMEOUT_MS = 10_000;
const PATCH_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

/** What was said and answered, for the outbox. */
export type Said = { method: string; path: string; body: object | null; status: number };

export class Unreachable extends Error {}

/** Only this machine is called; what would leave it stands in the outbox. */
export function isLoopback(url: string): boolean {
  try {
    const { protocol, hostname } = new URL(url);
    return protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
  } catch {
    return false;
  }
}

async function call(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (error) {
    throw new Unreachable(error instanceof Error ? error.message : String(error));
  }
}

async function objectOf(res: Response): Promise<Record<string, unknown>> {
  try {
    const body: unknown = await res.json();
    return isObject(body) ? body : {};
  } catch {
    return {};
  }
}

export class Exchange {
  readonly said: Said[] = [];
  readonly #receiver: Receiver;
  #token: string | null;

  /** `token`: of an earlier conversation, if it is still held. */
  constructor(receiver: Receiver, token: string | null) {
    this.#receiver = receiver;
    this.#token = token;
  }

  get token(): string | null {
    return this.#token;
  }

  /** The id of what a filter finds; null for none. */
  async find(resource: string, attribute: string, value: string): Promise<string | null> {
    const filter = encodeURIComponent(`${attribute} eq ${JSON.stringify(value)}`);
    const { body } = await this.#ask('GET', `/${resource}?filter=${filter}`, null);
    const found: unknown = Array.isArray(body['Resources']) ? body['Resources'][0] : undefined;
    return isObject(found) && typeof found['id'] === 'string' ? found['id'] : null;
  }

  /** Creates, and gives the id there. */
  async create(resource: string, body: object): Promise<{ status: number; id: string | null }> {
    const reply = await this.#ask('POST', `/${resource}`, body);
    return { status: reply.status, id: typeof reply.body['id'] === 'string' ? reply.body['id'] : null };
  }

  async put(resource: string, id: string, body: object): Promise<number> {
    return (await this.#ask('PUT', `/${resource}/${encodeURIComponent(id)}`, body)).status;
  }

  async patch(resource: string, id: string, Operations: object[]): Promise<number> {
    const body = { schemas: [PATCH_SCHEMA], Operations };
    return (await this.#ask('PATCH', `/${resource}/${encodeURIComponent(id)}`, body)).status;
  }

  async remove(resource: string, id: string): Promise<number> {
    return (await this.#ask('DELETE', `/${resource}/${encodeURIComponent(id)}`, null)).status;
  }

  /** Throws {@link Unreachable} where another try makes sense: no connection, 429, 5xx, no token. */
  async #ask(method: string, path: string, body: object | null) {
    let res = await this.#send(method, path, body);
    if (res.status === 401 && this.#receiver.tokenUrl !== null) {
      this.#token = null; // ended early, or the receiver forgot it
      res = await this.#send(method, path, body);
    }
    const reply = await objectOf(res);
    this.said.push({ method, path, body, status: res.status });
    if (res.status === 429 || res.status >= 500 || res.status === 401)
      throw new Unreachable(`${method} ${path}: ${res.status}`);
    return { status: res.status, body: reply };
  }

  async #send(method: string, path: string, body: object | null): Promise<Response> {
    this.#token ??= await this.#fetchToken();
    const headers: Record<string, string> = { accept: 'application/scim+json' };
    if (this.#token !== null) headers['authorization'] = `Bearer ${this.#token}`;
    if (body !== null) headers['content-type'] = 'application/scim+json';
    const init = { method, headers, ...(body === null ? {} : { body: JSON.stringify(body) }) };
    return call(`${this.#receiver.baseUrl}${path}`, init);
  }

  /** By client credentials; without a token URL the secret itself is a long-lived token. */
  async #fetchToken(): Promise<string | null> {
    const { tokenUrl, clientId, secret } = this.#receiver;
    if (tokenUrl === null) return secret;
    if (!isLoopback(tokenUrl)) throw new Unreachable(`The token URL is not on this machine: ${tokenUrl}`);
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId ?? '',
      client_secret: secret ?? '',
    });
    const res = await call(tokenUrl, { method: 'POST', body });
    const { access_token } = await objectOf(res);
    if (!res.ok || typeof access_token !== 'string') throw new Unreachable(`The token URL answered ${res.status}`);
    return access_token;
  }
}
