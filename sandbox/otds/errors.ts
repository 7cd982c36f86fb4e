import { ERR } from './chosen.ts';
import type { ErrorKind } from './chosen.ts';

/** A refusal in OTDS's three-field form. `chosen` names the constant it rests on, if any. */
export class OtdsError extends Error {
  readonly http: number;
  readonly inner: number;
  readonly chosen: string | null;

  constructor(http: number, inner: number, message: string, chosen: string | null = null) {
    super(message);
    this.http = http;
    this.inner = inner;
    this.chosen = chosen;
  }
}

/** A refusal whose status and number are chosen, not known. */
export function refused(kind: ErrorKind, message: string): OtdsError {
  return new OtdsError(ERR[kind].http, ERR[kind].inner, message, kind);
}

/** HTTP 400, not 401: OpenText's own client relies on it. */
export function expiredTicket(): OtdsError {
  return new OtdsError(400, 1034, 'Expired OTDS SSO ticket');
}

export function userNotFound(ref: string): OtdsError {
  return new OtdsError(404, 3007, `User not found: ${ref}`);
}

/** The three-field body. */
export function errorBody(inner: number, message: string): object {
  return { status: inner, error: message, errorDetails: null };
}
