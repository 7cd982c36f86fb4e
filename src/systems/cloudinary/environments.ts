import * as z from 'zod';
import type { Held } from '../../domain/change.ts';
import type { Applied, CallContext } from '../port.ts';
import { asApplied } from '../written.ts';
import type { Cloudinary } from './context.ts';
import { EVERY_ENVIRONMENT, formatKey } from './entitlements.ts';
import { cloudinaryError } from './errors.ts';
import { userById } from './find.ts';
import { path } from './plane.ts';
import type { Environment, User } from './replies.ts';

const done: Applied = { outcome: 'done' };
const idsReply = z.object({ sub_accounts: z.array(z.object({ id: z.string().min(1) })) });

/**
 * The environments that a user may enter. `every`: all of them, those to come included; `fixed`: because of the user's role, whatever is written.
 */
export type Entered = { every: boolean; fixed: boolean; ids: readonly string[] };

/**
 * What to send as `sub_account_ids` so that the user enters these environments and no other. In Cloudinary an empty list means every environment, and
 * "none" cannot be said: who is due none is confined to the configured `fallbackEnvironment`, which has no content (contract section 4.1). The one
 * place where such a list is made. Throws CLOUDINARY_NO_FALLBACK_ENVIRONMENT.
 */
export async function confinedTo(
  cloudinary: Cloudinary,
  ids: readonly string[],
  call: CallContext,
): Promise<{ sub_account_ids: readonly string[] }> {
  return { sub_account_ids: ids.length > 0 ? [...new Set(ids)] : [await fallbackId(cloudinary, call)] };
}

/** What the user may enter now. */
export async function enteredBy(cloudinary: Cloudinary, user: User, call: CallContext): Promise<Entered> {
  const { account, v1 } = plane(cloudinary);
  const found = await account.lookUp(v1(path`/users/${user.id}/sub_accounts`), idsReply, call);
  // Deleted since it was read.
  if (!found) throw cloudinaryError('CLOUDINARY_CONFLICT', { status: 404, about: 'the user' });
  return {
    // Neither field is promised; without both the list is what it says.
    every: saysEvery(user) ?? false,
    fixed: user.role === 'master_admin',
    ids: found.sub_accounts.map((one) => one.id),
  };
}

/** The same from what a list of users says; undefined where it says too little. */
export function enteredInList(user: User, known: readonly Environment[]): Entered | undefined {
  const every = saysEvery(user);
  const fixed = user.role === 'master_admin';
  if (every === true) return { every, fixed, ids: known.map((one) => one.id) };
  return user.sub_account_ids ? { every: false, fixed, ids: user.sub_account_ids } : undefined;
}

/** Whether the user enters every environment; undefined where neither of the two fields is there. */
function saysEvery(user: User): boolean | undefined {
  return user.all_sub_accounts ?? (user.sub_account_ids ? user.sub_account_ids.length === 0 : undefined);
}

/**
 * As entitlements. Who may enter every environment also holds `all environments`, so that being confined to those of today is a change like any other.
 * The fallback environment alone stands for none and is not ours to take away.
 */
export function heldEnvironments(
  { config }: Cloudinary,
  { every, fixed, ids }: Entered,
  known: readonly Environment[],
): Held[] {
  const clouds = ids.map((id) => known.find((one) => one.id === id)?.cloud_name ?? id);
  const onlyFallback = !every && clouds.length === 1 && clouds[0] === config.fallbackEnvironment;
  const how: Held['how'] = fixed || onlyFallback ? 'inherited' : 'direct';
  return [...clouds, ...(every ? [EVERY_ENVIRONMENT] : [])].map((cloud) => ({
    key: formatKey({ kind: 'environment', cloud }),
    how,
  }));
}

/** Lets the user into that environment. Who was only parked in the fallback environment leaves it. */
export async function grantEnvironment(
  cloudinary: Cloudinary,
  cloud: string,
  userId: string,
  call: CallContext,
): Promise<Applied> {
  if (cloud === EVERY_ENVIRONMENT) throw cloudinaryError('CLOUDINARY_NOT_GRANTABLE', { about: cloud });
  const environment = await cloudinary.catalog.environmentNamed(cloud, call);
  const user = await userById(cloudinary.client, userId, call);
  if (!user) throw cloudinaryError('CLOUDINARY_ACCOUNT_GONE');
  const { every, fixed, ids } = await enteredBy(cloudinary, user, call);
  if (fixed || every || ids.includes(environment.id)) return done;
  const fallback = (await cloudinary.catalog.findEnvironment(cloudinary.config.fallbackEnvironment, call))?.id;
  const parked = ids.length === 1 && ids[0] === fallback;
  return await write(cloudinary, userId, [...(parked ? [] : ids), environment.id], call);
}

/** Keeps the user out of that environment, or confines one who may enter every environment to those of today. */
export async function revokeEnvironment(
  cloudinary: Cloudinary,
  cloud: string,
  userId: string,
  call: CallContext,
): Promise<Applied> {
  const user = await userById(cloudinary.client, userId, call);
  if (!user) return done;
  const { every, fixed, ids } = await enteredBy(cloudinary, user, call);
  if (fixed) return done;
  if (cloud === EVERY_ENVIRONMENT) return every ? await write(cloudinary, userId, ids, call) : done;
  const known = await cloudinary.catalog.environments(call, ids);
  const gone = known.find((one) => one.cloud_name === cloud)?.id ?? cloud;
  if (!ids.includes(gone)) return done;
  const kept = ids.filter((id) => id !== gone);
  if (kept.length === 0 && gone === (await fallbackId(cloudinary, call)) && !every) return done;
  return await write(cloudinary, userId, kept, call);
}

async function write(
  cloudinary: Cloudinary,
  userId: string,
  ids: readonly string[],
  call: CallContext,
): Promise<Applied> {
  const { account, v1 } = plane(cloudinary);
  const json = await confinedTo(cloudinary, ids, call);
  const about = 'the environments of the user';
  return asApplied(await account.write({ method: 'PUT', at: v1(path`/users/${userId}`), json, about }, call));
}

async function fallbackId(cloudinary: Cloudinary, call: CallContext): Promise<string> {
  const { fallbackEnvironment } = cloudinary.config;
  const found = await cloudinary.catalog.findEnvironment(fallbackEnvironment, call);
  if (!found) throw cloudinaryError('CLOUDINARY_NO_FALLBACK_ENVIRONMENT', { about: fallbackEnvironment });
  return found.id;
}

const plane = ({ client }: Cloudinary) => ({ account: client.account, v1: (rest: string) => client.v1(rest) });
