import { Choices } from '../common/choices.ts';
import type { Choice } from '../common/choices.ts';

/**
 * Behaviour of the AppWorks Gateway that no public source tells (contract section 8, and what a stand-in has to decide besides). A
 * reply that rests on one carries `x-standin-chosen: <name>`; another is set with `/act {"action":"choose","constant":…,"value":…}`.
 */
export const CHOSEN = new Choices({
  OTAG_REPLY: {
    is: 'success',
    or: ['success', 'empty'],
    what: 'reply to a push: {"success":true}, or no body; also when nobody is reached',
  },
  OTAG_165: { is: 'served', or: ['served', 404], what: 'the REST push path on 16.5 and later' },
  OTAG_USER: {
    is: 'canonical or login',
    or: ['canonical or login', 'canonical'],
    what: 'which names of users are known',
  },
  OTAG_USERS_FORM: {
    is: 'comma',
    or: ['comma'],
    what: 'several users in the older form: separated by commas, or repeated',
  },
  OTAG_RECENT_DAYS: { is: 30, or: 'any number', what: 'a broadcast leaves out clients not seen for so many days' },
  OTAG_KEPT: { is: 1000, or: 'any number', what: 'notifications kept by housekeeping: moves currentMinSeq' },
  OTAG_KEY_OF_OTHER: { is: 403, or: [403, 401], what: 'the key of another deployed app' },
  OTAG_TTL_S: { is: 2_419_200, or: 'any number', what: 'life of a push that names none, seconds' },
} satisfies Record<string, Choice>);
