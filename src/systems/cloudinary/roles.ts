import type { Applied, CallContext } from '../port.ts';
import { asApplied } from '../written.ts';
import type { Cloudinary } from './context.ts';
import type { Key } from './entitlements.ts';
import { cloudinaryError } from './errors.ts';
import { userById } from './find.ts';
import type { Written } from './plane.ts';
import { heldRolesReply, type HeldRole, type Role } from './replies.ts';
import { roleNames } from './roleKeys.ts';

type RoleKey = Extract<Key, { role: string }>;

/** One role as `PUT /principal_roles` wants it; a content role without its parameter would be refused, or mean more than was meant. */
type Grant = { id: string; scope_id?: string; policy_parameters?: Readonly<Record<string, string>> };

const done: Applied = { outcome: 'done' };

/**
 * Gives the user that role of their own, on the account, an environment, a folder or a collection; held already is success. Throws
 * CLOUDINARY_UNKNOWN_ROLE, _ENVIRONMENT, _FOLDER, _COLLECTION, CLOUDINARY_ACCOUNT_GONE, CLOUDINARY_NOT_GRANTABLE.
 */
export async function grantRole(
  cloudinary: Cloudinary,
  key: RoleKey,
  userId: string,
  call: CallContext,
): Promise<Applied> {
  const { kind } = key;
  if (kind === 'content') throw cloudinaryError('CLOUDINARY_NOT_GRANTABLE', { about: key.name });
  const role = await cloudinary.catalog.roleNamed(kind, key.role, call);
  const grant = await grantOf(cloudinary, key, role, call);
  const isHeld = (held: HeldRole) => sameGrant(grant, held);
  if ((await heldBy(cloudinary, userId, call)).some(isHeld)) return done;
  const written = await put(cloudinary, 'add', userId, [grant], call);
  if (written.outcome !== 'refused') return asApplied(written);
  // Whether a held role may be granted again is not known (409).
  if (written.status === 409 && (await heldBy(cloudinary, userId, call)).some(isHeld)) return done;
  if (written.status !== 404) throw written.error;
  if (!(await userById(cloudinary.client, userId, call)))
    throw cloudinaryError('CLOUDINARY_ACCOUNT_GONE', { status: 404 });
  if (kind === 'collection') throw cloudinaryError('CLOUDINARY_UNKNOWN_COLLECTION', { status: 404, about: key.name });
  throw cloudinaryError('CLOUDINARY_CONFLICT', { status: 404, about: `the role ${key.role}` });
}

/** Takes every role of the user's own away that this entitlement stands for; held no more is success, once it is read. */
export async function revokeRole(
  cloudinary: Cloudinary,
  entitlement: string,
  userId: string,
  call: CallContext,
): Promise<Applied> {
  const concerned = async (): Promise<HeldRole[]> => {
    const held = await heldBy(cloudinary, userId, call);
    const names = await roleNames(cloudinary, held, undefined, call);
    return held.filter((role) => names.keyOf(role) === entitlement);
  };
  const held = await concerned();
  if (held.length === 0) return done;
  const written = await put(cloudinary, 'remove', userId, held.map(asGrant), call);
  if (written.outcome === 'refused' && written.status === 404) {
    if ((await concerned()).length === 0) return done;
    throw cloudinaryError('CLOUDINARY_CONFLICT', { status: 404, about: 'the roles of the user' });
  }
  return asApplied(written);
}

async function grantOf(
  cloudinary: Cloudinary,
  key: Exclude<RoleKey, { kind: 'content' }>,
  role: Role,
  call: CallContext,
): Promise<Grant> {
  if (key.kind === 'account-role') return { id: role.id };
  const { id: scope_id } = await cloudinary.catalog.environmentNamed(key.cloud, call);
  if (key.kind === 'role') return { id: role.id, scope_id };
  if (key.kind === 'collection') return { id: role.id, scope_id, policy_parameters: { collection_id: key.name } };
  const folder = await cloudinary.folders.at(key.cloud, key.name, call);
  return { id: role.id, scope_id, policy_parameters: { folder_id: folder.external_id } };
}

/** Roles of the user's own by `principal_roles`, for a write to look before it leaps (none of a user who is gone); proofs are read by `inspect`. */
async function heldBy({ client }: Cloudinary, userId: string, call: CallContext): Promise<HeldRole[]> {
  const of = async (permission_type: string) => {
    const query = { principal_type: 'user', principal_id: userId, permission_type };
    return (await client.account.lookUp(client.v2('/principal_roles'), heldRolesReply, call, query))?.data ?? [];
  };
  return (await Promise.all([of('global'), of('content')])).flat();
}

async function put(
  { client }: Cloudinary,
  operation: 'add' | 'remove',
  userId: string,
  roles: readonly Grant[],
  call: CallContext,
): Promise<Written> {
  const json = { operation, principal: { type: 'user', id: userId }, roles };
  const about = operation === 'add' ? 'the grant of a role' : 'the revocation of a role';
  return await client.account.write({ method: 'PUT', at: client.v2('/principal_roles'), json, about }, call);
}

function asGrant(held: HeldRole): Grant {
  return {
    id: held.id,
    ...(held.scope_type !== 'account' && typeof held.scope_id === 'string' && { scope_id: held.scope_id }),
    ...(Object.keys(held.parameters).length > 0 && { policy_parameters: held.parameters }),
  };
}

function sameGrant(grant: Grant, held: HeldRole): boolean {
  const parameters = (of: Readonly<Record<string, string>> = {}) => JSON.stringify(Object.entries(of).sort());
  return (
    held.id === grant.id &&
    (grant.scope_id === undefined || held.scope_id === grant.scope_id) &&
    parameters(held.parameters) === parameters(grant.policy_parameters)
  );
}
