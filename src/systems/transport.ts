export type TransportKind = 'timeout' | 'reset' | 'refused' | 'tls' | 'aborted' | 'unsendable' | 'garbled';

/**
 * No usable reply. `landed: 'no'`: the request never reached the system (definitely not done); `'maybe'`: it may have taken effect, or may
 * still do so until the request's hard limit. The message holds no address, header, body or vendor text.
 */
export class TransportError extends Error {
  readonly kind: TransportKind;
  readonly landed: 'no' | 'maybe';

  constructor(kind: TransportKind, landed: 'no' | 'maybe') {
    super(`No usable reply (${kind}${landed === 'no' ? ', never sent' : ''}).`);
    this.name = 'TransportError';
    this.kind = kind;
    this.landed = landed;
  }
}

/** Not `instanceof`: errors may come from another realm. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

type Cause = { code: string; syscall: string };

/** The innermost error that has a code: fetch wraps it in `cause`, a connection to several addresses in an AggregateError. */
function causeOf(error: unknown): Cause {
  for (let e = error, depth = 0; isRecord(e) && depth < 6; depth += 1) {
    const next: unknown = Array.isArray(e['errors']) ? e['errors'][0] : e['cause'];
    const { code, syscall } = e;
    if (!isRecord(next) && typeof code === 'string')
      return { code, syscall: typeof syscall === 'string' ? syscall : '' };
    e = next;
  }
  return { code: '', syscall: '' };
}

const TLS = /CERT|^ERR_TLS|^ERR_SSL|^EPROTO$|^UNABLE_TO|ALTNAME|HOSTNAME_MISMATCH/;
/** TLS failures that come before the first byte of the request. */
const TLS_BEFORE =
  /CERT|UNABLE_TO|ALTNAME|HOSTNAME_MISMATCH|HANDSHAKE|WRONG_VERSION|PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL/;
const LOOKUP = new Set(['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED']);

/** Sorts what `fetch` threw; what nobody foresaw counts as a reset that may have landed. */
export function classify(error: unknown): TransportError {
  if (error instanceof TransportError) return error;
  const { code, syscall } = causeOf(error);
  const connecting = syscall === 'connect' || syscall === 'getaddrinfo';
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || (code === 'ETIMEDOUT' && connecting))
    return new TransportError('timeout', 'no');
  if (TLS.test(code)) return new TransportError('tls', TLS_BEFORE.test(code) ? 'no' : 'maybe');
  if (LOOKUP.has(code) || connecting) return new TransportError('refused', 'no');
  if (code === 'ETIMEDOUT' || /^UND_ERR_(HEADERS|BODY)_TIMEOUT$/.test(code))
    return new TransportError('timeout', 'maybe');
  return new TransportError('reset', 'maybe');
}

/** Whether it ended by a time limit, not by somebody's wish. */
export function timedOut(signal: AbortSignal): boolean {
  return signal.aborted && isRecord(signal.reason) && signal.reason['name'] === 'TimeoutError';
}

/** Waits for a shared promise, but no longer than the caller wants. What the caller was about to send was never sent. */
export async function unlessAborted<T>(shared: Promise<T>, signal: AbortSignal): Promise<T> {
  const over = () => new TransportError(timedOut(signal) ? 'timeout' : 'aborted', 'no');
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const stop = () => reject(over());
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await Promise.race([shared, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
