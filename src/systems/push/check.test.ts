import { describe, expect, test } from '@jest/globals';
import type { SystemDeps } from '../system.ts';
import { pushBlock } from './block.ts';
import { checkPush } from './check.ts';
import { createPush } from './push.ts';
import { pushSystem } from './system.ts';

const notifications = {
  url: 'https://api.us.cloudmessaging.opentext.com/mra/v1',
  user: 'northwind',
  password: 'env:P',
};
const fcm = { serviceAccount: 'file:/etc/tenure/fcm.json' };

function problemsOf(block: object): string[] {
  const found: string[] = [];
  checkPush(pushBlock.parse(block), (path, message) => void found.push(`${path.join('.')}: ${message}`));
  return found;
}

describe('systems.push', () => {
  test('the least block of each channel is enough', () => {
    expect(problemsOf({ channels: ['fcm'], fcm })).toEqual([]);
    expect(problemsOf({ channels: ['sms', 'email'], notifications })).toEqual([]);
    const otag = { url: 'https://gateway.example', appName: 'notices', appKey: 'env:K' };
    expect(problemsOf({ channels: ['otag'], otag })).toEqual([]);
  });

  test.each([
    [{ channels: ['fcm'] }, 'channels.0: "fcm" needs the block systems.push.fcm.'],
    [{ channels: ['sms'] }, 'channels.0: "sms" needs the block systems.push.notifications.'],
    [{ channels: ['fcm', 'fcm'], fcm }, 'channels.1: "fcm" stands there twice.'],
    [
      { channels: ['opentext_notifications'], notifications },
      'notifications: Push over OpenText Notifications needs requestTemplate',
    ],
    [{ channels: ['sms'], notifications: { url: notifications.url } }, 'notifications: Say how to log in'],
    [
      { channels: ['sms'], notifications: { url: notifications.url, clientId: 'c' } },
      'notifications: clientId needs clientSecret and tokenUrl.',
    ],
  ])('%j is told with its place', (block, problem) => {
    expect(problemsOf(block)).toEqual([expect.stringContaining(problem)]);
  });

  test('without a usable request template the OpenText driver does not start', () => {
    const block = {
      channels: ['opentext_notifications'],
      notifications: { ...notifications, requestTemplate: 'file:/t.json' },
    };
    const deps: SystemDeps = { secret: () => 'no json', log: { debug: () => undefined } };
    expect(() => createPush(pushBlock.parse(block), deps)).toThrow(/is not JSON/);
  });

  test('every secret of the block is known by its reference', () => {
    const block = pushBlock.parse({ channels: ['fcm', 'email'], fcm, notifications });
    expect(
      pushSystem
        .secrets(block)
        .map(([, ref]) => ref)
        .sort(),
    ).toEqual(['env:P', 'file:/etc/tenure/fcm.json']);
  });
});
