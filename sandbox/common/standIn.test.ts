import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { startStandIn } from './standIn.ts';
import type { StandIn } from './standIn.ts';
import type { Definition, Entry, FaultPlan } from './types.ts';
import { abandoned } from './abandoned.ts';

type Notes = { notes: Record<string, { text: string; secret: string }> };

/** What the control address answers, all calls together. */
type Body = {
  entries: Entry[];
  next: number;
  error: string;
  text: string;
  clock: string;
  notes: object;
  result: unknown;
  messages: unknown[];
};

/** A product of one resource: notes by name. */
const notes: Definition<Notes> = {
  system: 'notes',
  version: '1',
  seed: ({ people }) => ({
    notes: Object.fromEntries(Array.from({ length: people ?? 1 }, (_, i) => [`n${i}`, { text: 'first', secret: 's' }])),
  }),
  handle(req, ctx) {
    ctx.caller(req.headers['x-caller'] ?? 'nobody');
    const id = req.segments[0] ?? '';
    const before = ctx.state.notes[id] ?? null;
    if (req.method === 'GET') return before ? { status: 200, body: before } : { status: 404, body: { error: 'no' } };
    if (ctx.special('refuse')) return { status: 418, body: { error: 'refused' } };
    const after = { text: req.body, secret: `${req.body}!` };
    ctx.chosen('ANSWER');
    ctx.state.notes[id] = after;
    ctx.write({ object: 'note', id, before, after });
    ctx.later(60_000, (later) => later.write({ object: 'note', id, before: null, after: { text: 'echo' } }));
    return { status: 200, body: after };
  },
  act: (input, ctx) => {
    ctx.outbox({ to: 'ada', kind: 'mail', subject: input.action });
    return { did: input.action };
  },
  collections: (state) => ({ notes: state.notes }),
  secretKeys: ['secret'],
  errorBody: (status, message) => ({ status, error: message }),
  headers: { 'x-product': 'notes' },
  callerOf: (req) => req.headers['x-caller'] ?? null,
};

const running: StandIn[] = [];
afterEach(async () => {
  for (const standIn of running.splice(0)) await standIn.close();
});

