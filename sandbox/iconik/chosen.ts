import { Choices } from '../common/choices.ts';
import type { Choice } from '../common/choices.ts';

/**
 * Behaviour of iconik that no public source tells (contract section 13, first value = the choice; the rest from what a
 * stand-in has to decide besides). A reply that rests on one carries `x-standin-chosen: <name>`; another value is set
 * with `/act {"action":"choose","constant":…,"value":…}`.
 */
const TABLE = {
  duplicateEmailStatus: { is: 400, or: [400, 409], what: 'status when the e-mail is already in this domain' },
  patchWithoutType: { is: 'refuse', or: ['refuse', 'lenient'], what: 'PATCH of a user without `type`' },
  firstNameRequired: { is: false, or: [false, true], what: 'whether create and PATCH demand `first_name`, as in 2025' },
  patchGroups: { is: 'replace', or: ['replace', 'merge'], what: 'PATCH `groups`' },
  newUserStatus: { is: 'ACTIVE', or: ['ACTIVE', 'INACTIVE'], what: 'a new user without password, until accepted' },
  defaultPrimaryGroup: { is: 'everyone', or: ['everyone', 'none'], what: 'primary group when create names none' },
  addMemberTwice: { is: 201, or: [201, 409], what: 'adding a member a second time' },
  removeNonMember: { is: 404, or: [404, 204], what: 'removing somebody who is not a member' },
  removePrimaryGroup: { is: 400, or: [400, 403, 409], what: 'removing somebody from the primary group' },
  userAfterDelete: { is: 404, or: [404, 200], what: 'GET of a deleted user (200 = status DELETED)' },
  aclOfDeletedGrantee: { is: 'ghost', or: ['ghost', 'removed'], what: 'ACL rows of deleted users and groups' },
  sharesOfInactiveOwner: { is: 'alive', or: ['alive', 'dead'], what: 'shares whose owner is not ACTIVE' },
  inactiveTokens: { is: 'stop', or: ['stop', 'live'], what: 'tokens of INACTIVE and BLOCKED users' },
  orphanGroup: { is: 201, or: [201, 403], what: 'POST /groups/ in a migrated domain' },
  legacyTeamsList: { is: 200, or: [200, 404], what: '/teams/ and /role_groups/ in a legacy domain' },
  userGroupsField: { is: 'union', or: ['union', 'legacyOnly'], what: '`groups` on a user of a migrated domain' },
  usersByTeamFilter: { is: 'works', or: ['works', 'empty'], what: 'users/?groups=<team id>' },
  systemGroups: { is: 'refuse', or: ['refuse', 'allow'], what: 'changing "Everyone" or "Administrator"' },
  groupDeletedPrimary: {
    is: 'everyone',
    or: ['everyone', 'none'],
    what: 'primary group of members of a deleted group',
  },
  aclOfUnknownObject: { is: 200, or: [200, 404], what: 'GET of the ACL of an object that is not there' },
  missingUserAclRow: { is: 404, or: [404, 200], what: 'GET users/{id}/acl/… without a row' },
  unknownGranteeSingle: { is: 404, or: [404, 400], what: 'PUT of one row for an unknown user or group' },
  unknownGranteeList: { is: 400, or: [400, 404], what: 'list PUT with an unknown user or group' },
  emptyPermissions: { is: 400, or: [400, 200], what: 'PUT with no permissions' },
  listLimitStatus: { is: 400, or: [400, 413], what: 'more than 500 keys (100 in bulk)' },
  propagatingPut: { is: 200, or: [200, 201, 202, 204], what: 'success of a propagating PUT' },
  propagatingDelete: { is: 204, or: [204, 200], what: 'success of a propagating DELETE' },
  propagatingLimit: { is: 400, or: [400, 403], what: 'propagating row 1001' },
  propagatingMax: { is: 1000, or: 'any number', what: 'propagating rows per domain' },
  backgroundMs: { is: 500, or: 'any number', what: 'delay of propagation, content copy, collection delete' },
  okOrNoContent: { is: 204, or: [204, 200], what: 'where the contract says "200 or 204"' },
  acceptedOrNoContent: { is: 202, or: [202, 204], what: 'where the contract says "202 or 204"' },
  projectMember: { is: 'recorded', or: ['recorded', 'grants'], what: 'effect of project membership on ACLs' },
  unknownProjectMember: { is: 400, or: [400, 404], what: 'project member who is no user' },
  repeatedProjectMember: { is: 201, or: [201, 409], what: 'project member added again' },
  shareDefaultDays: { is: 30, or: 'any number', what: 'life of a share created without `expires`' },
  shareMaxYears: { is: 5, or: 'any number', what: 'longest life of a share; beyond it 400' },
  pageBeyondEnd: { is: 404, or: [404, 200], what: 'page after the last' },
  perPageMax: { is: 1000, or: 'any number', what: 'largest per_page; beyond it 400' },
  tokenRefresh: { is: 'old stops', or: ['old stops', 'old stays'], what: 'PUT auth/token/' },
  retryAfter: { is: 'absent', or: ['absent', 'present'], what: '`Retry-After` on 429' },
  webhookTries: { is: '1 s, 5 s', or: ['1 s, 5 s', 'one'], what: 'pauses between the tries of one delivery' },
  webhookFailLimit: { is: 3, or: 'any number', what: 'failed deliveries in a row that make a webhook FAILING' },
  webhookAclData: { is: 'empty', or: ['empty', 'row'], what: '`data` of ACL events' },
  webhookGetStatus: { is: 200, or: [200, 201], what: 'success of GET webhooks/{id}/' },
  webhookAfterDelete: { is: 404, or: [404, 200], what: 'GET of a deleted webhook (200 = status DELETED)' },
  samlUnboundUser: { is: 'binds', or: ['binds', 'refused'], what: 'SAML log-in of a user made ahead, not bound' },
  samlClaimGone: { is: 'removes', or: ['removes', 'keeps'], what: 'an `is_saml_group` group that is claimed no more' },
  unknownIdentityProvider: { is: 400, or: [400, 404], what: 'an identity provider that is not there' },
  auditType: { is: 'user type', or: ['user type', 'API'], what: '`type` in the audit statistics' },
  licensedUsers: { is: 'active', or: ['active', 'all'], what: 'who counts as a licensed user' },
  ipRefused: { is: 403, or: [403, 401], what: 'a caller outside `allowed_ips`' },
  inviteRegisterLimit: { is: 20, or: 'any number', what: 'invite/register calls in 20 s; beyond it 429' },
  migration: {
    is: 'split',
    or: ['split', 'as they are'],
    what: 'untyped groups of a legacy domain: each becomes a team, and a role group of its name if it has roles',
  },
  unknownField: { is: 400, or: [400, 422], what: 'strict only: a field, parameter or header that is not known' },
  listLagMs: { is: 0, or: 'any number', what: 'how long lists lag behind a write' },
} as const satisfies Record<string, Choice>;

export type ChosenName = keyof typeof TABLE;

export const CHOSEN = new Choices<ChosenName>(TABLE);
