import { isObject } from '../common/fields.ts';

/**
 * The OTDS that tokens, tickets and groups come from where the stand-in was given one, asked over HTTP as any product
 * would: nothing is shared with it. Failures to reach it are {@link OtdsUnreachable}.
 */
export class OtdsUnreachable extends Error {}

export type Answer = { status: number; body: Record<string, unknown> };

const TIMEOUT_MS = 10_000;
const PAGES_MAX = 1000;

function textIn(value: unknown, name: string): string {
  const found = isObject(value) ? value[name] : undefined;
  return typeof found === 'string' ? found : '';
}

export class Otds {
  readonly #base: string;

  /** `url`: the origin of OTDS, with or without `/otdsws` (and a tenant's prefix) behind it. */
  constructor(url: string) {
    const trimmed = url.replace(/\/+$/, '');
    this.#base = trimmed.endsWith('/otdsws') ? trimmed : `${trimmed}/otdsws`;
  }

  /** Passes a token request on: the form, and the client's HTTP Basic header when there is one. */
  token(form: URLSearchParams, basic: string | undefined): Promise<Answer> {
    const headers: Record<string, string> = { 'content-type': 'application/x-www-form-urlencoded' };
    return this.#ask('/oauth2/token', {
      method: 'POST',
      headers: basic === undefined ? headers : { ...headers, authorization: basic },
      body: form.toString(),
    });
  }

  /** Logs in by name and password for a ticket. */
  login(body: object): Promise<Answer> {
    return this.#post('/rest/authentication/credentials', body);
  }

  /** User, client and remaining life of a token; null when OTDS does not know it or bars its user from the resource. */
  async tokenInfo(
    token: string,
    resourceId: string | null,
  ): Promise<{ user: string; client: string; expiresInS: number } | null> {
    const { status, body } = await this.#post('/rest/authentication/oauth/tokeninfo', {
      token,
      ...(resourceId === null ? {} : { resourceId }),
    });
    const [user, client] = [textIn(body, 'userId'), textIn(body, 'clientId')];
    if (status !== 200 || user === '') return null;
    return { user, client, expiresInS: Number(body['expiresIn'] ?? 0) };
  }

  /** The `login@partition` a ticket belongs to; null when OTDS does not take it. */
  async ticketUser(ticket: string): Promise<string | null> {
    const { status, body } = await this.#ask('/rest/currentuser', { headers: { OTDSTicket: ticket } });
    const user = body['user'];
    const [name, partition] = [textIn(user, 'name'), textIn(user, 'userPartitionID')];
    return status === 200 && name !== '' ? `${name}@${partition}` : null;
  }

  /**
   * The groups (`group@partition`) that hold the user, all pages; with `nested` also those that hold these. `credential`
   * is the user's own: reading needs any log-in.
   */
  async groups(user: string, credential: Record<string, string>, nested: boolean): Promise<string[]> {
    const found = new Set(await this.#memberOf('users', user, credential));
    if (!nested) return [...found];
    for (const group of found) {
      for (const parent of await this.#memberOf('groups', group, credential)) found.add(parent); // grows while read
    }
    return [...found];
  }

  /** Whether OTDS knows such a user. */
  async knows(user: string, credential: Record<string, string>): Promise<boolean> {
    const { status } = await this.#ask(`/rest/users/${encodeURIComponent(user)}`, { headers: credential });
    return status === 200;
  }

  async #memberOf(kind: 'users' | 'groups', ref: string, credential: Record<string, string>): Promise<string[]> {
    const names: string[] = [];
    let cookie = '';
    for (let pages = 0; pages < PAGES_MAX; pages++) {
      const query = cookie === '' ? '' : `&next_page_cookie=${encodeURIComponent(cookie)}`;
      const path = `/rest/${kind}/${encodeURIComponent(ref)}/memberof?page_size=250${query}`;
      const { status, body } = await this.#ask(path, { headers: credential });
      if (status !== 200) return names;
      for (const group of Array.isArray(body['groups']) ? (body['groups'] as unknown[]) : []) {
        names.push(`${textIn(group, 'name')}@${textIn(group, 'userPartitionID')}`);
      }
      cookie = textIn(body, 'nextPageCookie');
      if (cookie === '') return names;
    }
    return names;
  }

  #post(path: string, body: object): Promise<Answer> {
    return this.#ask(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  async #ask(path: string, init: RequestInit): Promise<Answer> {
    let status;
    let text;
    try {
      const reply = await fetch(`${this.#base}${path}`, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
      status = reply.status;
      text = await reply.text();
    } catch {
      throw new OtdsUnreachable('OTDS does not answer');
    }
    try {
      const body: unknown = JSON.parse(text === '' ? '{}' : text);
      if (isObject(body)) return { status, body };
    } catch {
      // HTML of a proxy or of a starting OTDS: no answer at all
    }
    throw new OtdsUnreachable('OTDS answered what is no JSON');
  }
}
