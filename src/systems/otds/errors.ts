import { errorTable } from '../errorTable.ts';
import type { SystemError } from '../errors.ts';
import { retryAtOf } from '../http.ts';
import type { HttpReply } from '../http.ts';
import { isRecord } from '../transport.ts';
import type { TransportError } from '../transport.ts';

/** The one error table of OTDS. Messages are ours alone: nothing OTDS wrote is passed on. */
export const otdsError = errorTable('otds', {
  OTDS_TIMEOUT: { retryable: true, message: 'OTDS did not answer in time about {about}. It is tried again.' },
  OTDS_RESET: {
    retryable: true,
    message: 'The connection to OTDS broke while asking about {about}. It is tried again.',
  },
  OTDS_UNREACHABLE: { retryable: true, message: 'OTDS cannot be reached. Check its address and whether it runs.' },
  OTDS_TLS: {
    retryable: true,
    message: 'The TLS connection to OTDS failed. Check its certificate and the configured authority.',
  },
  OTDS_ABORTED: { retryable: true, message: 'The call about {about} was cancelled before OTDS answered.' },
  OTDS_UNSENDABLE: { retryable: false, message: 'The name of {about} cannot stand in an address. Rename it in OTDS.' },
  OTDS_GARBLED: {
    retryable: true,
    message:
      'Something between Tenure and OTDS (a proxy, a starting server) answered instead of OTDS about {about}. It is tried again.',
  },
  OTDS_RATE_LIMITED: { retryable: true, message: 'OTDS asks for fewer requests. It is tried again later.' },
  OTDS_UNAVAILABLE: { retryable: true, message: 'OTDS could not answer about {about} just now. It is tried again.' },
  OTDS_LOGIN_REFUSED: {
    retryable: true,
    message:
      'OTDS refuses the login that Tenure uses. Check the configured user or client, its secret, and that it is neither locked nor disabled.',
  },
  OTDS_CREDENTIAL_REFUSED: {
    retryable: true,
    message:
      'OTDS refuses the credential that it gave out a moment ago. Check the clocks and the rights of the configured user or client.',
  },
  OTDS_FORBIDDEN: {
    retryable: false,
    message: 'OTDS does not let Tenure do this to {about}. Make its user or client an administrator of the partition.',
  },
  OTDS_NOT_FOUND: { retryable: false, message: 'OTDS has no {about}. Check the spelling, capital letters included.' },
  OTDS_BAD_REQUEST: { retryable: false, message: 'OTDS refuses this for {about}. Look at the object in OTDS.' },
  OTDS_CONFLICT: { retryable: false, message: 'OTDS refuses this for {about}: it conflicts with what is there.' },
  OTDS_UNEXPECTED: {
    retryable: true,
    message:
      'The answer of OTDS about {about} lacks what Tenure needs. If it stays so, compare its version with docs/systems-otds.md.',
  },
  OTDS_SCAN_UNSTABLE: {
    retryable: true,
    message:
      'OTDS would not give {about} page by page to the end, so nothing is concluded from what is missing. It is tried again.',
  },
  OTDS_SHARED_CHANGED: {
    retryable: true,
    message: 'Somebody else keeps changing {about} at the same time. It is tried again.',
  },
  OTDS_NOT_KEPT: {
    retryable: true,
    message: 'OTDS accepted the change of {about} but does not show it. It is tried again.',
  },
  OTDS_UNSUPPORTED: {
    retryable: false,
    message: 'This OTDS offers no way to change {about}. See docs/systems-otds.md.',
  },
  OTDS_NO_CREATION: {
    retryable: false,
    message:
      'Tenure creates people in OTDS only by SCIM, where they come from another directory. Create {about} there, or see via: scim in docs/systems-ldap.md.',
  },
  OTDS_SCIM_UNKNOWN: {
    retryable: false,
    message:
      'OTDS knows {about} by REST and not, or not once, by SCIM. Check that the OAuth client administers the partition, or say via: rest.',
  },
});

/** OTDS's own three-field error body, or SCIM's: only then is a 404 about the object. */
function hasErrorBody(reply: HttpReply): boolean {
  if (reply.garbled || reply.empty) return false;
  const body = reply.json();
  return isRecord(body) && 'status' in body && ('error' in body || 'schemas' in body);
}

/** 404 of OTDS itself: the object (or path) is not there. A 404 with HTML, or with nothing, is somebody else's. */
export function isAbsent(reply: HttpReply): boolean {
  return reply.status === 404 && hasErrorBody(reply);
}

/** Our credential ran out: 401, 410, or OTDS's 400 with 1034 (contracts/otds.md 3). */
export function isExpired(reply: HttpReply): boolean {
  if (reply.garbled) return false;
  if (reply.status === 401 || reply.status === 410) return true;
  if (reply.status !== 400 || !hasErrorBody(reply)) return false;
  const body = reply.json();
  return isRecord(body) && (body['status'] === 1034 || String(body['error']).includes('Expired OTDS SSO ticket'));
}

/** The error of a reply that is no success. */
export function replyError(reply: HttpReply, about: string): SystemError {
  const details = { status: reply.status, about, retryAt: retryAtOf(reply) };
  if (reply.garbled || (reply.status === 404 && !isAbsent(reply))) return otdsError('OTDS_GARBLED', details);
  if (isExpired(reply)) return otdsError('OTDS_CREDENTIAL_REFUSED', details);
  switch (reply.status) {
    case 403:
      return otdsError('OTDS_FORBIDDEN', details);
    case 404:
      return otdsError('OTDS_NOT_FOUND', details);
    case 409:
      return otdsError('OTDS_CONFLICT', details);
    case 429:
      return otdsError('OTDS_RATE_LIMITED', details);
  }
  const refused = reply.status >= 400 && reply.status < 500 && reply.status !== 408;
  return otdsError(refused ? 'OTDS_BAD_REQUEST' : 'OTDS_UNAVAILABLE', details);
}

const BY_KIND = {
  timeout: 'OTDS_TIMEOUT',
  reset: 'OTDS_RESET',
  refused: 'OTDS_UNREACHABLE',
  tls: 'OTDS_TLS',
  aborted: 'OTDS_ABORTED',
  unsendable: 'OTDS_UNSENDABLE',
  garbled: 'OTDS_GARBLED',
} as const;

export function transportError(error: TransportError, about: string): SystemError {
  return otdsError(BY_KIND[error.kind], { about });
}
