/** The three push stand-ins, a ledger of their own, and push as the configuration would make it. */
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startStandIn } from '../../sandbox/common/standIn.ts';
import { newServiceAccount, writeKeyFile } from '../../sandbox/fcm/keys.ts';
import { fcmStandIn } from '../../sandbox/fcm/standIn.ts';
import { PROJECT } from '../../sandbox/fcm/state.ts';
import { notificationsStandIn } from '../../sandbox/notifications/standIn.ts';
import { TENANT, USUAL_SECRETS } from '../../sandbox/notifications/state.ts';
import { otagStandIn } from '../../sandbox/otag/standIn.ts';
import { APP, clientIdOf, USUAL_KEY } from '../../sandbox/otag/state.ts';
import { deviceTokenOf } from '../../sandbox/push/people.ts';
import type { Phone } from '../../sandbox/push/phones.ts';
import { startTrial, Trial } from '../../sandbox/push/trial.ts';
import type { Person } from '../../src/domain/person.ts';
import { createLedger, type PostgresLedger } from '../../src/ledger/index.ts';
import { pushBlock, type PushConfig } from '../../src/systems/push/block.ts';
import { createPush } from '../../src/systems/push/push.ts';
import type { NoticeLog } from '../../src/systems/push/ports.ts';
import type { ConnectedSystem } from '../../src/systems/system.ts';
import type { CallContext, Message, Messenger, Target } from '../../src/systems/port.ts';
import { person } from './fakes.ts';
import { testDir } from './run.ts';
import { freshDatabase } from './server.ts';

/** The made-up request file that the stand-in takes, as an operator's template. */
const TEMPLATE = JSON.stringify({
  standin_fake_schema: 1,
  nid: '{{notificationId}}',
  tokens: '{{tokens}}',
  title: '{{title}}',
  body: '{{body}}',
  data: '{{data}}',
  ttl_s: '{{ttlSec}}',
  priority: '{{priority}}',
  collapse: '{{collapseKey}}',
});

export type StandInName = 'fcm' | 'otag' | 'notifications';
type Configured = Partial<Record<keyof PushConfig, unknown>>;
export type Push = { target: Target; messenger: Messenger };

export type PushBench = Record<StandInName, Trial<unknown>> & {
  ledger: PostgresLedger;
  /** Values of secrets by their reference; a test may change them. */
  secrets: Map<string, string>;
  /** Everything that was logged. */
  logged(): string;
  /** The block of such a configuration, addresses and credentials filled in. */
  block(over: Configured): PushConfig;
  push(over: Configured, more?: { notices?: NoticeLog }): Push;
  /** Registers the phone that the stand-ins know of them. */
  register(who: Person, driver: 'fcm' | 'opentext_notifications', token?: string): Promise<void>;
  /** What the phone of somebody shows, and how often it was reached. */
  inbox(name: StandInName, who: string): Promise<Phone['inbox']>;
  /** Texts and mails that reached somebody. */
  letters(address: string): Promise<{ subject: unknown; text: unknown }[]>;
  /** Requests that were made since the last call, log-ins and tokens left out. */
  sends(name: StandInName): Promise<string[]>;
  reset(): Promise<void>;
  close(): Promise<void>;
};

export const call: CallContext = { signal: new AbortController().signal };

/** Somebody of the worked example, with a number to text to. */
export function member(who: string): Person {
  return person(who, { uuid: `uuid-${who}`, attributes: { oTMobile: '0034600000001' } });
}

/** A notice about somebody, under a key of its own. */
export const messageAbout = ({ uuid }: Person): Message => ({
  key: randomUUID(),
  about: uuid,
  title: 'Access has changed',
  text: 'iconik: team Marketing granted (rule marketing-editors)',
});

