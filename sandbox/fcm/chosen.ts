import { Choices } from '../common/choices.ts';
import type { Choice } from '../common/choices.ts';

/**
 * Behaviour of FCM that no public source tells (contract section 8, and what a stand-in has to decide besides). A reply that
 * rests on one carries `x-standin-chosen: <name>`; another value is set with `/act {"action":"choose","constant":…,"value":…}`.
 */
export const CHOSEN = new Choices({
  FCM_DRY: { is: 'fake_message_id', or: 'any text', what: 'the id in the name that `validate_only` answers' },
  FCM_TOKEN_LIFE_S: { is: 3600, or: 'any number', what: 'life of an access token, seconds' },
  FCM_QUOTA_RETRY_AFTER: { is: 60, or: 'any number', what: '`Retry-After` of a spent quota, seconds; 0 = no header' },
  FCM_UNKNOWN_TOKEN: { is: 400, or: [400, 404], what: 'a well-formed device token that was never issued' },
  FCM_UNKNOWN_PATH: { is: 404, or: [404], what: 'the JSON body of an unknown path (Google answers a page)' },
  FCM_RULE_TEXT: { is: 'own', or: ['own'], what: 'wording for no target, size, lifetime and reserved keys' },
} satisfies Record<string, Choice>);
