import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createHttp, retryAtOf, writeOutcome } from './http.ts';
import type { Http, HttpReply } from './http.ts';
import { createPace } from './pace.ts';
import { TransportError } from './transport.ts';

type Answer = (req: IncomingMessage, res: ServerResponse) => void;
const open: { server: Server; http: Http }[] = [];
const never = new AbortController().signal;

async function serve(answer: Answer, limits = { requestMs: 5000, perSecond: 1000, concurrent: 8 }, log?: object[]) {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const http = createHttp({
    system: 'x',
    baseUrl: `http://127.0.0.1:${port}/base/`,
    limits,
    ...(log ? { log: { debug: (fields: object) => void log.push(fields) } } : {}),
  });
  open.push({ server, http });
  return { http, port };
}

function failure(promise: Promise<unknown>): Promise<{ kind: string; landed: string }> {
  return promise.then(
    () => ({ kind: 'none', landed: 'none' }),
    (error: unknown) => {
      if (!(error instanceof TransportError)) throw error;
      return { kind: error.kind, landed: error.landed };
    },
  );
}

afterEach(async () => {
  for (const { server, http } of open.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await http.close();
  }
});

describe('what is sent', () => {
  test('encodes every segment of a listed path, and the query', async () => {
    const seen: (string | undefined)[] = [];
    const { http } = await serve((req, res) => {
      seen.push(req.url);
      res.end('{}');
    });
    await http.request({
      method: 'GET',
      path: ['a b', 'x/y?#&%@\\'],
      query: { q: 'a b&=/+', none: undefined, n: 1 },
      signal: never,
    });
    expect(seen).toEqual(['/base/a%20b/x%2Fy%3F%23%26%25%40%5C?q=a+b%26%3D%2F%2B&n=1']);
  });

  test.each(['..', '.', '', '\ud800'])('refuses the segment %j, which no URL can carry', async (part) => {
    const { http } = await serve((_req, res) => res.end('{}'));
    expect(await failure(http.request({ method: 'GET', path: ['groups', part], signal: never }))).toEqual({
      kind: 'unsendable',
      landed: 'no',
    });
  });

  test('refuses a header that would break the request', async () => {
    const { http } = await serve((_req, res) => res.end('{}'));
    const request = http.request({ method: 'GET', path: '/', headers: { OTDSTicket: 'a\r\nb' }, signal: never });
    expect(await failure(request)).toEqual({ kind: 'unsendable', landed: 'no' });
  });

  test('sends JSON and forms with their type', async () => {
    const { http } = await serve((req, res) => {
      let body = '';
      req.on('data', (part) => (body += String(part)));
      req.on('end', () => res.end(JSON.stringify([req.headers['content-type'], body])));
    });
    const json = await http.request({ method: 'POST', path: '/', json: { a: 1 }, signal: never });
    expect(json.json()).toEqual(['application/json', '{"a":1}']);
    const form = await http.request({ method: 'POST', path: '/', form: { a: 'x&y z' }, signal: never });
    expect(form.json()).toEqual(['application/x-www-form-urlencoded', 'a=x%26y+z']);
  });

  test('follows no redirect: credentials stay with the system', async () => {
    const { http } = await serve((_req, res) => res.writeHead(302, { location: 'http://127.0.0.1:1/' }).end());
    expect((await http.request({ method: 'GET', path: '/', signal: never })).status).toBe(302);
  });
});

