/** What every bench on one of our stand-ins has in common. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import type { Write } from '../../sandbox/common/types.ts';
import type { ConformanceBench, Fault } from './bench.ts';

type Ask = (method: string, path: string, body?: object) => Promise<Record<string, unknown>>;

/** Faults and effects of a stand-in by its control address. `access`: objects of its ledger that count; log-ins and the like do not. */
export function standInControl(
  ask: Ask,
  access: readonly string[],
): Pick<ConformanceBench, 'effects' | 'plan' | 'clear'> {
  let seen = 0;
  return {
    async effects() {
      const page = await ask('GET', `/ledger?since=${seen}&limit=100000`);
      seen = Number(page['next']);
      const entries = page['entries'] as { writes: Write[] }[]; // the control contract's ledger
      const writes = entries.flatMap((entry) => entry.writes).filter(({ object }) => access.includes(object));
      const needless = writes.filter(({ before, after }) => isDeepStrictEqual(before, after)).length;
      return { made: writes.length - needless, needless };
    },
    async plan({ on, skip, times, fault }: Fault) {
      const method = on === 'read' ? 'GET,HEAD' : 'POST,PUT,PATCH,DELETE';
      await ask('POST', '/faults', {
        match: { method },
        ...(skip !== undefined && { skip }),
        ...(times !== undefined && { times }),
        fault,
      });
    },
    clear: async () => void (await ask('DELETE', '/faults')),
  };
}

/** A relay that makes a system a later version of itself: every JSON object of its replies has fields which nobody knows yet, and it takes them back. */
export type Relay = { url: string; close(): Promise<void> };

export async function withUnknownFields(origin: string): Promise<Relay> {
  const server = createServer((request, response) => {
    relay(origin, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo; // a TCP server's
  return { url: `http://127.0.0.1:${port}`, close: () => closed(server) };
}

async function relay(origin: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body: Buffer[] = [];
  for await (const chunk of request) body.push(chunk as Buffer); // no encoding is set
  const { host: _host, connection: _connection, 'content-length': _length, ...headers } = request.headers;
  const reply = await fetch(`${origin}${request.url ?? ''}`, {
    method: request.method ?? 'GET',
    headers: headers as Record<string, string>,
    redirect: 'manual',
    ...(body.length > 0 && { body: plain(Buffer.concat(body).toString()) }),
  });
  const text = await reply.text();
  const kept = [...reply.headers].filter(
    ([name]) => !/^(content-length|content-encoding|transfer-encoding|connection)$/.test(name),
  );
  response
    .writeHead(reply.status, Object.fromEntries(kept))
    .end(decorated(text).replaceAll(origin, `http://${request.headers.host ?? ''}`));
}

const TOMORROW = { x_tomorrow: { a: [null, 1] }, xTomorrow: 'ö' };

const decorated = (text: string): string =>
  rewritten(text, (_key, value) => (isPlain(value) ? { ...value, ...TOMORROW } : value));

/** Undefined leaves a field out. */
const plain = (text: string): string =>
  rewritten(text, (key, value) => (Object.hasOwn(TOMORROW, key) ? undefined : value));

function rewritten(text: string, revive: (key: string, value: unknown) => unknown): string {
  try {
    return JSON.stringify(JSON.parse(text, revive));
  } catch {
    return text;
  }
}

const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((done) => server.close(() => done()));
}
