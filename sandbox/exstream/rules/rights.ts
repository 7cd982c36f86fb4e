import { CHOSEN } from '../chosen.ts';
import type { Session, State, Role } from '../state.ts';
import type { Call } from '../kit.ts';
import { chosenRefusal } from '../kit.ts';
import { CODES, notFound } from '../errors.ts';
import type { Domain } from '../state.ts';

/**
 * What a permission text lets people do. The vendor's format is unknown; here `opaque:standin:<n>`, n being a sum of
 * these. Any other text is stored as sent and grants nothing.
 */
export const RIGHT = { READ: 1, EDIT: 2, REVIEW: 4, APPROVE: 8, RUN: 16, ADMIN: 32, DOMAIN_ADMIN: 64 } as const;
export type Right = keyof typeof RIGHT;
const ALL = 63;

export function permissionText(...rights: Right[]): string {
  return `opaque:standin:${rights.reduce((sum, right) => sum + RIGHT[right], 0)}`;
}

function bitsOf(text: string): number {
  return Number(/^opaque:standin:(\d+)$/.exec(text)?.[1] ?? 0);
}

/** The roles that these groups have, in one domain or (null) in any. */
export function rolesOf(state: State, groups: readonly string[], domain: string | null): Role[] {
  const mine = new Set(groups.map((group) => group.toLowerCase()));
  const ids = new Set(
    Object.values(state.groupRoles)
      .filter((row) => (domain === null || row.domain === domain) && mine.has(row.group.toLowerCase()))
      .map((row) => row.roleId),
  );
  return [...ids].map((id) => state.roles[id]).filter((role) => role !== undefined);
}

/** A tenant administrator holds, in whatever domain, a role whose administrative permissions say so. */
export function isTenantAdmin(state: State, session: Session): boolean {
  return rolesOf(state, session.groups, null).some((role) => has(role, 'ADMIN'));
}

function rightsIn(state: State, session: Session, domain: string, type: string | null): number {
  if (isTenantAdmin(state, session)) return ALL;
  const names = new Set(rolesOf(state, session.groups, domain).map((role) => role.name));
  let bits = 0;
  for (const row of Object.values(state.rolePermissions)) {
    if (!names.has(row.roleName)) continue;
    if (type === null || row.objectType === 'all' || row.objectType === type) bits |= bitsOf(row.permissions);
  }
  return bits;
}

/** Whether the user may do that in the domain with assets of that type (null: of some type). */
export function may(state: State, session: Session, right: Right, domain: string, type: string | null = null): boolean {
  return (rightsIn(state, session, domain, type) & RIGHT[right]) !== 0;
}

/** The domain of the path, or 404; and the right in it, or 403. */
export function domainFor(call: Call, right: Right, type: string | null = null): Domain {
  const domain = domainNamed(call);
  need(call, right, domain.id, type);
  return domain;
}

/** The domain of the path, or 404. */
export function domainNamed(call: Call, name = call.params['domain'] ?? ''): Domain {
  const domain = Object.hasOwn(call.state.domains, name) ? call.state.domains[name] : undefined;
  if (!domain) throw notFound(`Domain ${name}`);
  return domain;
}

export function need(call: Call, right: Right, domain: string, type: string | null = null): void {
  if (may(call.state, call.me, right, domain, type)) return;
  throw chosenRefusal(
    call,
    'NO_PERMISSION',
    CODES.FORBIDDEN,
    `The user has no permission to ${right.toLowerCase()} in ${domain}`,
  );
}

/**
 * Group-roles of a domain: the tenant administrator's, and by choice those of whoever administers just that domain. The latter cannot
 * hand out what administers more than their own domain.
 */
export function needDomainAdmin(call: Call, domain: string, role: Role): void {
  if (isTenantAdmin(call.state, call.me)) return;
  const own = rolesOf(call.state, call.me.groups, domain).some((held) => has(held, 'DOMAIN_ADMIN'));
  if (CHOSEN.use(call.ctx, 'DOMAIN_ADMIN') === 'own domain' && own && !has(role, 'ADMIN')) return;
  throw chosenRefusal(call, 'NO_PERMISSION', CODES.FORBIDDEN, `The user does not administer ${domain}`);
}

function has(role: Role, right: Right): boolean {
  return (bitsOf(role.adminPermissions) & RIGHT[right]) !== 0;
}

/** Roles and permissions are the tenant administrator's. */
export function needTenantAdmin(call: Call): void {
  if (isTenantAdmin(call.state, call.me)) return;
  throw chosenRefusal(call, 'NO_PERMISSION', CODES.FORBIDDEN, 'The user is not a tenant administrator');
}
