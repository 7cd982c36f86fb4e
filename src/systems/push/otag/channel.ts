import type { Person } from '../../../domain/person.ts';
import type { Http } from '../../http.ts';
import type { CallContext } from '../../port.ts';
import type { Channel, ChannelProbe, Notice, Part, Sent } from '../channel.ts';
import { shorten } from '../shorten.ts';
import { askOnce, byStatus, isSent, probed } from '../wire.ts';
import { otagErrors } from './errors.ts';

export type OtagOptions = {
  http: Http;
  /** Name of the deployed AppWorks service. */
  appName: string;
  /** Read at every call, so that a rotated key counts at once. */
  appKey: () => string;
};

/** The gateway hands the notice to Google and Apple, whose payloads end at 4 KB. */
const TEXT_BYTES = 3_000;

/**
 * Push through the AppWorks Gateway (contract section 3), to the OTDS user: the gateway keeps the devices. It tells no receipt, its success may reach
 * nobody, and it recognises no repeat: at most once.
 */
export class OtagChannel implements Channel {
  readonly name = 'otag';
  readonly kind = 'push';
  readonly repeatable = false;
  readonly nobody = 'no_address';
  private readonly options: OtagOptions;

  constructor(options: OtagOptions) {
    this.options = options;
  }

  async partsOf(recipient: Person): Promise<readonly Part[]> {
    return [{ id: '', addresses: [recipient.who] }];
  }

  async send(part: Part, notice: Notice, _messageId: string, call: CallContext): Promise<Sent> {
    const { http, appName } = this.options;
    const summary = shorten(notice.text, TEXT_BYTES);
    const json = {
      users: part.addresses,
      title: notice.title,
      summary,
      data: { target: appName, nid: notice.id, summary, created: Math.floor(Date.now() / 1000) },
    };
    const answer = await askOnce(
      http,
      { method: 'POST', path: this.path('push'), json, headers: this.key(), signal: call.signal },
      otagErrors,
    );
    if (isSent(answer)) return answer;
    // The gateway's success needs no body (contract section 3).
    return byStatus(answer, otagErrors) ?? { state: 'accepted' };
  }

  async probe(call: CallContext): Promise<ChannelProbe> {
    const request = { method: 'GET', path: this.path('seqBounds'), headers: this.key(), signal: call.signal } as const;
    const answer = await askOnce(this.options.http, request, otagErrors);
    const found = probed(answer, otagErrors, [401, 403]);
    if (isSent(answer) || answer.status !== 404) return found;
    return { ...found, credentials: false, problems: [otagErrors.error('UNSUPPORTED').message] };
  }

  async close(): Promise<void> {
    await this.options.http.close();
  }

  private path(last: string): readonly string[] {
    return ['deployments', 'notifications', this.options.appName, last];
  }

  private key(): Record<string, string> {
    return { otagAppKey: this.options.appKey() };
  }
}
