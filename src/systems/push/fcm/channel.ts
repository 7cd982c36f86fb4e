import type { Person } from '../../../domain/person.ts';
import type { Http, HttpReply } from '../../http.ts';
import type { CallContext } from '../../port.ts';
import { isRecord } from '../../transport.ts';
import { Bearer } from '../bearer.ts';
import type { Channel, ChannelProbe, Notice, Part, Sent } from '../channel.ts';
import type { DeviceRegistry } from '../ports.ts';
import { isSent, notAnswered, probed } from '../wire.ts';
import { errorCode, fcmErrors, refusal } from './errors.ts';
import { messageOf } from './message.ts';
import { serviceAccountOf, tokenForm, type ServiceAccount } from './serviceAccount.ts';

export type FcmOptions = {
  /** `https://fcm.googleapis.com`. */
  http: Http;
  /** A client of the token's own address. */
  httpOf: (origin: string) => Http;
  /** The key file's text, read at every use, so that a rotated key counts at once. */
  keyFile: () => string;
  /** Default: the project of the key file. */
  project: string | undefined;
  devices: () => DeviceRegistry;
};

/** Topics need no device, and with `validate_only` nothing is sent to them: for probes alone. */
const PROBE_TOPIC = 'tenure-probe';

/** Push by FCM HTTP v1 (contract section 4), one call for each device. FCM tells no receipt and recognises no repeat: at most once. */
export class FcmChannel implements Channel {
  readonly name = 'fcm';
  readonly kind = 'push';
  readonly repeatable = false;
  readonly nobody = 'no_device';
  private readonly options: FcmOptions;
  private readonly bearer: Bearer;
  private tokens: { origin: string; http: Http } | undefined;

  constructor(options: FcmOptions) {
    this.options = options;
    this.bearer = new Bearer(
      () => this.exchange(),
      () => fcmErrors.error('CREDENTIALS'),
    );
  }

  async partsOf(recipient: Person): Promise<readonly Part[]> {
    const found = await this.options.devices().tokensOf(recipient.uuid, 'fcm');
    return found.map(({ id, token }) => ({ id, addresses: [token] }));
  }

  async send(part: Part, notice: Notice, _messageId: string, call: CallContext): Promise<Sent> {
    const answer = await this.ask({ message: messageOf(part.addresses[0] ?? '', notice) }, call);
    if (isSent(answer)) return answer;
    if (answer.status !== 200 || answer.garbled) return refusal(answer);
    const body = answer.json();
    const name = isRecord(body) ? body['name'] : undefined;
    if (typeof name !== 'string') return { state: 'unknown', code: fcmErrors.code('LOST') };
    return { state: 'accepted', ref: name };
  }

  async probe(call: CallContext): Promise<ChannelProbe> {
    const notice = { id: 'probe', title: 'Tenure', text: 'probe' };
    const { token: _token, ...message } = messageOf('', notice);
    const json = { validate_only: true, message: { ...message, topic: PROBE_TOPIC } };
    const answer = await this.ask(json, call);
    if (!isSent(answer) && answer.status === 404)
      return { reachable: true, credentials: false, problems: [fcmErrors.error('UNSUPPORTED').message] };
    return probed(answer, fcmErrors, [401, 403]);
  }

  async close(): Promise<void> {
    await Promise.all([this.options.http.close(), this.tokens?.http.close()]);
  }

  private async ask(json: object, call: CallContext): Promise<HttpReply | Sent> {
    try {
      const project = encodeURIComponent(this.options.project ?? this.account().project_id);
      const path = `/v1/projects/${project}/messages:send`;
      const request = { method: 'POST', path, json, signal: call.signal } as const;
      return await this.bearer.send(this.options.http, request, (reply) => errorCode(reply) === undefined);
    } catch (error) {
      return notAnswered(error, fcmErrors);
    }
  }

  private account(): ServiceAccount {
    return serviceAccountOf(this.options.keyFile());
  }

  /** Never under a caller's signal: others wait for the same token. A failure here means that nothing was sent. */
  private async exchange(): Promise<HttpReply> {
    const account = this.account();
    const { origin, pathname } = new URL(account.token_uri);
    if (this.tokens?.origin !== origin) {
      await this.tokens?.http.close();
      this.tokens = { origin, http: this.options.httpOf(origin) };
    }
    try {
      const { signal } = new AbortController();
      return await this.tokens.http.request({ method: 'POST', path: pathname, form: tokenForm(account), signal });
    } catch (error) {
      const sent = notAnswered(error, fcmErrors);
      throw sent.state === 'later' ? sent.error : fcmErrors.error('UNAVAILABLE');
    }
  }
}
