import type { Person } from '../../domain/person.ts';
import { createHttp, type Http } from '../http.ts';
import type { ConnectedSystem, SystemDeps } from '../system.ts';
import type { NotificationsConfig, PushConfig } from './block.ts';
import type { Channel, ChannelName } from './channel.ts';
import { deliver } from './deliver.ts';
import { pushError } from './errors.ts';
import { FcmChannel } from './fcm/channel.ts';
import { EmailChannel, ParserPushChannel, SmsChannel } from './notifications/channels.ts';
import { NotificationsClient, type NotificationsAuth } from './notifications/client.ts';
import { readTemplate } from './notifications/template.ts';
import { OtagChannel } from './otag/channel.ts';
import type { DeviceRegistry, NoticeLog } from './ports.ts';
import { createPushTarget } from './target.ts';

/**
 * Push as a system (docs/systems-push.md): the device registry as a target, from which people are only ever removed, and a messenger over the configured
 * channels. @throws with a sentence where the request template of the OpenText push driver cannot be used.
 */
export function createPush(config: PushConfig, deps: SystemDeps): ConnectedSystem {
  const making = new Making(config, deps);
  const channels = config.channels.map((name) => making.channel(name));
  const { over, pushText, instructions } = config;
  return {
    target: createPushTarget({ registry: () => making.registry(), channels }),
    messenger: {
      instructions,
      tell: async (message, recipient, call) => {
        const kept = { log: making.log(), devices: making.registry() };
        return await deliver({ channels, over, pushText, ...kept }, message, recipient, call);
      },
    },
    close: async () => void (await Promise.allSettled(channels.map((channel) => channel.close()))),
  };
}

/** Makes the channels of one configuration. */
class Making {
  private readonly config: PushConfig;
  private readonly deps: SystemDeps;
  private client: NotificationsClient | undefined;

  constructor(config: PushConfig, deps: SystemDeps) {
    this.config = config;
    this.deps = deps;
  }

  registry(): DeviceRegistry {
    if (!this.deps.devices) throw pushError('PUSH_NO_REGISTRY');
    return this.deps.devices;
  }

  log(): NoticeLog {
    if (!this.deps.notices) throw pushError('PUSH_NO_REGISTRY');
    return this.deps.notices;
  }

  channel(name: ChannelName): Channel {
    switch (name) {
      case 'opentext_notifications':
        return this.parserPush();
      case 'otag':
        return this.otag();
      case 'fcm':
        return this.fcm();
      case 'sms':
        return new SmsChannel(this.letters(this.config.addresses.sms));
      case 'email':
        return new EmailChannel(this.letters(this.config.addresses.email));
    }
  }

  private otag(): Channel {
    const { url, appName, appKey } = given(this.config.otag, 'otag');
    return new OtagChannel({ http: this.http(url), appName, appKey: () => this.deps.secret(appKey) });
  }

  private fcm(): Channel {
    const { url, project, serviceAccount } = given(this.config.fcm, 'fcm');
    return new FcmChannel({
      http: this.http(url),
      httpOf: (tokenOrigin) => this.http(tokenOrigin),
      keyFile: () => this.deps.secret(serviceAccount),
      project,
      devices: () => this.registry(),
    });
  }

  private parserPush(): Channel {
    const { requestTemplate = '', jobField, maxPayloadBytes } = this.notifications();
    const template = readTemplate(this.deps.secret(requestTemplate));
    return new ParserPushChannel({
      client: this.notificationsClient(),
      devices: () => this.registry(),
      template,
      jobField,
      maxPayloadBytes,
    });
  }

  private letters(source: string) {
    const { messageIdIsIdempotent } = this.notifications();
    const address = (person: Person): string | undefined => addressOf(person, source);
    return { client: this.notificationsClient(), address, messageIdIsIdempotent };
  }

  /** One client, and so one pace, for all channels of the account. */
  private notificationsClient(): NotificationsClient {
    const config = this.notifications();
    return (this.client ??= new NotificationsClient({ http: this.http(config.url), auth: this.auth(config) }));
  }

  private auth({
    user = '',
    password = '',
    clientId,
    clientSecret = '',
    tokenUrl,
  }: NotificationsConfig): NotificationsAuth {
    const { secret } = this.deps;
    if (clientId === undefined || tokenUrl === undefined)
      return { basic: () => ({ user, password: secret(password) }) };
    const { origin, pathname } = new URL(tokenUrl);
    return { client: () => ({ id: clientId, secret: secret(clientSecret) }), http: this.http(origin), path: pathname };
  }

  private notifications(): NotificationsConfig {
    return given(this.config.notifications, 'notifications');
  }

  private http(baseUrl: string): Http {
    return createHttp({ system: 'push', baseUrl, limits: this.config.limits, log: this.deps.log });
  }
}

/** The loader has checked that the block is there. */
function given<T>(block: T | undefined, name: string): T {
  if (block === undefined) throw new Error(`systems.push.${name} is missing.`);
  return block;
}

/** `email`, or `attributes.oTMobile`. */
function addressOf(person: Person, source: string): string | undefined {
  const attribute = source.startsWith('attributes.') ? source.slice('attributes.'.length) : undefined;
  return (attribute === undefined ? person.fields[source] : person.attributes[attribute]) || undefined;
}
