import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { Server } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createCodec } from './codec.ts';
import { createCodecServer } from './codecServer.ts';
import type { PayloadsJson } from './payloadJson.ts';

const key = { id: 'k1', key: new Uint8Array(randomBytes(32)) };
const base64 = (text: string) => Buffer.from(text).toString('base64');
const plain: PayloadsJson = {
  payloads: [{ metadata: { encoding: base64('json/plain') }, data: base64('"ada.byrne@staff"') }],
};
const UI = 'http://127.0.0.1:21001';

let server: Server;
let url: string;

beforeAll(async () => {
  server = createCodecServer({ codec: createCodec({ current: key, old: [] }), origins: [UI], maxBytes: 2_000 }).listen(
    0,
    '127.0.0.1',
  );
  await once(server, 'listening');
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

describe('the codec server', () => {
  test('encodes and decodes, whatever the query string', async () => {
    const hidden = (await (await post('/encode', plain)).json()) as PayloadsJson;
    expect(hidden.payloads[0]?.metadata?.['encoding']).toBe(base64('binary/encrypted'));
    const clear = await post('/decode?preserveStorageRefs=true', hidden, { origin: UI, 'x-namespace': 'default' });
    expect(clear.status).toBe(200);
    expect(clear.headers.get('access-control-allow-origin')).toBe(UI);
    expect(await clear.json()).toEqual(plain);
  });

  test('answers the browser’s preflight for the UI, and for nobody else', async () => {
    const ask = (origin: string) =>
      fetch(`${url}/decode`, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'content-type,x-namespace',
        },
      });
    const allowed = await ask(UI);
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get('access-control-allow-headers')).toBe('content-type,x-namespace,authorization');
    expect(allowed.headers.get('access-control-allow-methods')).toContain('POST');
    const refused = await ask('http://evil.example');
    expect(refused.status).toBe(403);
    expect(refused.headers.get('access-control-allow-origin')).toBeNull();
  });

  test('refuses a name that is not loopback', async () => {
    const status = await new Promise((resolve, reject) => {
      httpRequest(`${url}/health`, { headers: { host: 'evil.example' } }, (response) =>
        resolve(response.resume().statusCode),
      )
        .on('error', reject)
        .end();
    });
    expect(status).toBe(403);
  });

  test('is healthy, and says what it has', async () => {
    expect(await (await fetch(`${url}/health`)).json()).toEqual({ status: 'ok' });
    expect((await fetch(`${url}/decode`)).status).toBe(405);
    expect((await post('/decode/x', plain)).status).toBe(404);
  });

  test.each([
    ['not JSON', '{'],
    ['a text as list', { payloads: 'x' }],
    ['a number as data', { payloads: [{ data: 1 }] }],
    ['a list as metadata', { payloads: [{ metadata: [] }] }],
    ['null', null],
  ])('refuses %s with a sentence', async (_, body) => {
    const response = await post('/decode', body);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ message: expect.stringMatching(/\.$/) });
  });

  test('answers no payloads with none: the CLI sends {} for a call without arguments', async () => {
    expect(await (await post('/decode', {})).json()).toEqual({ payloads: [] });
  });

  test('refuses a payload of an unknown key, and one too large', async () => {
    const foreign = {
      payloads: [
        { metadata: { encoding: base64('binary/encrypted'), 'encryption-key-id': base64('k9') }, data: base64('x') },
      ],
    };
    const response = await post('/decode', foreign);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ message: expect.stringContaining('"k9"') });
    expect((await post('/encode', { payloads: [{ data: base64('x'.repeat(3_000)) }] })).status).toBe(413);
  });
});

describe('as a process', () => {
  const file = fileURLToPath(new URL('./codecServer.ts', import.meta.url));
  const start = (env: NodeJS.ProcessEnv) =>
    spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file, '--port', '0'], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });

  test('says in one JSON line where it is, and ends at SIGTERM', async () => {
    const child = start({ TENURE_CODEC_KEY: Buffer.from(key.key).toString('base64') });
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const { codec } = JSON.parse(line) as { codec: string };
    expect((await fetch(`${codec}/health`)).status).toBe(200);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  test('without a key says how to make one', async () => {
    const child = start({});
    let said = '';
    child.stderr.on('data', (part: Buffer) => (said += part.toString()));
    expect(await once(child, 'close')).toEqual([1, null]);
    expect(said).toBe('No codec key: set TENURE_CODEC_KEY to 32 bytes in base64 (openssl rand -base64 32).\n');
  });
});
