import type { Http, HttpReply, HttpRequest } from '../http.ts';
import { isRecord, unlessAborted } from '../transport.ts';

/** A token this close to its end is not used any more, milliseconds. */
const SPARE_MS = 60_000;

type Held = { token: string; until: number };

/** An access token, fetched when needed, shared by all who wait for it, and thrown away when the provider no longer knows it. */
export class Bearer {
  private readonly exchange: () => Promise<HttpReply>;
  private readonly refused: () => Error;
  private held: Held | undefined;
  private pending: Promise<Held> | undefined;

  /** `exchange` asks for a token (its own time limit ends it); `refused` is thrown where it gives none. */
  constructor(exchange: () => Promise<HttpReply>, refused: () => Error) {
    this.exchange = exchange;
    this.refused = refused;
  }

  /**
   * Sends with the token; where the reply is a 401 that `expired` puts down to it, renews it and repeats, once: a 401 did nothing. Throws what
   * `exchange` throws, or `refused`, when the request was not sent.
   */
  async send(http: Http, request: HttpRequest, expired: (reply: HttpReply) => boolean): Promise<HttpReply> {
    const first = await unlessAborted(this.token(), request.signal);
    const reply = await http.request(signed(request, first));
    if (reply.status !== 401 || !expired(reply)) return reply;
    if (this.held === first) this.held = undefined;
    return await http.request(signed(request, await unlessAborted(this.token(), request.signal)));
  }

  private async token(): Promise<Held> {
    if (this.held && performance.now() < this.held.until) return this.held;
    this.pending ??= this.fetch().finally(() => (this.pending = undefined));
    return (this.held = await this.pending);
  }

  private async fetch(): Promise<Held> {
    const reply = await this.exchange();
    const body = reply.status === 200 && !reply.garbled ? reply.json() : undefined;
    if (!isRecord(body) || typeof body['access_token'] !== 'string' || body['access_token'] === '')
      throw this.refused();
    const lifeMs = typeof body['expires_in'] === 'number' ? body['expires_in'] * 1000 : 0;
    return { token: body['access_token'], until: performance.now() + Math.max(0, lifeMs - SPARE_MS) };
  }
}

function signed(request: HttpRequest, { token }: Held): HttpRequest {
  return { ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } };
}
