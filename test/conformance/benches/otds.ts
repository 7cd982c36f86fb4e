import type { Due } from '../../../src/domain/change.ts';
import type { OtdsConfig } from '../../../src/config/types.ts';
import { Hr } from '../../support/hr.ts';
import { OTDS_CLIENT_SECRET, OTDS_PASSWORD, startOtdsBench } from '../../support/otdsStandIn.ts';
import { HTTP_FAULTS, type ConformanceBench, type Traits } from '../bench.ts';
import { standInControl, withUnknownFields } from '../standIn.ts';

export const otdsTraits: Traits = { name: 'otds', faults: HTTP_FAULTS, expires: true };

const GRANTS = ['otds:accessrole/Access to Media Portal', 'otds:group/Media Library Users@staff'];

type Access = { groups: { name: string; how: string }[]; accessRoles: { name: string; how: string }[] };

/** In OTDS people have their account before Tenure: joining grants, leaving closes. */
export async function openOtds(more: Partial<OtdsConfig> = {}): Promise<ConformanceBench> {
  const otds = await startOtdsBench(more);
  const control = standInControl(
    (...call) => otds.control(...call),
    ['user', 'membership', 'accessRoleMember', 'roleMembership', 'accessRole'],
  );
  const relay = await withUnknownFields(new URL(otds.config.url).origin);
  const hr = new Hr(otds);
  let count = 0;
  const due = (account: Due['account'], entitlements: string[]): Due => ({
    account,
    profile: {},
    entitlements,
    urgent: false,
    waiting: [],
  });
  return {
    ...control,
    managed: ['otds:group/Media Library Users@staff', 'otds:accessrole/Access to Media Portal'],
    goneAccount: 'disabled',
    secrets: [OTDS_PASSWORD, OTDS_CLIENT_SECRET, '*OTDSSSO*'],
    logged: () => otds.logged(),
    reset: async () => {
      await otds.reset();
      await control.effects();
    },
    make: async ({ requestMs = 5_000, unknownFields = false, wrongSecret = false } = {}) =>
      otds.client(
        {
          limits: { ...otds.config.limits, requestMs },
          ...(unknownFields && { url: `${relay.url}/otdsws` }),
        },
        wrongSecret ? { secret: () => 'no-such-password' } : {},
      ).target,
    newcomer: async ({ given, family } = { given: 'Nina', family: 'New' }) => {
      const who = `newcomer${++count}@staff`;
      await hr.hire(who, { givenName: given, sn: family, displayName: `${given} ${family}`, oTDepartment: family });
      await control.effects();
      return await otds.person(who);
    },
    joined: () => due('present', GRANTS),
    left: () => due('disabled', []),
    seen: async ({ uuid, who }) => {
      const [user, access] = await Promise.all([
        otds.control('GET', `/state/users/${uuid}`),
        otds.control('GET', `/state/access/${encodeURIComponent(who)}`) as Promise<unknown> as Promise<Access>,
      ]);
      const held = [
        ...access.accessRoles.map(({ name }) => `otds:accessrole/${name}`),
        ...access.groups.map(({ name }) => `otds:group/${name}`),
      ];
      const { attributes } = user as { attributes: Record<string, string[]> };
      const closed = attributes['accountDisabled']?.[0]?.toLowerCase() === 'true';
      return { account: closed ? 'disabled' : 'present', held: held.filter((key) => GRANTS.includes(key)).sort() };
    },
    byHand: async ({ who }, entitlement, present) => {
      const group = entitlement.slice(entitlement.indexOf('/') + 1);
      await (present ? hr.join(who, group) : hr.drop(who, group));
      await control.effects();
    },
    expire: async () => void (await otds.act('expireTickets')),
    close: async () => {
      await relay.close();
      await otds.close();
    },
  };
}
