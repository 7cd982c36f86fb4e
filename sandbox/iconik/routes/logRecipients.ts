import type { Reply } from '../../common/types.ts';
import type { Call } from '../kit.ts';
import { ok, oneOf, requiredText, text } from '../kit.ts';
import type { LogRecipient } from '../parts.ts';
import { LOG_METHODS } from '../parts.ts';
import { crudRoles } from '../roles.ts';
import type { Route } from '../router.ts';
import type { Kind } from './crud.ts';
import { crudRoutes, named, needed, readSettings } from './crud.ts';

const R = '/API/stats/v1/system/logs/recipients';
const roles = crudRoles('logs_recipients');

/** Where the full audit goes: it is streamed, never read by REST (contract section 9). */
const recipients: Kind<LogRecipient> = {
  path: R,
  roles,
  what: 'Logs recipient',
  object: 'logs_recipient',
  table: (state) => state.logs_recipients,
  make: (call, id, dates) => ({ id, name: '', method: 'GOOGLE', settings: {}, ...dates, ...readFields(call) }),
  change: readFields,
};

/** All three are needed on create and PUT; PATCH changes what it brings. */
function readFields(call: Call): Partial<Pick<LogRecipient, 'name' | 'method' | 'settings'>> {
  const { body } = call;
  const name = call.req.method === 'PATCH' ? text(body, 'name') : requiredText(body, 'name');
  const method = needed(call, 'method', oneOf(body, 'method', LOG_METHODS));
  return { ...(name ? { name } : {}), ...(method ? { method } : {}), ...readSettings(call) };
}

/** Sends a test message. */
function tryOut(call: Call): Reply {
  const { id, name, method } = named(call, recipients);
  call.ctx.outbox({ to: name, kind: 'logTest', recipient: id, method });
  return ok({});
}

export const logRecipientRoutes: Route[] = [
  ...crudRoutes(recipients),
  { method: 'POST', path: `${R}/{id}`, role: roles.write, handler: tryOut },
];
