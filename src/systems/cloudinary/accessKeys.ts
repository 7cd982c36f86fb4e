import type { Held } from '../../domain/change.ts';
import type { Person } from '../../domain/person.ts';
import type { Applied, CallContext } from '../port.ts';
import { asApplied } from '../written.ts';
import type { Cloudinary } from './context.ts';
import { fingerprintOf, formatKey } from './entitlements.ts';
import { cloudinaryError } from './errors.ts';
import { path } from './plane.ts';
import { keysReply, type AccessKey, type Environment } from './replies.ts';

type EnvironmentKeys = { environment: Environment; keys: readonly AccessKey[] };

/** Access keys as they concern one person: what is closed when they leave, and what a human must see to. */
export type PersonKeys = { held: readonly Held[]; warnings: readonly string[] };

/**
 * Keys of every environment. Cloudinary knows no owner of a key (contract section 4.3), so `keyOwners` of the configuration does: a key of one owner is
 * closed when that person leaves, one that several share must be rotated by hand, and one that nobody owns is named for whoever looks.
 */
export async function keysOf(
  cloudinary: Cloudinary,
  person: Person,
  leaving: boolean,
  call: CallContext,
): Promise<PersonKeys> {
  const held: Held[] = [];
  const warnings: string[] = [];
  for (const { environment, keys } of await everyKey(cloudinary, call)) {
    const cloud = environment.cloud_name;
    const open = keys.filter((key) => key.enabled !== false);
    for (const key of open.filter((one) => ownersOf(cloudinary, one).includes(person.who.toLowerCase()))) {
      const shared = ownersOf(cloudinary, key).length > 1;
      if (shared || isProtected(cloudinary, key))
        warnings.push(
          `The access key "${nameOf(key)}" of ${cloud} is ${shared ? "several people's" : 'a root key or our own'} and stays open: rotate it when ${person.who} leaves.`,
        );
      else held.push({ key: keyOf(key, cloud), how: 'direct', closesOnLeave: true });
    }
    const nobodys = open.filter((key) => isNobodys(cloudinary, key)).map((key) => `"${nameOf(key)}"`);
    if (leaving && nobodys.length > 0)
      warnings.push(
        `Nobody is registered as owner of these access keys of ${cloud}, so ${person.who} may still know one: ${nobodys.join(', ')}. Register owners in systems.cloudinary.keyOwners, or rotate the keys.`,
      );
  }
  return { held, warnings };
}

/** Whether anybody registered a key for this person. */
export function ownsKeys({ config }: Cloudinary, person: Person): boolean {
  const who = person.who.toLowerCase();
  return Object.values(config.keyOwners).some((owners) => owners.some((owner) => owner.toLowerCase() === who));
}

/** Names of open keys without a registered owner, as `name@cloud`. */
export async function keysWithoutOwner(cloudinary: Cloudinary, call: CallContext): Promise<string[]> {
  return (await everyKey(cloudinary, call)).flatMap(({ environment, keys }) =>
    keys
      .filter((key) => key.enabled !== false && isNobodys(cloudinary, key))
      .map((key) => `${nameOf(key)}@${environment.cloud_name}`),
  );
}

/** Closes that key by `enabled: false`; closed or gone already is success. Throws CLOUDINARY_PROTECTED_KEY. */
export async function closeKey(
  cloudinary: Cloudinary,
  fingerprint: string,
  cloud: string,
  call: CallContext,
): Promise<Applied> {
  const environment = await cloudinary.catalog.findEnvironment(cloud, call);
  if (!environment) return { outcome: 'done' };
  const key = (await keysIn(cloudinary, environment, call)).find((one) => fingerprintOf(one.api_key) === fingerprint);
  if (!key || key.enabled === false) return { outcome: 'done' };
  if (isProtected(cloudinary, key)) throw cloudinaryError('CLOUDINARY_PROTECTED_KEY', { about: nameOf(key) });
  const { client } = cloudinary;
  const at = client.v1(path`/sub_accounts/${environment.id}/access_keys/${key.api_key}`);
  const about = `closing the access key "${nameOf(key)}"`;
  const written = await client.account.write({ method: 'PUT', at, json: { enabled: false }, about }, call);
  return written.outcome === 'refused' && written.status === 404 ? { outcome: 'done' } : asApplied(written);
}

async function everyKey(cloudinary: Cloudinary, call: CallContext): Promise<EnvironmentKeys[]> {
  const environments = await cloudinary.catalog.environments(call);
  return await Promise.all(
    environments.map(async (environment) => ({ environment, keys: await keysIn(cloudinary, environment, call) })),
  );
}

/** Unpaged: without `page` all of them come (contract section 4.3). */
async function keysIn({ client }: Cloudinary, { id }: Environment, call: CallContext): Promise<readonly AccessKey[]> {
  const at = client.v1(path`/sub_accounts/${id}/access_keys`);
  return (await client.account.lookUp(at, keysReply, call))?.access_keys ?? [];
}

/** Owners of a key in lower case; none where its name is not registered. */
function ownersOf({ config }: Cloudinary, key: AccessKey): string[] {
  const owners = Object.entries(config.keyOwners).find(([name]) => name === key.name)?.[1] ?? [];
  return owners.map((owner) => owner.toLowerCase());
}

function isNobodys(cloudinary: Cloudinary, key: AccessKey): boolean {
  return !isProtected(cloudinary, key) && ownersOf(cloudinary, key).length === 0;
}

/** Root keys, and the ones that Tenure itself works with. */
function isProtected({ config }: Cloudinary, key: AccessKey): boolean {
  return key.root === true || config.environments.some(({ apiKey }) => apiKey === key.api_key);
}

function keyOf(key: AccessKey, cloud: string): string {
  return formatKey({ kind: 'key', fingerprint: fingerprintOf(key.api_key), cloud });
}

function nameOf(key: AccessKey): string {
  return key.name ?? 'without a name';
}
