import { createServer } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { company, refOf } from '../company.ts';
import type { Phone } from '../push/phones.ts';
import { proveFaults, standingBy } from '../push/proofs.ts';
import { until } from '../push/trial.ts';
import { USUAL_KEY } from './state.ts';
import type { OtagTrial } from './trial.ts';
import { BASE, OWN, startOtag } from './trial.ts';

let otag: OtagTrial;
beforeAll(async () => {
  otag = await startOtag();
});
beforeEach(async () => {
  await otag.control('POST', '/reset');
});
afterAll(() => otag.close());

describe('every fault works on', () => {
  const received = async () => (await otag.phone()).inbox.length;
  const userIds = ['ada.byrne@staff'];

  test('pushes', () => proveFaults(otag, () => otag.push(), received));
  test('web notifications', () =>
    proveFaults(otag, () => otag.push({ jsonPayload: '{}', userIds }, { path: BASE }), received));
  test('the older form', () => {
    const form = { key: USUAL_KEY, message: 'x', users: 'ada.byrne@staff' };
    return proveFaults(otag, () => otag.send('POST', '/gateway/v2/notifications', { form }), received);
  });
  test('sequence bounds', () =>
    proveFaults(
      otag,
      () => otag.send('GET', `${BASE}/seqBounds`, { headers: OWN }),
      () => Promise.resolve(0),
    ));

  test('sequence bounds, which can be stale', async () => {
    const read = async () => (await otag.send('GET', `${BASE}/seqBounds`, { headers: OWN })).body.currentMaxSeq;
    const before = await read();
    await otag.push();
    await otag.advance(60);
    await otag.plan({ kind: 'stale', ms: 90_000 });
    expect([await read(), await read()]).toEqual([before, before + 1]);
  });
});

test('the ledger is right under 50 concurrent writers', async () => {
  const since = (await otag.ledger()).length;
  const people = company.people
    .filter((person) => !person.disabled)
    .slice(0, 10)
    .map(refOf);
  await Promise.all(
    Array.from({ length: 50 }, (_, i) =>
      otag.push({ users: [people[i % 10], people[(i + 1) % 10]], data: { nid: `n${i}` } }),
    ),
  );
  const entries = (await otag.ledger()).slice(since);
  const phones = Object.values(await otag.state<Record<string, Phone>>('phones'));
  expect(standingBy(entries, 'inbox')).toHaveLength(100);
  expect(phones.reduce((sum, phone) => sum + phone.inbox.length, 0)).toBe(100);
  expect(standingBy(entries, 'notification')).toEqual(Object.keys(await otag.state<object>('notifications')).sort());
  const effects = Object.values(await otag.state<Record<string, { phones: object }>>('effects'));
  expect(effects.map((effect) => Object.keys(effect.phones).length)).toEqual(Array.from({ length: 50 }, () => 2));
});

test('a tap in the app posts the acknowledgement', async () => {
  const seen: string[] = [];
  const web = createServer((req, res) => {
    seen.push(`${req.method} ${req.url}`);
    res.end();
  });
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  const ackUrl = `http://127.0.0.1:${(web.address() as AddressInfo).port}/ack`; // a TCP server has one
  await otag.push({ users: ['ada.byrne@staff'], title: 'x', data: { nid: 'n1', ackUrl } });
  await otag.act('tap', { as: 'ada.byrne@staff', nid: 'n1' });
  const { taps } = await until(
    () => otag.phone(),
    (phone) => phone.taps.length === 1,
  );
  expect([seen, taps]).toEqual([['POST /ack'], [expect.objectContaining({ by: 'app', status: 200 })]]);
  web.close();
});

test('the key is nowhere in ledger and requests', async () => {
  await otag.push();
  expect(JSON.stringify([await otag.ledger(), await otag.state('requests')])).not.toContain(USUAL_KEY);
});

test('wrong actions are refused with a sentence', async () => {
  for (const [action, rest] of [
    ['fly', {}],
    ['signOut', { phone: 'nobody' }],
    ['signIn', { user: 'a@staff', client: 'c', runtime: 'Pigeon' }],
    ['choose', { constant: 'OTAG_165', value: 'maybe' }],
  ] as const)
    await expect(otag.act(action, rest)).rejects.toThrow(/40[04] .*\.\W*$/);
});

test('a saved state can be put back, a restart goes on, a company can be generated', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'otag-'));
  const first = await startOtag({ dataDir });
  await first.push();
  const saved = await first.control('GET', '/state');
  await first.close();
  const second = await startOtag({ dataDir });
  expect(await second.control('GET', '/state')).toEqual(saved);
  await second.control('POST', '/reset', { people: 90 });
  expect(Object.keys(await second.state<object>('clients')).length).toBeGreaterThan(80);
  await second.control('PUT', '/state', saved);
  expect(await second.control('GET', '/state')).toEqual(saved);
  await second.close();
  await rm(dataDir, { recursive: true });
});
