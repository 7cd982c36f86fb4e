import type { Due } from '../../../src/domain/change.ts';
import type { Person } from '../../../src/domain/person.ts';
import type { Daemon } from '../../support/daemons.ts';
import { person } from '../../support/fakes.ts';
import { openPartners, type Partner } from '../../support/ftpPartners.ts';
import { PASSWORD } from '../../support/ftpServers.ts';
import type { ConformanceBench, Traits } from '../bench.ts';

export const ftpTraits: Traits = { name: 'ftp', faults: ['hang', 'reset', 'lostReply'] };

const PARTNERS: readonly Partner[] = ['acme', 'globex'];
const GRANTS = PARTNERS.map((name) => `ftp:list/${name}`);

/** Commands at which a fault strikes: a read logs in and fetches, a write uploads and gives the name. */
const STRIKES = {
  read: { hang: /^RETR/, reset: /^USER/, lostReply: /^RETR/ },
  write: { hang: /^RNTO/, reset: /^STOR/, lostReply: /^RNTO/ },
} as const;

export async function openFtp(proftpd: Daemon): Promise<ConformanceBench> {
  const partners = await openPartners(proftpd);
  let count = 0;
  const due = (account: 'present' | 'disabled', profile: Due['profile'], entitlements: string[]): Due => ({
    account,
    profile,
    entitlements,
    urgent: false,
    waiting: [],
  });
  const heldBy = ({ who }: Person): string[] =>
    GRANTS.filter((_key, at) => partners.names(PARTNERS[at]!).includes(who));
  return {
    managed: ['ftp:list/*'],
    goneAccount: 'absent',
    secrets: [PASSWORD],
    logged: () => '',
    reset: async () => await Promise.resolve(partners.reset()),
    make: async ({ requestMs = 5_000, wrongSecret = false } = {}) => {
      const config = partners.config({}, { limits: { requestMs, perSecond: 1_000 } });
      return await Promise.resolve(partners.target(config, wrongSecret ? { password: 'not-the-password' } : {}));
    },
    newcomer: async ({ given, family } = { given: 'Nina', family: 'New' }) => {
      const login = `newcomer${++count}`;
      const fields = { email: `${login}@northwind.example`, displayName: `${given} ${family}` };
      return await Promise.resolve(person(`${login}@staff`, { fields }));
    },
    joined: ({ who }) => due('present', { id: who }, GRANTS),
    left: () => due('disabled', {}, []),
    seen: async (who) => {
      const held = heldBy(who);
      return await Promise.resolve({ account: held.length > 0 ? 'present' : 'absent', held });
    },
    effects: async () => await Promise.resolve(partners.publications()),
    plan: async ({ on, times, fault }) => {
      if (fault.kind !== 'hang' && fault.kind !== 'reset' && fault.kind !== 'lostReply')
        throw new Error(`FTP knows no fault ${fault.kind}.`);
      const how = fault.kind === 'lostReply' ? 'lose' : fault.kind;
      partners.proxy.fault = { at: STRIKES[on][fault.kind], how, ...(times !== undefined && { times }) };
      await Promise.resolve();
    },
    clear: async () => {
      partners.proxy.fault = undefined;
      await Promise.resolve();
    },
    byHand: async (who, entitlement, present) => {
      const partner = entitlement === GRANTS[0] ? 'acme' : 'globex';
      if (heldBy(who).includes(entitlement) === present) return;
      const row = partner === 'acme' ? `${who.who},,,by hand\r\n` : `;${who.who};\n`;
      const text = partners.text(partner);
      const lines = text.split(/(?<=\n)/).filter((line) => !line.includes(who.who));
      partners.write(partner, present ? text + row : lines.join(''));
      await Promise.resolve();
    },
    close: () => partners.close(),
  };
}
