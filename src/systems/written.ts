import type { SystemError } from './errors.ts';
import type { HttpReply } from './http.ts';
import type { Applied } from './port.ts';
import { TransportError } from './transport.ts';

/** It may have taken effect, or may still do so: read back first. */
export type Unknown = { outcome: 'unknown'; code: string };

/** What every system tells of a write: the definite no holds the error to throw unless the caller knows better. */
type Written = { outcome: 'done' } | Unknown | { outcome: 'refused'; error: SystemError };

/** The system's own error for a request that brought no usable reply. */
type ErrorOf = (error: TransportError) => SystemError;

/** The reply to a read. Without one it throws the system's own error; anything else (a bug, the secret's own failure) passes as it is. */
export async function readReply(sent: Promise<HttpReply>, errorOf: ErrorOf): Promise<HttpReply> {
  try {
    return await sent;
  } catch (error) {
    throw error instanceof TransportError ? errorOf(error) : error;
  }
}

/** The reply to a write; `unknown` where none came and it may have landed. Where it certainly did not, it throws as for a read. */
export async function writeReply(sent: Promise<HttpReply>, errorOf: ErrorOf): Promise<HttpReply | Unknown> {
  try {
    return await sent;
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    const told = errorOf(error);
    if (error.landed === 'no') throw told;
    return { outcome: 'unknown', code: told.code };
  }
}

/** A write's fate as the port wants it; a definite no is thrown. */
export function asApplied(written: Written): Applied {
  if (written.outcome === 'refused') throw written.error;
  return written.outcome === 'done' ? { outcome: 'done' } : { outcome: 'unknown', code: written.code };
}

/** Makes the tag for paths with values in them: each is encoded, since ids come from outside and must stay one segment. One that cannot be throws `noSuch()`. */
export function pathTag(noSuch: () => SystemError): (parts: TemplateStringsArray, ...values: string[]) => string {
  return (parts, ...values) => {
    for (const value of values)
      if (value === '' || value === '.' || value === '..' || !value.isWellFormed()) throw noSuch();
    return String.raw({ raw: parts.raw }, ...values.map(encodeURIComponent));
  };
}
