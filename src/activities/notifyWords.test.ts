import { describe, expect, test } from '@jest/globals';
import { person } from '../../test/support/fakes.ts';
import type { DesiredEntitlement } from '../domain/desired.ts';
import type { Noted } from '../ledger/types.ts';
import { titleOf, wordsOf } from './notifyWords.ts';
import type { NotifyInput } from './types.ts';

const who = 'ben.otto@staff';
const entitlement = (key: string, rule: string, until?: string): DesiredEntitlement => ({
  key,
  grants: [{ rule, digest: 'd', demand: 1, onFailure: 'continue' }],
  ...(until !== undefined && { until }),
});

function noted(entitlements: DesiredEntitlement[], over: Partial<Noted> = {}): Noted {
  const targets = {
    iconik: { account: 'active' as const, whenUnused: 'leave' as const, profile: {}, entitlements },
  };
  return {
    person: person(who),
    newest: 2,
    previous: {
      number: 2,
      person: person(who),
      standing: 'active',
      targets,
      conflicts: [],
      policyDigest: '',
      digest: '',
    },
    decisions: [],
    demands: 0,
    proved: {},
    lastAccountOp: {},
    heldUntil: {},
    ...over,
  };
}

const said = (over: Partial<NotifyInput>, from = noted([]), instructions?: string): string =>
  wordsOf({ person: who, uuid: 'u', number: 2, kind: 'changed', to: who, changes: [], ...over }, from, instructions);

describe('what a notice says', () => {
  test.each([
    ['grant iconik:team/Legal', 'iconik: team Legal granted (rule legal-review)'],
    ['grant iconik:collection/Spots/May#write', 'iconik: collection Spots/May write granted (rule may)'],
    ['grant iconik:team/Gone', 'iconik: team Gone granted (by a rule that no longer gives it)'],
    ['revoke iconik:team/Post', 'iconik: team Post taken away (its grace is over)'],
    ['revoke iconik:team/Other', 'iconik: team Other taken away (no rule gives it any more)'],
    ['revoke iconik:team/Legal', 'iconik: team Legal taken away (rule legal-review does not count now)'],
    ['create account', 'iconik: account created'],
    ['disable account', 'iconik: account closed'],
  ])('%s: %s', (change, line) => {
    const from = noted([
      entitlement('iconik:team/Legal', 'legal-review'),
      entitlement('iconik:collection/Spots/May#write', 'may'),
      entitlement('iconik:team/Post', 'post', '2026-01-01T00:00:00Z'),
    ]);
    expect(said({ changes: [`iconik: ${change}`] }, from)).toBe(`Your access has changed:\n- ${line}`);
  });

  test('the manager reads whose access it is', () => {
    expect(said({ to: 'kofi.mensah@staff' })).toBe(`The access of ${who} has changed:`);
  });

  test('a joiner reads where to go', () => {
    expect(said({ kind: 'welcome' }, noted([]), 'Ask the desk.')).toBe(`Access for ${who} is ready:\nAsk the desk.`);
  });

  test("a leaver's manager reads who said so, not what else was said", () => {
    const at = '2026-01-01T00:00:00Z';
    const depart = { id: 1, version: 1, kind: 'depart' as const, by: 'grace.lee@staff', reason: 'caught stealing', at };
    const text = said({ kind: 'left' }, noted([], { decisions: [depart] }));
    expect(text).toBe(`All access of ${who} is closed, read back everywhere.\nDeparture recorded by grace.lee@staff.`);
  });

  test('titles say nothing about anybody', () => {
    expect((['welcome', 'changed', 'left'] as const).map(titleOf).join()).not.toMatch(/@|ben/);
  });
});
