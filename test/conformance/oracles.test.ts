/** Each check of the suite is shown to say no: it is run on a target that breaks just its promise. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { SERVICE } from '../../sandbox/iconik/seed.ts';
import type { Target } from '../../src/systems/port.ts';
import { SystemError } from '../../src/systems/errors.ts';
import type { ConformanceBench, MakeOptions, Traits } from './bench.ts';
import { iconikTraits, openIconik } from './benches/iconik.ts';
import { openOtds, otdsTraits } from './benches/otds.ts';
import { checksFor } from './suite.ts';

/** A broken target: the good one with some calls replaced. */
type Plant = (good: Target, options: MakeOptions) => Partial<Target>;

const claimsSuccess: Plant = (good) => ({
  apply: async (...args) => {
    const applied = await good.apply(...args);
    return applied.outcome === 'unknown' ? { outcome: 'done' } : applied;
  },
});
const calledGone: Plant = (good) => ({
  read: async (...args) => {
    try {
      return await good.read(...args);
    } catch {
      return { account: 'absent', profile: {}, held: [], warnings: [] };
    }
  },
});
const failsOnLostReply: Plant = (good) => ({
  apply: async (...args) => {
    const applied = await good.apply(...args);
    if (applied.outcome === 'unknown') throw new Error('fetch failed');
    return applied;
  },
});
const minds =
  (message: string): Plant =>
  (good) => ({
    apply: async (account, change, actual, call) => {
      const now = await good.read(account, ['iconik:**', 'otds:**'], call);
      const there = 'entitlement' in change && now.held.some(({ key }) => key === change.entitlement);
      if ('entitlement' in change && there === (change.op === 'grant')) throw new TypeError(message);
      return await good.apply(account, change, actual, call);
    },
  });
const trustsReads: Plant = (good) => ({
  read: async (account, ...rest) => {
    const actual = await good.read(account, ...rest);
    if (account.nativeId !== undefined && actual.account === 'absent') throw new TypeError('undefined is no account');
    return actual;
  },
});
const ignoresCancel: Plant = (good) => {
  const { signal } = new AbortController();
  return {
    read: (account, interest, call) => good.read(account, interest, { ...call, signal }),
    apply: (account, change, actual, call) => good.apply(account, change, actual, { ...call, signal }),
  };
};
const forgetsGrants: Plant = (good) => ({
  apply: async (account, change, actual, call) =>
    change.op === 'grant' ? { outcome: 'done' } : await good.apply(account, change, actual, call),
  read: async (account, interest, call) => {
    const actual = await good.read(account, interest, call);
    return {
      ...actual,
      held: interest.filter((key) => !key.includes('*')).map((key) => ({ key, how: 'direct' as const })),
    };
  },
});
const losesLetters: Plant = (good) => ({
  read: async (...args) => {
    const actual = await good.read(...args);
    const cut = Object.entries(actual.profile).map(([name, value]) => [
      name,
      name === 'last_name' ? value.replace(/[^A-Za-z]/gu, '').slice(0, 60) : value,
    ]);
    return { ...actual, profile: Object.fromEntries(cut) as Record<string, string> };
  },
});
const tellsAll: Plant = (good) => ({
  read: async (...args) => {
    try {
      return await good.read(...args);
    } catch {
      const message = `Refused: Auth-Token ${SERVICE.token}`;
      throw new SystemError({ code: 'ICONIK_TOLD', system: 'iconik', retryable: true, message });
    }
  },
});

const PLANTS: [check: RegExp, plant: Plant][] = [
  [/^a joiner gets/, forgetsGrants],
  [
    /^a leaver is closed/,
    (good) => ({ read: async (...args) => ({ ...(await good.read(...args)), account: 'disabled' }) }),
  ],
  [/^the same change twice/, minds('it is there already')],
  [/^what somebody else gave/, minds('somebody was faster')],
  [
    /^everybody who has an account/,
    (good) => ({
      list: async (...args) => ({ items: (await good.list(...args)).items.slice(1).flatMap((item) => [item, item]) }),
    }),
  ],
  [/^a write answered by a reply (lost|cut)/, failsOnLostReply],
  [/^a write answered by (?!a reply (lost|cut))/, claimsSuccess],
  [/^a read answered by/, calledGone],
  [
    /^429/,
    (good) => ({
      apply: async (...args) => {
        try {
          return await good.apply(...args);
        } catch {
          return { outcome: 'unknown' };
        }
      },
    }),
  ],
  [/^reads that lag/, trustsReads],
  [/^a cancelled call/, ignoresCancel],
  [/^a cancellation before/, ignoresCancel],
  [
    /^fields that nobody knows/,
    (_good, { unknownFields }) =>
      unknownFields ? { find: () => Promise.reject(new TypeError('unexpected key')) } : {},
  ],
  [/^somebody called/, losesLetters],
  [
    /^credentials that are refused/,
    (good) => ({ probe: async (call) => ({ ...(await good.probe(call)), credentials: true }) }),
  ],
  [
    /^credentials that end/,
    (good) => ({ apply: async (...args) => ({ ...(await good.apply(...args)), outcome: 'unknown' }) }),
  ],
  [/^no secret/, tellsAll],
];

function shown(traits: Traits, open: () => Promise<ConformanceBench>, names: (name: string) => boolean): void {
  describe(`on ${traits.name}, each check says no`, () => {
    let bench: ConformanceBench;
    beforeAll(async () => void (bench = await open()));
    beforeEach(async () => await bench.reset());
    afterAll(async () => await bench.close());
    test.each(checksFor(traits).filter(({ name }) => names(name)))('$name', async ({ name, run }) => {
      const plants = PLANTS.filter(([check]) => check.test(name));
      expect(plants).toHaveLength(1);
      for (const [, plant] of plants) {
        const make = async (options: MakeOptions = {}): Promise<Target> => {
          const good = await bench.make(options);
          return { ...good, ...plant(good, options) };
        };
        await expect(run({ traits, bench, make })).rejects.toThrow();
        await bench.clear();
      }
    });
  });
}

shown(iconikTraits, openIconik, () => true);
shown(otdsTraits, openOtds, (name) => /^credentials that end/.test(name));
