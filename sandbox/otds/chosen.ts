/**
 * Behaviour of OTDS that no public source tells, and what this stand-in does instead (contract, section 13). Replies that
 * rest on one of these carry `x-standin-chosen: <name>`. At first contact with a real OTDS, compare these first.
 */

export const PAGE_SIZE_DEFAULT = 250;

/** Refusals: HTTP status and OTDS's own number, from 90000 on so that none looks real. */
export const ERR = {
  ERR_UNAUTHORIZED: { http: 401, inner: 90401 },
  ERR_LOGIN: { http: 401, inner: 90402 },
  ERR_FORBIDDEN: { http: 403, inner: 90403 },
  ERR_NOT_FOUND: { http: 404, inner: 90404 },
  ERR_METHOD: { http: 405, inner: 90405 },
  ERR_BAD_INPUT: { http: 400, inner: 90400 },
  ERR_DUPLICATE: { http: 400, inner: 90409 },
  SYNC_PARTITION: { http: 400, inner: 90410 },
  BARE_LOGIN: { http: 400, inner: 90411 },
  COOKIE_TTL_S: { http: 400, inner: 90412 },
  TOKENINFO: { http: 410, inner: 90413 },
  NOT_SERVED: { http: 404, inner: 90414 },
  PASSWORD_POLICY: { http: 400, inner: 90415 },
  RATE_LIMIT: { http: 429, inner: 90429 },
  STRICT: { http: 400, inner: 90416 },
} as const;

export type ErrorKind = keyof typeof ERR;

/** Choices among words; the first value is the usual one. Turned with POST /act `{action:"choose", constant, value}`. */
export const ALTERNATIVES = {
  CREATE_STATUS: ['200', '201'],
  /** A successful DELETE; 200 comes with an empty body. */
  DELETE_STATUS: ['204', '200'],
  ERR_LOGIN: ['401', '400', '403'],
  ERR_BAD_INPUT: ['400', '409'],
  ERR_DUPLICATE: ['400', '409'],
  SYNC_PARTITION: ['400', '403', '409'],
  /** Which credential counts when a request brings several. */
  CREDENTIAL_ORDER: ['bearer,header,cookie', 'header,cookie,bearer', 'cookie,header,bearer'],
  DISABLE_KILLS_TICKETS: ['false', 'true'],
  UNLOCK_BY_PATCH: ['accepted', 'ignored'],
  PUT_MODE: ['replace', 'merge'],
  WHERE_FILTER: ['prefix', 'contains', 'exact'],
  MEMBERSHIP_TOUCHES: ['none', 'user', 'group', 'both'],
  /** `separate`: users and groups apart; `members`: one list of both. */
  GROUP_MEMBERS_REPLY: ['separate', 'members'],
  USER_DELETIONSET: ['204', '404'],
  GROUP_DELETIONSET: ['204', '404'],
  ACCESS_ROLE_DELETIONSET: ['404', '204'],
  BARE_LOGIN: ['accepted', 'refused'],
  DN_STYLE: ['uuid', 'cn'],
  PATH_PLUS: ['literal', 'space'],
  /** Whether an expired password still opens the door. */
  PASSWORD_EXPIRED: ['refused', 'accepted'],
  /** Whether /ServiceProviderConfig, /Schemas and /ResourceTypes are there. */
  SCIM_SERVER: ['discovery', 'bare'],
  /** How changes reach a SCIM receiver. */
  SCIM_PUSH: ['patch', 'put'],
} as const;

/** Choices among whole numbers, with their usual values: seconds, items, milliseconds; RATE_LIMIT is per minute and caller, 0 for none. */
export const NUMBERS = {
  TICKET_TTL_S: 1800,
  PAGE_SIZE_MAX: 1000,
  COOKIE_TTL_S: 600,
  RATE_LIMIT: 0,
  PUSH_DELAY_MS: 50,
  CONSOLIDATION_MS: 100,
} as const;

export type Choice = keyof typeof ALTERNATIVES;
export type NumberChoice = keyof typeof NUMBERS;
export type Choices = Record<Choice | NumberChoice, string>;

/** Every choice at its usual value. */
export function usualChoices(): Choices {
  const words = Object.entries(ALTERNATIVES).map(([name, values]) => [name, values[0]]);
  const numbers = Object.entries(NUMBERS).map(([name, value]) => [name, String(value)]);
  return Object.fromEntries([...words, ...numbers]) as Choices; // one entry for each name
}

/** Refuses what cannot be chosen: a sentence, or null when it is fine. */
export function wrongChoice(constant: unknown, value: unknown): string | null {
  const known = [...Object.keys(ALTERNATIVES), ...Object.keys(NUMBERS)];
  if (!isChoice(constant)) return `constant must be one of ${known.join(', ')}.`;
  if (Object.hasOwn(NUMBERS, constant))
    return /^\d{1,9}$/.test(String(value)) ? null : `${constant} must be a whole number.`;
  const allowed: readonly string[] = ALTERNATIVES[constant as Choice]; // no number, so a word
  return allowed.includes(String(value)) ? null : `${constant} can be ${allowed.join(' or ')}.`;
}

export function isChoice(name: unknown): name is keyof Choices {
  return typeof name === 'string' && (Object.hasOwn(ALTERNATIVES, name) || Object.hasOwn(NUMBERS, name));
}