export async function startPushBench(): Promise<PushBench> {
  const keyFile = join(testDir(), `fcm-${randomUUID()}.json`);
  const account = newServiceAccount(PROJECT);
  const fcmServed = await startStandIn(fcmStandIn({ account: account.account }), { port: 0, controlPort: 0 });
  writeKeyFile(keyFile, account, fcmServed.url);
  const templateFile = join(testDir(), `template-${randomUUID()}.json`);
  writeFileSync(templateFile, TEMPLATE);
  const trials: Record<StandInName, Trial<unknown>> = {
    fcm: new Trial<unknown>(fcmServed),
    otag: await startTrial(otagStandIn()),
    notifications: await startTrial(notificationsStandIn({ secrets: USUAL_SECRETS, strict: true })),
  };
  const database = await freshDatabase();
  const key = { id: 'test', key: new Uint8Array(32).fill(7) };
  const ledger = createLedger({ url: database.url, sealKeys: { current: key, old: [] } });
  const secrets = new Map<string, string>();
  const usual = (): void => {
    secrets.clear();
    secrets.set('env:OTAG_APP_KEY', USUAL_KEY);
    secrets.set('env:NOTIFICATIONS_PASSWORD', USUAL_SECRETS.password);
    secrets.set('env:NOTIFICATIONS_CLIENT_SECRET', USUAL_SECRETS.clientSecret);
    secrets.set(`file:${keyFile}`, readFileSync(keyFile, 'utf8'));
    secrets.set(`file:${templateFile}`, TEMPLATE);
  };
  usual();
  const lines: string[] = [];
  const opened: ConnectedSystem[] = [];
  const seen: Record<StandInName, number> = { fcm: 0, otag: 0, notifications: 0 };
  const { fcm, otag, notifications } = trials;
  const bench: PushBench = {
    ...trials,
    ledger,
    secrets,
    logged: () => lines.join('\n'),
    block: (over) =>
      pushBlock.parse({
        mode: 'enforce',
        channels: ['fcm'],
        fcm: { url: fcm.url, serviceAccount: `file:${keyFile}` },
        otag: { url: otag.url, appName: APP, appKey: 'env:OTAG_APP_KEY' },
        limits: { requestMs: 2_000, perSecond: 5_000 },
        ...over,
        notifications: {
          url: `${notifications.url}/mra/v1`,
          user: USUAL_SECRETS.user,
          password: 'env:NOTIFICATIONS_PASSWORD',
          requestTemplate: `file:${templateFile}`,
          ...(over.notifications as object),
        },
      }),
    push(over, { notices = ledger.notices } = {}) {
      const log = {
        debug: (fields: object, message: string) => void lines.push(JSON.stringify({ ...fields, message })),
      };
      const secret = (ref: string): string => secrets.get(ref) ?? '';
      const made = createPush(bench.block(over), { secret, log, devices: ledger.devices, notices });
      opened.push(made);
      const { target, messenger } = made;
      if (!target || !messenger) throw new Error('Push has both.');
      return { target, messenger };
    },
    register: async ({ uuid, who }, driver, token = deviceTokenOf(who)) =>
      await ledger.devices.register({ person: uuid, driver, platform: 'android', token }),
    async inbox(name, who) {
      const phones = await trials[name].state<Record<string, Phone>>('phones');
      return phones[name === 'otag' ? clientIdOf(who) : deviceTokenOf(who)]?.inbox ?? [];
    },
    letters: async (address) => (await notifications.outbox(address)).map(({ subject, text }) => ({ subject, text })),
    async sends(name) {
      const entries = (await trials[name].ledger()).filter((entry) => entry.seq > seen[name]);
      seen[name] = Math.max(seen[name], ...entries.map((entry) => entry.seq));
      return entries
        .filter(({ method, path }) => method === 'POST' && !/token$|^\/act/.test(path))
        .map(({ method, path }) => `${method} ${path}`);
    },
    async reset() {
      await Promise.all(
        Object.values(trials).map(async (trial) => {
          await trial.control('POST', '/reset', {});
          await trial.control('DELETE', '/faults');
        }),
      );
      usual();
      lines.length = 0;
      for (const name of ['fcm', 'otag', 'notifications'] as const) await bench.sends(name);
    },
    async close() {
      await Promise.all(opened.map((one) => one.close()));
      await Promise.all(Object.values(trials).map((trial) => trial.close()));
      await ledger.close();
      await database.drop();
    },
  };
  return bench;
}

/** OAuth instead of Basic. */
export const byClient = (bench: PushBench): object => ({
  user: undefined,
  password: undefined,
  clientId: USUAL_SECRETS.clientId,
  clientSecret: 'env:NOTIFICATIONS_CLIENT_SECRET',
  tokenUrl: `${bench.notifications.url}/tenants/${TENANT}/oauth2/token`,
});

/** A log whose process dies at that moment: nothing after it is ever written. */
export function dying(at: 'beforeSend' | 'afterSend', log: NoticeLog): NoticeLog {
  return {
    sends: (key) => log.sends(key),
    async intend(send, about) {
      const ours = await log.intend(send, about);
      if (at === 'beforeSend') throw new Error('killed');
      return ours;
    },
    settle: async () => {
      throw new Error('killed');
    },
  };
}
