import type { Person } from '../../../domain/person.ts';
import type { CallContext } from '../../port.ts';
import type { Channel, ChannelProbe, Notice, Part, Sent } from '../channel.ts';
import type { DeviceRegistry } from '../ports.ts';
import { shorten } from '../shorten.ts';
import type { NotificationsClient } from './client.ts';
import { notificationsErrors as errors } from './errors.ts';
import type { Template } from './template.ts';

/** A notice of last week helps nobody. */
const LIFE_S = 7 * 86_400;
/** Of the text; the whole request file is bounded by the configuration. */
const PUSH_TEXT_BYTES = 3_000;
/** Four parts of a long text message. */
const SMS_BYTES = 600;
/** Destinations of one job at most (contract section 10). */
const DEVICES = 10;

export type PushOptions = {
  client: NotificationsClient;
  devices: () => DeviceRegistry;
  template: Template;
  /** Longest request file, bytes. */
  maxPayloadBytes: number;
  /** Member of the parser's reply that holds the job's id; null: it has none, a 2xx is enough. */
  jobField: string | null;
};

/**
 * Push by the parser call (contract 2.2): the request file is the operator's template, filled in; one job for all devices of a person. Nothing public
 * says that it recognises a repeat: at most once.
 */
export class ParserPushChannel implements Channel {
  readonly name = 'opentext_notifications';
  readonly kind = 'push';
  readonly repeatable = false;
  readonly nobody = 'no_device';
  private readonly options: PushOptions;

  constructor(options: PushOptions) {
    this.options = options;
  }

  async partsOf(recipient: Person): Promise<readonly Part[]> {
    const found = await this.options.devices().tokensOf(recipient.uuid, 'opentext_notifications');
    return found.length === 0 ? [] : [{ id: '', addresses: found.slice(0, DEVICES).map(({ token }) => token) }];
  }

  async send(part: Part, notice: Notice, messageId: string, call: CallContext): Promise<Sent> {
    const { client, template, maxPayloadBytes, jobField } = this.options;
    const file = template({
      notificationId: notice.id,
      title: notice.title,
      body: shorten(notice.text, PUSH_TEXT_BYTES),
      tokens: part.addresses,
      data: { nid: notice.id },
      ttlSec: LIFE_S,
      priority: 'high',
      collapseKey: notice.id,
      messageId,
    });
    if (Buffer.byteLength(file) > maxPayloadBytes) return { state: 'rejected', code: errors.code('REFUSED') };
    const json = { domain: 'MR', filename: `${notice.id}.json`, data: base64(file) };
    return await client.submit('/utils/parser', json, { messageId, jobField }, call);
  }

  async probe(call: CallContext): Promise<ChannelProbe> {
    return await this.options.client.probe(call);
  }

  async close(): Promise<void> {
    await this.options.client.close();
  }
}

export type LetterOptions = {
  client: NotificationsClient;
  /** The person's address there; undefined: none. */
  address: (person: Person) => string | undefined;
  /** The account was seen to answer a repeated `message_id` with the first job. */
  messageIdIsIdempotent: boolean;
};

/** What text messages and mails have in common: one address, one recipient a job (contract 2.3, 2.4). */
abstract class LetterChannel implements Channel {
  abstract readonly name: 'sms' | 'email';
  readonly kind = 'letter';
  readonly nobody = 'no_address';
  readonly repeatable: boolean;
  protected readonly options: LetterOptions;

  constructor(options: LetterOptions) {
    this.options = options;
    this.repeatable = options.messageIdIsIdempotent;
  }

  abstract send(part: Part, notice: Notice, messageId: string, call: CallContext): Promise<Sent>;

  async partsOf(recipient: Person): Promise<readonly Part[]> {
    const address = this.options.address(recipient);
    return address ? [{ id: '', addresses: [address] }] : [];
  }

  async probe(call: CallContext): Promise<ChannelProbe> {
    return await this.options.client.probe(call);
  }

  async close(): Promise<void> {
    await this.options.client.close();
  }
}

export class SmsChannel extends LetterChannel {
  readonly name = 'sms';

  async send(part: Part, notice: Notice, messageId: string, call: CallContext): Promise<Sent> {
    const json = {
      destinations: [{ sms: part.addresses[0], ref: messageId }],
      sms_text: shorten(`${notice.title}: ${notice.text}`, SMS_BYTES),
      options: { message_id: messageId },
    };
    return await this.options.client.submit('/outbound/sms', json, { messageId, jobField: 'job_id' }, call);
  }
}

export class EmailChannel extends LetterChannel {
  readonly name = 'email';

  async send(part: Part, notice: Notice, messageId: string, call: CallContext): Promise<Sent> {
    const json = {
      destinations: [{ email: part.addresses[0], ref: messageId }],
      body: [{ name: 'notice.txt', type: 'text', charset: 'utf-8', data: base64(notice.text) }],
      options: { message_id: messageId, email_options: { subject: notice.title } },
    };
    return await this.options.client.submit('/outbound/emails', json, { messageId, jobField: 'job_id' }, call);
  }
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
