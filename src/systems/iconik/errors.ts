import { errorTable } from '../errorTable.ts';
import type { SystemError } from '../errors.ts';
import { retryAtOf, type HttpReply } from '../http.ts';
import type { TransportError } from '../transport.ts';
import type { IconikChoices } from './choices.ts';

const again = (message: string) => ({ retryable: true, message });
const final = (message: string) => ({ retryable: false, message });

/** Every code this system raises, with our own sentence: what happened, what to do. Vendor texts never pass. */
const rows = {
  ICONIK_REFUSED: final(
    'iconik refused {about} as malformed. Compare the policy and the attribute mapping with what iconik accepts.',
  ),
  ICONIK_CREDENTIALS: again(
    'iconik refuses our application token: it is missing, was revoked, or its user is not active. Mint a new one and put it where authToken points; what is due is done then.',
  ),
  ICONIK_UNAUTHENTICATED: again('iconik refused one call although our application token is valid. It is tried again.'),
  ICONIK_FORBIDDEN: final(
    'iconik refuses {about}: our service account lacks a role or an ACL, or our address is not on the IP allow-list. "probe" names missing roles.',
  ),
  ICONIK_NOT_FOUND: final('iconik no longer has {about}.'),
  ICONIK_ACCOUNT_GONE: final(
    'The iconik user is not there any more. The next read tells; the account must be created again.',
  ),
  ICONIK_CONFLICT: again('iconik says that {about} exists or was changed meanwhile. It is read and compared again.'),
  ICONIK_RATE_LIMITED: again(
    'iconik asks us to slow down. It is tried again after a pause; lower limits.perSecond if this repeats.',
  ),
  ICONIK_UNAVAILABLE: again('iconik cannot be reached, or does not answer as it should. It is tried again.'),
  ICONIK_TIMEOUT: again('iconik did not answer within limits.requestMs. It is tried again.'),
  ICONIK_RESET: again('The connection to iconik broke off before its answer was complete. It is tried again.'),
  ICONIK_TLS: again(
    'No secure connection to iconik: check its certificate, and any proxy before it. It is tried again.',
  ),
  ICONIK_ABORTED: again('The call to iconik was cancelled.'),
  ICONIK_NOT_IMPLEMENTED: final('iconik does not support {about}: a fault of ours, please report it.'),
  ICONIK_LINK_EXPIRED: final('iconik says that a link has expired.'),
  ICONIK_BAD_REPLY: again(
    'iconik answered with something that is not its API. It is tried again; check the address and any proxy before it.',
  ),
  ICONIK_FOREIGN_LINK: final(
    'iconik names a next page outside its own API; it was not followed. Check the address and any proxy before iconik.',
  ),
  ICONIK_OTHER_MODEL: final(
    '{about} is of the other access model than this iconik domain: a legacy domain knows iconik:group/, a migrated one iconik:team/ and iconik:roles/. Mend the policy.',
  ),
  ICONIK_UNKNOWN_TEAM: final('iconik has no team or role group "{about}". Create it, or correct the policy.'),
  ICONIK_UNKNOWN_COLLECTION: final('iconik has no collection "{about}". Create it, or correct the policy.'),
  ICONIK_AMBIGUOUS_NAME: final('More than one object in iconik is called "{about}". Rename all but one.'),
  ICONIK_AMBIGUOUS_ACCOUNT: final('Several iconik users have that e-mail. Say by a match decision which one it is.'),
  ICONIK_SYSTEM_GROUP: final('iconik looks after "{about}" itself; Tenure never writes it. Take it out of the policy.'),
  ICONIK_SAML_GROUP: final('SAML claims govern "{about}": the identity provider decides who is in it.'),
  ICONIK_UNKNOWN_ENTITLEMENT: final(
    'iconik knows no entitlement "{about}": use iconik:team/…, iconik:roles/… or iconik:collection/…#read|write|delete|change-acl.',
  ),
  ICONIK_NOT_GRANTABLE: final('A share is made by its owner in iconik; Tenure can close it, not grant it.'),
  ICONIK_UNKNOWN_ATTRIBUTE: final(
    'Only email, first_name, last_name and type of an iconik user can be written, not {about}. Correct the profile in the configuration.',
  ),
  ICONIK_INCOMPLETE: final(
    'An iconik user needs {about}, which is missing. Complete the person in the directory, or the profile in the configuration.',
  ),
  ICONIK_EMAIL_TAKEN: final('Another iconik user has that e-mail. Free it, or join the two by a match decision.'),
  ICONIK_NO_FALLBACK_TEAM: final(
    'The primary team "{about}" cannot be taken away: the person is in no other team, and the configured fallbackTeam does not exist. Create it in iconik.',
  ),
  ICONIK_NOT_REMOVED: again('iconik says that there is nothing to remove, and still shows {about}. It is tried again.'),
  ICONIK_OWN_ACCOUNT: final(
    "Our own application token acts as that user; it is never disabled or deleted. Take it out of Tenure's reach.",
  ),
};

