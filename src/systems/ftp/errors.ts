import { errorTable, type ErrorDetails } from '../errorTable.ts';
import type { SystemError } from '../errors.ts';
import { isRecord } from '../transport.ts';
import { defaultChoices } from './choices.ts';

const again = (message: string) => ({ retryable: true, message });
const final = (message: string) => ({ retryable: false, message });

/** Every code this system raises (contract files.md, section 9; the last column of its table is our class). Server texts never pass. */
const rows = {
  FTP_UNAVAILABLE: again('The file server of {about} cannot be reached, or takes no more sessions. It is tried again.'),
  FTP_BUSY: again('The file server of {about} cannot do it now. It is tried again.'),
  FTP_RESET: again('The connection to the file server of {about} broke off. It is tried again.'),
  FTP_TIMEOUT: again('The file server of {about} did not answer within limits.requestMs. It is tried again.'),
  FTP_ABORTED: again('The work on the file server of {about} was cancelled.'),
  // Not a "no" to the change at hand: what is due is done when they are mended.
  FTP_CREDENTIALS: again(
    'The file server of {about} refuses our login. Correct user, password or privateKey; it is tried again every few minutes.',
  ),
  FTP_TLS: again(
    'The certificate of the file server of {about} is not trusted, or is for another name. Set ca to its authority, and host to its name.',
  ),
  FTP_HOST_KEY: again(
    'The host key of the file server of {about} is not the configured one. Ask its owner for the new fingerprint, over another way, before you change hostKey.',
  ),
  FTP_NOT_ENCRYPTED: again('The file server of {about} offers no TLS. Correct protocol or port.'),
  FTP_OTHER_HOST: again(
    'The file server of {about} sends its data connections to another host; that is refused. Its owner must correct the passive address.',
  ),
  FTP_REFUSED: final(
    'The file server of {about} refuses the path: it does not exist, or our user may not list, read, write, rename or delete there.',
  ),
  FTP_FULL: final(
    "The file server of {about} has no space left for us, or our quota is used up. Ask the server's owner.",
  ),
  FTP_BAD_NAME: final('The file server of {about} does not accept the name of our temporary file.'),
  FTP_UNSUPPORTED: final(
    'The file server of {about} lacks a command that we need (SIZE, or a listing that can be read).',
  ),
  FTP_BAD_REPLY: again(
    'The file server of {about} answered with something that is not its protocol. It is tried again.',
  ),
  FTP_CANNOT_REPLACE: final(
    'The file server of {about} does not let a rename replace a file. Set replaceMode: delete-then-rename.',
  ),
  FTP_CHANGED: again('A file of {about} was cut short, or changed, while it was read. It is read again.'),
  FTP_DAMAGED: again(
    'What the file server of {about} stored is not what was sent; nothing was published. It is sent again.',
  ),
  FTP_LIST_MISSING: final(
    'The access list of {about} is not where list.path says. Put it back, correct the path, or set list.create where it is still to be made. A file beside it that ends in .part is a whole list whose last rename is missing.',
  ),
  FTP_LIST_UNREADABLE: final(
    'The access list of {about} cannot be read as configured: not UTF-8, a quote that does not close, or a header without our columns. Nothing was changed; its owner must mend it.',
  ),
  FTP_LIST_TOO_LARGE: final('The access list of {about} is larger than Tenure keeps in memory. Split it.'),
  FTP_UNKNOWN_ENTITLEMENT: final('There is no entitlement "{about}" here: use ftp:list/<partner>.'),
  FTP_UNKNOWN_PARTNER: final(
    'No partner "{about}" is configured under systems.ftp.partners. Add it, or correct the policy.',
  ),
  FTP_NOT_ALLOWED: final(
    'The allow rule of partner {about} does not admit this person. Correct the policy or the rule.',
  ),
  FTP_INCOMPLETE: final('The person lacks {about}, by which partners know them. Complete the person in the directory.'),
  FTP_UNSENDABLE: final(
    'The {about} of the person holds a control character, which could forge a line of the list. Correct it in the directory.',
  ),
};

export type FtpCode = keyof typeof rows;

const fail = errorTable<FtpCode>('ftp', rows);

/** What waits before it is tried again. */
const PATIENT: ReadonlySet<FtpCode> = new Set([
  'FTP_CREDENTIALS',
  'FTP_TLS',
  'FTP_HOST_KEY',
  'FTP_OTHER_HOST',
  'FTP_NOT_ENCRYPTED',
]);

