import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { company, refOf } from '../company.ts';
import { deviceTokenOf } from '../push/people.ts';
import type { Phone } from '../push/phones.ts';
import { proveFaults, standingBy } from '../push/proofs.ts';
import { until } from '../push/trial.ts';
import { TOKENS } from './state.ts';
import type { FcmTrial } from './trial.ts';
import { inboxOf, startFcm } from './trial.ts';

let fcm: FcmTrial;
beforeAll(async () => {
  fcm = await startFcm();
});
beforeEach(async () => {
  await fcm.control('POST', '/reset');
  fcm.forget();
});
afterAll(() => fcm.close());

test('every fault works on sending', async () => {
  await fcm.push();
  await proveFaults(
    fcm,
    () => fcm.push(),
    async () => (await inboxOf(fcm, TOKENS.live)).length,
  );
});

test('every fault works on the token exchange', async () => {
  await proveFaults(
    fcm,
    () => fcm.exchange(),
    async () => Object.keys(await fcm.state<object>('bearers')).length,
  );
});

test('the ledger is right under 50 concurrent writers', async () => {
  const before = (await fcm.ledger()).length;
  await fcm.push();
  const tokens = company.people.slice(0, 10).map((p) => deviceTokenOf(refOf(p)));
  await Promise.all(
    Array.from({ length: 50 }, (_, i) => fcm.push({ token: tokens[i % 10] ?? '', data: { nid: `n${i % 25}` } })),
  );
  const phones = Object.values(await fcm.state<Record<string, Phone>>('phones'));
  const received = phones.flatMap((p) => p.inbox.map((m) => m.id)).sort();
  const told = standingBy((await fcm.ledger()).slice(before), 'inbox').map((id) => id.slice(id.indexOf('/') + 1));
  expect(told.sort()).toEqual(received);
  expect(received).toHaveLength(new Set(received).size);
  const effects = Object.values(
    await fcm.state<Record<string, { phones: Record<string, { received: number }> }>>('effects'),
  );
  const counted = effects.flatMap((e) => Object.values(e.phones)).reduce((sum, row) => sum + row.received, 0);
  expect(counted).toBe(51);
});

test('requests stand beside effects, with digests for addresses; no token in the ledger', async () => {
  await fcm.push({ data: { nid: 'n1' } });
  await fcm.push({ token: TOKENS.gone, data: { nid: 'n1' } });
  const requests = Object.values(await fcm.state<Record<string, object>>('requests'));
  expect(requests).toMatchObject([
    { nid: 'n1', outcome: 'accepted', reached: 1, target: expect.stringMatching(/^sha256:/) },
    { nid: 'n1', outcome: 'UNREGISTERED', reached: 0, status: 404 },
  ]);
  const ledger = JSON.stringify(await fcm.ledger());
  for (const token of [TOKENS.live, TOKENS.gone, 'ya29.']) expect(ledger).not.toContain(token);
  expect(await fcm.outbox('ada.byrne@staff')).toMatchObject([{ kind: 'push', nid: 'n1' }]);
});

test('a tap posts the acknowledgement, a link only gets it, a scanner gets every address', async () => {
  const seen: string[] = [];
  const web = createServer((req, res) => {
    seen.push(`${req.method} ${req.url}`);
    res.end('ok');
  });
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  const { port } = web.address() as AddressInfo; // a TCP server has one
  const ackUrl = `http://127.0.0.1:${port}/ack/1`;
  await fcm.push({ data: { nid: 'n1', ackUrl } });
  const taps = async () => (await fcm.state<Phone>(`phones/${encodeURIComponent(TOKENS.live)}`)).taps;
  await fcm.act('tap', { phone: TOKENS.live, nid: 'n1' });
  await until(taps, (all) => all.length === 1);
  await fcm.act('tap', { as: 'ada.byrne@staff', how: 'link' });
  await until(taps, (all) => all.length === 2);
  await fcm.act('scanner', { on: true });
  await fcm.push({ data: { nid: 'n2', ackUrl }, notification: { title: 'x', body: `see ${ackUrl}0` } });
  const all = await until(taps, (rows) => rows.length === 4);
  expect(seen.sort()).toEqual(['GET /ack/1', 'GET /ack/1', 'GET /ack/10', 'POST /ack/1']);
  expect(all.map((tap) => [tap.by, tap.status])).toEqual(
    expect.arrayContaining([
      ['app', 200],
      ['link', 200],
      ['scanner', 200],
    ]),
  );
  web.close();
});

test('an address of another machine is never called', async () => {
  await fcm.push({ data: { nid: 'n1', ackUrl: 'https://notices.example/ack' } });
  await fcm.act('tap', { phone: TOKENS.live });
  const phone = () => fcm.state<Phone>(`phones/${encodeURIComponent(TOKENS.live)}`);
  expect((await until(phone, ({ taps }) => taps.length === 1)).taps).toMatchObject([{ by: 'app', status: null }]);
});

test('wrong actions are refused with a sentence', async () => {
  for (const [action, rest] of [
    ['fly', {}],
    ['tap', { phone: 'nobody' }],
    ['choose', { constant: 'FCM_DRY', value: 1 }],
    ['quota', { project: 'none', perMinute: 1 }],
  ] as const)
    await expect(fcm.act(action, rest)).rejects.toThrow(/40[04] .*\.\W*$/);
});

test('a saved state can be put back, and a company can be generated', async () => {
  await fcm.push({ data: { nid: 'n1' } });
  const saved = await fcm.control('GET', '/state');
  await fcm.control('POST', '/reset', { people: 100 });
  expect(Object.keys(await fcm.state<object>('phones'))).toHaveLength(102);
  await fcm.control('PUT', '/state', saved);
  expect(await fcm.control('GET', '/state')).toEqual(saved);
});

test('alone, it writes a key file for its owner only, and goes on after a restart', async () => {
  const data = await mkdtemp(join(tmpdir(), 'fcm-'));
  const run = async () => {
    const args = ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'main.ts'), '--data', data];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    const line = await new Promise<string>((resolve) =>
      child.stdout.once('data', (text: Buffer) => resolve(String(text))),
    );
    const told = JSON.parse(line) as Record<string, string>; // its one line
    const file = String(told['serviceAccountFile']);
    const key = JSON.parse(await readFile(file, 'utf8')) as Record<string, string>; // its key file
    const mode = (await stat(file)).mode & 0o777;
    await new Promise((resolve) => child.once('exit', resolve).kill('SIGTERM'));
    return { told, key, mode };
  };
  const first = await run();
  expect(first.told).toMatchObject({
    system: 'fcm',
    project: 'northwind-notices',
    token: TOKENS.live,
    tokenGone: TOKENS.gone,
  });
  expect([first.mode, first.key['token_uri']]).toEqual([0o600, `${first.told['url']}/token`]);
  const second = await run();
  expect(second.key['private_key']).toBe(first.key['private_key']);
  expect(second.key['token_uri']).toBe(`${second.told['url']}/token`);
  await rm(data, { recursive: true });
});
