import type { Actual, Held } from '../../domain/change.ts';
import type { AccountRef, CallContext } from '../port.ts';
import { profileOf } from './account.ts';
import { keysOf, ownsKeys, type PersonKeys } from './accessKeys.ts';
import type { Cloudinary } from './context.ts';
import { concerns, formatKey } from './entitlements.ts';
import { heldEnvironments } from './environments.ts';
import { cloudinaryError } from './errors.ts';
import { accountState, userById } from './find.ts';
import { groupsOf } from './groups.ts';
import { inspect } from './inspect.ts';
import type { Group, User } from './replies.ts';
import { roleNames } from './roleKeys.ts';

/** A full read; of a closed account also every place that it looked at, which goes into the proof with it. */
export type CloudinaryActual = Actual & { checked?: readonly string[] };

const absent: Actual = { account: 'absent', profile: {}, held: [], warnings: [] };
const noKeys: PersonKeys = { held: [], warnings: [] };

/** Full read of one user by id: account, profile, groups, environments, roles of their own and of their groups on everything, own access keys. */
export async function readPerson(
  cloudinary: Cloudinary,
  { person, nativeId }: AccountRef,
  interest: readonly string[],
  call: CallContext,
): Promise<CloudinaryActual> {
  if (nativeId === undefined) return absent;
  const user = await userById(cloudinary.client, nativeId, call);
  if (!user) {
    // Proves that the address leads to our account at all: a wrong one answers 404 as well, and would make everybody look gone.
    await cloudinary.catalog.environments(call);
    return absent;
  }
  const account = accountState(user);
  const [groups, environments] = await Promise.all([
    groupsOf(cloudinary, user.id, call),
    heldEnvironments(cloudinary, user, call),
  ]);
  const roles = await heldRoles(cloudinary, user, groups ?? [], account === 'present', call);
  const leaving = account === 'disabled';
  const looksAtKeys = concerns(interest, 'key') && (leaving || ownsKeys(cloudinary, person));
  const keys = looksAtKeys ? await keysOf(cloudinary, person, leaving, call) : noKeys;
  return {
    account,
    nativeId: user.id,
    profile: profileOf(user),
    held: withoutRepeats([
      ...(groups ?? []).map(({ name }): Held => ({ key: formatKey({ kind: 'group', name }), how: 'direct' })),
      ...environments,
      ...roles.held,
      ...keys.held,
    ]),
    warnings: [...warningsOf(cloudinary, user), ...roles.warnings, ...keys.warnings],
    ...(leaving && { checked: await everyPlace(cloudinary, looksAtKeys, call) }),
  };
}

async function heldRoles(
  cloudinary: Cloudinary,
  user: User,
  groups: readonly Group[],
  open: boolean,
  call: CallContext,
): Promise<{ held: Held[]; warnings: string[] }> {
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
    open,
    call,
  );
  const held = found.flatMap(({ principal, roles }) =>
    roles.flatMap((role): Held[] => {
      const key = names.keyOf(role);
      return key === undefined ? [] : [{ key, how: principal.type === 'user' ? 'direct' : 'group' }];
    }),
  );
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

/** One entry per key, what can be taken away before what cannot; sorted. */
function withoutRepeats(held: readonly Held[]): Held[] {
  const byKey = new Map<string, Held>();
  for (const item of held) if (item.how === 'direct' || !byKey.has(item.key)) byKey.set(item.key, item);
  return [...byKey.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}