describe('failures', () => {
  test('no answer within the limit is a timeout that may have landed', async () => {
    const { http } = await serve(() => undefined, { requestMs: 80, perSecond: 1000, concurrent: 1 });
    expect(await failure(http.request({ method: 'PATCH', path: '/', json: {}, signal: never }))).toEqual({
      kind: 'timeout',
      landed: 'maybe',
    });
  });

  test('the limit covers reading the body', async () => {
    const { http } = await serve((_req, res) => void res.writeHead(200).write('{"a":'), {
      requestMs: 80,
      perSecond: 1000,
      concurrent: 1,
    });
    expect((await failure(http.request({ method: 'GET', path: '/', signal: never }))).kind).toBe('timeout');
  });

  test('a write that never got its turn is a timeout that never landed', async () => {
    let arrived = 0;
    const limits = { requestMs: 700, perSecond: 0.2, concurrent: 1 };
    const { http } = await serve((_req, res) => {
      arrived += 1;
      res.end('{}');
    }, limits);
    await http.request({ method: 'POST', path: '/', json: {}, signal: never });
    const second = http.request({ method: 'POST', path: '/', json: {}, signal: never });
    expect(await failure(second)).toEqual({ kind: 'timeout', landed: 'no' });
    expect(arrived).toBe(1);
  });

  test('a process that stood still sends no write whose limit has run out meanwhile', async () => {
    let arrived = 0;
    const { http } = await serve((_req, res) => {
      arrived += 1;
      res.end('{}');
    });
    await http.request({ method: 'POST', path: '/', json: {}, signal: never });
    const limit = AbortSignal.timeout(20);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60);
    const late = http.request({ method: 'POST', path: '/', json: {}, signal: limit });
    expect(await failure(late)).toEqual({ kind: 'timeout', landed: 'no' });
    expect(arrived).toBe(1);
  });

  test('cancelled by the caller', async () => {
    const caller = new AbortController();
    const { http } = await serve(() => caller.abort());
    expect(await failure(http.request({ method: 'POST', path: '/', json: {}, signal: caller.signal }))).toEqual({
      kind: 'aborted',
      landed: 'maybe',
    });
    expect(await failure(http.request({ method: 'POST', path: '/', json: {}, signal: caller.signal }))).toEqual({
      kind: 'aborted',
      landed: 'no',
    });
  });

  test('refused connections were definitely not made', async () => {
    const { http, port } = await serve((_req, res) => res.end('{}'));
    open[0]?.server.closeAllConnections();
    await new Promise((resolve) => open[0]?.server.close(resolve));
    expect(await failure(http.request({ method: 'POST', path: '/', json: {}, signal: never }))).toEqual({
      kind: 'refused',
      landed: 'no',
    });
    const byName = createHttp({
      system: 'x',
      baseUrl: `http://localhost:${port}`,
      limits: { requestMs: 2000, perSecond: 10, concurrent: 1 },
    });
    expect(await failure(byName.request({ method: 'POST', path: '/', signal: never }))).toEqual({
      kind: 'refused',
      landed: 'no',
    });
  });

  test('a TLS failure was definitely not done', async () => {
    const { port } = await serve((_req, res) => res.end('{}'));
    const http = createHttp({
      system: 'x',
      baseUrl: `https://127.0.0.1:${port}`,
      limits: { requestMs: 2000, perSecond: 10, concurrent: 1 },
    });
    expect(await failure(http.request({ method: 'POST', path: '/', json: {}, signal: never }))).toEqual({
      kind: 'tls',
      landed: 'no',
    });
  });

  test('cut before or within the answer is a reset that may have landed', async () => {
    const { http } = await serve((req, res) => {
      if (req.url === '/base/cut') return void req.socket.resetAndDestroy();
      res.writeHead(200, { 'content-length': '100' });
      res.write('{"half":', () => res.destroy());
    });
    for (const path of ['/cut', '/half']) {
      expect(await failure(http.request({ method: 'PATCH', path, json: {}, signal: never }))).toEqual({
        kind: 'reset',
        landed: 'maybe',
      });
    }
  });

  test('only a GET that asks is repeated after a reset, once', async () => {
    let arrived = 0;
    const { http } = await serve((req, res) => {
      arrived += 1;
      if (arrived % 2 === 1) req.socket.resetAndDestroy();
      else res.end('{"ok":true}');
    });
    expect((await http.request({ method: 'GET', path: '/', idempotent: true, signal: never })).json()).toEqual({
      ok: true,
    });
    expect(arrived).toBe(2);
    expect(
      (await failure(http.request({ method: 'PATCH', path: '/', json: {}, idempotent: true, signal: never }))).kind,
    ).toBe('reset');
    expect(arrived).toBe(3);
  });
});