export type IconikCode = keyof typeof rows;

/** Makes an error from its code; `about` is a name of ours (team, path, field), never vendor text, a secret or personal data. */
export const iconikError = errorTable<IconikCode>('iconik', rows);

/** What a status other than success means (contract section 14). `about`: what was asked, for the sentence. */
export function statusError(reply: HttpReply, choices: IconikChoices, about = 'the request'): SystemError {
  const { status } = reply;
  const retryAt = retryAtOf(reply);
  if (status === 401) return iconikError('ICONIK_CREDENTIALS', { status, retryAt: inMs(choices.credentialsWaitMs) });
  if (status === 403) return iconikError('ICONIK_FORBIDDEN', { status, about });
  if (status === 404) return iconikError('ICONIK_NOT_FOUND', { status, about });
  if (status === 409) return iconikError('ICONIK_CONFLICT', { status, about });
  if (status === 419) return iconikError('ICONIK_LINK_EXPIRED', { status });
  if (status === 429)
    return iconikError('ICONIK_RATE_LIMITED', {
      status,
      retryAt: retryAt ?? inMs(choices.rateLimitWaitMs * (1 + Math.random())),
    });
  if (status === 501) return iconikError('ICONIK_NOT_IMPLEMENTED', { status, about });
  if (status === 408 || status >= 500) return iconikError('ICONIK_UNAVAILABLE', { status, retryAt });
  if (status >= 400) return iconikError('ICONIK_REFUSED', { status, about: refusal(reply, about) });
  return iconikError('ICONIK_BAD_REPLY', { status });
}

/** The code of a request that brought no usable reply. */
export function transportCode(error: TransportError): IconikCode {
  const codes = {
    timeout: 'ICONIK_TIMEOUT',
    reset: 'ICONIK_RESET',
    refused: 'ICONIK_UNAVAILABLE',
    tls: 'ICONIK_TLS',
    aborted: 'ICONIK_ABORTED',
    unsendable: 'ICONIK_REFUSED',
    garbled: 'ICONIK_BAD_REPLY',
  } as const satisfies Record<TransportError['kind'], IconikCode>;
  return codes[error.kind];
}

/**
 * Names of the fields that an error body complains about: `{"errors":{"email":"…"}}` → `["email"]`. Texts are dropped: they may hold anything.
 * Any other body gives none.
 */
export function refusedFields(reply: HttpReply): string[] {
  if (reply.empty || reply.garbled) return [];
  const body = reply.json();
  const errors = typeof body === 'object' && body !== null && 'errors' in body ? body.errors : undefined;
  if (typeof errors !== 'object' || errors === null || Array.isArray(errors)) return [];
  return Object.keys(errors).filter((name) => /^[a-z][a-z_]{0,39}$/u.test(name));
}

function refusal(reply: HttpReply, about: string): string {
  const fields = refusedFields(reply);
  return fields.length > 0 ? `${about} (${fields.join(', ')})` : about;
}

function inMs(ms: number): string {
  return new Date(Date.now() + ms).toISOString();
}
