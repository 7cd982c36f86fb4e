import type { Http, HttpReply, HttpRequest } from '../../http.ts';
import type { CallContext } from '../../port.ts';
import { isRecord } from '../../transport.ts';
import { Bearer } from '../bearer.ts';
import type { ChannelProbe, Sent } from '../channel.ts';
import { byStatus, isSent, notAnswered, probed } from '../wire.ts';
import { notificationsErrors as errors } from './errors.ts';

export type NotificationsAuth =
  /** HTTP Basic on every call; read at every call. */
  | { basic: () => { user: string; password: string } }
  /** OAuth client credentials; `http` is of the token's own address. */
  | { client: () => { id: string; secret: string }; http: Http; path: string };

export type NotificationsOptions = {
  /** Base with its prefix, `…/mra/v1`. */
  http: Http;
  auth: NotificationsAuth;
};

/** Job whose status a probe asks for: no harmless call is known (contract section 9). */
const PROBE_JOB = 'tenure-probe';

/** Talks to OpenText Notifications as one account (contract section 2). Submits never repeat themselves. */
export class NotificationsClient {
  private readonly options: NotificationsOptions;
  private readonly bearer: Bearer;

  constructor(options: NotificationsOptions) {
    this.options = options;
    this.bearer = new Bearer(
      () => this.exchange(),
      () => errors.error('CREDENTIALS'),
    );
  }

  /** One submit. `jobField`: member of the reply that holds the job's id; null: a 2xx alone counts as accepted. */
  async submit(
    path: string,
    json: object,
    { messageId, jobField }: { messageId: string; jobField: string | null },
    call: CallContext,
  ): Promise<Sent> {
    // For the vendor's support: it recognises no repeats by this header (contract 2.1).
    const headers = { 'X-MRA-SubmitId': messageId };
    const answer = await this.ask({ method: 'POST', path, json, headers, signal: call.signal });
    if (isSent(answer)) return answer;
    const said = byStatus(answer, errors);
    if (said) return said;
    if (jobField === null) return { state: 'accepted' };
    const body = answer.empty ? undefined : answer.json();
    const job = isRecord(body) ? body[jobField] : undefined;
    return typeof job === 'string' ? { state: 'accepted', ref: job } : { state: 'unknown', code: errors.code('LOST') };
  }

  /** Any reply but 401 and 403 only proves that somebody is there and lets us in (contract section 9). */
  async probe(call: CallContext): Promise<ChannelProbe> {
    const query = { job_id: PROBE_JOB };
    const answer = await this.ask({ method: 'GET', path: '/outbound/sms/status', query, signal: call.signal });
    return probed(answer, errors, [401, 403]);
  }

  async close(): Promise<void> {
    const { http, auth } = this.options;
    await Promise.all([http.close(), 'http' in auth ? auth.http.close() : undefined]);
  }

  private async ask(request: HttpRequest): Promise<HttpReply | Sent> {
    const { http, auth } = this.options;
    try {
      if ('client' in auth) return await this.bearer.send(http, request, () => true);
      const { user, password } = auth.basic();
      return await http.request({ ...request, headers: { ...request.headers, authorization: basic(user, password) } });
    } catch (error) {
      return notAnswered(error, errors);
    }
  }

  private async exchange(): Promise<HttpReply> {
    const { auth } = this.options;
    if (!('client' in auth)) throw errors.error('CREDENTIALS');
    const { id, secret } = auth.client();
    const { signal } = new AbortController();
    const form = { grant_type: 'client_credentials' };
    const headers = { authorization: basic(id, secret) };
    try {
      return await auth.http.request({ method: 'POST', path: auth.path, form, headers, signal });
    } catch (error) {
      const sent = notAnswered(error, errors);
      throw sent.state === 'later' ? sent.error : errors.error('UNAVAILABLE');
    }
  }
}

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}
