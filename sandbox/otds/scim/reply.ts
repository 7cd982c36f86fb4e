import type { Reply } from '../../common/types.ts';
import { isObject } from '../../common/fields.ts';
import { needAdmin } from '../access.ts';
import { identify } from '../auth.ts';
import type { Call } from '../call.ts';
import type { Partition } from '../model.ts';
import { partitionNamed } from '../refs.ts';
import { ScimError } from './error.ts';

/** What all SCIM routes share: who may call, the form of replies. */

const TYPE = 'application/scim+json;charset=UTF-8';

export function reply(status: number, body: object, headers: Record<string, string> = {}): Reply {
  return { status, headers: { 'content-type': TYPE, ...headers }, body };
}

/** One page of resources; `startIndex` counts from 1. */
export function listReply(resources: object[], startIndex: number, total: number): Reply {
  return reply(200, {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults: total,
    startIndex,
    itemsPerPage: resources.length,
    Resources: resources,
  });
}

/** The address of this SCIM service, as it was called. */
export function scimBase(call: Call): string {
  const path = /^(.*?\/scim\/[^/]+)/.exec(call.req.path)?.[1] ?? '';
  return `http://${call.req.headers['host'] ?? 'localhost'}${path}`;
}

/**
 * The partition of the path. It must be non-synchronised, and the caller an OAuth client that administers it, by a
 * Bearer token (contract, section 9).
 */
export function scimPartition(call: Call): Partition {
  if (!/^Bearer\s/i.test(call.req.headers['authorization'] ?? ''))
    throw new ScimError(401, 'A Bearer token of an OAuth client is required');
  const who = identify({ ...call.req, headers: { authorization: call.req.headers['authorization'] ?? '' } }, call.ctx);
  if (!call.state.oauthClients[who.user.name] || who.user.partition !== 'OAuthClients')
    throw new ScimError(403, 'The token was not issued to an OAuth client of its own');
  const partition = partitionNamed(call.state, call.params[0] ?? '');
  if (!partition) throw new ScimError(404, `User partition not found: ${call.params[0] ?? ''}`);
  needAdmin({ ...call, who }, partition.name);
  if (partition.synchronised) throw new ScimError(400, `${partition.name} is a synchronized partition`, 'mutability');
  return partition;
}

/** The body as a JSON object. */
export function scimBody(call: Call): Record<string, unknown> {
  const body = call.req.json();
  if (!isObject(body)) throw new ScimError(400, 'The request body must be a JSON object', 'invalidSyntax');
  return body;
}
