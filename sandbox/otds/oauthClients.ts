import { randomBytes, randomUUID } from 'node:crypto';
import type { Context, Json } from '../common/types.ts';
import { needAdmin } from './access.ts';
import { bodyOf, created, EMPTY, ok, optionalTextOf, param, textOf } from './call.ts';
import type { Call, Handler } from './call.ts';
import { oauthClientDn } from './dn.ts';
import { refused } from './errors.ts';
import type { OAuthClient, OtdsState } from './model.ts';
import { addUser } from './writes.ts';

export const OAUTH_PARTITION = 'OAuthClients';
const OWN = ['id', 'name', 'secret', 'uuid', 'location', 'urlId', 'urlLocation'];

function clientOf(call: Call, id: string): OAuthClient {
  const client = Object.hasOwn(call.state.oauthClients, id) ? call.state.oauthClients[id] : undefined;
  if (!client) throw refused('ERR_NOT_FOUND', `OAuth client not found: ${id}`);
  return client;
}

function clientJson(c: OAuthClient, withSecret: boolean): object {
  const location = oauthClientDn(c.uuid);
  return {
    description: null,
    redirectURLs: [],
    accessTokenLifeTime: 3600,
    refreshTokenLifeTime: 20000,
    authCodeLifeTime: 20000,
    allowRefreshToken: true,
    allowImpersonation: false,
    useSessionRefreshTokenLifeTime: true,
    allowedScopes: [],
    defaultScopes: [],
    authScopes: [],
    impersonateList: null,
    confidential: true,
    customAttributes: null,
    logoutURL: null,
    logoutMethod: null,
    ...c.fields,
    id: c.id,
    name: c.id,
    uuid: c.uuid,
    location,
    urlId: c.id,
    urlLocation: location,
    secret: withSecret ? c.secret : null,
  };
}

function fieldsOf(body: Record<string, unknown>): { [k: string]: Json } {
  const kept = Object.entries(body).filter(([name]) => !OWN.includes(name));
  return Object.fromEntries(kept) as { [k: string]: Json }; // parsed JSON
}

/** Adds an OAuth client with its user in the partition of OAuth clients. */
export function addOAuthClient(
  ctx: Context<OtdsState>,
  o: { id: string; secret: string | null; fields: { [k: string]: Json }; uuid?: string },
) {
  const client: OAuthClient = {
    uuid: o.uuid ?? randomUUID(),
    n: ++ctx.state.n,
    id: o.id,
    secret: o.secret,
    fields: o.fields,
  };
  ctx.state.oauthClients[o.id] = client;
  ctx.write({ object: 'oauthClient', id: o.id, before: null, after: o.fields });
  addUser(ctx, { partition: OAUTH_PARTITION, name: o.id, uuid: client.uuid, description: 'OAuth client' });
  return client;
}

/** POST /oauthclients: the only reply that shows the secret. */
export const createOAuthClient: Handler = (call) => {
  needAdmin(call);
  const body = bodyOf(call);
  const id = textOf(body, 'id');
  if (Object.hasOwn(call.state.oauthClients, id))
    throw refused('ERR_DUPLICATE', `The OAuth client ${id} already exists`);
  const secret = optionalTextOf(body, 'secret') ?? randomBytes(24).toString('base64url');
  const client = addOAuthClient(call.ctx, { id, secret, fields: fieldsOf(body) });
  return created(call, clientJson(client, true));
};

/** GET /oauthclients/{id} */
export const getOAuthClient: Handler = (call) => ok(clientJson(clientOf(call, param(call)), false));

function change(call: Call, client: OAuthClient, fields: { [k: string]: Json }): void {
  const before = Object.fromEntries(Object.keys(fields).map((name) => [name, client.fields[name] ?? null]));
  Object.assign(client.fields, fields);
  call.ctx.write({ object: 'oauthClient', id: client.id, before, after: fields });
}

/** PATCH /oauthclients/{id} */
export const patchOAuthClient: Handler = (call) => {
  needAdmin(call);
  const client = clientOf(call, param(call));
  const body = bodyOf(call);
  change(call, client, fieldsOf(body));
  const secret = optionalTextOf(body, 'secret');
  if (secret) client.secret = secret;
  return ok(clientJson(client, false));
};

/** PUT /oauthclients/{id}/impersonation */
export const putOAuthImpersonation: Handler = (call) => {
  needAdmin(call);
  change(call, clientOf(call, param(call)), fieldsOf(bodyOf(call)));
  return EMPTY;
};