describe('replies', () => {
  const reply = (status: number, text: string, headers = {}): HttpReply => ({
    status,
    headers,
    text,
    empty: text === '',
    garbled: text.startsWith('<'),
    json: () => undefined,
  });

  test('tells JSON, nothing, and rubbish apart', async () => {
    const bodies: Record<string, string> = {
      '/base/json': '{"a":1}',
      '/base/empty': ' \n',
      '/base/html': '<html>',
      '/base/broken': '{"a":',
    };
    const { http } = await serve((req, res) =>
      res.writeHead(200, { 'content-type': 'application/json' }).end(bodies[req.url ?? '']),
    );
    const get = (path: string) => http.request({ method: 'GET', path, signal: never });
    expect((await get('/json')).json()).toEqual({ a: 1 });
    expect(await get('/empty')).toMatchObject({ empty: true, garbled: false });
    for (const path of ['/html', '/broken']) {
      const bad = await get(path);
      expect(bad.garbled).toBe(true);
      expect(() => bad.json()).toThrow(TransportError);
    }
  });

  test('a write is done, refused, or unknown', () => {
    expect([200, 204].map((s) => writeOutcome(reply(s, '')))).toEqual(['done', 'done']);
    expect([400, 403, 404, 409, 429].map((s) => writeOutcome(reply(s, '{}')))).toEqual(Array(5).fill('refused'));
    expect([302, 408, 500, 502, 503].map((s) => writeOutcome(reply(s, '')))).toEqual(Array(5).fill('unknown'));
    expect([200, 404].map((s) => writeOutcome(reply(s, '<html>')))).toEqual(['unknown', 'unknown']);
  });

  test('Retry-After in seconds, as a date by the system clock, absurd or absent', () => {
    const now = Date.parse('2026-05-01T00:00:00Z');
    const at = (headers: Record<string, string>) => retryAtOf(reply(429, '', headers), now);
    expect(at({ 'retry-after': '30' })).toBe('2026-05-01T00:00:30.000Z');
    const date = 'Fri, 01 May 2026 10:00:00 GMT';
    expect(at({ 'retry-after': 'Fri, 01 May 2026 10:00:20 GMT', date })).toBe('2026-05-01T00:00:20.000Z');
    expect(at({ 'retry-after': '99999999' })).toBe('2026-05-01T01:00:00.000Z');
    expect([at({}), at({ 'retry-after': 'soon' }), at({ 'retry-after': '0' })]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('the log names the request and no header, query or body', async () => {
    const lines: object[] = [];
    const { http } = await serve(
      (_req, res) => res.writeHead(200, { 'set-cookie': 's3cret-c' }).end('"s3cret-b"'),
      undefined,
      lines,
    );
    await http.request({
      method: 'POST',
      path: '/a',
      query: { q: 's3cret-q' },
      headers: { x: 's3cret-h' },
      json: 's3cret-j',
      signal: never,
    });
    expect(lines).toEqual([expect.objectContaining({ system: 'x', method: 'POST', path: '/a', status: 200 })]);
    expect(JSON.stringify(lines)).not.toContain('s3cret');
  });
});

describe('pace', () => {
  test('keeps to the rate and the slots; writes go before scans', async () => {
    const pace = createPace({ perSecond: 50, concurrent: 1 });
    const order: string[] = [];
    const began = performance.now();
    const use = async (name: string, first: boolean) => {
      const done = await pace.turn({ first, signal: never });
      order.push(name);
      done();
    };
    await Promise.all([use('a', false), use('b', false), use('c', false), use('write', true)]);
    expect(order).toEqual(['a', 'write', 'b', 'c']);
    expect(performance.now() - began).toBeGreaterThan(55); // three waits of 20 ms after a burst of one
  });

  test('an aborted wait takes no turn', async () => {
    const pace = createPace({ perSecond: 1000, concurrent: 1 });
    const done = await pace.turn({ first: false, signal: never });
    const caller = new AbortController();
    const waiting = pace.turn({ first: false, signal: caller.signal });
    caller.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    const next = pace.turn({ first: false, signal: never });
    done();
    (await next)();
  });
});
