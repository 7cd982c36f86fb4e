import { CATEGORIES, carriesRoles } from './roles.ts';
import { CHOSEN } from './chosen.ts';
import { without } from './kit.ts';
import { permissionsOf } from './rules/access.ts';
import { kindOf } from './rules/people.ts';
import { ancestorsOf } from './rules/tree.ts';
import type { App, Collection, Group, Project, Share, ShareUser, State, Template, Token, User } from './state.ts';

/** Replies with every field of the contract, so that clients generated from iconik's own files can read them. */

function groupsOf(state: State, user: User): string[] {
  if (state.domain.model === 'legacy' || CHOSEN.value(state, 'userGroupsField') === 'union') return user.groups;
  return user.groups.filter((id) => state.groups[id]?.kind === null);
}

const ofKind = (state: State, user: User, kind: Group['kind']): string[] =>
  user.groups.filter((id) => {
    const group = state.groups[id];
    return group !== undefined && kindOf(state, group) === kind;
  });

/** A user as lists show it: without teams and role groups. */
export function userItem(state: State, user: User): object {
  return {
    id: user.id,
    email: user.email,
    first_name: user.first_name,
    last_name: user.last_name,
    type: user.type,
    status: user.status,
    is_admin: user.is_admin,
    is_super_admin: false,
    is_super_admin_light: false,
    primary_group: user.primary_group,
    groups: groupsOf(state, user),
    phone: user.phone,
    description: user.description,
    metadata: user.metadata,
    system_domain_id: state.domain.id,
    system_domains: [state.domain.id],
    system_name: null,
    system_metadata: { saml_created: user.saml_created },
    identity_provider_id: user.identity_provider_id,
    photo: null,
    photo_big: null,
    photo_small: null,
    hide_email: false,
    hide_phone: false,
    email_marketing_consent: null,
    onboarding_goal: null,
    date_created: user.date_created,
    date_modified: user.date_modified,
    date_welcomed: null,
    date_first_uploaded: null,
    date_terms_accepted: null,
    date_checklist_completed: null,
    date_returned: null,
    date_visited_dashboard: null,
    last_web_login: user.last_web_login,
    last_successful_auth: user.last_successful_auth,
    last_unsuccessful_auth: user.last_unsuccessful_auth,
    password_changed: user.password_changed,
  };
}

/** A user as writes answer it. */
export function userView(state: State, user: User): object {
  return {
    ...userItem(state, user),
    app_id: null,
    disable_mixpanel: false,
    photo_storage_id: null,
    has_domain_been_migrated_to_simplified_acls: state.domain.model === 'simplified',
  };
}

/** A user as GET by id answers it: with teams and role groups. */
export function userWithGroups(state: State, user: User): object {
  const legacy = state.domain.model === 'legacy';
  return {
    ...userView(state, user),
    teams: legacy ? [] : ofKind(state, user, 'TEAM'),
    role_groups: legacy ? [] : ofKind(state, user, 'ROLE_GROUP'),
  };
}

export function userBasic(user: User): object {
  const { id, email, first_name, last_name } = user;
  return { id, email, first_name, last_name, photo: null, photo_big: null, photo_small: null, photo_storage_id: null };
}

/** A group, team or role group; teams of a migrated domain have no roles. */
export function groupView(state: State, group: Group): object {
  const kind = kindOf(state, group);
  const roles = {
    roles: group.roles,
    role_categories: Object.fromEntries(CATEGORIES.map((name) => [name, group.role_categories[name] ?? false])),
  };
  return {
    id: group.id,
    name: group.name,
    alias: group.alias,
    description: group.description,
    external_id: group.external_id,
    ...(carriesRoles(state, group) ? roles : {}),
    default_user_type: group.default_user_type,
    saml_primary_group_priority: group.saml_primary_group_priority,
    is_saml_group: group.is_saml_group,
    is_legacy_everyone: group.is_legacy_everyone,
    group_type: kind,
    logo: null,
    date_created: group.date_created,
    date_modified: group.date_modified,
  };
}

/** A collection with the caller's own permissions on it. */
export function collectionView(state: State, collection: Collection, caller: User): object {
  return {
    ...collection,
    parents: ancestorsOf(state, 'collections', collection.id),
    permissions: permissionsOf(state, caller, 'collections', collection.id),
    object_type: 'collections',
    metadata: {},
    custom_keyframe: null,
    custom_poster: null,
    custom_order_status: 'DISABLED',
    favoured: false,
    keyframes: [],
    keyframe_asset_ids: [],
    position: null,
    date_viewed: null,
  };
}

export function shareView(state: State, share: Share): object {
  return {
    id: share.id,
    object_id: share.object_id,
    object_type: share.object_type,
    owner_id: share.owner_id,
    system_domain_id: state.domain.id,
    title: share.title,
    message: share.message,
    expires: share.expires,
    url: share.url,
    has_password: share.password_digest !== null,
    project_id: share.project_id,
    population_status: share.population_status,
    metadata_views: [],
    upload_storage_id: null,
    automatic_approval_share: false,
    review_experience_public_beta: false,
    watermark: null,
    drm: null,
    ...share.flags,
    date_created: share.date_created,
  };
}

/** A share as the domain's lists show it: with its users. */
export function shareItem(state: State, share: Share): object {
  const users = Object.values(share.users).map(({ id, email, access_count, last_access_date }) => ({
    id,
    email,
    access_count,
    last_access_date,
  }));
  const object_title = state.collections[share.object_id]?.title ?? state.things[share.object_id]?.title ?? null;
  return { ...shareView(state, share), object_title, personal_url: null, approval: null, users };
}

export function shareUserView(share: Share, user: ShareUser): object {
  const photos = { photo: null, photo_big: null, photo_small: null };
  const { object_id, object_type, id: share_id } = share;
  return { ...user, share_id, object_id, object_type, first_name: null, last_name: null, ...photos };
}

export function appView(state: State, app: App): object {
  return { ...without(app, 'client_secret_digest'), system_domain_id: state.domain.id };
}

/** A token without its secret. */
export function tokenView(state: State, token: Token): object {
  const user = state.users[token.user_id];
  return {
    id: token.id,
    app_id: token.app_id,
    user_id: token.user_id,
    system_domain_id: state.domain.id,
    system_domains: [state.domain.id],
    system_domain_status: state.domain.status,
    system_domain_type: 'CUSTOMER',
    system_domain_is_plg: false,
    system_domain_warning_message: null,
    auth_system_domains: [],
    expires: token.expires,
    is_admin: user?.is_admin ?? false,
    is_super_admin: false,
    is_super_admin_light: false,
    is_mfa_authenticated: false,
    is_saml_authenticated: false,
    date_created: token.date_created,
    date_modified: token.date_modified,
  };
}

export function projectView(state: State, project: Project): object {
  return { ...without(project, 'members'), status: 'ACTIVE', system_domain_id: state.domain.id };
}

export function templateView(template: Template): object {
  const { id, name, date_created, date_modified } = template;
  return { id, name, date_created, date_modified };
}
