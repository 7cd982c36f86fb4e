import type { OtdsConfig } from '../../config/types.ts';
import type { SystemError } from '../errors.ts';
import type { Http, HttpReply, HttpRequest } from '../http.ts';
import { isRecord, unlessAborted } from '../transport.ts';
import { readReply } from '../written.ts';
import type { OtdsChoices } from './choices.ts';
import { isExpired, otdsError, replyError, transportError } from './errors.ts';

export type Session = {
  /**
   * Sends with our credential; when OTDS says that it ran out (a definite no, also for a write), logs in again once and repeats once.
   * Throws {@link TransportError} of the request itself, `SystemError` where no credential could be had (the request was never sent).
   */
  send(request: HttpRequest, over?: Http): Promise<HttpReply>;
};

export type SessionDeps = { config: OtdsConfig; http: Http; secret: (ref: string) => string; choices: OtdsChoices };

/** A credential as the header that carries it. Compared by identity: who finds it expired throws only that one away. */
type Credential = Readonly<Record<string, string>>;

const ABOUT_LOGIN = 'the login';

/** Ticket login (`user`), or OAuth client credentials (`clientId`); one login at a time, shared by all who wait for it. */
export function createSession(deps: SessionDeps): Session {
  const { config, http, choices } = deps;
  let held: Credential | undefined;
  let pending: Promise<Credential> | undefined;
  let refused: { secret: string; until: number; error: SystemError } | undefined;

  /** Not under any caller's signal: the others wait for the same login. The request's own limit ends it. */
  async function login(): Promise<Credential> {
    const secret = deps.secret((byClient(config) ? config.clientSecret : config.password) ?? '');
    if (refused && refused.secret === secret && performance.now() < refused.until) throw refused.error;
    const reply = await readReply(http.request(loginRequest(config, secret)), (error) =>
      transportError(error, ABOUT_LOGIN),
    );
    const credential = credentialOf(config, reply);
    if (credential) {
      refused = undefined;
      return credential;
    }
    if (reply.garbled || reply.status >= 500 || reply.status === 408 || reply.status === 429)
      throw replyError(reply, ABOUT_LOGIN);
    const retryAt = new Date(Date.now() + choices.loginPauseMs).toISOString();
    const error = otdsError('OTDS_LOGIN_REFUSED', { status: reply.status, retryAt });
    refused = { secret, until: performance.now() + choices.loginPauseMs, error };
    throw error;
  }

  async function credential(signal: AbortSignal): Promise<Credential> {
    if (held) return held;
    pending ??= login()
      .then((fresh) => (held = fresh))
      .finally(() => (pending = undefined));
    return unlessAborted(pending, signal);
  }

  return {
    async send(request, over = http) {
      const first = await credential(request.signal);
      const reply = await over.request(signed(request, first));
      if (!isExpired(reply)) return reply;
      if (held === first) held = undefined;
      return over.request(signed(request, await credential(request.signal)));
    },
  };
}

function signed(request: HttpRequest, credential: Credential): HttpRequest {
  return { ...request, headers: { ...request.headers, ...credential } };
}

/** Empty is as good as absent: configurations fill it from the environment. */
function byClient(config: OtdsConfig): boolean {
  return config.clientId !== undefined && config.clientId !== '';
}

function loginRequest(config: OtdsConfig, secret: string): HttpRequest {
  const signal = new AbortController().signal;
  if (byClient(config)) {
    const form = { grant_type: 'client_credentials', client_id: config.clientId ?? '', client_secret: secret };
    return { method: 'POST', path: '/oauth2/token', form, signal };
  }
  const json = { userName: config.user ?? '', password: secret, ticketType: 'OTDSTICKET' };
  return { method: 'POST', path: '/rest/authentication/credentials', json, signal };
}

/** Undefined where the login did not succeed, also when it asks for a second factor (`continuation`). */
function credentialOf(config: OtdsConfig, reply: HttpReply): Credential | undefined {
  const body = reply.garbled || reply.status < 200 || reply.status > 299 ? undefined : reply.json();
  if (!isRecord(body)) return undefined;
  if (byClient(config)) {
    const token = body['access_token'];
    return typeof token === 'string' && token !== '' ? { authorization: `Bearer ${token}` } : undefined;
  }
  const { ticket, continuation } = body;
  return typeof ticket === 'string' && ticket !== '' && continuation !== true ? { OTDSTicket: ticket } : undefined;
}
