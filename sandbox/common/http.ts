import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Reply, StandInRequest } from './types.ts';

const MAX_BODY_BYTES = 32 * 1024 * 1024;

function decodedSegment(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message) {
    const part = Buffer.from(chunk as Uint8Array); // a request stream without encoding yields bytes
    bytes += part.length;
    if (bytes > MAX_BODY_BYTES) throw new Error('The request body is larger than the stand-in takes.');
    chunks.push(part);
  }
  return Buffer.concat(chunks);
}

/** Reads a whole request. Rejects when the caller goes away before its end. */
export async function readRequest(message: IncomingMessage): Promise<StandInRequest> {
  const url = message.url ?? '/';
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  const bytes = await bodyOf(message);
  const body = bytes.toString('utf8');
  return {
    method: message.method ?? 'GET',
    path,
    segments: path
      .split('/')
      .filter((s) => s !== '')
      .map(decodedSegment),
    query: new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1)),
    headers,
    body,
    bytes,
    json() {
      try {
        const value: unknown = JSON.parse(body);
        return value;
      } catch {
        return undefined;
      }
    },
    form: () => new URLSearchParams(body),
  };
}

function payload(reply: Reply): { headers: Record<string, string | number>; body: Buffer } {
  const headers: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(reply.headers ?? {})) headers[name.toLowerCase()] = value;
  const empty = reply.body === undefined || reply.body === null;
  const body = Buffer.isBuffer(reply.body)
    ? reply.body
    : Buffer.from(empty ? '' : typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body));
  if (!empty && headers['content-type'] === undefined) {
    headers['content-type'] =
      typeof reply.body === 'string' ? 'text/plain; charset=utf-8' : 'application/json;charset=UTF-8';
  }
  if (reply.status !== 204 && reply.status !== 304) headers['content-length'] = body.length;
  return { headers, body };
}

/** Sends a reply whole. */
export function send(res: ServerResponse, reply: Reply): void {
  const { headers, body } = payload(reply);
  res.writeHead(reply.status, headers);
  res.end(res.req.method === 'HEAD' || reply.status === 204 ? undefined : body);
}

/** Sends the head and the first `bytes` of the body (always fewer than it has), then cuts the connection. */
export function sendTruncated(res: ServerResponse, reply: Reply, bytes: number): void {
  const { headers, body } = payload(reply);
  const cut = Math.min(bytes, body.length - 1);
  if (cut < 0) return cutOff(res);
  res.writeHead(reply.status, headers);
  res.flushHeaders();
  if (cut === 0) return void setImmediate(() => res.destroy());
  res.write(body.subarray(0, cut), () => res.destroy());
}

/** Cuts the connection at once, as a crash or a proxy would (TCP reset). */
export function cutOff(res: ServerResponse): void {
  res.socket?.resetAndDestroy();
}

/** Listens and gives the port that was taken. */
export function listen(server: Server, port: number, host: string): Promise<number> {
  server.keepAliveTimeout = 65_000; // above the idle time of usual clients, so that no reuse races with our close
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

/** Stops listening and ends every connection, hanging ones too. */
export function shut(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
