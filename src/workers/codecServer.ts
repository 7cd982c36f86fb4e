import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { parseArgs } from 'node:util';
import { ApplicationFailure } from '@temporalio/common';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { readEnv } from '../config/env.ts';
import { createCodec } from './codec.ts';
import { payloadsFromJson, payloadsToJson } from './payloadJson.ts';
import { endOnSignal, runMain } from './process.ts';

export type CodecServerOptions = {
  codec: PayloadCodec;
  /** Origins of pages that may call from a browser: the Temporal UI's. Requests of other origins are refused. */
  origins: readonly string[];
  /** Largest request body in bytes. Default 16 MiB: a page of history in one request. */
  maxBytes?: number;
  /** Host names a request may be addressed to (a page elsewhere cannot make its own name point here). Default: loopback names. */
  hosts?: readonly string[];
};

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];
const HEADERS = 'content-type,x-namespace,authorization';

/**
 * Temporal's remote codec: `POST /encode` and `POST /decode` take and give `{"payloads":[{"metadata":{…base64},"data":"base64"}]}`; query strings
 * (`?preserveStorageRefs=true`) are ignored. `GET /health` says `{"status":"ok"}`. Not listening yet. It shows clear text to whoever reaches it:
 * loopback only, or behind something that authenticates.
 */
export function createCodecServer(options: CodecServerOptions): Server {
  const server = createServer((request, response) => {
    answer(options, request, response).catch((error: unknown) => {
      const status = error instanceof Refusal ? error.status : error instanceof ApplicationFailure ? 400 : 500;
      const message =
        status === 500 || !(error instanceof Error) ? 'The codec server failed; its own log says why.' : error.message;
      send(response, status, { message });
    });
  });
  server.requestTimeout = 30_000;
  server.headersTimeout = 10_000;
  return server;
}

class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

async function answer(options: CodecServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  allowOrigin(options, request, response);
  const { pathname } = new URL(request.url ?? '/', 'http://codec');
  if (request.method === 'OPTIONS') return send(response, 204, undefined);
  if (pathname === '/health' && request.method === 'GET') return send(response, 200, { status: 'ok' });
  const { codec } = options;
  const works: Record<string, (payloads: Payload[]) => Promise<Payload[]>> = {
    '/encode': (payloads) => codec.encode(payloads),
    '/decode': (payloads) => codec.decode(payloads),
  };
  const work = works[pathname];
  if (work === undefined) throw new Refusal(404, 'There is /encode, /decode and /health here.');
  if (request.method !== 'POST') throw new Refusal(405, `${pathname} takes POST.`);
  const payloads = payloadsFromJson(await body(request, options.maxBytes ?? 16 * 1024 * 1024));
  if (payloads === undefined)
    throw new Refusal(400, 'The body must be {"payloads":[…]} with base64 in data and metadata.');
  send(response, 200, payloadsToJson(await work(payloads)));
}

function allowOrigin(options: CodecServerOptions, request: IncomingMessage, response: ServerResponse): void {
  const host = (request.headers.host ?? '').replace(/:\d+$/, '');
  if (!(options.hosts ?? LOOPBACK).includes(host))
    throw new Refusal(403, 'The codec server answers to loopback names only.');
  const origin = request.headers.origin;
  response.setHeader('vary', 'origin');
  if (origin === undefined) return;
  if (!options.origins.includes(origin)) {
    throw new Refusal(
      403,
      `Pages of ${origin} may not use this codec server; start it with --origin ${origin} to allow them.`,
    );
  }
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-allow-methods', 'POST,GET,OPTIONS');
  response.setHeader('access-control-allow-headers', HEADERS);
  response.setHeader('access-control-max-age', '600');
}

async function body(request: IncomingMessage, maxBytes: number): Promise<unknown> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    const bytes = Buffer.from(part as Uint8Array);
    size += bytes.length;
    if (size > maxBytes) throw new Refusal(413, `A request may have at most ${maxBytes} bytes.`);
    parts.push(bytes);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch {
    throw new Refusal(400, 'The body is not JSON.');
  }
}

function send(response: ServerResponse, status: number, value: unknown): void {
  if (response.headersSent) return void response.destroy();
  if (status === 413) response.setHeader('connection', 'close');
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(value === undefined ? undefined : JSON.stringify(value));
}

/** `node src/workers/codecServer.ts --port 21002 [--origin URL]… [--host ADDRESS]`; keys from the environment; one JSON line when ready. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '21002' },
      host: { type: 'string', default: '127.0.0.1' },
      origin: { type: 'string', multiple: true },
    },
  });
  const keys = readEnv().codec;
  if (keys === undefined)
    throw new Error('No codec key: set TENURE_CODEC_KEY to 32 bytes in base64 (openssl rand -base64 32).');
  const port = Number(values.port);
  // The local system has the UI one port below the codec server.
  const origins = values.origin ?? [`http://127.0.0.1:${port - 1}`, `http://localhost:${port - 1}`];
  const loopback = values.host === '127.0.0.1' || values.host === '::1';
  const server = createCodecServer({
    codec: createCodec(keys),
    origins,
    ...(loopback ? {} : { hosts: ['localhost', '127.0.0.1', values.host, 'codec'] }),
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, values.host, resolve);
  });
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  process.stdout.write(`${JSON.stringify({ codec: `http://${values.host}:${bound}` })}\n`);
  await endOnSignal();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

if (import.meta.main) runMain(main);
