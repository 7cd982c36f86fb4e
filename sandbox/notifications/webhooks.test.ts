import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { until } from '../push/trial.ts';
import { toBase64 } from '../push/values.ts';
import type { Body, MraTrial } from './trial.ts';
import { startMra, TOKEN, inner } from './trial.ts';

type Hook = { method: string; path: string; body: Partial<Body> & Record<string, unknown> };

let mra: MraTrial;
let web: Server;
let origin: string;
let seen: Hook[] = [];
let failing = 0;

beforeAll(async () => {
  mra = await startMra();
  web = createServer((req, res) => {
    let text = '';
    req.on('data', (chunk: Buffer) => (text += String(chunk)));
    req.on('end', () => {
      const body = (text === '' ? {} : JSON.parse(text)) as Hook['body']; // the stand-in sends JSON objects
      seen.push({ method: req.method ?? '', path: req.url ?? '', body });
      res.statusCode = failing-- > 0 ? 503 : 200;
      res.end();
    });
  });
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(web.address() as AddressInfo).port}`; // a TCP server has one
});
beforeEach(async () => {
  await mra.control('POST', '/reset');
  await mra.choose('STEP_MS', 0);
  await mra.act('webhook', { url: `${origin}/status` });
  seen = [];
  failing = 0;
});
afterAll(() => {
  web.close();
  return mra.close();
});

const hooks = (n: number) =>
  until(
    async () => seen,
    (all) => all.length >= n,
  );
const states = () => seen.map(({ body }) => body.job_state?.at(-1));

describe('the status webhook', () => {
  test('posts the shape of the status call on each change, unsigned', async () => {
    const { job_id } = (await mra.sms()).body;
    await hooks(3);
    expect(states()).toEqual(['InProcess', 'Posted', 'Posted']);
    expect(seen[2]?.body).toEqual((await mra.status('sms', job_id)).body);
    expect(await mra.outbox(encodeURIComponent(`${origin}/status`))).toHaveLength(3);
  });

  test('tries three times', async () => {
    failing = 2;
    await mra.choose('STEP_MS', 1);
    await mra.mail();
    await hooks(4);
    expect(seen).toHaveLength(4);
  });

  test('gives up after the third try', async () => {
    failing = 100;
    const told = async () => (await mra.ledger()).flatMap((e) => e.writes).filter((w) => w.object === 'webhook');
    const before = (await told()).length;
    await mra.mail();
    await until(told, (all) => all.length >= before + 6);
    await mra.advance(3600);
    expect(await mra.outbox(encodeURIComponent(`${origin}/status`))).toHaveLength(6);
  });

  test('lost: the job goes on without it', async () => {
    await mra.special('webhookLost');
    await mra.ended('sms', (await mra.sms()).body.job_id);
    expect(seen).toEqual([]);
  });

  test('doubled', async () => {
    await mra.special('webhookDoubled');
    await mra.mail();
    await hooks(4);
    expect(states()).toEqual(['InProcess', 'InProcess', 'Posted', 'Posted']);
  });

  test('reordered: the first change comes last', async () => {
    await mra.choose('STEP_MS', 5);
    await mra.special('webhookReordered');
    await mra.mail();
    await hooks(2);
    expect(states()).toEqual(['Posted', 'InProcess']);
  });

  test('forged: says Posted with no deliveries; an unknown job: names one that is not there', async () => {
    await mra.special('webhookForged');
    const { job_id } = (await mra.mail()).body;
    await hooks(3);
    expect(seen.find(({ body }) => body.deliveries?.length === 0)?.body.job_id).toBe(job_id);
    await mra.special('webhookUnknownJob');
    await mra.mail();
    await hooks(6);
    const strange = seen.find(({ body }) => body.job_id === 'xsi-0000000000');
    expect((await mra.status('emails', String(strange?.body.job_id))).status).toBe(404);
  });
});

describe('what people do', () => {
  test('a reply on WhatsApp carries the postback data of the tapped choice', async () => {
    await mra.mra('POST', '/inbound/whatsapp/messages/webhook', { body: { url: `${origin}/replies` } });
    await mra.act('reply', { from: '447700900321', choice: 'ack:n1' });
    await hooks(1);
    expect(seen[0]).toMatchObject({ path: '/replies', body: { standin_fake_schema: 1, postback_data: 'ack:n1' } });
    await mra.mra('DELETE', '/inbound/whatsapp/messages/webhook');
    expect(await mra.act('reply', { from: '447700900321', text: 'ok' })).toMatchObject({ posted: false });
  });

  test('a tap posts, a link only gets, a scanner gets every address and loads the images of mails', async () => {
    await mra.act('webhook', { url: null });
    const url = `${origin}/ack`;
    await mra.push(inner({ data: { ackUrl: `${url}/push` } }));
    await until(
      () => mra.phone(),
      ({ inbox }) => inbox.length === 1,
    );
    await mra.act('tap', { phone: TOKEN });
    await mra.ended('sms', (await mra.sms({ sms_text: `see ${url}/sms` })).body.job_id);
    await mra.act('openLink', { channel: 'sms', address: '00447700900123' });
    await hooks(2);
    await mra.act('scanner', { on: true });
    const data = toBase64(`see ${url}/mail`);
    const { job_id } = (await mra.mail({ body: [{ name: 'a', type: 'text', data }] })).body;
    await hooks(3);
    expect(seen.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([
      'GET /ack/mail',
      'GET /ack/sms',
      'POST /ack/push',
    ]);
    expect((await mra.status('emails', job_id)).body.html_open_tracking.total_open_count).toBe(1);
  });

  test('wrong actions are refused with a sentence', async () => {
    for (const [action, rest] of [
      ['fly', {}],
      ['openMail', { mailbox: 'nobody@northwind.example' }],
      ['webhook', { url: 5 }],
      ['webhook', { account: 'nobody', url: null }],
      ['choose', { constant: 'MESSAGE_ID', value: 'twice' }],
    ] as const)
      await expect(mra.act(action, rest)).rejects.toThrow(/40[04] .*\.\W*$/);
  });
});
