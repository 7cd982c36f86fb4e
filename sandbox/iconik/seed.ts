import { digest, idOf } from './ids.ts';
import { emptyEntry } from './rules/access.ts';
import { addHistory } from './rules/history.ts';
import { FLAGS } from './rules/sharing.ts';
import { WORKSPACES, seedGroups, teamId } from './seedGroups.ts';
import { LEAVER_EMAIL, OWNER_EMAIL, SERVICE_EMAIL, seedUsers, userId } from './seedPeople.ts';
import type { AclRow, App, Collection, State, Token } from './state.ts';

/** A pair of headers that the seed knows. */
export type Credentials = { appId: string; token: string };

/** Our service account, unless flags or environment say otherwise. Of use against this stand-in only. */
export const SERVICE: Credentials = {
  appId: idOf('app', 'Tenure'),
  token: 'iconik-sandbox-service-token-not-a-secret',
};

/** The domain owner's own application: what only an owner may do, for tests and trials. */
export const OWNER: Credentials = { appId: idOf('app', 'Owner'), token: 'iconik-sandbox-owner-token-not-a-secret' };

export const SERVICE_TOKEN_ID = idOf('token', 'Tenure');

const BEGAN = '2026-01-05T08:00:00.000+00:00';
const row = (...permissions: string[]): AclRow => ({ permissions, date_created: BEGAN, date_modified: BEGAN });

function collectionId(path: string): string {
  return idOf('collection', path);
}

/** The domain of Northwind Pictures; ids depend on names alone. */
export function seed(options: { seed?: string; people?: number }, service: Credentials = SERVICE): State {
  const state: State = {
    domain: {
      id: idOf('domain', 'Northwind Pictures'),
      name: 'Northwind Pictures',
      base_url: 'https://northwind.iconik.example',
      status: 'ACTIVE',
      model: 'simplified',
      everyone: teamId('Everyone'),
      service_user: userId(SERVICE_EMAIL),
    },
    chosen: {},
    users: seedUsers(BEGAN, options),
    groups: seedGroups(BEGAN),
    mappings: {},
    apps: {},
    tokens: {},
    invites: {},
    invitations: {},
    acls: {},
    propagating: {},
    inheritance: {},
    templates: {},
    collections: {},
    things: {},
    projects: {},
    shares: {},
    settings: {},
    ...emptyParts(),
    pending: [],
    recent: [],
    rates: {},
  };
  addApps(state, service);
  for (const name of WORKSPACES) addWorkspace(state, name);
  addThings(state);
  addTemplate(state);
  addLeaver(state);
  addIdentityProvider(state);
  addPast(state);
  return state;
}

/** Parts that saved states of earlier versions may lack. */
function emptyParts() {
  return {
    webhooks: {},
    deliveries: {},
    identity_providers: {},
    saml_domains: {},
    logs_recipients: {},
    history: {},
    activity: {},
    auditFile: null,
  } satisfies Partial<State>;
}

/** Adds what a state saved by an earlier version lacks. */
export function complete(state: State): void {
  Object.assign(state, { ...emptyParts(), ...state });
}

/** How people of the company log in: their mail domain leads to one identity provider. */
function addIdentityProvider(state: State): void {
  const id = idOf('identity_provider', 'Northwind');
  state.identity_providers[id] = {
    id,
    public_id: idOf('identity_provider', 'Northwind/public'),
    type: 'GENERIC',
    settings: {
      name: 'Northwind',
      idp_entity_id: 'https://login.northwind.example/saml',
      idp_sso_post_url: 'https://login.northwind.example/saml/sso',
      idp_x509cert: 'MIIC-made-up',
    },
    date_created: BEGAN,
    date_modified: BEGAN,
  };
  const domain = 'northwind.example';
  state.saml_domains[domain] = { domain, identity_provider_id: id, system_domain_id: state.domain.id };
}

/** What the audit statistics and an asset's history tell of before: the last log-ins, and how an asset came. */
function addPast(state: State): void {
  for (const user of Object.values(state.users)) {
    if (user.last_web_login) state.activity[`${user.last_web_login.slice(0, 10)}/${user.id}`] = 1;
  }
  for (const thing of Object.values(state.things)) {
    if (thing.object_type === 'assets') addHistory(state, thing.id, 'VERSION_CREATE', thing.created_by_user, BEGAN);
  }
}

