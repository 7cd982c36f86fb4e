import { beforeAll, describe, expect, test } from '@jest/globals';
import type { PolicyInForce } from '../provisioning/engine.ts';
import { presentOnly } from './presentOnly.ts';

const person = {} as never; // the policy below asks nothing of it
const grant = (key: string) => ({ key, rule: 'r', digest: 'd', onFailure: 'continue' as const });
const account = { whenUnused: 'disable' as const, profile: {} };

const inForce: PolicyInForce = {
  managed: { managed: ['iconik:**', 'cloudinary:**'], protected: [] },
  brakes: [],
  evaluate: () => ({
    wanted: {
      grants: [grant('iconik:team/Legal'), grant('cloudinary:group/Legal')],
      systems: ['iconik', 'cloudinary'],
      accounts: { iconik: account, cloudinary: account },
      grace: { defaultMs: 0, rules: {} },
      conflicts: [],
      policyDigest: 'p',
      scopeDigest: 's',
    },
    problems: ['one'],
  }),
};

describe('the policy of a Tenure that works without one of its systems', () => {
  const warnings: unknown[] = [];
  let policy: () => PolicyInForce;
  beforeAll(() => {
    const log = { warn: (fields: unknown) => void warnings.push(fields) };
    policy = presentOnly(() => inForce, new Set(['iconik']), log as never); // only `warn` is called
  });

  test('grants nothing there and has no account there; the rest stays as it is', () => {
    const { wanted, problems } = policy().evaluate(person);
    expect(wanted.grants).toEqual([grant('iconik:team/Legal')]);
    expect(wanted.systems).toEqual(['iconik']);
    expect(wanted.accounts).toEqual({ iconik: account });
    expect([wanted.policyDigest, problems, policy().managed]).toEqual(['p', ['one'], inForce.managed]);
  });

  test('says so once in the log, however many people are looked at', () => {
    policy().evaluate(person);
    policy().evaluate(person);
    expect(warnings).toEqual([{ systems: ['cloudinary'] }]);
  });
});
