import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { proveFaults, standingBy } from '../push/proofs.ts';
import { until } from '../push/trial.ts';
import type { Inbox } from './state.ts';
import { USUAL_SECRETS } from './state.ts';
import type { MraTrial } from './trial.ts';
import { inner, startMra, TOKEN } from './trial.ts';

let mra: MraTrial;
beforeAll(async () => {
  mra = await startMra();
});
beforeEach(async () => {
  await mra.control('POST', '/reset');
  await mra.choose('STEP_MS', 0);
});
afterAll(() => mra.close());

describe('every fault works on', () => {
  const jobs = async () => Object.keys(await mra.state<object>('jobs')).length;

  test('submits', () => proveFaults(mra, () => mra.sms(), jobs));
  test('the parser call', () => proveFaults(mra, () => mra.push(), jobs));
  test('the token call', () =>
    proveFaults(
      mra,
      () => mra.token(),
      async () => Object.keys(await mra.state<object>('bearers')).length,
    ));
  test('status', async () => {
    const { job_id } = (await mra.sms()).body;
    await mra.ended('sms', job_id);
    await proveFaults(
      mra,
      () => mra.status('sms', job_id),
      () => Promise.resolve(0),
    );
  });
  test('the WhatsApp webhook', async () => {
    const body = { url: 'https://hooks.northwind.example/wa' };
    const path = '/inbound/whatsapp/messages/webhook';
    const writes = async () => (await mra.ledger()).filter((e) => e.writes.some((w) => w.object === 'inbound')).length;
    await proveFaults(mra, () => mra.mra('POST', path, { body }), writes);
  });

  test('status, which can be stale', async () => {
    const { job_id } = (await mra.sms()).body;
    await mra.ended('sms', job_id);
    await mra.advance(60);
    await mra.plan({ kind: 'stale', ms: 30_000 });
    expect((await mra.status('sms', job_id)).body.job_state).toEqual(['Complete', 'Posted']);
    await mra.plan({ kind: 'stale', ms: 90_000 });
    expect((await mra.status('sms', job_id)).status).toBe(404);
  });
});

test('the ledger is right under 50 concurrent writers', async () => {
  const since = (await mra.ledger()).length;
  const options = (i: number) => ({ message_id: `m${i % 25}` });
  await Promise.all(
    Array.from({ length: 50 }, (_, i) =>
      i % 2 ? mra.sms({ destinations: [{ sms: `${i % 5}` }], options: options(i) }) : mra.push(inner({ nid: `n${i}` })),
    ),
  );
  const jobs = await until(
    () => mra.state<Record<string, { step: number; channel: string }>>('jobs'),
    (all) => Object.values(all).every(({ step, channel }) => step === (channel === 'sms' ? 3 : 2)),
  );
  const entries = (await mra.ledger()).slice(since);
  expect(standingBy(entries, 'job')).toEqual(Object.keys(jobs).sort());
  const inboxes = Object.values(await mra.state<Record<string, Inbox>>('inboxes'));
  const letters = inboxes.flatMap((one) => one.letters).length;
  expect([standingBy(entries, 'letter').length, letters]).toEqual([25, 25]);
  expect(standingBy(entries, 'inbox')).toHaveLength((await mra.phone()).inbox.length);
  expect((await mra.phone()).inbox).toHaveLength(25);
  expect(Object.keys(await mra.state<object>('requests'))).toHaveLength(50);
});

test('neither ledger nor requests show secrets, tokens, numbers or addresses', async () => {
  await mra.token();
  await mra.ended('sms', (await mra.sms()).body.job_id);
  await mra.push();
  const shown = JSON.stringify([await mra.ledger(), await mra.state('requests')]);
  for (const secret of [USUAL_SECRETS.password, USUAL_SECRETS.clientSecret, TOKEN, 'mra.standin.', '00447700900123'])
    expect(shown).not.toContain(secret);
});

test('a saved state can be put back, and a company can be generated', async () => {
  await mra.ended('sms', (await mra.sms()).body.job_id);
  const saved = await mra.control('GET', '/state');
  await mra.control('POST', '/reset', { people: 80 });
  expect(Object.keys(await mra.state<object>('phones'))).toHaveLength(80);
  await mra.control('PUT', '/state', saved);
  expect(await mra.control('GET', '/state')).toEqual(saved);
});

test('a restart goes on from the data folder, open jobs too', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'mra-'));
  const first = await startMra({ dataDir, stepMs: 60_000 });
  const { job_id } = (await first.sms()).body;
  await first.close();
  const second = await startMra({ dataDir, stepMs: 0 });
  await second.advance(61);
  await second.ended('sms', job_id);
  expect(await second.texts()).toHaveLength(1);
  await second.close();
  await rm(dataDir, { recursive: true });
});
