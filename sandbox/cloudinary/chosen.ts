import { Choices } from '../common/choices.ts';
import type { Choice } from '../common/choices.ts';

/**
 * Behaviour of Cloudinary that no public source tells (contract section 13, first value = the choice; the rest from what
 * a stand-in has to decide besides). A reply that rests on one carries `x-standin-chosen: <name>`; another value is set
 * with `/act {"action":"choose","constant":…,"value":…}`.
 */
const TABLE = {
  knownEmail: { is: 409, or: [409, 400], what: 'status when the e-mail is known here or elsewhere' },
  seatLimit: { is: 403, or: [403, 400], what: 'status when all seats are taken' },
  disabledFreesSeat: { is: false, or: [false, true], what: 'whether a disabled user frees a seat' },
  defaultRole: { is: 'media_library_user', or: ['media_library_user', 'refuse'], what: 'POST of a user without role' },
  missingUserFields: { is: 400, or: [400], what: 'POST of a user without name or e-mail' },
  usersPageSize: { is: 100, or: 'any number', what: 'users on a page without `page_size`' },
  usersPageMax: { is: 500, or: 'any number', what: 'largest page of users' },
  pageBeyondEnd: { is: 'empty', or: ['empty'], what: 'page after the last' },
  addMemberTwice: { is: 200, or: [200, 409], what: 'adding a member a second time' },
  removeNonMember: { is: 200, or: [200, 404], what: 'removing somebody who is not a member' },
  disabledSessions: { is: 'live', or: ['live', 'die'], what: 'open log-ins and tokens of a disabled user' },
  afterUserDelete: { is: 'gone', or: ['gone', 'ghosts'], what: 'memberships and roles of a deleted user' },
  protectedUser: { is: 403, or: [403, 200], what: 'disable or delete root, or the last master admin' },
  secretsInLists: { is: 'clear', or: ['clear', 'omitted'], what: 'secrets in lists of keys and environments' },
  disabledKey: { is: 401, or: [401], what: 'a call with a disabled key' },
  disabledEnvironment: { is: 401, or: [401, 200], what: 'a call to a disabled environment' },
  accountPerHour: { is: 2000, or: 'any number', what: 'calls an hour on the account plane' },
  environmentPerHour: { is: 20000, or: 'any number', what: 'calls an hour per environment (Enterprise)' },
  limitStatus: { is: 420, or: [420, 429], what: 'status beyond the limit' },
  accountRateHeaders: { is: 'sent', or: ['sent', 'absent'], what: 'rate headers on the account plane' },
  retryAfter: { is: 'absent', or: ['absent', 'present'], what: '`Retry-After` beyond the limit' },
  legacyPermissions: { is: 403, or: [403, 404], what: 'v2 and folder invites in a legacy account' },
  grantHeldRole: { is: 200, or: [200, 409], what: 'granting a role that is held' },
  removeAbsentRole: { is: 200, or: [200, 404], what: 'removing a role that is not held' },
  missingParameter: { is: 'invalid request', or: ['invalid request', 'missing fields'], what: 'content role alone' },
  missingScope: { is: 400, or: [400], what: 'environment role without `scope_id`' },
  unknownParameterValue: { is: 404, or: [404, 200], what: 'unknown folder, environment or principal in a grant' },
  apiKeyId: { is: 'key value', or: ['key value'], what: 'id of a principal `apiKey` in v2' },
  deleteRoleInUse: { is: 409, or: [409, 400], what: 'DELETE of a role with principals, without `force`' },
  customRoles: { is: 'enabled', or: ['enabled', 'not enabled'], what: 'custom roles' },
  removeInheritedRole: { is: 200, or: [200, 400], what: 'removing an inherited role at a child folder' },
  roleAboveOwnLevel: { is: 403, or: [403], what: 'granting a role above the own level' },
  cursorPlace: { is: 'top', or: ['top', 'data'], what: 'where `next_cursor` of inspect stands' },
  inspectPageSize: { is: 100, or: 'any number', what: 'principals on a page of inspect' },
  rolesByGroup: { is: 'direct', or: ['direct'], what: 'whether a user’s roles list those of the groups' },
  unmoderatedDecision: { is: 400, or: [400, 200], what: 'deciding on an asset without moderation' },
  repeatedDecision: { is: 200, or: [200, 400], what: 'deciding the same again, or the other way' },
  overwriteModeration: { is: 'cleared', or: ['cleared', 'kept'], what: 'moderation after an overwriting upload' },
  unapprovedDelivery: { is: 'open', or: ['open', 'blocked'], what: 'delivery of what is not approved' },
  signingKey: {
    is: 'oldest enabled',
    or: ['oldest enabled', 'newest enabled'],
    what: 'signing key if none is dedicated',
  },
  pollRetentionHours: { is: 24, or: 'any number', what: 'how long the poll queue keeps messages' },
  pollOrder: { is: 'oldest first', or: ['oldest first', 'shuffled'], what: 'order of polled messages' },
  unknownChannel: { is: 'empty', or: ['empty'], what: 'polling a channel that no trigger names' },
  staleHandle: { is: 'not_found', or: ['not_found', 'acked'], what: 'acknowledging with an old handle' },
  pollErrors: { is: 'v2', or: ['v2', 'v1'], what: 'shape of errors of the poll queue' },
  remoteUpload: { is: 'placeholder', or: ['placeholder', 'refuse'], what: 'upload of a web address: never fetched' },
  deleteFolderWithAssets: { is: 400, or: [400, 409], what: 'deleting a folder that holds assets' },
  newKeyRights: { is: 'none', or: ['none', 'all'], what: 'rights of a new key before anything is granted' },
  unknownRoute: { is: 404, or: [404], what: 'status and text of paths that are not known' },
  premiumApis: { is: 404, or: [404, 403], what: 'Collections, Creative Approval, SCIM, audit' },
  strictRefusal: { is: 400, or: [400], what: 'refusal of an unknown field, by the strict switch only' },
} as const satisfies Record<string, Choice>;

export type ChosenName = keyof typeof TABLE;

export const CHOSEN = new Choices<ChosenName>(TABLE);
