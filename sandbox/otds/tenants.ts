import { randomUUID } from 'node:crypto';
import { ADMIN_PARTITION, needAdmin } from './access.ts';
import { bodyOf, created, ok, optionalTextOf, param, textOf } from './call.ts';
import type { Handler } from './call.ts';
import { refused } from './errors.ts';
import type { Tenant } from './model.ts';
import { addUser, link } from './writes.ts';

/**
 * `/otdsws/tenants`. Every tenant sees the same directory here, with names of its own (`dc=identity,dc=<tenant>,dc=root`);
 * the prefix `/otdstenant/<name>` is taken for tenants that nobody created, too.
 */

function tenantJson(t: Tenant): object {
  return { id: t.id, displayName: t.displayName, adminUserName: t.adminUserName, uuid: t.uuid };
}

/** GET /tenants */
export const listTenants: Handler = (call) => {
  needAdmin(call);
  return ok({ tenants: Object.values(call.state.tenants).map(tenantJson) });
};

/** GET /tenants/{name} */
export const getTenant: Handler = (call) => {
  needAdmin(call);
  const name = param(call);
  const found = Object.hasOwn(call.state.tenants, name) ? call.state.tenants[name] : undefined;
  if (!found) throw refused('ERR_NOT_FOUND', `Tenant not found: ${name}`);
  return ok(tenantJson(found));
};

/** POST /tenants: with its first administrator, in `otds.admin`. */
export const createTenant: Handler = (call) => {
  needAdmin(call);
  const body = bodyOf(call);
  const id = textOf(body, 'id');
  if (!/^[\w-]+$/.test(id)) throw refused('ERR_BAD_INPUT', 'id may hold letters, digits, _ and - only');
  if (Object.hasOwn(call.state.tenants, id)) throw refused('ERR_DUPLICATE', `The tenant ${id} already exists`);
  const displayName = optionalTextOf(body, 'displayName') ?? null;
  const adminUserName = optionalTextOf(body, 'adminUserName') ?? null;
  const password = optionalTextOf(body, 'adminPassword');
  const tenant: Tenant = { id, uuid: randomUUID(), displayName, adminUserName };
  call.state.tenants[id] = tenant;
  call.ctx.write({ object: 'tenant', id, before: null, after: { displayName, adminUserName } });
  if (adminUserName !== null && call.dir.users.named(adminUserName, ADMIN_PARTITION).length === 0) {
    const attributes = { oTType: ['TenantAdminUser'], ...(password ? { userPassword: [password] } : {}) };
    const member = addUser(call.ctx, { partition: ADMIN_PARTITION, name: adminUserName, attributes });
    for (const container of call.dir.groups.named('otadmins', ADMIN_PARTITION))
      link(call.ctx, { membership: call.dir.groupMembers, object: 'membership', container, kind: 'users', member });
  }
  return created(call, tenantJson(tenant));
};
