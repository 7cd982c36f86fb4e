import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Desired } from './desired.ts';
import type { Person } from './person.ts';
import { buildDesired, type BuildDesiredInput, type Wanted, type WantedGrant } from './resolveDesired.ts';
import { approval, person } from './testing.ts';

const hash = (text: string) => createHash('sha256').update(text).digest('hex');
const NOW = '2026-11-21T12:00:00.000Z';
const TOMORROW = '2026-11-22T12:00:00.000Z';
const IN_FIVE_DAYS = '2026-11-26T12:00:00.000Z';

const g = (key: string, rule: string, over: Partial<WantedGrant> = {}): WantedGrant => ({
  key,
  rule,
  digest: `text of ${rule}`,
  onFailure: 'continue',
  ...over,
});
const marketing = g('iconik:team/Marketing', 'marketing');
const legal = g('iconik:team/Legal', 'legal');
const output = g('otds:group/Media Library Users@staff', 'output');
const admin = g('iconik:roles/Media Library Admin', 'admin', { approval });

function wanted(grants: readonly WantedGrant[], over: Partial<Wanted> = {}): Wanted {
  return {
    grants,
    systems: ['iconik', 'otds'],
    accounts: { iconik: { whenUnused: 'disable', profile: {} } },
    grace: { defaultMs: 5 * 86_400_000, rules: {} },
    conflicts: [],
    policyDigest: 'p',
    scopeDigest: 's',
    ...over,
  };
}
function build(grants: readonly WantedGrant[], over: Partial<BuildDesiredInput> = {}, who: Partial<Person> = {}) {
  return buildDesired({ person: person(who), wanted: wanted(grants), demands: 0, now: NOW, hash, ...over });
}
const numbered = (built: { desired: Omit<Desired, 'number'> }, number = 1): Desired => ({ number, ...built.desired });
const keys = (desired: Omit<Desired, 'number'>, target = 'iconik') =>
  desired.targets[target]?.entitlements.map((e) => e.key);
const demandOf = (desired: Omit<Desired, 'number'>, rule: string) =>
  Object.values(desired.targets)
    .flatMap((t) => t.entitlements)
    .flatMap((e) => e.grants)
    .find((grant) => grant.rule === rule)?.demand;

describe('demands', () => {
  test('one number per rule, kept while rule and digest stay', () => {
    const first = build([marketing, g('iconik:roles/Reviewer', 'marketing'), admin]);
    expect(first.demands).toBe(2);
    expect(demandOf(first.desired, 'admin')).toBe(1);
    const second = build([marketing, admin, legal], { previous: numbered(first), demands: first.demands });
    expect([
      demandOf(second.desired, 'admin'),
      demandOf(second.desired, 'marketing'),
      demandOf(second.desired, 'legal'),
    ]).toEqual([1, 2, 3]);
  });

  test('a changed rule is a new demand', () => {
    const first = build([admin]);
    const second = build([{ ...admin, digest: 'new text' }], { previous: numbered(first), demands: 1 });
    expect(demandOf(second.desired, 'admin')).toBe(2);
  });

  test('approved, left, rejoined: a new demand', () => {
    const first = build([admin]);
    const left = build([admin], { previous: numbered(first), demands: 1 }, { state: 'disabled' });
    const back = build([admin], { previous: numbered(left, 2), demands: left.demands });
    expect(demandOf(back.desired, 'admin')).toBe(2);
  });

  test('dropped and demanded again within the grace: a new demand, no end', () => {
    const first = build([marketing]);
    const dropped = build([], { previous: numbered(first), demands: 1 });
    const again = build([marketing], { previous: numbered(dropped, 2), demands: 1, now: TOMORROW });
    expect(again.desired.targets['iconik']?.entitlements).toEqual([
      {
        key: marketing.key,
        grants: [{ rule: 'marketing', digest: marketing.digest, onFailure: 'continue', demand: 2 }],
      },
    ]);
  });
});

