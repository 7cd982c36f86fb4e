import { hasUnits, holding } from '../otds/accessRoles.ts';
import { stateOf } from '../otds/attributes.ts';
import type { OtdsClient } from '../otds/client.ts';
import { byUuid } from '../otds/locate.ts';
import { effectiveGroups, type Effective } from '../otds/memberships.ts';
import { keyOf } from '../otds/shapes.ts';
import type { AccessRole, OtdsObject, OtdsRole } from '../otds/shapes.ts';
import type { AccountRef, CallContext } from '../port.ts';
import type { Exstream } from './context.ts';
import { exstreamError, viaOtds } from './errors.ts';

/** Somebody as OTDS shows them to Exstream. */
export type Seen = {
  user: OtdsObject;
  /** The OTDS account itself is not disabled. */
  open: boolean;
  /** How the access role lets the person in; undefined: not at all. */
  letInBy: 'direct' | 'group' | 'inherited' | undefined;
  /** The access role is also given to organisational units: whether the person is in one cannot be told. */
  unclear: boolean;
  /** Direct memberships, `name@partition`: Exstream is taken not to count nested ones (contract section 12, TOKEN_GROUPS). */
  groups: readonly string[];
};

/** May log in to Exstream: the OTDS account is open and the access role lets it in. */
export const mayLogIn = ({ open, letInBy }: Pick<Seen, 'open' | 'letInBy'>): boolean => open && letInBy !== undefined;

/**
 * There is no account but the door. An entry by name is ours to take, and counts as an account even while OTDS keeps the person out: left there, it
 * would let them in again the day OTDS does.
 */
export function accountOf(seen: Pick<Seen, 'open' | 'letInBy'>): 'present' | 'disabled' {
  return seen.letInBy === 'direct' || mayLogIn(seen) ? 'present' : 'disabled';
}

/** The person by uuid; undefined where OTDS has nobody of it. */
export async function seePerson(
  { otds, config }: Exstream,
  { person, nativeId }: AccountRef,
  { signal }: CallContext,
): Promise<Seen | undefined> {
  const { client } = otds;
  const uuid = nativeId ?? person.uuid;
  const [user, role] = await viaOtds(
    Promise.all([byUuid(client, uuid, person.who, signal), client.accessRole(config.accessRole, signal)]),
  );
  if (!role) throw exstreamError('EXSTREAM_NO_ACCESS_ROLE', { about: config.accessRole });
  if (!user) return undefined;
  return await viaOtds(seen(client, user, role, signal));
}

/** Groups above and roles are only asked for where the access role is given to such. */
async function seen(client: OtdsClient, user: OtdsObject, role: AccessRole, signal: AbortSignal): Promise<Seen> {
  const { groups: byGroup, roles: byRole } = role.accessRoleMembers;
  const wide = (byGroup ?? []).length > 0;
  const [groups, roles] = await Promise.all([
    wide
      ? effectiveGroups(client, user, signal)
      : client.memberOf('users', user, signal).then((direct) => ({ direct, all: direct })),
    (byRole ?? []).length > 0 ? client.userRoles(user, signal) : [],
  ]);
  return seenAs(user, role, groups, roles);
}

/** The same from what is known already. */
export function seenAs(user: OtdsObject, role: AccessRole, groups: Effective, roles: readonly OtdsRole[]): Seen {
  const letInBy = holding(role, user, groups, roles);
  return {
    user,
    open: stateOf(user) !== 'disabled',
    letInBy,
    unclear: letInBy === undefined && hasUnits(role),
    groups: groups.direct.map(keyOf),
  };
}
