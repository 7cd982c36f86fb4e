import type { ReportBlock } from '../system.ts';
import type { PushConfig } from './block.ts';
import type { ChannelName } from './channel.ts';

const NEEDS: Readonly<Record<ChannelName, 'notifications' | 'otag' | 'fcm'>> = {
  opentext_notifications: 'notifications',
  sms: 'notifications',
  email: 'notifications',
  otag: 'otag',
  fcm: 'fcm',
};

/** What is wrong with a block beyond its shape. */
export function checkPush(config: PushConfig, report: ReportBlock): void {
  for (const [index, channel] of config.channels.entries()) {
    if (config.channels.indexOf(channel) < index) report(['channels', index], `"${channel}" stands there twice.`);
    if (config[NEEDS[channel]] === undefined)
      report(['channels', index], `"${channel}" needs the block systems.push.${NEEDS[channel]}.`);
  }
  const { notifications } = config;
  if (!notifications) return;
  const at = ['notifications'];
  if (config.channels.includes('opentext_notifications') && notifications.requestTemplate === undefined)
    report(
      at,
      'Push over OpenText Notifications needs requestTemplate: the request file of your OpenText onboarding. Its schema is not public, so Tenure brings none.',
    );
  const { user, password, clientId, clientSecret, tokenUrl } = notifications;
  if (clientId === undefined && (user === undefined || password === undefined))
    report(at, 'Say how to log in: user and password, or clientId, clientSecret and tokenUrl.');
  if (clientId !== undefined && (clientSecret === undefined || tokenUrl === undefined))
    report(at, 'clientId needs clientSecret and tokenUrl.');
}
