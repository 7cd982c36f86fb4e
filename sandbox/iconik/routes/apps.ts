import { toJson } from '../../common/effects.ts';
import type { Reply } from '../../common/types.ts';
import { digest, newId, newSecret } from '../ids.ts';
import type { Call } from '../kit.ts';
import {
  created,
  fieldError,
  noContent,
  notFound,
  nowIso,
  ok,
  oneOf,
  param,
  recordWrite,
  requiredText,
  text,
  texts,
} from '../kit.ts';
import { cursor } from '../paging.ts';
import type { Route } from '../router.ts';
import { appView } from '../shapes.ts';
import type { App } from '../state.ts';
import { expiresIn, mint, revoke, withSecret } from './tokens.ts';

function pathApp(call: Call): App {
  const app = call.state.apps[param(call, 'id')];
  if (!app) throw notFound('Application');
  return app;
}

function readFields(call: Call): Partial<App> & { name: string } {
  const change: Partial<App> & { name: string } = { name: requiredText(call.body, 'name') };
  for (const field of ['description', 'url'] as const) {
    const value = text(call.body, field);
    if (value !== undefined) change[field] = value;
  }
  const user = text(call.body, 'default_user_id');
  if (user && !call.state.users[user]) throw fieldError('default_user_id', 'User does not exist.');
  if (user !== undefined) change.default_user_id = user;
  for (const field of ['redirect_uris', 'allowed_scopes'] as const) {
    const value = texts(call.body, field);
    if (value) change[field] = value;
  }
  return change;
}

/** What kind of application it is, is fixed here; the secret of a back-end application is told once. */
function create(call: Call): Reply {
  const type = oneOf(call.body, 'type', ['PAT', 'OAUTH'] as const) ?? 'PAT';
  const client = oneOf(call.body, 'oauth_client_type', ['confidential', 'public'] as const) ?? 'confidential';
  const secret = type === 'OAUTH' && client === 'confidential' ? newSecret() : null;
  const now = nowIso(call);
  const app: App = {
    id: newId(),
    description: null,
    url: null,
    type,
    oauth_client_type: type === 'OAUTH' ? client : null,
    client_secret_digest: secret && digest(secret),
    default_user_id: call.me.id,
    redirect_uris: [],
    allowed_scopes: [],
    date_created: now,
    date_modified: now,
    ...readFields(call),
  };
  call.state.apps[app.id] = app;
  call.ctx.write({ object: 'app', id: app.id, before: null, after: toJson(appView(call.state, app)) });
  return created({ ...appView(call.state, app), client_secret: secret });
}

function edit(call: Call): Reply {
  const app = pathApp(call);
  const before = structuredClone(app);
  for (const fixed of ['type', 'oauth_client_type'] as const) {
    const sent = call.body[fixed];
    if (sent !== undefined && sent !== null && sent !== app[fixed]) throw fieldError(fixed, 'Fixed at creation.');
  }
  Object.assign(app, readFields(call), { date_modified: nowIso(call) });
  recordWrite(call.ctx, 'app', app.id, before, app);
  return ok(appView(call.state, app));
}

function remove(call: Call): Reply {
  const app = pathApp(call);
  for (const token of Object.values(call.state.tokens)) if (token.app_id === app.id) revoke(call.ctx, token);
  delete call.state.apps[app.id];
  call.ctx.write({ object: 'app', id: app.id, before: toJson(appView(call.state, app)), after: null });
  return noContent();
}

/** A token of the app; it acts as the app's user. */
function mintForApp(call: Call): Reply {
  const app = pathApp(call);
  const user = app.default_user_id ? call.state.users[app.default_user_id] : call.me;
  if (!user || user.status === 'DELETED') throw fieldError('default_user_id', 'User does not exist.');
  return created(withSecret(call, mint(call.ctx, app, user, expiresIn(call))));
}

const A = '/API/auth/v1/apps';

export const appRoutes: Route[] = [
  {
    method: 'GET',
    path: A,
    role: 'can_read_apps',
    handler: (call) =>
      cursor(
        call,
        Object.values(call.state.apps),
        (app) => app.id,
        (app) => appView(call.state, app),
      ),
  },
  { method: 'POST', path: A, role: 'can_write_apps', handler: create },
  {
    method: 'GET',
    path: `${A}/{id}`,
    role: 'can_read_apps',
    handler: (call) => ok(appView(call.state, pathApp(call))),
  },
  { method: 'PUT', path: `${A}/{id}`, role: 'can_write_apps', handler: edit },
  { method: 'PATCH', path: `${A}/{id}`, role: 'can_write_apps', handler: edit },
  { method: 'DELETE', path: `${A}/{id}`, role: 'can_delete_apps', handler: remove },
  { method: 'POST', path: `${A}/{id}/token`, role: 'can_read_apps', handler: mintForApp },
];
