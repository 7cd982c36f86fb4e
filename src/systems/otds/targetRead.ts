import type { Actual, Held } from '../../domain/change.ts';
import { matches, matchesAny } from '../../domain/entitlement.ts';
import type { AccountRef, CallContext } from '../port.ts';
import { accessRolesOf, hasUnits, holding } from './accessRoles.ts';
import { attribute, stateOf } from './attributes.ts';
import type { OtdsClient } from './client.ts';
import { accountOf } from './locate.ts';
import { effectiveGroups, seen } from './memberships.ts';
import type { Effective } from './memberships.ts';
import { SCIM_PATHS } from './scim.ts';
import { keyOf } from './shapes.ts';
import type { AccessRole, OtdsObject, OtdsRole } from './shapes.ts';

export const NO_GROUPS: Effective = { direct: [], all: [] };

/** True where some key or pattern can mean an entitlement of this kind. */
export function concerns(interest: readonly string[], kind: string): boolean {
  return interest.some((pattern) => {
    const slash = pattern.indexOf('/');
    return matches(slash < 0 ? pattern : pattern.slice(0, slash), `otds:${kind}`);
  });
}

/**
 * Names of the attributes that `apply` writes: the free ones that no field of the person is read from; where people come from another directory
 * and SCIM writes, also those that SCIM has.
 */
export function freeAttributes(client: OtdsClient): string[] {
  const taken = new Set(Object.values(client.config.attributes).map((name) => name.toLowerCase()));
  const extra = Array.from({ length: 10 }, (_, n) => `oTExtraAttr${n}`);
  const free = extra.filter((name) => !taken.has(name.toLowerCase()));
  return client.scim && !client.ownPeople ? [...free, ...Object.keys(SCIM_PATHS)] : free;
}

/** See `Target.read`. The account is found by its uuid; only what `interest` can mean is asked for. */
export async function readAccount(
  client: OtdsClient,
  account: AccountRef,
  interest: readonly string[],
  { signal }: CallContext,
): Promise<Actual> {
  const user = await accountOf(client, account, signal);
  if (!user) return { account: 'absent', profile: {}, held: [], warnings: [] };
  const wantsAccess = concerns(interest, 'accessrole');
  const [groups, roles] = await Promise.all([
    wantsAccess || concerns(interest, 'group') ? effectiveGroups(client, user, signal) : NO_GROUPS,
    wantsAccess || concerns(interest, 'role') ? client.userRoles(user, signal) : [],
  ]);
  const accessRoles = wantsAccess ? await accessRolesOf(client, interest, signal) : [];
  return actualOf(client, user, { groups, roles, accessRoles }, interest);
}

/** Everything that was asked about one user. */
type Found = { groups: Effective; roles: readonly OtdsRole[]; accessRoles: readonly AccessRole[] };

/** One user as the port wants it; no request is made. */
export function actualOf(client: OtdsClient, user: OtdsObject, found: Found, interest: readonly string[]): Actual {
  const access = accessHeld(user, found);
  const held = [...groupsHeld(client, found.groups), ...found.roles.map(roleHeld), ...access.held];
  return {
    account: stateOf(user) === 'disabled' ? 'disabled' : 'present',
    nativeId: user.uuid,
    profile: profileOf(client, user),
    held: held.filter((h) => matchesAny(interest, h.key)),
    warnings: [...warningsOf(user), ...access.warnings],
  };
}

function groupsHeld(client: OtdsClient, groups: Effective): Held[] {
  const direct = new Set(groups.direct.map((group) => group.uuid));
  return seen(client, groups.all).map((group) => ({
    key: `otds:group/${keyOf(group)}`,
    how: direct.has(group.uuid) ? 'direct' : 'group',
  }));
}

function roleHeld(role: OtdsRole): Held {
  return { key: `otds:role/${role.name}`, how: 'direct' };
}

function accessHeld(user: OtdsObject, { groups, roles, accessRoles }: Found): { held: Held[]; warnings: string[] } {
  const held = accessRoles.flatMap((role): Held[] => {
    const how = holding(role, user, groups, roles);
    return how ? [{ key: `otds:accessrole/${role.name}`, how }] : [];
  });
  const unclear = accessRoles.filter((role) => hasUnits(role) && holding(role, user, groups, roles) === undefined);
  const warnings = unclear.map(
    (role) =>
      `Access role ${role.name} is given to organisational units: whether ${keyOf(user)} is in one cannot be told.`,
  );
  return { held, warnings };
}

function profileOf(client: OtdsClient, user: OtdsObject): Record<string, string> {
  const pairs = freeAttributes(client).map((name) => [name, attribute(user, name)] as const);
  return Object.fromEntries(pairs.filter((pair): pair is [string, string] => pair[1] !== undefined));
}

function warningsOf(user: OtdsObject): string[] {
  return stateOf(user) === 'locked'
    ? [`${keyOf(user)} is locked out in OTDS until the lock-out time is over or somebody unlocks the account.`]
    : [];
}
