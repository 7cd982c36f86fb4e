import { Choices } from '../common/choices.ts';
import type { Choice } from '../common/choices.ts';

/** The groups of semi-public calls that can be switched off one by one. */
export const SEMI_GROUPS = [
  'AUTHENTICATION',
  'ROLES',
  'GROUP_ROLES',
  'ROLE_PERMISSIONS',
  'PERMISSIONS',
  'BULK_STATE',
  'RUNTIME',
  'CRON_JOBS',
  'CONFIGURATION',
  'CACHE',
  'FLOW_MODELS',
] as const;
export type SemiGroup = (typeof SEMI_GROUPS)[number];

const served = (what: string) => ({ is: 'served', or: ['served', 404, 403], what }) as const;

/**
 * Behaviour of Exstream that no public source tells (contract section 12; the first value is the choice, what this
 * stand-in has to decide besides follows after it). A reply that rests on one carries `x-standin-chosen: <name>`; another
 * value is set with `/act {"action":"choose","constant":…,"value":…}`.
 */
const TABLE = {
  OFFSET_MEANS: { is: 'rows', or: ['rows', 'page'], what: 'whether `offset` counts rows or pages' },
  COUNT_DEFAULT: { is: 100, or: 'any number', what: 'rows on a page when `count` is not sent' },
  COUNT_MAX: { is: 1000, or: 'any number', what: 'largest `count`; beyond it clamped silently' },
  STATUS_OK: { is: 'success', or: 'any text', what: '`status` of a reply that worked' },
  TOKEN_TTL_S: { is: 900, or: 'any number', what: 'life of an access token, seconds' },
  TICKET_TTL_S: { is: 1800, or: 'any number', what: 'life of a ticket, seconds' },
  EXPIRED: { is: 401, or: [401, 500], what: 'status of a missing, wrong or expired credential' },
  NO_PERMISSION: { is: 403, or: [403, 404], what: 'status of a call the user has no right to' },
  TOKEN_GROUPS: { is: 'issue', or: ['issue', 'live'], what: 'groups as of the issue of the token, or of each call' },
  NESTED_GROUPS: { is: 'flat', or: ['flat', 'expanded'], what: 'whether groups that contain groups count' },
  GROUP_FORM: { is: 'any', or: ['any', 'known'], what: 'group-roles for groups nobody is in: taken, or 400' },
  GROUPROLE_DUPLICATE: { is: 200, or: [200, 409], what: 'POST of a group-role that is there' },
  GROUPROLE_ABSENT: { is: 404, or: [404, 200], what: 'DELETE of a group-role that is not there' },
  PERMISSION_TEXT: {
    is: 'opaque:standin:<n>',
    or: ['opaque:standin:<n>'],
    what: 'form of the seed’s permission texts',
  },
  BAD_MOVE: { is: 409, or: [409, 400], what: 'a state change the workflow does not have' },
  LOCKED_BY_OTHER: { is: 409, or: [409, 423], what: 'writing what somebody else has locked' },
  RESTRICT_APPROVAL: {
    is: 'last modifier',
    or: ['last modifier', 'creator', 'off'],
    what: 'whom restrictApproval bars',
  },
  ADVANCED_LEVELS: { is: 'ascending', or: ['ascending', 'any order'], what: 'order of the approval levels' },
  BULK_STATUS: { is: 200, or: [200, 409], what: 'bulk move of which every item failed' },
  NEW_VERSION: { is: 'kept', or: ['kept', 'replaced'], what: 'the APPROVED version after APPROVED>DRAFT' },
  ONDEMAND_LEAVES_JOB: { is: true, or: [true, false], what: 'whether an on-demand submit can be found as a job' },
  EXTERNAL_ID_HEADER: { is: '', or: 'any text', what: 'header that becomes the job’s externalId; empty = none' },
  HOLD_SERVICES: { is: 'holding', or: ['holding', 'complete'], what: 'where a submit to a named service stops' },
  JOB_RETENTION_S: { is: 86_400, or: 'any number', what: 'life of a finished job, seconds' },
  STOP_RELEASE: { is: 409, or: [409, 200], what: 'release or stop of what is not waiting' },
  SGW_STATUS: { is: 200, or: [200, 201], what: 'success of a service gateway submit' },
  BATCH: { is: '', or: 'any text', what: 'path of batch input below /orchestration; empty = none' },
  SEMI_PUBLIC: served('all semi-public calls'),
  SEMI_PUBLIC_AUTHENTICATION: served('the current user'),
  SEMI_PUBLIC_ROLES: served('roles'),
  SEMI_PUBLIC_GROUP_ROLES: served('group-roles'),
  SEMI_PUBLIC_ROLE_PERMISSIONS: served('role-permissions'),
  SEMI_PUBLIC_PERMISSIONS: served('effective permissions'),
  SEMI_PUBLIC_BULK_STATE: served('bulk state moves'),
  SEMI_PUBLIC_RUNTIME: served('jobs, flow instances, flow steps'),
  SEMI_PUBLIC_CRON_JOBS: served('schedules'),
  SEMI_PUBLIC_CONFIGURATION: served('configuration'),
  SEMI_PUBLIC_CACHE: served('cache update'),
  SEMI_PUBLIC_FLOW_MODELS: served('published flow models'),
  // Beside section 12 of the contract:
  DOMAIN_ADMIN: {
    is: 'own domain',
    or: ['own domain', 'nowhere'],
    what: 'where a role that administers one domain may change group-roles (`opaque:standin:64`)',
  },
  BAD_INPUT: { is: 400, or: [400, 422], what: 'a body or parameter that cannot be read' },
  NOT_SERVED: { is: 404, or: [404], what: 'a path the contract does not have' },
  METHOD: { is: 405, or: [405, 404], what: 'a known path with another method' },
  CREATED_STATUS: { is: 200, or: [200, 201], what: 'success of POST, but of a new resource (201)' },
  DELETED_STATUS: { is: 200, or: [200, 204], what: 'success of DELETE' },
  ROLE_IN_USE: { is: 409, or: [409, 200], what: 'DELETE of a role that group-roles name (200: they go with it)' },
  ROLE_DUPLICATE: { is: 409, or: [409, 400], what: 'a second role of the same name' },
  UNLOCK_UNLOCKED: { is: 200, or: [200, 409], what: 'DELETE of a lock that is not there' },
  CHILDREN_APPROVED: { is: 'required', or: ['required', 'ignored'], what: 'approving what links to unapproved assets' },
  SAME_STATE: { is: 'no-op', or: ['no-op', 'refused'], what: 'moving to the state it is in' },
  EMPOWER_REFUSED: { is: 400, or: [400, 401, 500], what: 'HTTP status around an inner "401"' },
  NOT_SUBMITTABLE: { is: 404, or: [404, 400], what: 'a submit for what is no approved communication' },
  WRONG_DRIVER: { is: 400, or: [400, 404], what: 'a driverDataSource the communication does not have' },
  HEADERS_BECOME_VARIABLES: { is: true, or: [true, false], what: 'whether a decider sees HTTP headers' },
  NO_ROUTE: { is: 'filtered', or: ['filtered', 'error'], what: 'a run that no branch of a decider fits' },
  REPROCESSING: { is: 'new instance', or: ['new instance', '409'], what: 'reprocessing of a finished job' },
  JOB_DELETE: { is: 403, or: [403, 404], what: 'deleting jobs and flow instances' },
  IMPORT_POLICY: { is: 'SKIP', or: ['SKIP', 'REPLACE', 'ERROR'], what: 'conflict policy when the import names none' },
  PASSWORD_CLIENT: { is: 'any', or: ['any', 'known'], what: 'clients that may log people in without a secret' },
  OTDS_UNREACHABLE: { is: 503, or: [503, 500, 401], what: 'status when OTDS does not answer' },
} as const satisfies Record<string, Choice>;

export type ChosenName = keyof typeof TABLE;

export const CHOSEN = new Choices<ChosenName>(TABLE);
