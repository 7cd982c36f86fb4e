import { isObject } from '../../common/fields.ts';
import type { Reply } from '../../common/types.ts';
import { CHOSEN } from '../chosen.ts';
import { newId } from '../ids.ts';
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
  without,
} from '../kit.ts';
import type { Webhook } from '../parts.ts';
import { WEBHOOK_STATUSES } from '../parts.ts';
import { crudRoles } from '../roles.ts';
import type { Route } from '../router.ts';
import { webhookQuery } from '../rules/webhookQuery.ts';

const view = (webhook: Webhook): object => without(webhook, 'failures');

/** A webhook that is there; a deleted one only where it is chosen to show. */
function pathWebhook(call: Call): Webhook {
  const webhook = call.state.webhooks[param(call, 'id')];
  if (!webhook) throw notFound('Webhook');
  if (
    webhook.status === 'DELETED' &&
    (call.req.method !== 'GET' || CHOSEN.use(call.ctx, 'webhookAfterDelete') === 404)
  ) {
    throw notFound('Webhook');
  }
  return webhook;
}

type Sent = Pick<
  Webhook,
  'event_type' | 'status' | 'url' | 'realm' | 'operation' | 'object_id' | 'query' | 'headers' | 'name' | 'description'
>;

/** Everything that a create and a PUT bring; PUT replaces. */
function readFields(call: Call): Sent {
  const { body } = call;
  const status = oneOf(body, 'status', WEBHOOK_STATUSES);
  if (!status) throw fieldError('status', 'Missing data for required field.');
  const query = text(body, 'query') ?? null;
  if (query !== null) webhookQuery(query);
  return {
    event_type: requiredText(body, 'event_type'),
    status,
    url: readUrl(requiredText(body, 'url')),
    realm: text(body, 'realm') ?? null,
    operation: text(body, 'operation') ?? null,
    object_id: text(body, 'object_id') ?? null,
    query,
    headers: readHeaders(body['headers']),
    name: text(body, 'name') ?? null,
    description: text(body, 'description') ?? null,
  };
}

function readUrl(url: string): string {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) throw fieldError('url', 'Not a valid URL.');
  return url;
}

/** What is sent along, a shared secret for instance: there is no signature (contract section 11). */
function readHeaders(value: unknown): Record<string, string> {
  if (value === undefined || value === null) return {};
  const entries = isObject(value) ? Object.entries(value) : [];
  const texts = entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  if (!isObject(value) || texts.length < entries.length) throw fieldError('headers', 'Not a valid mapping of texts.');
  try {
    new Headers(texts);
  } catch {
    throw fieldError('headers', 'Not a valid header.');
  }
  return Object.fromEntries(texts);
}

function create(call: Call): Reply {
  const now = nowIso(call);
  const webhook: Webhook = {
    id: newId(),
    ...readFields(call),
    first_failed_at: null,
    last_error: null,
    last_payload: null,
    deleted_at: null,
    date_created: now,
    date_modified: now,
    failures: 0,
  };
  call.state.webhooks[webhook.id] = webhook;
  recordWrite(call.ctx, 'webhook', webhook.id, null, webhook);
  return created(view(webhook));
}

/** Enabling a failing webhook starts its count anew (contract section 13). */
function edit(call: Call): Reply {
  const webhook = pathWebhook(call);
  const before = structuredClone(webhook);
  const sent = readFields(call);
  const anew = sent.status === 'ENABLED' ? { failures: 0, first_failed_at: null, last_error: null } : {};
  Object.assign(webhook, sent, anew, { date_modified: nowIso(call) });
  recordWrite(call.ctx, 'webhook', webhook.id, before, webhook);
  return ok(view(webhook));
}

function remove(call: Call): Reply {
  const webhook = pathWebhook(call);
  const before = structuredClone(webhook);
  Object.assign(webhook, { status: 'DELETED', deleted_at: nowIso(call) });
  recordWrite(call.ctx, 'webhook', webhook.id, before, null);
  return noContent();
}

function list(call: Call): Reply {
  const shown = Object.values(call.state.webhooks).filter((webhook) => webhook.status !== 'DELETED');
  return ok({ objects: shown.map(view) });
}

function read(call: Call): Reply {
  call.ctx.chosen('webhookGetStatus');
  return { status: CHOSEN.count(call.state, 'webhookGetStatus'), body: view(pathWebhook(call)) };
}

const W = '/API/notifications/v1/webhooks';
const roles = crudRoles('webhooks');

export const webhookRoutes: Route[] = [
  { method: 'GET', path: W, role: roles.read, handler: list },
  { method: 'POST', path: W, role: roles.write, handler: create },
  { method: 'GET', path: `${W}/{id}`, role: roles.read, handler: read },
  { method: 'PUT', path: `${W}/{id}`, role: roles.write, handler: edit },
  { method: 'DELETE', path: `${W}/{id}`, role: roles.delete, handler: remove },
];
