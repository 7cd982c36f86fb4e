import { ResultCodeError, UnknownStatusCodeError } from 'ldapts';
import { errorTable } from '../errorTable.ts';
import { SystemError } from '../errors.ts';
import { classify } from '../transport.ts';

/** The one error table of LDAP. Messages are ours alone: no filter, no entry, nothing the server wrote. */
export const ldapError = errorTable('ldap', {
  LDAP_TIMEOUT: {
    retryable: true,
    message: 'The LDAP server did not answer in time about {about}. It is tried again.',
  },
  LDAP_RESET: {
    retryable: true,
    message: 'The connection to the LDAP server broke while asking about {about}. It is tried again.',
  },
  LDAP_UNREACHABLE: {
    retryable: true,
    message: 'The LDAP server cannot be reached. Check its address and whether it runs.',
  },
  LDAP_TLS: {
    retryable: true,
    message:
      'The TLS connection to the LDAP server failed. Check its certificate, the name it is asked by and the configured authority (ca).',
  },
  LDAP_ABORTED: { retryable: true, message: 'The call about {about} was cancelled before the LDAP server answered.' },
  LDAP_BUSY: { retryable: true, message: 'The LDAP server is busy or at its limits. It is tried again.' },
  LDAP_LOGIN_REFUSED: {
    retryable: true,
    message:
      'The LDAP server refuses the bind that Tenure uses. Check the configured user and password, and that it is neither locked nor disabled.',
  },
  LDAP_IDENTITY_LOST: {
    retryable: true,
    message:
      'The LDAP server no longer takes Tenure for the configured user while asking about {about}: what it shows then is less than there is, so nothing is concluded. It is tried again.',
  },
  LDAP_FORBIDDEN: {
    retryable: false,
    message: 'The LDAP server does not let Tenure read {about}. Give its user read access there.',
  },
  LDAP_NO_BASE: {
    retryable: false,
    message: 'The LDAP server has no {about}, or does not show it to Tenure. Check the configured base.',
  },
  LDAP_SIZE_LIMIT: {
    retryable: false,
    message:
      "The LDAP server gives no more than its size limit of {about}, so nothing is concluded from what is missing. Raise the limit for Tenure's user.",
  },
  LDAP_REFERRAL: {
    retryable: false,
    message: 'The LDAP server sends Tenure elsewhere for {about}. Configure the server that holds it.',
  },
  LDAP_REFUSED: { retryable: false, message: 'The LDAP server refuses to answer about {about}. Look at its log.' },
  LDAP_BAD_REQUEST: {
    retryable: false,
    message:
      'The LDAP server does not understand the question about {about}. Check base, filters and attributes in the configuration.',
  },
  LDAP_NOT_FOUND: {
    retryable: false,
    message: 'The directory has no {about}. Check the spelling, capital letters included.',
  },
  LDAP_AMBIGUOUS: {
    retryable: false,
    message:
      'The directory has several of {about}. Make the name unique there, or narrow the base in the configuration.',
  },
  LDAP_SCAN_UNSTABLE: {
    retryable: true,
    message:
      'The LDAP server would not give {about} to the end, so nothing is concluded from what is missing. It is tried again.',
  },
  LDAP_EMPTY: {
    retryable: true,
    message:
      "The LDAP server shows nobody in {about}, so nothing is concluded. Check the base, the filter and what Tenure's user may read; set mayBeEmpty on the partition if that is right.",
  },
  LDAP_TOO_MANY_GONE: {
    retryable: true,
    message:
      'The directory lacks {about} since the last complete scan, more than systems.ldap.gone allows; nothing is concluded and nobody is offboarded. If they really left, raise it and start the worker again.',
  },
});

const AUTH = new Set([48, 49]);

/** Any failure of ldapts as ours. Result codes: RFC 4511 A.1. */
export function toSystemError(error: unknown, about: string): SystemError {
  if (error instanceof SystemError) return error;
  const result = error instanceof ResultCodeError || error instanceof UnknownStatusCodeError ? error.code : undefined;
  if (result !== undefined) return resultError(result, about);
  // ldapts tells its own time-outs by text alone.
  if (error instanceof Error && /timed out|connection timeout/i.test(error.message))
    return ldapError('LDAP_TIMEOUT', { about });
  return ldapError(BY_KIND[classify(error).kind], { about });
}

function resultError(code: number, about: string): SystemError {
  if (AUTH.has(code)) return ldapError('LDAP_LOGIN_REFUSED', { about });
  switch (code) {
    case 3: // time limit
    case 11: // administrative limit
    case 51: // busy
    case 52: // unavailable
      return ldapError('LDAP_BUSY', { about });
    case 4:
      return ldapError('LDAP_SIZE_LIMIT', { about });
    case 10:
      return ldapError('LDAP_REFERRAL', { about });
    case 32:
      return ldapError('LDAP_NO_BASE', { about });
    case 1: // operations error: AD's answer to a search without a bind
    case 8: // stronger authentication required
    case 13: // confidentiality required
    case 50:
      return ldapError('LDAP_FORBIDDEN', { about });
    case 53:
      return ldapError('LDAP_REFUSED', { about });
    default:
      return ldapError('LDAP_BAD_REQUEST', { about });
  }
}

const BY_KIND = {
  timeout: 'LDAP_TIMEOUT',
  reset: 'LDAP_RESET',
  refused: 'LDAP_UNREACHABLE',
  tls: 'LDAP_TLS',
  aborted: 'LDAP_ABORTED',
  unsendable: 'LDAP_BAD_REQUEST',
  garbled: 'LDAP_RESET',
} as const;
