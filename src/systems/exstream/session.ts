import type { SystemError } from '../errors.ts';
import type { Http, HttpReply, HttpRequest } from '../http.ts';
import { unlessAborted } from '../transport.ts';
import { readReply } from '../written.ts';
import type { ExstreamChoices } from './choices.ts';
import { exstreamError, replyError, transportError } from './errors.ts';
import { tokenReply } from './shapes.ts';

/** An OAuth client of OTDS. `secret` is asked at each login, so that a rotated one counts at once. */
export type Credential = { clientId: string; secret: () => string };

export type SessionDeps = {
  credential: Credential;
  scope: string;
  /** On the Design service. */
  design: Http;
  /** On the whole address of the token endpoint. */
  tokens: Http;
  choices: ExstreamChoices;
};

type Token = { text: string; renewAt: number; lifeSeconds: number | undefined };

/**
 * Sends to Design with an access token of one OAuth client, renewed ahead of its end by one login for all who wait. The first 401 counts as an
 * expired token and is repeated once (a definite no, also for a write), a second one stands (contract section 14).
 */
export class Session {
  private readonly deps: SessionDeps;
  private held: Token | undefined;
  private pending: Promise<Token> | undefined;
  private refused: { secret: string; until: number; error: SystemError } | undefined;

  constructor(deps: SessionDeps) {
    this.deps = deps;
  }

  /** Throws `TransportError` of the request itself, `SystemError` where no token could be had: then nothing was sent. */
  async send(request: HttpRequest): Promise<HttpReply> {
    const first = await this.token(request.signal);
    const reply = await this.deps.design.request(signed(request, first));
    if (reply.status !== 401 || reply.garbled) return reply;
    if (this.held === first) this.held = undefined;
    return await this.deps.design.request(signed(request, await this.token(request.signal)));
  }

  /** What OTDS said of the life of the token in use, seconds; undefined: nothing. */
  get lifeSeconds(): number | undefined {
    return this.held?.lifeSeconds;
  }

  private async token(signal: AbortSignal): Promise<Token> {
    if (this.held && performance.now() < this.held.renewAt) return this.held;
    this.pending ??= this.logIn()
      .then((fresh) => (this.held = fresh))
      .finally(() => (this.pending = undefined));
    return await unlessAborted(this.pending, signal);
  }

  /** Not under any caller's signal: the others wait for the same token. The request's own limit ends it. */
  private async logIn(): Promise<Token> {
    const { credential, choices, scope, tokens } = this.deps;
    const about = credential.clientId;
    const secret = credential.secret();
    if (this.refused?.secret === secret && performance.now() < this.refused.until) throw this.refused.error;
    const form = { grant_type: 'client_credentials', client_id: about, client_secret: secret, scope };
    const signal = new AbortController().signal;
    const reply = await readReply(tokens.request({ method: 'POST', path: '', form, signal }), (error) =>
      transportError(error, 'a token'),
    );
    if (reply.garbled || reply.status >= 500 || reply.status === 408 || reply.status === 429)
      throw replyError(reply, 'a token');
    const body = reply.status === 200 ? tokenReply.safeParse(reply.json()) : undefined;
    if (body?.success) {
      this.refused = undefined;
      return tokenOf(body.data.access_token, body.data.expires_in ?? undefined, choices);
    }
    const retryAt = new Date(Date.now() + choices.loginPauseMs).toISOString();
    const error = exstreamError('EXSTREAM_LOGIN_REFUSED', { status: reply.status, about, retryAt });
    this.refused = { secret, until: performance.now() + choices.loginPauseMs, error };
    throw error;
  }
}

/** A token that lives no longer than the lead is used until Exstream refuses it. */
function tokenOf(text: string, lifeSeconds: number | undefined, choices: ExstreamChoices): Token {
  const lifeMs = (lifeSeconds ?? Infinity) * 1000;
  const ahead = lifeMs > choices.renewAheadMs ? choices.renewAheadMs : 0;
  return { text, lifeSeconds, renewAt: performance.now() + lifeMs - ahead };
}

function signed(request: HttpRequest, token: Token): HttpRequest {
  return { ...request, headers: { ...request.headers, authorization: `Bearer ${token.text}` } };
}