describe('grace', () => {
  const first = build([marketing, legal]);
  const dropped = build([legal], { previous: numbered(first), demands: 2 });

  test('starts at the number that first dropped it; later numbers do not restart it', () => {
    const until = (d: Omit<Desired, 'number'>) =>
      d.targets['iconik']?.entitlements.find((e) => e.key === marketing.key)?.until;
    expect(until(dropped.desired)).toBe(IN_FIVE_DAYS);
    const later = build([legal, output], { previous: numbered(dropped, 2), demands: 2, now: TOMORROW });
    expect(until(later.desired)).toBe(IN_FIVE_DAYS);
    const over = build([], { previous: numbered(later, 3), demands: 3, now: IN_FIVE_DAYS });
    expect(keys(over.desired)).toEqual([legal.key]);
  });

  test('a leaver gets none, and what a returning leaver had is not remembered', () => {
    const gone = build([legal], { previous: numbered(dropped, 2), demands: 2 }, { state: 'absent' });
    expect(keys(gone.desired)).toEqual([]);
    expect(keys(build([legal], { previous: numbered(gone, 3), demands: 2 }).desired)).toEqual([legal.key]);
  });

  test('a joiner who has not started keeps nothing that was only planned', () => {
    const planned = build([marketing], {}, { startAt: TOMORROW });
    expect(keys(build([legal], { previous: numbered(planned), demands: 1, now: TOMORROW }).desired)).toEqual([
      legal.key,
    ]);
  });

  test('a rule may have its own; a privileged one has none unless it says so', () => {
    const had = build([marketing, admin]);
    const without = (rules: Record<string, number>) =>
      keys(
        build([], { previous: numbered(had), demands: 2, wanted: wanted([], { grace: { defaultMs: 1000, rules } }) })
          .desired,
      );
    expect(without({})).toEqual([marketing.key]);
    expect(without({ marketing: 0, admin: 5 })).toEqual([admin.key]);
  });
});

describe('standing', () => {
  test.each([
    ['active', {}, 'active'],
    ['locked is not gone', { state: 'locked' }, 'active'],
    ['disabled', { state: 'disabled' }, 'leaver'],
    ['absent', { state: 'absent' }, 'leaver'],
    ['end date passed', { endAt: NOW }, 'leaver'],
    ['end date ahead', { endAt: TOMORROW }, 'active'],
    ['starts tomorrow', { startAt: TOMORROW }, 'joiner'],
    ['started', { startAt: NOW }, 'active'],
    ['ended before the start', { startAt: TOMORROW, endAt: NOW }, 'leaver'],
  ] as const)('%s', (_name, who, standing) => {
    expect(build([marketing], {}, who).desired.standing).toBe(standing);
  });

  test('a leaver is disabled on every system of the policy and every one named before; the directory has done so itself', () => {
    const before = build([g('exstream:role/x@y', 'old')], {
      wanted: wanted([g('exstream:role/x@y', 'old')], { systems: ['exstream'] }),
    });
    const gone = build(
      [marketing],
      { previous: numbered(before), demands: 1, deleteOn: ['iconik'] },
      { state: 'disabled', ownedUpstream: true },
    );
    const accounts = Object.fromEntries(
      Object.entries(gone.desired.targets).map(([name, t]) => [name, [t.account, t.entitlements.length]]),
    );
    expect(accounts).toEqual({ exstream: ['disabled', 0], iconik: ['absent', 0], otds: ['untouched', 0] });
    expect(gone.desired.why).toContain('disabled');
  });

  test('an end date that has passed closes the account in the directory too, and says so anew when it comes to count', () => {
    const ended = build([marketing], {}, { endAt: NOW });
    expect(ended.desired.targets['otds']?.account).toBe('disabled');
    const disabled = build([marketing], {}, { endAt: TOMORROW, state: 'disabled' });
    expect(disabled.desired.targets['otds']?.account).toBe('untouched');
    const both = build([marketing], { now: TOMORROW }, { endAt: TOMORROW, state: 'disabled' });
    expect(both.desired.targets['otds']?.account).toBe('disabled');
    expect(both.desired.digest).not.toBe(disabled.desired.digest);
  });

  test('remembers since when somebody is a leaver, and forgets it when they come back', () => {
    const gone = build([marketing], {}, { state: 'disabled' });
    const still = build([], { previous: numbered(gone), now: TOMORROW }, { state: 'absent' });
    expect([gone.desired.leaverSince, still.desired.leaverSince]).toEqual([NOW, NOW]);
    const back = build([marketing], { previous: numbered(still, 2), now: TOMORROW });
    expect(back.desired).not.toHaveProperty('leaverSince');
  });

  test('a joiner has a day before which nothing is due', () => {
    expect(build([marketing], {}, { startAt: TOMORROW }).desired.targets['iconik']?.notBefore).toBe(TOMORROW);
    expect(build([marketing], {}, { startAt: NOW }).desired.targets['iconik']).not.toHaveProperty('notBefore');
  });
});

