import { errorTable } from '../errorTable.ts';
import { SystemError } from '../errors.ts';
import { retryAtOf } from '../http.ts';
import type { HttpReply } from '../http.ts';
import type { Applied } from '../port.ts';
import { isRecord } from '../transport.ts';
import type { TransportError } from '../transport.ts';

const again = (message: string) => ({ retryable: true, message });
const final = (message: string) => ({ retryable: false, message });

const rows = {
  EXSTREAM_TIMEOUT: again('Exstream did not answer within limits.requestMs about {about}. It is tried again.'),
  EXSTREAM_RESET: again('The connection to Exstream broke while asking about {about}. It is tried again.'),
  EXSTREAM_UNREACHABLE: again('Exstream, or the token endpoint, cannot be reached. Check the addresses.'),
  EXSTREAM_TLS: again('The TLS connection to Exstream failed. Check its certificate and any proxy before it.'),
  EXSTREAM_ABORTED: again('The call about {about} was cancelled before Exstream answered.'),
  EXSTREAM_UNSENDABLE: final('The name of {about} cannot stand in a request. Correct the configuration.'),
  EXSTREAM_BAD_REPLY: again(
    'Something else than Exstream answered about {about}. It is tried again; check the address and any proxy before it.',
  ),
  EXSTREAM_UNEXPECTED: again(
    'The answer of Exstream about {about} lacks what Tenure needs. If it stays so, compare its version with docs/systems-exstream.md.',
  ),
  EXSTREAM_INCOMPLETE: again(
    'Exstream would not give {about} to the end, so nothing is concluded from what is missing. It is tried again.',
  ),
  EXSTREAM_RATE_LIMITED: again('Exstream asks for fewer requests. It is tried again later; lower limits.perSecond.'),
  EXSTREAM_UNAVAILABLE: again('Exstream could not answer about {about} just now. It is tried again.'),
  EXSTREAM_LOGIN_REFUSED: again(
    'OTDS refuses the OAuth client {about}. Check its id and secret, the token address, and that the access role lets it in.',
  ),
  EXSTREAM_CREDENTIALS: again(
    'Exstream refuses a token that OTDS gave out a moment ago. Check the clocks, and that Exstream trusts this OTDS.',
  ),
  EXSTREAM_FORBIDDEN: final(
    'Exstream does not let the OAuth client do this to {about}. Give it administration there, or the domain a client of its own.',
  ),
  EXSTREAM_REFUSED: final('Exstream refuses this for {about}. Compare the configuration with what is in Exstream.'),
  EXSTREAM_CONFLICT: again('Exstream says that {about} conflicts with what is there. It is read and compared again.'),
  EXSTREAM_NOT_FOUND: final('Exstream has no {about}. Create it, or correct the configuration.'),
  EXSTREAM_UNSUPPORTED: final(
    'This Exstream does not serve {about}: rights can neither be read nor changed. See docs/systems-exstream.md.',
  ),
  EXSTREAM_UNKNOWN_ENTITLEMENT: final(
    'No group is configured to carry {about}. Add it to roles of the block, or correct the policy.',
  ),
  EXSTREAM_NO_GROUP_ROLE: final(
    'The carrying group lacks {about} in Exstream, and manageGroupRoles is off. Give it the role there, or turn it on.',
  ),
  EXSTREAM_GROUP_IN_USE: final(
    'The group that is to carry {about} lacks the role in Exstream and has other members already, who would all get it. Empty the group in OTDS, or give it the role in Exstream by hand.',
  ),
  EXSTREAM_NOT_KEPT: again('Exstream accepted {about} but does not show it. It is tried again.'),
  EXSTREAM_NO_PERSON: final(
    'OTDS has no account of {about}: Tenure never creates people there, and Exstream has none of its own.',
  ),
  EXSTREAM_NO_ACCESS_ROLE: final('OTDS has no access role {about}. Correct accessRole of the block.'),
  EXSTREAM_OTDS_CLOSED: again(
    'The OTDS account of {about} is disabled, so nobody can log in to Exstream with it. It is looked at again.',
  ),
  EXSTREAM_HELD_OPEN: final(
    'The access role lets {about} in by a partition, group or role, so the door to Exstream closes only with the OTDS account. The roles there are taken all the same.',
  ),
};

/** The one error table of Exstream. Messages are ours alone: nothing Exstream or OTDS wrote is passed on. */
export const exstreamError = errorTable('exstream', rows);

type ExstreamCode = keyof typeof rows;

/** Design's own error body (contract section 3): only then is a 404 about the object. */
function hasErrorBody(reply: HttpReply): boolean {
  if (reply.garbled || reply.empty) return false;
  const body = reply.json();
  return isRecord(body) && 'timestamp' in body && 'path' in body;
}

/** A 404 of Exstream itself. With HTML, or with nothing, it is somebody else's. */
export function isAbsent(reply: HttpReply): boolean {
  return reply.status === 404 && hasErrorBody(reply);
}

/** The error of a reply that is no success. */
export function replyError(reply: HttpReply, about: string): SystemError {
  const details = { status: reply.status, about, retryAt: retryAtOf(reply) };
  if (reply.garbled || (reply.status === 404 && !isAbsent(reply))) return exstreamError('EXSTREAM_BAD_REPLY', details);
  const known: Record<number, ExstreamCode> = {
    401: 'EXSTREAM_CREDENTIALS',
    403: 'EXSTREAM_FORBIDDEN',
    404: 'EXSTREAM_NOT_FOUND',
    409: 'EXSTREAM_CONFLICT',
    429: 'EXSTREAM_RATE_LIMITED',
  };
  const refused = reply.status >= 400 && reply.status < 500 && reply.status !== 408;
  return exstreamError(known[reply.status] ?? (refused ? 'EXSTREAM_REFUSED' : 'EXSTREAM_UNAVAILABLE'), details);
}

const BY_KIND = {
  timeout: 'EXSTREAM_TIMEOUT',
  reset: 'EXSTREAM_RESET',
  refused: 'EXSTREAM_UNREACHABLE',
  tls: 'EXSTREAM_TLS',
  aborted: 'EXSTREAM_ABORTED',
  unsendable: 'EXSTREAM_UNSENDABLE',
  garbled: 'EXSTREAM_BAD_REPLY',
} as const satisfies Record<TransportError['kind'], ExstreamCode>;

export function transportError(error: TransportError, about: string): SystemError {
  return exstreamError(BY_KIND[error.kind], { about });
}

/** Work at OTDS on behalf of this system: its errors and doubts as ours, `OTDS_TIMEOUT` as `EXSTREAM_OTDS_TIMEOUT`, sentence and all. */
export async function viaOtds<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof SystemError) || error.system !== 'otds') throw error;
    const { code, status, retryable, retryAt, message } = error;
    throw new SystemError({
      code: `EXSTREAM_${code}`,
      system: 'exstream',
      retryable,
      message,
      ...(status !== undefined && { status }),
      ...(retryAt !== undefined && { retryAt }),
    });
  }
}

/** As `viaOtds`, for a write. */
export async function appliedViaOtds(work: Promise<Applied>): Promise<Applied> {
  const applied = await viaOtds(work);
  return applied.code === undefined ? applied : { ...applied, code: `EXSTREAM_${applied.code}` };
}
