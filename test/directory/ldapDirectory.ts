import { READER, groupDn, personDn, type LdapKind } from '../support/ldapSeed.ts';
import type { Daemon } from '../support/daemons.ts';
import { freePort } from '../support/daemons.ts';
import { SECRETS, startLdapBench } from '../support/ldapBench.ts';
import type { DirectoryBench } from './bench.ts';

/** slapd as a directory under test, with OpenLDAP's or Active Directory's attributes. */
export async function ldapDirectory(slapd: Daemon, kind: LdapKind): Promise<DirectoryBench> {
  const bench = await startLdapBench(slapd, kind);
  const dn = (who: string): string => personDn(kind, who);
  const openldap = kind === 'openldap';
  return {
    directory({ pageSize, now, requestMs, password } = {}) {
      const limits = { ...bench.config.limits, ...(requestMs !== undefined && { requestMs }) };
      const changed = { limits, ...(password === 'wrong' && { password: 'env:WRONG' }) };
      const choices = pageSize === undefined ? {} : { pageSize };
      return bench.client(changed, { choices, ...(now !== undefined && { now: () => Date.parse(now) }) });
    },
    nowhere: async () => bench.client({ url: `ldaps://127.0.0.1:${await freePort()}` }),
    hire: (who) => bench.hire(who),
    makeGroup: (group, members) => bench.group(group, members.map(dn)),
    join: (who, group) => bench.join(group, dn(who)),
    leave: (who, group) => bench.leave(group, dn(who)),
    disable: (who) =>
      bench.set(dn(who), openldap ? { pwdAccountLockedTime: '000001010000Z' } : { userAccountControl: '514' }),
    department: (who, to) => bench.set(dn(who), { [openldap ? 'departmentNumber' : 'department']: to }),
    async unreadableEnd(who) {
      const text = openldap ? 'next summer' : '99999999999999999999';
      await bench.set(dn(who), { [openldap ? 'nwEnd' : 'accountExpires']: text });
      return text;
    },
    remove: (who) => bench.remove(dn(who)),
    cutScans: async () => bench.proxy.after(20_000, 'cut'),
    fallSilent: async () => bench.proxy.after(0, 'stall'),
    secrets: [...Object.values(SECRETS), READER.dn, groupDn('Media Admins@staff')],
    reset: () => bench.reset(),
    close: () => bench.close(),
  };
}
