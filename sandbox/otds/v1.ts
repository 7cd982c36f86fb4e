import { isObject } from '../common/fields.ts';
import type { Reply } from '../common/types.ts';
import { credentials } from './auth.ts';
import { bodyOf } from './call.ts';
import type { Call, Handler } from './call.ts';
import { createUser, putPassword } from './users.ts';

/** `/otdsws/v1`, the older twin in snake_case: log-in, create user, set password (contract, section 1). */

function camel(name: string): string {
  return name.replace(/_id$/, 'ID').replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function snake(name: string): string {
  return name
    .replace(/(UUID|IDs?)$/, (end) => `_${end.toLowerCase()}`)
    .replace(/(?<=[a-z])[A-Z]/g, (l) => `_${l}`)
    .toLowerCase();
}

/** A handler of the current interface behind the older names, first level only. `rename` corrects what is spelled otherwise. */
function older(handler: Handler, rename: Record<string, string> = {}): Handler {
  return async (call: Call): Promise<Reply> => {
    const given = Object.entries(bodyOf(call)).map(([name, value]) => [rename[name] ?? camel(name), value]);
    const body: unknown = Object.fromEntries(given);
    const reply = await handler({ ...call, req: { ...call.req, json: () => body } });
    if (!isObject(reply.body)) return reply;
    return { ...reply, body: Object.fromEntries(Object.entries(reply.body).map(([name, v]) => [snake(name), v])) };
  };
}

/** POST /v1/authentication/credentials: `{user_name, password}`. */
export const v1Credentials: Handler = older(credentials, { target_resource_id: 'targetResourceId' });

/** POST /v1/users: `{user_partition_id, name, values, …}`. */
export const v1CreateUser: Handler = older(createUser);

/** PUT /v1/users/{ref}/password: `{new_password}`. */
export const v1Password: Handler = older(putPassword);
