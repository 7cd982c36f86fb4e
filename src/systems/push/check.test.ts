import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { loadConfig } from '../../config/load.ts';
import { createLogger } from '../../log.ts';
import { createSystems } from '../../workers/systems.ts';
import { testDir } from '../../../test/support/run.ts';
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

  test('the block of the guide is a configuration that starts, with every name from the environment', () => {
    const guide = readFileSync(new URL('../../../docs/systems-push.md', import.meta.url), 'utf8');
    const [, block = ''] = /```yaml\n(push:\n[^`]*)```/.exec(guide) ?? [];
    const key = join(testDir(), 'key.json');
    writeFileSync(key, '{}');
    const text = block.replace(/^/gm, '  ').replace('/etc/tenure/push-template.json', key);
    const otds = '  otds: { url: http://127.0.0.1, user: u, password: env:SECRET, partitions: [staff] }';
    const file = join(testDir(), 'push.yaml');
    writeFileSync(file, `version: 1\nsystems:\n${otds}\n${text}`);
    const env = {
      ...{ SECRET: 's', FCM_URL: 'http://127.0.0.1:1', FCM_SERVICE_ACCOUNT_FILE: key, OTAG_URL: 'http://127.0.0.1:2' },
      ...{ OTAG_APP: 'notices', OTAG_APP_KEY: 'k', NOTIFICATIONS_URL: 'http://127.0.0.1:3' },
      ...{ NOTIFICATIONS_USER: 'u', NOTIFICATIONS_PASSWORD: 'p' },
    };
    const config = loadConfig(file, { env });
    expect(config.systems['push']).toMatchObject({
      notifications: { url: 'http://127.0.0.1:3/mra/v1' },
      fcm: { serviceAccount: `file:${key}` },
    });
    const systems = createSystems(config, env, createLogger({ level: 'silent' }));
    expect(systems.messenger?.instructions).toContain('Sign in');
    expect(Object.keys(systems.targets)).toContain('push');
  });
});
