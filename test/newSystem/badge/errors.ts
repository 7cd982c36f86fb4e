import type { SystemError } from '../../../src/systems/errors.ts';
import { errorTable } from '../../../src/systems/errorTable.ts';
import { retryAtOf, type HttpReply } from '../../../src/systems/http.ts';

export const badgeError = errorTable('badge', {
  BADGE_CREDENTIALS: {
    retryable: true,
    message: 'The badge system refuses our key. Put the right one where systems.badge.key says.',
  },
  BADGE_RATE_LIMITED: {
    retryable: true,
    message: 'The badge system asks us to slow down. It is tried again after a pause.',
  },
  BADGE_UNAVAILABLE: { retryable: true, message: 'The badge system does not answer as it should. It is tried again.' },
  BADGE_REFUSED: { retryable: false, message: 'The badge system refuses {about}. Look at the badge there.' },
  BADGE_UNKNOWN: { retryable: false, message: 'The badge system knows no entitlement {about}. Mend the policy.' },
});

export function statusError(reply: HttpReply, about: string): SystemError {
  const { status } = reply;
  const retryAt = retryAtOf(reply);
  if (status === 401) return badgeError('BADGE_CREDENTIALS', { status });
  if (status === 429) return badgeError('BADGE_RATE_LIMITED', { status, retryAt });
  if (reply.garbled || status >= 500) return badgeError('BADGE_UNAVAILABLE', { status, retryAt });
  return badgeError('BADGE_REFUSED', { status, about });
}
