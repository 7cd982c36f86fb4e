import { SERVICE } from '../../../sandbox/iconik/seed.ts';
import type { Due } from '../../../src/domain/change.ts';
import type { IconikSystem } from '../../../src/systems/iconik/target.ts';
import { person } from '../../support/fakes.ts';
import { startIconikBench } from '../../support/iconikStandIn.ts';
import { seenUser, type IconikState } from '../../support/iconikSeen.ts';
import { HTTP_FAULTS, type ConformanceBench, type Traits } from '../bench.ts';
import { standInControl, withUnknownFields, type Relay } from '../standIn.ts';

export const iconikTraits: Traits = { name: 'iconik', faults: HTTP_FAULTS };

/** Of a domain that was not migrated yet. */
export const legacyIconikTraits: Traits = { ...iconikTraits, name: 'iconik with the legacy access model' };

const LEGACY_GRANTS = ['iconik:collection/Legal#read', 'iconik:group/Marketing', 'iconik:group/Reviewer'];
const GRANTS = ['iconik:collection/Legal#read', 'iconik:roles/Reviewer', 'iconik:team/Marketing'];

export const openIconik = (): Promise<ConformanceBench> => open('simplified');
/** The same domain before its migration: one kind of group says who sees what and what one may do. */
export const openLegacyIconik = (): Promise<ConformanceBench> => open('legacy');

async function open(model: 'simplified' | 'legacy'): Promise<ConformanceBench> {
  const grants = model === 'simplified' ? GRANTS : LEGACY_GRANTS;
  const iconik = await startIconikBench();
  const control = standInControl(
    (...call) => iconik.control(...call),
    ['user', 'membership', 'acl', 'propagatingAcl', 'group', 'share'],
  );
  const relay: Relay = await withUnknownFields(iconik.config.url);
  let count = 0;
  const due = (account: 'present' | 'disabled', profile: Due['profile'], entitlements: string[]): Due => ({
    account,
    profile,
    entitlements,
    urgent: false,
    waiting: [],
  });
  const mail = (who: { fields: Readonly<Record<string, string>> }): string => who.fields['email'] ?? '';
  const userOf = async (email: string) => {
    const state = (await iconik.control('GET', '/state')) as IconikState;
    const user = Object.values(state.users).find((one) => one.email.toLowerCase() === email);
    return user && seenUser(state, user);
  };
  /** The vendor's rate limit is not what a check of faults is about. */
  const freshQuota = async (): Promise<void> => {
    const state = await iconik.control('GET', '/state');
    await iconik.control('PUT', '/state', { ...state, rates: {} });
  };
  return {
    ...control,
    clear: async () => {
      await control.clear();
      await freshQuota();
    },
    managed: ['iconik:team/*', 'iconik:roles/*', 'iconik:group/*', 'iconik:collection/**', 'iconik:share/**'],
    goneAccount: 'disabled',
    secrets: [SERVICE.token],
    logged: () => iconik.logged(),
    reset: async () => {
      await iconik.reset();
      await freshQuota();
      if (model === 'legacy') await iconik.act({ action: 'accessModel', model });
      await control.effects();
    },
    make: async ({ requestMs = 5_000, unknownFields = false, wrongSecret = false } = {}) => {
      const made: IconikSystem = iconik.client({
        config: {
          fallbackTeam: 'Former Members',
          limits: { ...iconik.config.limits, requestMs },
          ...(unknownFields && { url: relay.url }),
        },
        ...(wrongSecret && { token: 'no-such-token' }),
      });
      return made.target;
    },
    newcomer: async ({ given, family } = { given: 'Nina', family: 'New' }) => {
      const login = `newcomer${++count}`;
      return person(`${login}@staff`, { attributes: { givenName: given, sn: family } });
    },
    joined: (who) =>
      due(
        'present',
        {
          email: mail(who),
          first_name: who.attributes['givenName'] ?? '',
          last_name: who.attributes['sn'] ?? '',
          type: 'STANDARD',
        },
        [...grants],
      ),
    left: () => due('disabled', {}, []),
    seen: async (who) => {
      const user = await userOf(mail(who));
      if (!user) return { account: 'absent', held: [] };
      const held = [
        ...user.rows.map((title) => `iconik:collection/${title}#read`),
        ...user.roles.map((name) => `iconik:roles/${name}`),
        ...user.teams.map((name) => `iconik:team/${name}`),
        ...[...user.roles, ...user.teams].map((name) => `iconik:group/${name}`),
      ];
      return {
        account: user.status === 'ACTIVE' ? 'present' : 'disabled',
        held: held.filter((key) => grants.includes(key)).sort(),
      };
    },
    byHand: async (who, entitlement, present) => {
      const user = await userOf(mail(who));
      const group = entitlement.slice(entitlement.indexOf('/') + 1);
      if (!user || [...user.teams, ...user.roles].includes(group) === present) return;
      await iconik.act({ action: 'edit', user: user.id, group, present });
    },
    close: async () => {
      await relay.close();
      await iconik.close();
    },
  };
}
