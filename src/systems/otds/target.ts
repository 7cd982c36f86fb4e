import type { Target, TargetDescription } from '../port.ts';
import type { OtdsClient } from './client.ts';
import { accountOf } from './locate.ts';
import type { Probe } from './probe.ts';
import { keyOf } from './shapes.ts';
import { AccountList } from './targetList.ts';
import { freeAttributes, readAccount } from './targetRead.ts';
import { applyChange } from './targetWrite.ts';

const KINDS = {
  group: 'Member of this OTDS group (`name@partition`), and of whatever the group opens in other products.',
  accessrole: 'Named in this OTDS access role: may log in to its resource, or is pushed to it.',
  role: 'Holds this OTDS role directly.',
};

const PROOF_LIMITS = [
  'Tickets and tokens that a disabled person already holds live until they expire: OTDS offers no way to list or end them.',
  'What other products hold (a pushed account, an open application session) is a second effect: only a read of that product proves it.',
  'Roles that come through a group, and access roles that come through an organisational unit, cannot be told by reading.',
  'In a synchronised partition the account itself is what its source last brought in.',
];

/** OTDS as a target: account state, groups, roles, access roles. The native id of an account is its uuid. */
export function createTarget(client: OtdsClient, probe: Probe): Target {
  // By SCIM each write is preceded by looking up the ids.
  const requests = client.choices.applyRequests * (client.scim ? 2 : 1);
  const requestLimitMs = client.config.limits.requestMs * requests;
  const description: TargetDescription = {
    system: 'otds',
    kinds: KINDS,
    requestLimitMs,
    readLagMs: client.choices.readLagMs,
    profile: freeAttributes(client),
    proofLimits: PROOF_LIMITS,
  };
  const accounts = new AccountList(client);
  return {
    describe: () => description,
    probe,
    async find(person, { signal }) {
      const user = await accountOf(client, { person }, signal);
      if (!user) return [];
      // `originUUID`: what a synchronisation or SCIM brought along from the source (contracts/otds.md 4.1).
      const isSame = [user.uuid, user.originUUID].some((id) => id?.toLowerCase() === person.uuid.toLowerCase());
      return [{ nativeId: user.uuid, how: isSame ? 'id' : 'login', label: keyOf(user) }];
    },
    read: (account, interest, call) => readAccount(client, account, interest, call),
    async apply(account, change, _actual, call) {
      // All requests together: an effect must not land later than the intent says.
      const signal = AbortSignal.any([call.signal, AbortSignal.timeout(requestLimitMs)]);
      return applyChange(client, account, change, { ...call, signal });
    },
    list: (page, interest, call) => accounts.page(page, interest, call),
  };
}
