import { SystemError } from '../errors.ts';
import { retryAtOf, type Http, type HttpReply, type HttpRequest } from '../http.ts';
import { TransportError } from '../transport.ts';
import type { ChannelProbe, Sent } from './channel.ts';
import type { DriverErrors } from './errors.ts';

/** Wait where a provider asks us to slow down without saying how long, milliseconds (contract section 10). */
const SLOW_DOWN_MS = 60_000;

/** Sends once. A reply, whatever it says; or what the lack of one means. */
export async function askOnce(http: Http, request: HttpRequest, errors: DriverErrors): Promise<HttpReply | Sent> {
  try {
    return await http.request(request);
  } catch (error) {
    return notAnswered(error, errors);
  }
}

/** What it means that there is no reply: certainly not sent, or perhaps accepted. Bugs are thrown on. */
export function notAnswered(error: unknown, errors: DriverErrors): Sent {
  if (error instanceof SystemError) return { state: 'later', error };
  if (!(error instanceof TransportError)) throw error;
  if (error.kind === 'unsendable') return { state: 'rejected', code: errors.code('REFUSED') };
  if (error.landed === 'maybe') return { state: 'unknown', code: errors.code('LOST') };
  const kinds = { tls: 'TLS', aborted: 'ABORTED' } as const;
  const kind = error.kind === 'tls' || error.kind === 'aborted' ? kinds[error.kind] : 'UNAVAILABLE';
  return { state: 'later', error: errors.error(kind) };
}

export function isSent(answer: HttpReply | Sent): answer is Sent {
  return 'state' in answer;
}

/** What a reply says by its status alone; undefined: 2xx in JSON or empty, for the driver to read. A page of HTML is nobody's answer. */
export function byStatus(reply: HttpReply, errors: DriverErrors): Sent | undefined {
  const { status } = reply;
  if (reply.garbled || status === 408 || status < 200) return { state: 'unknown', code: errors.code('LOST') };
  if (status < 300) return undefined;
  if (status === 429)
    return { state: 'later', error: errors.error('RATE_LIMITED', { status, retryAt: slowDown(reply) }) };
  if (status === 503)
    return { state: 'later', error: errors.error('UNAVAILABLE', { status, retryAt: slowDown(reply) }) };
  if (status === 401) return { state: 'later', error: errors.error('CREDENTIALS', { status }) };
  if (status === 403 || status === 404) return { state: 'rejected', code: errors.code('UNSUPPORTED') };
  if (status >= 400 && status < 500) return { state: 'rejected', code: errors.code('REFUSED') };
  return { state: 'unknown', code: errors.code('LOST') };
}

/** ISO instant before which a retry is pointless. */
export function slowDown(reply: HttpReply): string {
  return retryAtOf(reply) ?? new Date(Date.now() + SLOW_DOWN_MS).toISOString();
}

/** A probe's answer from what a harmless call came to. `refused`: statuses that mean bad credentials. */
export function probed(answer: HttpReply | Sent, errors: DriverErrors, refused: readonly number[]): ChannelProbe {
  if (isSent(answer)) {
    const { message, status } = answer.state === 'later' ? answer.error : errors.error('UNAVAILABLE');
    return { reachable: status !== undefined, credentials: false, problems: [message] };
  }
  if (answer.garbled || answer.status >= 500)
    return { reachable: false, credentials: false, problems: [errors.error('UNAVAILABLE').message] };
  if (refused.includes(answer.status))
    return { reachable: true, credentials: false, problems: [errors.error('CREDENTIALS').message] };
  return { reachable: true, credentials: true, problems: [] };
}
