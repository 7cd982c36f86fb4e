import { Choices } from '../common/choices.ts';
import type { Choice } from '../common/choices.ts';

/**
 * Behaviour of OpenText Notifications that no public source tells (contract section 8, first value = the choice, and what a
 * stand-in has to decide besides). A reply that rests on one carries `x-standin-chosen: <name>`; another value is set with
 * `/act {"action":"choose","constant":…,"value":…}`.
 */
export const CHOSEN = new Choices({
  PARSER_REPLY: {
    is: 'job',
    or: ['job', 'accepted', 'empty'],
    what: 'reply to the parser call: 200 {job_id}, 202, 200 empty',
  },
  FAKE_INNER: {
    is: 'standin_fake_schema',
    or: ['standin_fake_schema'],
    what: 'the inner request file, clearly not the vendor’s',
  },
  PARSER_CHECKS: { is: 400, or: [400], what: 'other domain, no filename, bad base64, inner file not JSON' },
  PUSH_STATUS: {
    is: 'none',
    or: 'any text',
    what: 'path below the base that serves the status of pushes; "none" = 404',
  },
  PUSH_BEARER: { is: 'accepted', or: ['accepted', 401], what: 'a Bearer on the parser call' },
  MRA_ERROR: { is: 'error_code', or: ['error_code'], what: 'error body {error_code: 9xxx, error_message}' },
  MRA_AUTH_FAIL: {
    is: 401,
    or: [401],
    what: 'no or wrong credential 401, channel missing 403, unknown job 404, bad body 400',
  },
  MRA_PREFIX: {
    is: 'also twice',
    or: ['also twice', 'once'],
    what: '/mra/v1 twice in a path, as the vendor’s collection sends it',
  },
  MRA_CLIENT: {
    is: 'also the user',
    or: ['also the user'],
    what: 'user and password of the account as OAuth client too',
  },
  JOB_ID: { is: 'xsi', or: 'any text', what: 'job ids: <this>-<10 digits>' },
  MESSAGE_ID: {
    is: 'first',
    or: ['first', 'new'],
    what: 'a repeated message_id answers the first job, or makes a new one',
  },
  JOB_STATES: {
    is: 'usual',
    or: ['usual'],
    what: '["Pending"], ["InProcess"], ["Complete","Posted"]; ["Error"], ["Cancelled"], ["Expired"]',
  },
  ATTEMPTS: { is: 'usual', or: ['usual'], what: 'Pending > InProcess > Sent, then the SMS event Confirmed' },
  STEP_MS: { is: 100, or: 'any number', what: 'length of a step of a job, milliseconds' },
  GAMMA: { is: 'absent', or: ['absent', 5000], what: 'gamma_code of attempts' },
  TIME_SKEW: { is: 0, or: 'any number', what: 'seconds between the clock of entry_time and that of attempts' },
  DESTINATIONS_MAX: { is: 1000, or: 'any number', what: 'destinations per job; more: 400' },
  PURGE_S: { is: 259_200, or: 'any number', what: 'life of a job after its end, seconds; then 404' },
  WEBHOOK: { is: 3, or: 'any number', what: 'tries of the status webhook, set by /act; no signature' },
  WHATSAPP_INBOUND: {
    is: 'fake',
    or: ['fake'],
    what: 'inbound body {standin_fake_schema, from, postback_data, text?, time}',
  },
  INBOUND_NONE: {
    is: 404,
    or: [404, 200],
    what: 'GET of the WhatsApp webhook while none is set (200: an empty object)',
  },
  TOKEN_LIFE_S: { is: 1800, or: 'any number', what: 'life of a Bearer, seconds' },
} satisfies Record<string, Choice>);
