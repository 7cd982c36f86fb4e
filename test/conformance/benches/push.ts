import type { Due } from '../../../src/domain/change.ts';
import type { Person } from '../../../src/domain/person.ts';
import { member, startPushBench } from '../../support/pushStandIns.ts';
import type { ConformanceBench, Traits } from '../bench.ts';

/** Its wire is the ledger's own PostgreSQL, which has no faults to plan. */
export const pushTraits: Traits = { name: 'push', faults: [] };

/** People who registered a device before: their account is only ever removed. */
export async function openPush(): Promise<ConformanceBench> {
  const push = await startPushBench();
  const due = (account: Due['account']): Due => ({
    account,
    profile: {},
    entitlements: [],
    urgent: false,
    waiting: [],
  });
  const people: Person[] = [];
  /** Devices of everybody whom this bench made. */
  const devices = async (): Promise<number> => {
    const each = await Promise.all(people.map(({ uuid }) => push.ledger.devices.devicesOf(uuid)));
    return each.flat().length;
  };
  let before = 0;
  const token = (who: string): string => `the device token of ${who}`;
  return {
    managed: ['push:device/*'],
    goneAccount: 'absent',
    secrets: ['the device token of', ...push.secrets.values()],
    logged: () => push.logged(),
    reset: () => push.reset(),
    make: async ({ wrongSecret = false } = {}) => {
      if (wrongSecret) for (const ref of push.secrets.keys()) push.secrets.set(ref, 'wrong');
      return push.push({ channels: ['otag', 'email', 'fcm'] }).target;
    },
    newcomer: async ({ given, family } = { given: 'Nina', family: 'New' }) => {
      const person = { ...member(`newcomer${people.length}@staff`), fields: { givenName: given, surname: family } };
      for (const n of [1, 2]) await push.register(person, 'fcm', `${token(person.who)} ${n}`);
      people.push(person);
      before = await devices();
      return person;
    },
    joined: () => due('untouched'),
    left: () => due('disabled'),
    seen: async ({ uuid }) => {
      const theirs = await push.ledger.devices.devicesOf(uuid);
      return { account: theirs.length > 0 ? 'present' : 'absent', held: [] };
    },
    // Removing what is gone leaves no trace in a table, so that nothing here can be needless.
    effects: async () => {
      const now = await devices();
      const made = Math.abs(now - before);
      before = now;
      return { made, needless: 0 };
    },
    plan: async () => undefined,
    clear: async () => undefined,
    byHand: async () => undefined,
    close: () => push.close(),
  };
}