async function start(dataDir?: string) {
  const standIn = await startStandIn(notes, { port: 0, controlPort: 0, ...(dataDir === undefined ? {} : { dataDir }) });
  running.push(standIn);
  const get = (id: string) => fetch(`${standIn.url}/${id}`);
  const put = (id: string, body: string, caller = 'ada') =>
    fetch(`${standIn.url}/${id}`, { method: 'PUT', body, headers: { 'x-caller': caller } });
  const control = async (method: string, path: string, body?: unknown) => {
    const res = await fetch(`${standIn.control}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: res.status, body: (await res.json()) as Body };
  };
  const plan = (fault: FaultPlan) => control('POST', '/faults', fault);
  const ledger = async () => (await control('GET', '/ledger')).body.entries;
  return { ...standIn, controlUrl: standIn.control, get, put, control, plan, ledger };
}

describe('faults', () => {
  test('status answers in its place and does nothing, once, after the skipped request', async () => {
    const s = await start();
    await s.plan({
      match: { method: 'PUT', path: '/n*' },
      skip: 1,
      times: 1,
      fault: { kind: 'status', status: 503, headers: { 'retry-after': '7' } },
    });
    expect((await s.put('n0', 'second')).status).toBe(200);
    const refused = await s.put('n0', 'third');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '7']);
    expect(await refused.json()).toMatchObject({ status: 503 });
    expect(await (await s.get('n0')).json()).toMatchObject({ text: 'second' });
    expect((await s.put('n0', 'third')).status).toBe(200);
    expect((await s.ledger()).map((e) => [e.status, e.writes.length, e.replied])).toEqual([
      [200, 1, true],
      [503, 0, true],
      [200, 0, true],
      [200, 1, true],
    ]);
  });

  test('reset cuts before the effect, lostReply after it', async () => {
    const s = await start();
    await s.plan({ times: 1, fault: { kind: 'reset' } });
    await s.plan({ times: 1, fault: { kind: 'lostReply' } });
    await expect(s.put('n0', 'cut')).rejects.toThrow();
    expect((await s.control('GET', '/state/notes/n0')).body.text).toBe('first');
    await expect(s.put('n0', 'lost')).rejects.toThrow();
    expect((await s.control('GET', '/state/notes/n0')).body.text).toBe('lost');
    expect(
      (await s.ledger()).map((e) => [e.status, e.writes.length, e.replied, (e.fault as { kind: string }).kind]),
    ).toEqual([
      [null, 0, false, 'reset'],
      [200, 1, false, 'lostReply'],
    ]);
  });

  test('truncate does the work and cuts the reply in its middle', async () => {
    const s = await start();
    await s.plan({ times: 1, fault: { kind: 'truncate', bytes: 5 } });
    const res = await s.put('n0', 'half');
    await expect(res.text()).rejects.toThrow();
    expect(await (await s.get('n0')).json()).toMatchObject({ text: 'half' });
  });

  test('html, delay and hang', async () => {
    const s = await start();
    await s.plan({ times: 1, fault: { kind: 'html' } });
    await s.plan({ times: 1, fault: { kind: 'html', status: 200 } });
    await s.plan({ times: 1, fault: { kind: 'delay', ms: 120 } });
    await s.plan({ times: 1, fault: { kind: 'hang' } });
    const [bad, fine] = [await s.get('n0'), await s.get('n0')];
    expect([bad.status, fine.status]).toEqual([502, 200]);
    expect(await fine.text()).toContain('<html>');
    const started = performance.now();
    await (await s.put('n0', 'slow')).text();
    expect(performance.now() - started).toBeGreaterThan(110);
    const never = { method: 'PUT', body: 'never' };
    const ended = await abandoned(s.controlUrl, (signal) => fetch(`${s.url}/n0`, { ...never, signal }));
    expect(ended).toMatchObject({ name: 'AbortError' });
    expect(await (await s.get('n0')).json()).toMatchObject({ text: 'slow' });
  });

  test('stale reads answer the past on the control clock, writes stay in the present', async () => {
    const s = await start();
    await s.put('n0', 'second');
    await s.control('POST', '/clock', { advance: 100 });
    await s.put('n0', 'third');
    await s.control('POST', '/clock', { advance: 10 });
    await s.plan({ match: { path: '/n0' }, fault: { kind: 'stale', ms: 50_000 } });
    expect(await (await s.get('n0')).json()).toMatchObject({ text: 'second' });
    await s.put('n0', 'fourth');
    expect((await s.control('GET', '/state/notes/n0')).body.text).toBe('fourth');
  });

  test('special faults are used up by the handler that asks, and match their caller', async () => {
    const s = await start();
    await s.plan({ match: { caller: 'ben' }, times: 1, fault: { kind: 'special', name: 'refuse' } });
    await s.plan({ match: { caller: 'ben' }, times: 1, fault: { kind: 'status', status: 401 } });
    expect((await s.put('n0', 'x')).status).toBe(200);
    expect((await s.put('n0', 'x', 'ben')).status).toBe(401);
    expect((await s.put('n0', 'x', 'ben')).status).toBe(418);
    expect((await s.put('n0', 'x', 'ben')).status).toBe(200);
    expect((await s.ledger()).at(-2)?.fault).toMatchObject({ kind: 'special', name: 'refuse' });
  });

  test('a chance draws the same lots for the same seed', async () => {
    const draw = async () => {
      const s = await start();
      await s.plan({ chance: 0.5, seed: 7, fault: { kind: 'status', status: 500 } });
      const statuses = [];
      for (let i = 0; i < 20; i++) statuses.push((await s.get('n0')).status);
      return statuses;
    };
    const first = await draw();
    expect(new Set(first)).toEqual(new Set([200, 500]));
    expect(await draw()).toEqual(first);
  });
});

describe('the control address', () => {
  test('refuses what it does not know with a sentence', async () => {
    const s = await start();
    const wrong: [string, string, unknown, RegExp][] = [
      ['POST', '/faults', { fault: { kind: 'explode' } }, /must be one of status/],
      ['POST', '/faults', { fault: { kind: 'delay' } }, /needs the field "ms"/],
      ['POST', '/faults', { fault: { kind: 'hang' }, often: 3 }, /no field "often"/],
      ['POST', '/faults', { fault: { kind: 'hang' }, match: { url: '/' } }, /no field "url"/],
      ['POST', '/faults', { fault: { kind: 'hang' }, times: 0 }, /times must be/],
      ['POST', '/faults', { fault: { kind: 'hang' }, chance: 2 }, /between 0 and 1/],
      ['POST', '/clock', { advance: 1, follow: 'real' }, /exactly one/],
      ['POST', '/clock', { set: 'soon' }, /ISO/],
      ['POST', '/reset', { persons: 3 }, /no field "persons"/],
      ['PUT', '/state', { other: {} }, /no field "other"/],
      ['PUT', '/state', {}, /needs the field "notes"/],
      ['POST', '/act', { as: 'ada' }, /"action"/],
      ['GET', '/ledger?from=3', undefined, /no parameter "from"; known: since, limit/],
      ['GET', '/state?full=1', undefined, /no parameter "full"; known: none/],
    ];
    for (const [method, path, body, sentence] of wrong) {
      const { status, body: answer } = await s.control(method, path, body);
      expect([path, status, answer.error]).toEqual([path, 400, expect.stringMatching(sentence)]);
    }
    for (const path of ['/state/pages', '/state/notes/none', '/nothing', '/health/n0', '/faults/9'])
      expect((await s.control('GET', path)).status).toBe(404);
    expect((await s.control('DELETE', '/faults/9')).status).toBe(404);
  });

  test('a planned fault can be read, and taken back', async () => {
    const s = await start();
    const { body: planned } = await s.plan({ times: 1, fault: { kind: 'status', status: 500 } });
    expect(planned).toMatchObject({ id: '1', times: 1 });
    expect((await s.control('GET', '/faults/1')).body).toMatchObject({ id: '1', applied: 0, spent: false });
    await s.get('n0');
    expect((await s.control('GET', '/faults')).body).toMatchObject({ faults: [{ id: '1', applied: 1, spent: true }] });
    expect((await s.control('DELETE', '/faults/1')).status).toBe(200);
    expect((await s.control('GET', '/faults')).body).toEqual({ faults: [] });
  });

  test('the ledger pages, hides secrets and tells of needless repeats; the state keeps the secrets', async () => {
    const s = await start();
    await s.put('n0', 'same');
    await s.put('n0', 'same');
    const entries = await s.ledger();
    expect(entries[1]).toMatchObject({ seq: 2, caller: 'ada', method: 'PUT', path: '/n0', status: 200, fault: null });
    expect(entries[1]?.writes[0]).toEqual({
      object: 'note',
      id: 'n0',
      before: { text: 'same', secret: 'set' },
      after: { text: 'same', secret: 'set' },
    });
    const page = (await s.control('GET', '/ledger?since=1&limit=1')).body;
    expect([page.entries.length, page.next]).toEqual([1, 2]);
    expect((await s.control('GET', '/state')).body).toEqual({ notes: { n0: { secret: 'same!', text: 'same' } } });
  });

  test('a saved state can be put back; reset brings the seed or a company of that size', async () => {
    const s = await start();
    const saved = (await s.control('GET', '/state')).body;
    await s.put('n0', 'other');
    expect((await s.control('PUT', '/state', saved)).status).toBe(200);
    expect((await s.control('GET', '/state')).body).toEqual(saved);
    await s.control('POST', '/reset', { people: 3 });
    expect(Object.keys((await s.control('GET', '/state')).body.notes)).toEqual(['n0', 'n1', 'n2']);
    await s.control('POST', '/reset');
    expect((await s.control('GET', '/state')).body).toEqual(saved);
    expect((await s.ledger()).length).toBe(4);
  });

  test('moving the clock makes background effects happen; actions reach the outbox', async () => {
    const s = await start();
    const reply = await s.put('n0', 'x');
    expect([reply.headers.get('x-product'), reply.headers.get('x-standin-chosen')]).toEqual(['notes', 'ANSWER']);
    await s.control('POST', '/clock', { advance: 61 });
    expect((await s.ledger()).at(-1)).toMatchObject({
      method: 'EFFECT',
      caller: 'background',
      writes: [{ after: { text: 'echo' } }],
    });
    await s.control('POST', '/clock', { set: '2030-05-05T10:00:00Z' });
    expect((await s.control('GET', '/health')).body.clock).toMatch(/^2030-05-05T10:00:0/);
    expect((await s.control('POST', '/act', { action: 'wave' })).body.result).toEqual({ did: 'wave' });
    expect((await s.control('GET', '/outbox?to=ada')).body.messages).toMatchObject([
      { to: 'ada', kind: 'mail', subject: 'wave' },
    ]);
  });
});

test('the control address stays on this machine, wherever the product is served', async () => {
  const standIn = await startStandIn(notes, { port: 0, controlPort: 0, host: '127.0.0.2' });
  running.push(standIn);
  expect([new URL(standIn.url).hostname, new URL(standIn.control).hostname]).toEqual(['127.0.0.2', '127.0.0.1']);
  expect((await fetch(`${standIn.control}/health`)).status).toBe(200);
});

test('whoever ends it a second time waits for the first: the state is written by then', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'standin-'));
  const s = await start(dir);
  await s.put('n0', 'last');
  void s.close();
  await s.close();
  expect(readFileSync(join(dir, 'notes.json'), 'utf8')).toContain('"text":"last"');
  await rm(dir, { recursive: true });
});

test('a restart goes on from the data folder: state, ledger, faults and clock', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'standin-'));
  const first = await start(dir);
  await first.put('n0', 'kept');
  await first.plan({ times: 1, fault: { kind: 'status', status: 500 } });
  await first.control('POST', '/clock', { set: '2030-05-05T10:00:00Z' });
  await first.close();
  running.length = 0;
  const second = await start(dir);
  expect((await second.control('GET', '/health')).body.clock).toMatch(/^2030-05-05T10:00/);
  expect((await second.get('n0')).status).toBe(500);
  expect(await (await second.get('n0')).json()).toMatchObject({ text: 'kept' });
  expect((await second.ledger()).map((e) => e.method)).toEqual(['PUT', 'EFFECT', 'GET', 'GET']);
  await second.close();
  await rm(dir, { recursive: true });
});
