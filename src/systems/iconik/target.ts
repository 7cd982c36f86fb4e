import type { IconikConfig } from '../../config/types.ts';
import type { Actual, Change } from '../../domain/change.ts';
import type { AccountRef, Applied, CallContext, Target, TargetDescription } from '../port.ts';
import { AccessModelOf } from './accessModel.ts';
import {
  createAccount,
  deleteAccount,
  disableAccount,
  enableAccount,
  profileAttributes,
  updateAccount,
} from './account.ts';
import { Catalogs } from './catalog.ts';
import { defaultChoices, type IconikChoices } from './choices.ts';
import { IconikClient, type ClientDeps } from './client.ts';
import { grantCollection, revokeCollection } from './collectionAcl.ts';
import type { Iconik } from './context.ts';
import { iconikError } from './errors.ts';
import { usersByEmail } from './find.ts';
import { grantGroup, revokeGroup } from './groups.ts';
import { parseKey } from './keys.ts';
import { UserList } from './list.ts';
import { probe } from './probe.ts';
import { readPerson } from './readPerson.ts';
import { effectiveRights, type EffectiveRights } from './rights.ts';
import { closeShare } from './shares.ts';
import { ApplicationList } from './warnings.ts';

export type IconikDeps = ClientDeps & {
  /** Differences from `defaultChoices`, confirmed by the tenant's owner. */
  choices?: Partial<IconikChoices>;
};

export type IconikSystem = {
  target: Target;
  client: IconikClient;
  /** What a user can really do, computed: for proofs of least privilege. */
  effectiveRights(userId: string, call: CallContext): Promise<EffectiveRights>;
  close(): Promise<void>;
};

/** iconik as a target: people's accounts, teams, role groups, own ACL rows on collections and own shares (docs/systems-iconik.md). */
export function createIconik(config: IconikConfig, deps: IconikDeps): IconikSystem {
  const client = new IconikClient(config, deps, { ...defaultChoices, ...deps.choices });
  const model = new AccessModelOf(client);
  const iconik: Iconik = {
    config,
    client,
    model,
    catalogs: new Catalogs(client, model),
    applications: new ApplicationList(client),
  };
  const users = new UserList(iconik);
  const target: Target = {
    describe: () => describe(iconik),
    probe: async (call) => await probe(iconik, call),
    find: async (person, call) => {
      const found = await usersByEmail(client, person.fields[emailField(config)] ?? '', call);
      return found.map((user) => ({
        nativeId: user.id,
        how: 'email' as const,
        label: user.email?.toLowerCase() ?? user.id,
      }));
    },
    read: async (account, interest, call) => await readPerson(iconik, account.nativeId, interest, call),
    apply: async (account, change, actual, call) => await apply(iconik, account, change, actual, call),
    list: async (page, interest, call) => await users.page(page, interest, call),
  };
  return {
    target,
    client,
    effectiveRights: async (userId, call) =>
      await effectiveRights(client, iconik.catalogs, userId, config.limits.concurrent, call),
    close: async () => await client.close(),
  };
}

function describe({ config, client }: Iconik): TargetDescription {
  return {
    system: 'iconik',
    kinds: {
      team: 'Member of the team of that name: sees and does what its ACL rows allow.',
      roles: 'Member of the role group of that name: may use what its roles allow.',
      group: 'Member of the group of that name in a domain of the legacy access model: both of these in one.',
      collection:
        'An ACL row of the person alone on the collection at that path, at level read, write, delete or change-acl, each with all below it.',
      share: 'A share that the person made, by its id; closed when they leave, otherwise left alone.',
    },
    requestLimitMs: config.limits.requestMs * client.choices.requestsPerChange,
    readLagMs: client.choices.readLagMs,
    profile: profileAttributes,
    proofLimits: [
      'A session opened before the account was closed: iconik says only that log-in and tokens stop.',
      'Copies of ACL rows on contents (made by content copy) and rows on assets, storages, metadata views and saved searches.',
      'Rows inherited from above follow a change of their origin in the background.',
      'Collections in the recycle bin, and shares so new that the list does not show them yet.',
      'What a domain owner or the creator of a collection may do there regardless of rows.',
      'Links that were mailed and files that were downloaded.',
    ],
  };
}

async function apply(
  iconik: Iconik,
  account: AccountRef,
  change: Change,
  actual: Actual,
  call: CallContext,
): Promise<Applied> {
  const userId = account.nativeId;
  if (change.op === 'grant' || change.op === 'revoke')
    return await applyEntitlement(iconik, change.op, change.entitlement, userId, actual, call);
  if (change.op === 'create') return await createAccount(iconik, change.profile, call);
  if (userId === undefined) {
    if (change.op === 'disable' || change.op === 'delete') return { outcome: 'done' };
    throw iconikError('ICONIK_ACCOUNT_GONE');
  }
  switch (change.op) {
    case 'enable':
      return await enableAccount(iconik, userId, change.profile, call);
    case 'update':
      return await updateAccount(iconik, userId, change.profile, call);
    case 'disable':
      return await disableAccount(iconik, userId, change.urgent === true, call);
    case 'delete':
      return await deleteAccount(iconik, userId, call);
  }
}

async function applyEntitlement(
  iconik: Iconik,
  op: 'grant' | 'revoke',
  entitlement: string,
  userId: string | undefined,
  actual: Actual,
  call: CallContext,
): Promise<Applied> {
  const key = parseKey(entitlement);
  if (!key) throw iconikError('ICONIK_UNKNOWN_ENTITLEMENT', { about: entitlement });
  if (op === 'grant' && key.kind === 'share') throw iconikError('ICONIK_NOT_GRANTABLE');
  if (userId === undefined) {
    if (op === 'revoke') return { outcome: 'done' };
    throw iconikError('ICONIK_ACCOUNT_GONE');
  }
  switch (key.kind) {
    case 'team':
    case 'roles':
    case 'group':
      await iconik.model.require(key.kind === 'group' ? 'legacy' : 'simplified', entitlement, call);
      return op === 'grant'
        ? await grantGroup(iconik, key.kind, key.name, userId, call)
        : await revokeGroup(iconik, key.kind, key.name, userId, actual, call);
    case 'collection':
      return op === 'grant'
        ? await grantCollection(iconik, key.path, key.level, userId, call)
        : await revokeCollection(iconik, key.path, key.level, userId, call);
    case 'share':
      return await closeShare(iconik, key.id, call);
  }
}

/** Field of the person that holds the account's e-mail, by the configured profile. */
function emailField(config: IconikConfig): string {
  return config.profile['email'] ?? 'email';
}
