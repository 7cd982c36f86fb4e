/**
 * Behaviour of OTDS that no public source tells, and what this stand-in does instead (contract, section 13). Replies that
 * rest on one of these carry `x-standin-chosen: <name>`. At first contact with a real OTDS, compare these first.
 */

/** Constants that stay as they are. */
export const TICKET_TTL_S = 1800;
export const PAGE_SIZE_DEFAULT = 250;
export const PAGE_SIZE_MAX = 1000;
export const COOKIE_TTL_S = 600;
/** A successful DELETE. */
export const DELETE_STATUS = 204;
/** Which credential counts when a request brings several. */
export const CREDENTIAL_ORDER = ['bearer', 'header', 'cookie'] as const;

/** Refusals: HTTP status and OTDS's own number, from 90000 on so that none looks real. */
export const ERR = {
  ERR_UNAUTHORIZED: { http: 401, inner: 90401 },
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
} as const;

/** The choices that can be turned with POST /act `{action:"choose", constant, value}`; the first value is the usual one. */
export const ALTERNATIVES = {
  CREATE_STATUS: ['200', '201'],
  DISABLE_KILLS_TICKETS: ['false', 'true'],
  UNLOCK_BY_PATCH: ['accepted', 'ignored'],
  PUT_MODE: ['replace', 'merge'],
  MEMBERSHIP_TOUCHES: ['none', 'user', 'group', 'both'],
  USER_DELETIONSET: ['204', '404'],
  GROUP_DELETIONSET: ['204', '404'],
  ACCESS_ROLE_DELETIONSET: ['404', '204'],
  DN_STYLE: ['uuid', 'cn'],
} as const;

export type Choice = keyof typeof ALTERNATIVES;
export type Choices = Record<Choice, string>;

/** Every choice at its usual value. */
export function usualChoices(): Choices {
  return {
    CREATE_STATUS: '200',
    DISABLE_KILLS_TICKETS: 'false',
    UNLOCK_BY_PATCH: 'accepted',
    PUT_MODE: 'replace',
    MEMBERSHIP_TOUCHES: 'none',
    USER_DELETIONSET: '204',
    GROUP_DELETIONSET: '204',
    ACCESS_ROLE_DELETIONSET: '404',
    DN_STYLE: 'uuid',
  };
}
