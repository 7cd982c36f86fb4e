import type { Actual, Held } from '../../domain/change.ts';
import { matchesAny } from '../../domain/entitlement.ts';
import type { AccountRef, CallContext } from '../port.ts';
import { profileOf } from './account.ts';
import { keysOf, ownsKeys, type PersonKeys } from './accessKeys.ts';
import type { Cloudinary } from './context.ts';
import { concerns } from './entitlements.ts';
import { enteredBy, heldEnvironments } from './environments.ts';
import { cloudinaryError } from './errors.ts';
import { accountState, userById } from './find.ts';
import { groupsOf, heldGroups } from './groups.ts';
import { inspect } from './inspect.ts';
import type { Group, User } from './replies.ts';
import { heldRoles, roleNames, withoutRepeats } from './roleKeys.ts';
const absent: Actual = { account: 'absent', profile: {}, held: [], warnings: [] };
const noKeys: PersonKeys = { held: [], warnings: [] };

/** Full read of one user by id: account, profile, groups, environments, roles of their own and of their groups on everything, own access keys. */
export async function readPerson(
  cloudinary: Cloudinary,
  { person, nativeId }: AccountRef,
  interest: readonly string[],
  call: CallContext,
): Promise<Actual> {
  if (nativeId === undefined) return absent;
  const user = await userById(cloudinary.client, nativeId, call);
  if (!user) {
    // Proves that the address leads to our account at all: a wrong one answers 404 as well, and would make everybody look gone.
    await cloudinary.catalog.confirmAccount(call);
    return absent;
  }
  const account = accountState(user);
  const [groups, entered] = await Promise.all([groupsOf(cloudinary, user.id, call), enteredBy(cloudinary, user, call)]);
  const environments = await cloudinary.catalog.environments(call, entered.ids);
  const roles = await rolesOf(cloudinary, user, groups ?? [], interest, call);
  const leaving = account === 'disabled';
  const looksAtKeys = concerns(interest, 'key') && (leaving || ownsKeys(cloudinary, person));
  const keys = looksAtKeys ? await keysOf(cloudinary, person, leaving, call) : noKeys;
  return {
    account,
    nativeId: user.id,
    profile: profileOf(user),
    held: withoutRepeats([
      ...heldGroups(groups ?? []),
      ...heldEnvironments(cloudinary, entered, environments),
      ...roles.held,
      ...keys.held,
    ]),
    warnings: [...warningsOf(cloudinary, user), ...roles.warnings, ...keys.warnings],
    ...(leaving && { checked: await everyPlace(cloudinary, looksAtKeys, call) }),
  };
}

async function rolesOf(
  cloudinary: Cloudinary,
  user: User,
  groups: readonly Group[],
  interest: readonly string[],
  call: CallContext,
): Promise<{ held: Held[]; warnings: string[] }> {
  const open = accountState(user) === 'present';
  if (!(await cloudinary.catalog.roles(call))) {
    if (!open) throw cloudinaryError('CLOUDINARY_LEGACY_PERMISSIONS');
    const warning =
      'This account has the legacy permissions: roles and folder shares of this user are not known, and nothing is written.';
    return { held: [], warnings: [warning] };
  }
  const principals = [
    { type: 'user' as const, id: user.id },
    ...groups.map(({ id }) => ({ type: 'group' as const, id })),
  ];
  const found = await inspect(cloudinary, principals, call);
  const names = await roleNames(
    cloudinary,
    found.flatMap(({ roles }) => roles),
    open ? (key) => matchesAny(interest, key) : undefined,
    call,
  );
  const of = (type: 'user' | 'group') =>
    found.flatMap(({ principal, roles }) => (principal.type === type ? roles : []));
  const held = heldRoles(names, of('user'), of('group'));
  const warnings = names.hidden.map(
    (cloud) => `Cloudinary shows us no folders of ${cloud}: roles of this user on them are not known.`,
  );
  return { held, warnings };
}

/** What a person must be told about one user that no change mends. */
function warningsOf({ client }: Cloudinary, user: User): string[] {
  const { role } = user;
  return [
    ...(typeof role === 'string' && client.choices.adminRoles.includes(role)
      ? [`This user's account role is ${role}: no folder, environment or other role limits it.`]
      : []),
    ...(user.root === true ? ['This is the root user: Cloudinary does not let it be disabled.'] : []),
    ...(user.pending === true && user.enabled !== false
      ? ['The invitation was not followed yet: no access, but a seat is taken.']
      : []),
  ];
}

/**
 * Every place where a role, a membership or a key of the user would have been seen, for the proof: one `inspect` covers all folders of all
 * environments, and the folders as they are now say which those are.
 */
async function everyPlace(cloudinary: Cloudinary, keys: boolean, call: CallContext): Promise<string[]> {
  const environments = await cloudinary.catalog.environments(call);
  const places = await Promise.all(
    environments.map(async ({ cloud_name: cloud }) => {
      const tree = await cloudinary.folders.freshTree(cloud, call);
      const folders = tree ? [...tree.values()].map((where) => `folder ${where}@${cloud}`).sort() : [];
      const rest = tree ? [] : [`folders of ${cloud} by id (no key for their names)`];
      return [`environment ${cloud}`, ...(keys ? [`access keys of ${cloud}`] : []), ...rest, ...folders];
    }),
  );
  return ['account', 'user groups', ...places.flat()];
}
