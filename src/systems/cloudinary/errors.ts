import { errorTable } from '../errorTable.ts';
import type { SystemError } from '../errors.ts';
import type { HttpReply } from '../http.ts';
import type { TransportError } from '../transport.ts';
import type { CloudinaryChoices } from './choices.ts';
import { waitMs } from './rateWindow.ts';

const again = (message: string) => ({ retryable: true, message });
const final = (message: string) => ({ retryable: false, message });

/** Every code this system raises, with our own sentence: what happened, what to do. Vendor texts never pass. */
const rows = {
  CLOUDINARY_REFUSED: final(
    'Cloudinary refused {about} as malformed. Compare the policy and the attribute mapping with what Cloudinary accepts.',
  ),
  CLOUDINARY_CREDENTIALS: again(
    'Cloudinary refuses our key for {about}: it is wrong, disabled or was deleted. Mend it in systems.cloudinary; what is due is done then.',
  ),
  CLOUDINARY_FORBIDDEN: final(
    'Cloudinary refuses {about}: our key may not do it, or the account does not have that API. "probe" names what is missing.',
  ),
  CLOUDINARY_NOT_FOUND: final('Cloudinary no longer has {about}.'),
  CLOUDINARY_ACCOUNT_GONE: final(
    'The Cloudinary user is not there any more. The next read tells; the account must be created again.',
  ),
  CLOUDINARY_NO_ACCOUNT: final('{about} has no Cloudinary account yet: what is due there waits until there is one.'),
  CLOUDINARY_CONFLICT: again('Cloudinary says that {about} was changed meanwhile. It is read and compared again.'),
  CLOUDINARY_RATE_LIMITED: again(
    'The hourly calls of {about} in Cloudinary are used up. It is tried again when Cloudinary counts anew.',
  ),
  CLOUDINARY_UNAVAILABLE: again('Cloudinary cannot be reached, or does not answer as it should. It is tried again.'),
  CLOUDINARY_TIMEOUT: again('Cloudinary did not answer within limits.requestMs. It is tried again.'),
  CLOUDINARY_RESET: again('The connection to Cloudinary broke off before its answer was complete. It is tried again.'),
  CLOUDINARY_TLS: again(
    'No secure connection to Cloudinary: check its certificate, and any proxy before it. It is tried again.',
  ),
  CLOUDINARY_ABORTED: again('The call to Cloudinary was cancelled.'),
  CLOUDINARY_BAD_REPLY: again(
    'Cloudinary answered with something that is not its API. It is tried again; check the address and any proxy before it.',
  ),
  CLOUDINARY_LEGACY_PERMISSIONS: final(
    'This Cloudinary account has the legacy permissions, or no Permissions API: Tenure writes nothing there, and proves nobody gone. Ask Cloudinary to move the account to Roles and Permissions.',
  ),
  CLOUDINARY_SEAT_LIMIT: final(
    'No seat is free in Cloudinary, and {about} waits for one. Free a seat or buy one, then release the hold or run the change again.',
  ),
  CLOUDINARY_EMAIL_ELSEWHERE: final(
    'The e-mail of {about} has a Cloudinary account elsewhere, and an address counts once in all of Cloudinary. Have it freed by Cloudinary Support, or give the person an alias in the directory.',
  ),
  CLOUDINARY_AMBIGUOUS_ACCOUNT: final(
    'Several Cloudinary users have the e-mail of {about}. Say by a match decision which one it is.',
  ),
  CLOUDINARY_INCOMPLETE: final(
    'A Cloudinary user needs {about}, which is missing. Complete the person in the directory, or the profile in the configuration.',
  ),
  CLOUDINARY_UNKNOWN_ATTRIBUTE: final(
    'Only email, name and role of a Cloudinary user can be written, not {about}. Correct the profile in the configuration.',
  ),
  CLOUDINARY_PROTECTED_USER: final(
    'Cloudinary protects this user (root, or the last master admin): it is never disabled, lowered or deleted. Make somebody else master admin, or give the person an account of their own.',
  ),
  CLOUDINARY_UNKNOWN_ENVIRONMENT: final(
    'Cloudinary has no product environment "{about}". Create it, or correct the policy.',
  ),
  CLOUDINARY_NO_FALLBACK_ENVIRONMENT: final(
    'The fallback environment "{about}" does not exist in Cloudinary, so nobody can be kept out of the others. Create it, or correct systems.cloudinary.fallbackEnvironment.',
  ),
  CLOUDINARY_EVERY_ENVIRONMENT: final(
    'An empty list of environments means all of them in Cloudinary: it was not sent. A fault of ours, please report it.',
  ),
  CLOUDINARY_UNCONFIGURED_ENVIRONMENT: final(
    'Tenure has no key for the product environment "{about}" and cannot find its folders. Add it to systems.cloudinary.environments.',
  ),
  CLOUDINARY_UNKNOWN_GROUP: final('Cloudinary has no user group "{about}". Create it, or correct the policy.'),
  CLOUDINARY_UNKNOWN_ROLE: final('Cloudinary has no role for "{about}". Correct the policy; "probe" lists the roles.'),
  CLOUDINARY_UNKNOWN_FOLDER: final('Cloudinary has no folder "{about}". Create it, or correct the policy.'),
  CLOUDINARY_UNKNOWN_COLLECTION: final(
    'Cloudinary does not know the collection "{about}". Correct the policy: collections are named by their id.',
  ),
  CLOUDINARY_AMBIGUOUS_NAME: final('More than one object in Cloudinary is called "{about}". Rename all but one.'),
  CLOUDINARY_UNKNOWN_ENTITLEMENT: final(
    'Cloudinary knows no entitlement "{about}": use cloudinary:group/…, environment/<cloud>, account-role/…, role/…@<cloud>, folder/…#<level>@<cloud> or collection/<id>#<level>@<cloud>.',
  ),
  CLOUDINARY_NOT_GRANTABLE: final(
    'Tenure can take "{about}" away and cannot grant it. Name environments, folders and collections one by one; keys are made in Cloudinary.',
  ),
  CLOUDINARY_PROTECTED_KEY: final(
    'The access key "{about}" is a root key or our own: it is never closed by Tenure. Rotate it by hand.',
  ),
};

