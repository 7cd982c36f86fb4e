import { SYNC_KEY } from '../../../sandbox/cloudinary/seed.ts';
import type { Due } from '../../../src/domain/change.ts';
import { seenUsers } from '../../support/cloudinarySeen.ts';
import { startCloudinaryBench } from '../../support/cloudinaryStandIn.ts';
import { person } from '../../support/fakes.ts';
import { HTTP_FAULTS, type ConformanceBench, type Traits } from '../bench.ts';
import { standInControl, withUnknownFields, type Relay } from '../standIn.ts';

export const cloudinaryTraits: Traits = { name: 'cloudinary', faults: HTTP_FAULTS };

const ROLE = 'cloudinary:role/ml_user@northwind';
const FOLDER = 'cloudinary:folder/Marketing/EMEA#contributor@northwind';
const GROUP = 'cloudinary:group/Project Aurora';
/** The group comes last: it is what another administrator gives and takes. */
const GRANTS = ['cloudinary:environment/northwind', FOLDER, ROLE, GROUP];

/** Cloudinary reads by POST and PUT too: which requests are reads and which are writes. */
const REQUESTS = {
  read: [{ method: 'GET,HEAD' }, { method: 'POST', path: '*/inspect' }, { method: 'POST,PUT', path: '*/folders/*' }],
  write: [
    { method: 'POST,PUT,DELETE', path: '*/provisioning/*' },
    { method: 'PUT', path: '*/principal_roles' },
  ],
};

export async function openCloudinary(): Promise<ConformanceBench> {
  const cloudinary = await startCloudinaryBench();
  const { effects, clear } = standInControl(
    (...call) => cloudinary.control(...call),
    ['user', 'membership', 'assignment', 'accessKey', 'group', 'environment', 'folder'],
  );
  const relay: Relay = await withUnknownFields(cloudinary.config.url);
  let count = 0;
  const due = (account: 'present' | 'disabled', profile: Due['profile'], entitlements: string[]): Due => ({
    account,
    profile,
    entitlements,
    urgent: false,
    waiting: [],
  });
  const mail = (who: { fields: Readonly<Record<string, string>> }): string => who.fields['email'] ?? '';
  return {
    effects,
    clear,
    async plan({ on, skip, times, fault }) {
      for (const match of REQUESTS[on])
        await cloudinary.fault({
          match,
          ...(skip !== undefined && { skip }),
          ...(times !== undefined && { times }),
          fault,
        });
    },
    managed: ['cloudinary:group/*', 'cloudinary:environment/*', 'cloudinary:role/*@*', 'cloudinary:folder/**@*'],
    goneAccount: 'disabled',
    secrets: [...cloudinary.secrets, SYNC_KEY],
    logged: () => cloudinary.logged(),
    reset: async () => {
      await cloudinary.reset();
      await effects();
    },
    make: async ({ requestMs = 5_000, unknownFields = false, wrongSecret = false } = {}) =>
      cloudinary.client({
        config: {
          limits: { ...cloudinary.config.limits, requestMs },
          ...(unknownFields && { url: relay.url }),
        },
        ...(wrongSecret && { secret: 'no-such-secret' }),
      }).target,
    newcomer: async ({ given, family } = { given: 'Nina', family: 'New' }) =>
      person(`newcomer${++count}@staff`, { attributes: { displayName: `${given} ${family}` } }),
    joined: (who) =>
      due(
        'present',
        { email: mail(who), name: who.attributes['displayName'] ?? '', role: 'media_library_user' },
        GRANTS,
      ),
    left: () => due('disabled', {}, []),
    seen: async (who) => {
      const [user] = seenUsers(await cloudinary.state(), mail(who));
      if (!user) return { account: 'absent', held: [] };
      const held = [
        ...user.environments.map((cloud) => `cloudinary:environment/${cloud}`),
        ...(user.roles.includes('folder::contributor@northwind/Marketing/EMEA') ? [FOLDER] : []),
        ...(user.roles.includes('prodenv::ml_user@northwind') ? [ROLE] : []),
        ...user.groups.map((name) => `cloudinary:group/${name}`),
      ];
      return {
        account: user.enabled ? 'present' : 'disabled',
        held: held.filter((key) => GRANTS.includes(key)).sort(),
      };
    },
    byHand: async (who, entitlement, present) => {
      const [user] = seenUsers(await cloudinary.state(), mail(who));
      const group = entitlement.slice(entitlement.indexOf('/') + 1);
      if (user && user.groups.includes(group) !== present)
        await cloudinary.act({ action: 'edit', user: user.email, group, present });
    },
    close: async () => {
      await relay.close();
      await cloudinary.close();
    },
  };
}