/** Makes an error from its code; `about` is a name of ours (partner, attribute), never a server's text, a secret or personal data. */
export function ftpError(code: FtpCode, details: ErrorDetails = {}): SystemError {
  const wait = PATIENT.has(code)
    ? { retryAt: new Date(Date.now() + defaultChoices.credentialsWaitMs).toISOString() }
    : {};
  return fail(code, { ...wait, ...details });
}

/** FTP reply → code. */
const REPLIES: Readonly<Record<number, FtpCode>> = {
  421: 'FTP_UNAVAILABLE',
  500: 'FTP_UNSUPPORTED',
  501: 'FTP_UNSUPPORTED',
  502: 'FTP_UNSUPPORTED',
  504: 'FTP_UNSUPPORTED',
  522: 'FTP_TLS',
  530: 'FTP_CREDENTIALS',
  532: 'FTP_CREDENTIALS',
  534: 'FTP_NOT_ENCRYPTED',
  550: 'FTP_REFUSED',
  551: 'FTP_REFUSED',
  552: 'FTP_FULL',
  553: 'FTP_BAD_NAME',
};

/** `code` of errors of Node, ssh2 and ssh2-sftp-client → code. Numbers are SFTP's status codes. */
const CODES: Readonly<Record<string, FtpCode>> = {
  ECONNREFUSED: 'FTP_UNAVAILABLE',
  ENOTFOUND: 'FTP_UNAVAILABLE',
  EAI_AGAIN: 'FTP_UNAVAILABLE',
  EHOSTUNREACH: 'FTP_UNAVAILABLE',
  ENETUNREACH: 'FTP_UNAVAILABLE',
  ETIMEDOUT: 'FTP_TIMEOUT',
  ENOENT: 'FTP_REFUSED',
  EACCES: 'FTP_REFUSED',
  ERR_BAD_PATH: 'FTP_REFUSED',
  ERR_BAD_AUTH: 'FTP_CREDENTIALS',
  2: 'FTP_REFUSED',
  3: 'FTP_REFUSED',
  4: 'FTP_REFUSED',
  8: 'FTP_UNSUPPORTED',
  11: 'FTP_REFUSED',
  14: 'FTP_FULL',
  15: 'FTP_FULL',
};

const CERTIFICATE = /CERT|UNABLE_TO|ALTNAME|HOSTNAME_MISMATCH/;
/** By their message, since basic-ftp and ssh2 give them no code of their own. */
const MESSAGES: readonly (readonly [RegExp, FtpCode])[] = [
  [/PASV returned another host/, 'FTP_OTHER_HOST'],
  [/authentication methods failed/i, 'FTP_CREDENTIALS'],
  [/verification failed|Host denied/i, 'FTP_HOST_KEY'],
  [
    /FIN packet|closed|premature close|end event|close event|transmission error|not connected|No response from server|No SFTP connection/i,
    'FTP_RESET',
  ],
  [/time-?out|timed out/i, 'FTP_TIMEOUT'],
  [/No such file|Permission denied|Bad path/i, 'FTP_REFUSED'],
  [/Can't parse|only supports MLSD|Invalid time value|exceeded|transfer strategies/i, 'FTP_BAD_REPLY'],
];

/**
 * What a failure of basic-ftp, ssh2 or the network means. A status stands in it only where the server itself said no: without one, what was asked may
 * have happened. What nobody foresaw counts as a broken connection.
 */
export function ftpFailure(error: unknown, about: string): SystemError {
  const { code, message } = textsOf(error);
  if (/^[45]\d\d$/.test(code)) return replyError(Number(code), about);
  if (CERTIFICATE.test(code)) return ftpError('FTP_TLS', { about });
  if (/^(ERR_SSL|ERR_TLS|EPROTO)/.test(code)) return ftpError('FTP_NOT_ENCRYPTED', { about });
  const known = CODES[code];
  if (known !== undefined) {
    const said = /^\d+$|^ENOENT$|^EACCES$/.test(code);
    return ftpError(known, { about, ...(said ? { status: 550 } : {}) });
  }
  return ftpError(MESSAGES.find(([pattern]) => pattern.test(message))?.[1] ?? 'FTP_RESET', { about });
}

function replyError(status: number, about: string): SystemError {
  const code = REPLIES[status] ?? (status < 500 ? 'FTP_BUSY' : 'FTP_REFUSED');
  // A server that closes says nothing about what was asked before.
  return ftpError(code, { about, ...(status === 421 || status === 426 ? {} : { status }) });
}

/** Codes are numbers or texts. */
function textsOf(error: unknown): { code: string; message: string } {
  const { code, message } = isRecord(error) ? error : {};
  const coded = typeof code === 'string' || typeof code === 'number';
  return { code: coded ? String(code) : '', message: typeof message === 'string' ? message : '' };
}
