import type { LdapConfig } from './config.ts';
import { ldapError } from './errors.ts';

/** The mass-delete rule at the source: remembers who was there in the last complete scan of this process. */
export type GoneBrake = {
  /** @throws LDAP_TOO_MANY_GONE where this scan lacks too many of the last one; nothing may be concluded then. */
  check(now: ReadonlySet<string>): void;
  /** The scan is complete: the next one is compared with it. */
  accept(now: ReadonlySet<string>): void;
};

/** Both must be exceeded: the count lets small directories change, the share lets large ones. The engine's brake on leavers comes on top. */
export function createGoneBrake({ gone }: LdapConfig): GoneBrake {
  let last: ReadonlySet<string> = new Set();
  return {
    check(now) {
      const missing = [...last].filter((uuid) => !now.has(uuid)).length;
      if (missing > gone.count && missing > (last.size * gone.percent) / 100)
        throw ldapError('LDAP_TOO_MANY_GONE', { about: `${missing} of ${last.size} people` });
    },
    accept(now) {
      last = now;
    },
  };
}