function addApps(state: State, service: Credentials): void {
  const app = (id: string, name: string, user: string): App => ({
    id,
    name,
    description: null,
    url: null,
    type: 'PAT',
    oauth_client_type: null,
    client_secret_digest: null,
    default_user_id: user,
    redirect_uris: [],
    allowed_scopes: [],
    date_created: BEGAN,
    date_modified: BEGAN,
  });
  const token = (id: string, secret: string, appId: string, user: string): Token => ({
    id,
    digest: digest(secret),
    app_id: appId,
    user_id: user,
    expires: null,
    date_created: BEGAN,
    date_modified: BEGAN,
  });
  const [serviceUser, owner, leaver] = [SERVICE_EMAIL, OWNER_EMAIL, LEAVER_EMAIL].map(userId);
  if (!serviceUser || !owner || !leaver) throw new Error('The seed lacks a user.');
  const leaverApp = idOf('app', 'Edit Suite Gateway');
  const apps = [
    app(service.appId, 'Tenure', serviceUser),
    app(OWNER.appId, 'Owner', owner),
    app(leaverApp, 'Edit Suite Gateway', leaver),
  ];
  const tokens = [
    token(SERVICE_TOKEN_ID, service.token, service.appId, serviceUser),
    token(idOf('token', 'Owner'), OWNER.token, OWNER.appId, owner),
    token(idOf('token', 'Gateway'), 'iconik-sandbox-gateway-token-not-a-secret', leaverApp, leaver),
  ];
  state.apps = Object.fromEntries(apps.map((one) => [one.id, one]));
  state.tokens = Object.fromEntries(tokens.map((one) => [one.id, one]));
}

/** A root collection of the team's name with a propagating row for the team, two collections and an asset below. */
function addWorkspace(state: State, name: string): void {
  const root = addCollection(state, name, null);
  for (const part of ['Work in Progress', 'Finished']) addCollection(state, part, name);
  const asset = idOf('asset', name);
  state.things[asset] = {
    id: asset,
    object_type: 'assets',
    title: `${name} Reel`,
    in_collections: [collectionId(`${name}/Finished`)],
    created_by_user: userId(OWNER_EMAIL),
    date_created: BEGAN,
  };
  const permissions = name === 'Contractors' || name === 'Project Aurora' ? ['read'] : ['read', 'write'];
  const entry = emptyEntry();
  entry.groups[teamId(name)] = row(...permissions);
  entry.users[userId(SERVICE_EMAIL)] = row('read', 'write', 'change-acl');
  state.propagating[root.id] = entry;
  state.inheritance[root.id] = structuredClone(entry);
  state.acls[`groups/${teamId(name)}`] = serviceRow('read', 'write', 'change-acl');
}

function serviceRow(...permissions: string[]): State['acls'][string] {
  return { ...emptyEntry(), users: { [userId(SERVICE_EMAIL)]: row(...permissions) } };
}

function addCollection(state: State, title: string, parent: string | null): Collection {
  const path = parent === null ? title : `${parent}/${title}`;
  const parentId = parent === null ? null : collectionId(parent);
  const collection: Collection = {
    id: collectionId(path),
    title,
    parent_id: parentId,
    in_collections: parentId ? [parentId] : [],
    is_root: parentId === null,
    status: 'ACTIVE',
    external_id: null,
    storage_id: null,
    category: null,
    project_id: null,
    created_by_user: userId(OWNER_EMAIL),
    deleted_by_user: null,
    date_deleted: null,
    date_created: BEGAN,
    date_modified: BEGAN,
  };
  state.collections[collection.id] = collection;
  return collection;
}

/** One of each type that carries rows but is no collection. */
function addThings(state: State): void {
  for (const type of ['storages', 'metadata_views', 'saved_searches', 'custom_actions', 'export_locations']) {
    const id = idOf(type, 'Main');
    const title = `Main ${type.replaceAll('_', ' ')}`;
    const created_by_user = userId(OWNER_EMAIL);
    state.things[id] = { id, object_type: type, title, in_collections: [], created_by_user, date_created: BEGAN };
    state.acls[`${type}/${id}`] = serviceRow('read', 'change-acl');
  }
}

/** The domain's default template lets everybody read: what `apply_default_acls=true` leaks. */
function addTemplate(state: State): void {
  const id = idOf('template', 'Everyone reads');
  const entry = emptyEntry();
  entry.groups[teamId('Everyone')] = row('read');
  state.templates[id] = { id, name: 'Everyone reads', entry, date_created: BEGAN, date_modified: BEGAN };
  state.settings['system'] = { acl_template_id: id, share_expiration_time: 30, external_share: true };
}

/** What a leaver leaves behind: a direct row, a share, an application (contract section 14, "Order"). */
function addLeaver(state: State): void {
  const leaver = userId(LEAVER_EMAIL);
  const object = collectionId('Unit Trailers');
  state.acls[`collections/${object}`] = { ...emptyEntry(), users: { [leaver]: row('read', 'write') } };
  const id = idOf('share', 'Rough cut');
  const shareUser = idOf('share_user', 'Rough cut');
  const email = 'reviewer@festival.example';
  state.shares[id] = {
    id,
    object_id: collectionId('Post Production/Finished'),
    object_type: 'collections',
    owner_id: leaver,
    title: 'Rough cut for the festival',
    message: null,
    expires: '2029-06-30T00:00:00.000+00:00',
    url: null,
    password_digest: null,
    project_id: null,
    population_status: 'FINISHED',
    flags: Object.fromEntries(Object.entries(FLAGS).map(([name, { fallback }]) => [name, fallback])),
    users: { [shareUser]: { id: shareUser, email, access_count: 3, last_access_date: BEGAN, internal_user_id: null } },
    links: { [shareUser]: digest('rough-cut') },
    date_created: BEGAN,
  };
}