describe('targets', () => {
  test('every system of the policy is named; an account is ours only where something is granted', () => {
    const { targets } = build([output]).desired;
    expect(targets).toMatchObject({
      iconik: { account: 'untouched', entitlements: [], profile: {} },
      otds: { account: 'untouched', profile: {}, entitlements: [{ key: output.key }] },
    });
    expect(build([marketing]).desired.targets['iconik']?.account).toBe('active');
  });

  test('an account that was ours stays ours when its last entitlement goes', () => {
    const none = wanted([], { grace: { defaultMs: 0, rules: {} } });
    const first = build([marketing]);
    const second = build([], { previous: numbered(first), demands: 1, wanted: none });
    const third = build([output], { previous: numbered(second, 2), demands: 1, wanted: none });
    for (const one of [second, third]) {
      expect(one.desired.targets['iconik']).toMatchObject({
        account: 'active',
        whenUnused: 'disable',
        entitlements: [],
      });
    }
  });

  test('the directory account is only opened again when our own disabling stands', () => {
    const back = build([], { reenable: true }, { state: 'disabled' });
    expect(back.desired.standing).toBe('active');
    expect(back.desired.targets['otds']).toMatchObject({ account: 'active', whenUnused: 'keep' });
  });

  test("a rule's attributes win over those every account gets", () => {
    const built = build([marketing], {
      profiles: { iconik: { type: 'STANDARD', email: 'a@x' } },
      wanted: wanted([marketing], { accounts: { iconik: { whenUnused: 'leave', profile: { type: 'POWER' } } } }),
    });
    expect(built.desired.targets['iconik']?.profile).toEqual({ type: 'POWER', email: 'a@x' });
  });

  test('the person is kept without the directory attributes that nobody asked for', () => {
    expect(build([], {}, { attributes: { oTExtraAttr9: 'private' } }).desired.person.attributes).toEqual({});
  });
});

describe('digest', () => {
  const digest = (...args: Parameters<typeof build>) => build(...args).desired.digest;

  test('does not depend on what was said before, nor on groups that no rule reads, nor on when it is asked', () => {
    const first = build([marketing, legal]);
    const before = numbered(build([marketing, legal, admin]), 4);
    expect(digest([legal, marketing], { previous: before, demands: 9, now: TOMORROW }, { groups: ['x@staff'] })).toBe(
      first.desired.digest,
    );
    expect(digest([marketing, legal], { wanted: wanted([marketing, legal], { policyDigest: 'other' }) })).toBe(
      first.desired.digest,
    );
  });

  test.each<[string, Parameters<typeof build>]>([
    ['another grant', [[marketing, legal]]],
    ['another rule for the same thing', [[g(marketing.key, 'other')]]],
    ['a changed rule', [[{ ...marketing, digest: 'new' }]]],
    ['a rename', [[marketing], {}, { who: 'ada.lovelace@staff' }]],
    ['another e-mail', [[marketing], {}, { fields: { email: 'b@x' } }]],
    ['a start date', [[marketing], {}, { startAt: TOMORROW }]],
    ['a new end date', [[marketing], {}, { endAt: TOMORROW }]],
    ['a leaver', [[marketing], {}, { state: 'disabled' }]],
    ['a profile', [[marketing], { profiles: { iconik: { type: 'POWER' } } }]],
    ['what is managed', [[marketing], { wanted: wanted([marketing], { scopeDigest: 'other' }) }]],
    ['an account to be opened again', [[marketing], { reenable: true }]],
  ])('differs for %s', (_name, args) => {
    expect(digest(...args)).not.toBe(digest([marketing]));
  });

  test('of a leaver does not follow groups', () => {
    expect(digest([marketing], {}, { state: 'disabled' })).toBe(digest([legal], {}, { state: 'disabled' }));
  });
});
