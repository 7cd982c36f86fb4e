import type { Reply } from '../../common/types.ts';
import { newId } from '../ids.ts';
import type { Call } from '../kit.ts';
import {
  created,
  fieldError,
  isRecord,
  noContent,
  notFound,
  nowIso,
  ok,
  oneOf,
  param,
  recordWrite,
  requiredText,
  text,
} from '../kit.ts';
import { cursor } from '../paging.ts';
import type { LogRecipient } from '../parts.ts';
import { LOG_METHODS } from '../parts.ts';
import { crudRoles } from '../roles.ts';
import type { Route } from '../router.ts';

/** Where the full audit goes: it is streamed, never read by REST (contract section 9). */
function pathRecipient(call: Call): LogRecipient {
  const recipient = call.state.logs_recipients[param(call, 'id')];
  if (!recipient) throw notFound('Logs recipient');
  return recipient;
}

type Sent = Pick<LogRecipient, 'name' | 'method' | 'settings'>;

/** All three are needed on create and PUT; PATCH changes what it brings. */
function readFields(call: Call): Partial<Sent> {
  const { body } = call;
  const partly = call.req.method === 'PATCH';
  const name = partly ? text(body, 'name') : requiredText(body, 'name');
  const method = oneOf(body, 'method', LOG_METHODS);
  const settings = body['settings'];
  if (!method && !partly) throw fieldError('method', 'Missing data for required field.');
  if (settings === undefined && !partly) throw fieldError('settings', 'Missing data for required field.');
  if (settings !== undefined && !isRecord(settings)) throw fieldError('settings', 'Not a valid mapping.');
  return {
    ...(name ? { name } : {}),
    ...(method ? { method } : {}),
    ...(settings === undefined ? {} : { settings }),
  };
}

function create(call: Call): Reply {
  const now = nowIso(call);
  const dates = { date_created: now, date_modified: now };
  const blank = { id: newId(), name: '', method: 'GOOGLE', settings: {}, ...dates } as const;
  const recipient: LogRecipient = { ...blank, ...readFields(call) };
  call.state.logs_recipients[recipient.id] = recipient;
  recordWrite(call.ctx, 'logs_recipient', recipient.id, null, recipient);
  return created(recipient);
}

function edit(call: Call): Reply {
  const recipient = pathRecipient(call);
  const before = structuredClone(recipient);
  Object.assign(recipient, readFields(call), { date_modified: nowIso(call) });
  recordWrite(call.ctx, 'logs_recipient', recipient.id, before, recipient);
  return ok(recipient);
}

function remove(call: Call): Reply {
  const recipient = pathRecipient(call);
  delete call.state.logs_recipients[recipient.id];
  recordWrite(call.ctx, 'logs_recipient', recipient.id, recipient, null);
  return noContent();
}

/** Sends a test message. */
function tryOut(call: Call): Reply {
  const { id, name, method } = pathRecipient(call);
  call.ctx.outbox({ to: name, kind: 'logTest', recipient: id, method });
  return ok({});
}

function list(call: Call): Reply {
  const all = Object.values(call.state.logs_recipients);
  return cursor(
    call,
    all,
    (recipient) => recipient.id,
    (recipient) => recipient,
  );
}

const R = '/API/stats/v1/system/logs/recipients';
const roles = crudRoles('logs_recipients');

export const logRecipientRoutes: Route[] = [
  { method: 'GET', path: R, role: roles.read, handler: list },
  { method: 'POST', path: R, role: roles.write, handler: create },
  { method: 'GET', path: `${R}/{id}`, role: roles.read, handler: (call) => ok(pathRecipient(call)) },
  { method: 'PUT', path: `${R}/{id}`, role: roles.write, handler: edit },
  { method: 'PATCH', path: `${R}/{id}`, role: roles.write, handler: edit },
  { method: 'DELETE', path: `${R}/{id}`, role: roles.delete, handler: remove },
  { method: 'POST', path: `${R}/{id}`, role: roles.write, handler: tryOut },
];