export type CloudinaryCode = keyof typeof rows;

/** Makes an error from its code; `about` is a name of ours (person, group, path), never vendor text or a secret. */
export const cloudinaryError = errorTable<CloudinaryCode>('cloudinary', rows);

/** What a status other than success means (contract section 14): by status alone, since Cloudinary's texts and categories are no contract. */
export function statusError(
  reply: HttpReply,
  plane: string,
  choices: CloudinaryChoices,
  about = 'the request',
): SystemError {
  const { status } = reply;
  if (status === 401)
    return cloudinaryError('CLOUDINARY_CREDENTIALS', {
      status,
      about: plane,
      retryAt: inMs(choices.credentialsWaitMs),
    });
  if (isRateLimit(status))
    return cloudinaryError('CLOUDINARY_RATE_LIMITED', {
      status,
      about: plane,
      retryAt: inMs(waitMs(reply, choices.rateLimitMaxMs) ?? choices.rateLimitWaitMs * (1 + Math.random())),
    });
  // A proxy's page, or Cloudinary's own for a log-in that failed: no statement of its API.
  if (reply.garbled) return cloudinaryError('CLOUDINARY_BAD_REPLY', { status });
  if (status === 403) return cloudinaryError('CLOUDINARY_FORBIDDEN', { status, about });
  if (status === 404) return cloudinaryError('CLOUDINARY_NOT_FOUND', { status, about });
  if (status === 409) return cloudinaryError('CLOUDINARY_CONFLICT', { status, about });
  if (status === 408 || status === 423 || status >= 500) return cloudinaryError('CLOUDINARY_UNAVAILABLE', { status });
  if (status >= 400) return cloudinaryError('CLOUDINARY_REFUSED', { status, about });
  return cloudinaryError('CLOUDINARY_BAD_REPLY', { status });
}

/** 420 and 429 both mean too many (contract section 3). */
export function isRateLimit(status: number): boolean {
  return status === 420 || status === 429;
}

/** The code of a request that brought no usable reply. */
export function transportCode(error: TransportError): CloudinaryCode {
  const codes = {
    timeout: 'CLOUDINARY_TIMEOUT',
    reset: 'CLOUDINARY_RESET',
    refused: 'CLOUDINARY_UNAVAILABLE',
    tls: 'CLOUDINARY_TLS',
    aborted: 'CLOUDINARY_ABORTED',
    unsendable: 'CLOUDINARY_REFUSED',
    garbled: 'CLOUDINARY_BAD_REPLY',
  } as const satisfies Record<TransportError['kind'], CloudinaryCode>;
  return codes[error.kind];
}

function inMs(ms: number): string {
  return new Date(Date.now() + ms).toISOString();
}
