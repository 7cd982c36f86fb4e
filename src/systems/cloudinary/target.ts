import type { Actual, Change } from '../../domain/change.ts';
import type { AccountRef, Applied, CallContext, Target, TargetDescription } from '../port.ts';
import { closeKey } from './accessKeys.ts';
import {
  createAccount,
  deleteAccount,
  disableAccount,
  enableAccount,
  profileAttributes,
  updateAccount,
} from './account.ts';
import { Catalog } from './catalog.ts';
import { defaultChoices, type CloudinaryChoices } from './choices.ts';
import { CloudinaryClient, type ClientDeps } from './client.ts';
import type { CloudinaryConfig } from './config.ts';
import type { Cloudinary } from './context.ts';
import { parseKey, type Key } from './entitlements.ts';
import { grantEnvironment, revokeEnvironment } from './environments.ts';
import { cloudinaryError } from './errors.ts';
import { usersByEmail } from './find.ts';
import { Folders } from './folders.ts';
import { grantGroup, revokeGroup } from './groups.ts';
import { kinds } from './kinds.ts';
import { UserList } from './list.ts';
import { probe } from './probe.ts';
import { readPerson } from './readPerson.ts';
import { effectiveRights, type EffectiveRights } from './rights.ts';
import { grantRole, revokeRole } from './roles.ts';

export type CloudinaryDeps = ClientDeps & {
  /** Differences from `defaultChoices`, confirmed by the account's owner. */
  choices?: Partial<CloudinaryChoices>;
};

export type CloudinarySystem = {
  target: Target;
  /** What a user can really do, computed: for proofs of least privilege. */
  effectiveRights(userId: string, call: CallContext): Promise<EffectiveRights>;
  close(): Promise<void>;
};

/** Cloudinary as a target: people's accounts, user groups, environments, roles of Permissions v2, and access keys (docs/systems-cloudinary.md). */
export function createCloudinary(config: CloudinaryConfig, deps: CloudinaryDeps): CloudinarySystem {
  const client = new CloudinaryClient(config, deps, { ...defaultChoices, ...deps.choices });
  const cloudinary: Cloudinary = { config, client, catalog: new Catalog(client), folders: new Folders(client) };
  const users = new UserList(cloudinary);
  return {
    target: {
      describe: () => describe(cloudinary),
      probe: async (call) => await probe(cloudinary, call),
      find: async (person, call) => {
        const found = await usersByEmail(client, person.fields[config.profile['email'] ?? 'email'] ?? '', call);
        return found.map((user) => ({
          nativeId: user.id,
          how: 'email' as const,
          label: user.email?.toLowerCase() ?? user.id,
        }));
      },
      read: async (account, interest, call) => await readPerson(cloudinary, account, interest, call),
      apply: async (account, change, _actual: Actual, call) => await apply(cloudinary, account, change, call),
      list: async (page, _interest, call) => await users.page(page, call),
    },
    effectiveRights: async (userId, call) => await effectiveRights(cloudinary, userId, call),
    close: async () => await client.close(),
  };
}

function describe({ config, client }: Cloudinary): TargetDescription {
  return {
    system: 'cloudinary',
    kinds: Object.fromEntries(Object.entries(kinds).map(([kind, { what }]) => [kind, what])),
    requestLimitMs: config.limits.requestMs * client.choices.requestsPerChange,
    readLagMs: client.choices.readLagMs,
    profile: profileAttributes,
    proofLimits: [
      'Log-ins and OAuth tokens that were open before the account was closed: Cloudinary does not say that they end.',
      'Links and files that were shared or downloaded: taking a person away never ends a URL.',
      'Access keys whose secret a person knows without being registered as their owner.',
      'What a custom policy allows an access key (Cedar): policies of keys are not read.',
      'Groups and roles that a SAML log-in writes again, and accounts of other people of the same team.',
      'Paths of folders in environments that we have no key for: roles there are found, and named by the folder’s id.',
    ],
  };
}

async function apply(cloudinary: Cloudinary, account: AccountRef, change: Change, call: CallContext): Promise<Applied> {
  const key = 'entitlement' in change ? neededKey(change.entitlement) : undefined;
  await cloudinary.catalog.requireRoles(call);
  const { person, nativeId: userId } = account;
  if (change.op === 'create') return await createAccount(cloudinary, person, change.profile, call);
  if (userId === undefined) {
    if (change.op === 'disable' || change.op === 'delete' || change.op === 'revoke') return { outcome: 'done' };
    throw cloudinaryError('CLOUDINARY_NO_ACCOUNT', { about: person.who });
  }
  switch (change.op) {
    case 'enable':
      return await enableAccount(cloudinary, person, userId, change.profile, call);
    case 'update':
      return await updateAccount(cloudinary, person, userId, change.profile, call);
    case 'disable':
      return await disableAccount(cloudinary, person, userId, call);
    case 'delete':
      return await deleteAccount(cloudinary, person, userId, call);
    case 'grant':
      return await grant(cloudinary, neededKey(change.entitlement), userId, call);
    case 'revoke':
      return await revoke(cloudinary, key ?? neededKey(change.entitlement), change.entitlement, userId, call);
  }
}

function neededKey(entitlement: string): Key {
  const key = parseKey(entitlement);
  if (!key) throw cloudinaryError('CLOUDINARY_UNKNOWN_ENTITLEMENT', { about: entitlement });
  return key;
}

async function grant(cloudinary: Cloudinary, key: Key, userId: string, call: CallContext): Promise<Applied> {
  switch (key.kind) {
    case 'group':
      return await grantGroup(cloudinary, key.name, userId, call);
    case 'environment':
      return await grantEnvironment(cloudinary, key.cloud, userId, call);
    case 'key':
      throw cloudinaryError('CLOUDINARY_NOT_GRANTABLE', { about: 'an access key' });
    default:
      return await grantRole(cloudinary, key, userId, call);
  }
}

async function revoke(
  cloudinary: Cloudinary,
  key: Key,
  entitlement: string,
  userId: string,
  call: CallContext,
): Promise<Applied> {
  switch (key.kind) {
    case 'group':
      return await revokeGroup(cloudinary, key.name, userId, call);
    case 'environment':
      return await revokeEnvironment(cloudinary, key.cloud, userId, call);
    case 'key':
      return await closeKey(cloudinary, key.fingerprint, key.cloud, call);
    default:
      return await revokeRole(cloudinary, entitlement, userId, call);
  }
}
