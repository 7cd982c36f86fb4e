import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { StandIn } from '../../sandbox/common/standIn.ts';
import { startStandIn } from '../../sandbox/common/standIn.ts';
import { newServiceAccount, writeKeyFile } from '../../sandbox/fcm/keys.ts';
import { fcmStandIn } from '../../sandbox/fcm/standIn.ts';
import { PROJECT } from '../../sandbox/fcm/state.ts';
import { deviceTokenOf } from '../../sandbox/push/people.ts';
import type { Phone } from '../../sandbox/push/phones.ts';

/**
 * Google's own client (npm `google-auth-library` 11.3.4), unmodified, through the life of a person with a phone: it signs the JWT,
 * exchanges it and sends. Its token address is built in, so its documented `fetchImplementation` leads Google's host to the stand-in.
 */
type Reply = { status: number; data: { name?: string } };
type Request = { url: string; method: string; data: object };
type Library = {
  JWT: new (options: {
    keyFile: string;
    scopes: string[];
    transporterOptions: { fetchImplementation: typeof fetch };
  }) => { request(request: Request): Promise<Reply> };
};

const NAME: string = 'google-auth-library';
const library = await import(NAME).then(
  (found: Library) => found, // its documented shape, as far as it is used here
  () => null,
);

let folder: string;
let fcm: StandIn;
const seen: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fcm-edge-'));
  const serviceAccount = newServiceAccount(PROJECT);
  fcm = await startStandIn(fcmStandIn({ account: serviceAccount.account, strict: true }), { port: 0, controlPort: 0 });
  writeKeyFile(join(folder, 'key.json'), serviceAccount, fcm.url);
});
afterAll(async () => {
  await fcm.close();
  await rm(folder, { recursive: true });
});

const toStandIn: typeof fetch = (input, init) => {
  const asked = new URL(input instanceof Request ? input.url : input);
  seen.push(`${asked.hostname} ${asked.pathname}`);
  return fetch(asked.hostname === 'oauth2.googleapis.com' ? `${fcm.url}${asked.pathname}` : asked, init);
};

async function act(action: string, rest: object): Promise<void> {
  const body = JSON.stringify({ action, ...rest });
  expect((await fetch(`${fcm.control}/act`, { method: 'POST', body })).status).toBe(200);
}

async function inbox(token: string): Promise<Phone['inbox']> {
  const reply = await fetch(`${fcm.control}/state/phones/${encodeURIComponent(token)}`);
  const phone = (await reply.json()) as Phone; // as the control address shows it
  return phone.inbox;
}

(library ? describe : describe.skip)('google-auth-library', () => {
  test('joins, moves, loses the network, leaves', async () => {
    if (!library) return;
    const client = new library.JWT({
      keyFile: join(folder, 'key.json'),
      scopes: ['https://www.googleapis.com/auth/firebase.messaging'],
      transporterOptions: { fetchImplementation: toStandIn },
    });
    const url = `${fcm.url}/v1/projects/${PROJECT}/messages:send`;
    const token = deviceTokenOf('nina.berg@staff');
    const send = (title: string): Promise<Reply> => {
      const android = { priority: 'HIGH', ttl: '3600s', collapse_key: 'access', notification: { tag: 'access' } };
      const message = { token, notification: { title }, data: { nid: title }, android };
      return client.request({ url, method: 'POST', data: { message } });
    };
    const refused = (status: number, errorCode: string) =>
      expect.objectContaining({
        status,
        response: expect.objectContaining({
          data: {
            error: expect.objectContaining({
              details: [{ '@type': 'type.googleapis.com/google.firebase.fcm.v1.FcmError', errorCode }],
            }),
          },
        }),
      });

    await expect(send('too early')).rejects.toEqual(refused(400, 'INVALID_ARGUMENT'));
    await act('register', { user: 'nina.berg@staff', token });
    expect((await send('welcome')).data.name).toMatch(new RegExp(`^projects/${PROJECT}/messages/0:`));
    await send('moved');
    expect((await inbox(token)).map((m) => [m.title, m.shown])).toEqual([
      ['welcome', false],
      ['moved', true],
    ]);
    await act('online', { phone: token, online: false });
    await send('while away');
    await send('while still away');
    await act('online', { phone: token, online: true });
    expect((await inbox(token)).map((m) => m.title)).toEqual(['welcome', 'moved', 'while still away']);
    await act('uninstall', { phone: token });
    await expect(send('left')).rejects.toEqual(refused(404, 'UNREGISTERED'));
    expect(seen.filter((one) => one === 'oauth2.googleapis.com /token')).toHaveLength(1);
  });

  test('its key file says where the tokens are', async () => {
    const key = JSON.parse(await readFile(join(folder, 'key.json'), 'utf8')) as Record<string, string>; // written above
    expect(key['token_uri']).toBe(`${fcm.url}/token`);
  });
});
