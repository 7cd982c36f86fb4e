import type { Due } from '../../../src/domain/change.ts';
import { ACCESS_ROLE, DESIGNER, EMEA, startExstreamBench } from '../../support/exstreamStandIn.ts';
import { Hr } from '../../support/hr.ts';
import { OTDS_CLIENT_SECRET } from '../../support/otdsStandIn.ts';
import { call } from '../drive.ts';
import { HTTP_FAULTS, type ConformanceBench, type Traits } from '../bench.ts';
import { standInControl, withUnknownFields } from '../standIn.ts';

export const exstreamTraits: Traits = { name: 'exstream', faults: HTTP_FAULTS, expires: true };

const GRANTS = [DESIGNER, EMEA];
const CARRIERS: Readonly<Record<string, string>> = {
  [DESIGNER]: 'Designers@exstream.role',
  [EMEA]: 'Authors EMEA@exstream.role',
};

type Access = { groups: { name: string; how: string }[]; accessRoles: { name: string; how: string }[] };

/** Access to Exstream is kept half in Exstream, half in OTDS: faults meet both, effects are counted at both. */
export async function openExstream(): Promise<ConformanceBench> {
  const exstream = await startExstreamBench();
  const { otds } = exstream;
  const design = standInControl((...ask) => exstream.control(...ask), ['groupRole', 'role', 'rolePermissions']);
  const directory = standInControl(
    (...ask) => otds.control(...ask),
    ['user', 'membership', 'accessRoleMember', 'accessRole'],
  );
  const [designRelay, otdsRelay] = await Promise.all(
    [exstream.config.url, exstream.config.otds.url].map(withUnknownFields),
  );
  const hr = new Hr(otds);
  let count = 0;
  let faulty = false;
  const due = (account: Due['account'], entitlements: string[]): Due => ({
    account,
    profile: {},
    entitlements,
    urgent: false,
    waiting: [],
  });
  const bench: ConformanceBench = {
    async effects() {
      const [here, there] = await Promise.all([design.effects(), directory.effects()]);
      return { made: here.made + there.made, needless: here.needless + there.needless };
    },
    plan: async (fault) => {
      faulty = true;
      await Promise.all([design.plan(fault), directory.plan(fault)]);
    },
    clear: async () => {
      faulty = false;
      await Promise.all([design.clear(), directory.clear()]);
    },
    managed: ['exstream:role/*@*'],
    goneAccount: 'disabled',
    secrets: [OTDS_CLIENT_SECRET, 'Bearer '],
    logged: () => exstream.logged(),
    reset: async () => {
      faulty = false;
      await exstream.reset();
      await bench.effects();
    },
    make: async ({ requestMs = 5_000, unknownFields = false, wrongSecret = false } = {}) => {
      const system = exstream.client(
        {
          // Straight from OTDS, so that a fault there ends with the request that met it and not with a log-in that others wait for.
          tokenUrl: `${exstream.config.otds.url}/otdsws/oauth2/token`,
          limits: { ...exstream.config.limits, requestMs },
          ...(unknownFields && {
            url: designRelay?.url ?? '',
            otds: { ...exstream.config.otds, url: otdsRelay?.url ?? '' },
          }),
        },
        wrongSecret ? { secret: 'no-such-secret' } : {},
      );
      // Each domain's own client logs in now: a fault planned later is to meet the change.
      if (!wrongSecret && !faulty) await system.drift(call);
      return system.target;
    },
    newcomer: async ({ given, family } = { given: 'Nina', family: 'New' }) => {
      const who = `newcomer${++count}@staff`;
      await hr.hire(who, { givenName: given, sn: family, displayName: `${given} ${family}` });
      await bench.effects();
      return await otds.person(who);
    },
    joined: () => due('present', GRANTS),
    left: () => due('disabled', []),
    seen: async ({ who }) => {
      const access = (await otds.control('GET', `/state/access/${encodeURIComponent(who)}`)) as unknown as Access;
      const rows = await exstream.groupRoles();
      const mayUse = ([key, group]: [string, string]) =>
        access.groups.some(({ name }) => name === group) &&
        rows.includes(`${group}: ${key.slice(key.indexOf('/') + 1)}`);
      const letIn = access.accessRoles.some(({ name }) => name === ACCESS_ROLE);
      const held = Object.entries(CARRIERS).filter(mayUse);
      return { account: letIn ? 'present' : 'disabled', held: held.map(([key]) => key).sort() };
    },
    byHand: async ({ who }, entitlement, present) => {
      const group = CARRIERS[entitlement];
      if (group === undefined) throw new Error(`Nobody carries ${entitlement}.`);
      await (present ? hr.join(who, group) : hr.drop(who, group));
      await bench.effects();
    },
    expire: async () => {
      await exstream.control('POST', '/act', { action: 'expireTokens' });
      await otds.act('expireTickets');
    },
    close: async () => {
      await Promise.all([designRelay?.close(), otdsRelay?.close()]);
      await exstream.close();
    },
  };
  return bench;
}
