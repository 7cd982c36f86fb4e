import type { Client } from 'ldapts';
import { isRecord } from '../transport.ts';
import { ldapError, toSystemError } from './errors.ts';

/**
 * One operation under the caller's signal and a hard limit of our own, milliseconds: the client's may never fire (contracts/ldap.md 3, trap 6).
 * When either ends it, the connection is destroyed: LDAP has no other way to cancel. Throws `SystemError` only.
 */
export async function bounded<T>(
  client: Client,
  signal: AbortSignal,
  limitMs: number,
  about: string,
  work: () => Promise<T>,
): Promise<T> {
  const either = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
  let stop = () => {};
  const over = new Promise<never>((_resolve, reject) => {
    stop = () => reject(ldapError(isTimeout(either.reason) ? 'LDAP_TIMEOUT' : 'LDAP_ABORTED', { about }));
    either.addEventListener('abort', stop, { once: true });
    if (either.aborted) stop();
  });
  try {
    return await (either.aborted ? over : Promise.race([work(), over]));
  } catch (error) {
    if (either.aborted) client.unbind().catch(() => undefined);
    throw toSystemError(error, about);
  } finally {
    either.removeEventListener('abort', stop);
  }
}

function isTimeout(reason: unknown): boolean {
  return isRecord(reason) && reason['name'] === 'TimeoutError';
}
