import { describe, expect, test } from '@jest/globals';
import type { Decision } from './decision.ts';
import type { Desired, DesiredTarget } from './desired.ts';
import { due, type DueInput } from './due.ts';
import { approval, decision, desired, entitlement, grant, target } from './testing.ts';

const NOW = '2026-11-21T12:00:00.000Z';
const EARLIER = '2026-11-20T12:00:00.000Z';
const LATER = '2026-11-22T12:00:00.000Z';
const MUCH_LATER = '2026-12-22T12:00:00.000Z';
const TEAM = 'iconik:team/Marketing';
const ADMIN = 'iconik:roles/Media Library Admin';

function on(
  one: DesiredTarget,
  decisions: readonly Decision[] = [],
  over: Partial<DueInput> = {},
  all: Partial<Desired> = {},
) {
  return due({
    desired: one,
    all: desired({ iconik: one }, all),
    target: 'iconik',
    decisions,
    heldUntil: {},
    now: NOW,
    ...over,
  });
}
const privileged = target([entitlement(ADMIN, [grant('admin', 4, { approval })])]);
const approve = (over: Partial<Decision> = {}) =>
  decision(1, { kind: 'approve', rule: 'admin', demand: 4, digest: 'digest of admin', ...over });

describe('approval', () => {
  test('needs no approval: due, and the account with it', () => {
    const one = target([entitlement(TEAM, [grant('marketing', 1)])], { profile: { type: 'STANDARD' } });
    expect(on(one)).toEqual({
      account: 'present',
      urgent: false,
      profile: { type: 'STANDARD' },
      entitlements: [TEAM],
      waiting: [],
    });
  });

  test('without a decision it waits, and nothing is due', () => {
    expect(on(privileged)).toMatchObject({
      account: 'disabled',
      entitlements: [],
      waiting: [{ entitlement: ADMIN, rule: 'admin', demand: 4, why: 'approval' }],
    });
  });

  test('an approval of this rule, demand and digest counts', () => {
    expect(on(privileged, [approve()]).entitlements).toEqual([ADMIN]);
  });

  test.each([
    ['another demand (approved, left, rejoined)', { demand: 3 }],
    ['another digest (the rule changed)', { digest: 'old text' }],
    ['another rule', { rule: 'other' }],
    ['other entitlements', { entitlements: ['iconik:roles/Editor'] }],
    ['an end that has passed', { endsAt: EARLIER }],
  ])('an approval of %s does not', (_what, over) => {
    expect(on(privileged, [approve(over)])).toMatchObject({ entitlements: [], waiting: [{ why: 'approval' }] });
  });

  test('the last word counts, whatever order the rows come in', () => {
    const reject = decision(2, { kind: 'reject', rule: 'admin', demand: 4 });
    const again = approve({ id: 3, version: 3 });
    expect(on(privileged, [reject, approve()]).waiting).toMatchObject([{ why: 'rejected' }]);
    expect(on(privileged, [again, reject, approve()]).entitlements).toEqual([ADMIN]);
  });

  test('a withdrawn approval is none', () => {
    expect(on(privileged, [approve(), decision(2, { kind: 'withdraw', ends: 1 })]).entitlements).toEqual([]);
  });

  test('the end of an approval is when the answer changes', () => {
    expect(on(privileged, [approve({ endsAt: LATER })])).toMatchObject({ entitlements: [ADMIN], changesAt: LATER });
  });

  test('of several grants one suffices', () => {
    const one = target([entitlement(ADMIN, [grant('admin', 4, { approval }), grant('birthright', 2)])]);
    expect(on(one)).toMatchObject({ entitlements: [ADMIN], waiting: [] });
  });
});

describe('withholding', () => {
  const one = target([entitlement(TEAM, [grant('marketing', 2)])]);
  const withhold = decision(1, { kind: 'withhold', by: 'tenure', rule: 'marketing', demand: 2 });

  test('leaves the rule out', () => {
    expect(on(one, [withhold])).toMatchObject({
      account: 'disabled',
      entitlements: [],
      waiting: [{ why: 'withheld' }],
    });
  });

  test('until withdrawn', () => {
    expect(on(one, [withhold, decision(2, { kind: 'withdraw', ends: 1 })]).entitlements).toEqual([TEAM]);
  });

  test('or until a new demand', () => {
    expect(on(target([entitlement(TEAM, [grant('marketing', 3)])]), [withhold]).entitlements).toEqual([TEAM]);
  });

  test('leaves what another rule grants', () => {
    expect(on(target([entitlement(TEAM, [grant('marketing', 2), grant('all', 1)])]), [withhold]).entitlements).toEqual([
      TEAM,
    ]);
  });
});

describe('time', () => {
  test('kept in grace until its end, silently gone after it', () => {
    const kept = (until: string) => on(target([entitlement(TEAM, [grant('marketing', 1)], until)]));
    expect(kept(LATER)).toMatchObject({ entitlements: [TEAM], changesAt: LATER });
    expect(kept(NOW)).toMatchObject({ account: 'disabled', entitlements: [], waiting: [] });
    // The same instant written without milliseconds.
    expect(kept('2026-11-21T12:00:00Z').entitlements).toEqual([]);
  });

  test('a joiner has nothing before the start, and the account is not touched', () => {
    const one = target([entitlement(TEAM, [grant('marketing', 1)])], { notBefore: LATER });
    expect(on(one, [], {}, { standing: 'joiner' })).toMatchObject({
      account: 'untouched',
      entitlements: [],
      waiting: [{ why: 'notYet' }],
      changesAt: LATER,
    });
    expect(on(one, [], { now: LATER }).entitlements).toEqual([TEAM]);
  });

  test('the earliest of all times counts', () => {
    const one = target([
      entitlement(TEAM, [grant('a', 1)], MUCH_LATER),
      entitlement(ADMIN, [grant('admin', 4, { approval })]),
    ]);
    expect(on(one, [approve({ endsAt: LATER })]).changesAt).toBe(LATER);
  });
});

describe('leaving', () => {
  const one = target([entitlement(TEAM, [grant('marketing', 1)])]);

  test('a departure in force outranks the directory', () => {
    expect(on(one, [decision(1, { kind: 'depart', urgent: true })])).toMatchObject({
      account: 'disabled',
      urgent: true,
      entitlements: [],
      profile: {},
    });
  });

  test('also where the policy does not manage the account, or does not name the target', () => {
    const depart = [decision(1, { kind: 'depart' })];
    expect(on({ ...one, account: 'untouched' }, depart).account).toBe('disabled');
    expect(
      due({ desired: undefined, all: undefined, target: 'iconik', decisions: depart, heldUntil: {}, now: NOW }).account,
    ).toBe('disabled');
  });

  test('a planned one waits for its day', () => {
    const depart = [decision(1, { kind: 'depart', effectiveAt: LATER, urgent: true })];
    expect(on(one, depart)).toMatchObject({
      account: 'present',
      urgent: false,
      entitlements: [TEAM],
      changesAt: LATER,
    });
    expect(on(one, depart, { now: LATER }).account).toBe('disabled');
  });

  test('a withdrawn one is none; one with an end (leave of absence) ends', () => {
    expect(on(one, [decision(1, { kind: 'depart' }), decision(2, { kind: 'withdraw', ends: 1 })]).account).toBe(
      'present',
    );
    expect(on(one, [decision(1, { kind: 'depart', endsAt: LATER })])).toMatchObject({
      account: 'disabled',
      changesAt: LATER,
    });
    expect(on(one, [decision(1, { kind: 'depart', endsAt: LATER })], { now: LATER }).account).toBe('present');
  });

  test('the account that the directory closed itself is left to it, unless a departure says more', () => {
    const own = target([], { account: 'untouched' });
    expect(on(own, [], {}, { standing: 'leaver' })).toMatchObject({ account: 'untouched', entitlements: [] });
    const depart = decision(1, { kind: 'depart' });
    expect(on(own, [depart], {}, { standing: 'leaver' }).account).toBe('disabled');
  });

  test('a leaver by the directory is disabled, or deleted where the desired says so', () => {
    expect(on(one, [], {}, { standing: 'leaver' }).account).toBe('disabled');
    expect(on(target([], { account: 'absent' }), [], {}, { standing: 'leaver' }).account).toBe('absent');
  });
});

describe('the account when nothing is due', () => {
  test.each([
    ['disable', 'disabled'],
    ['leave', 'untouched'],
    ['keep', 'present'],
  ] as const)('%s: %s', (whenUnused, account) => {
    expect(on(target([], { whenUnused })).account).toBe(account);
  });

  test('a target that the desired does not name is left alone', () => {
    expect(on(target([]), [], { desired: undefined }).account).toBe('untouched');
  });

  test('entitlements on an account that is not ours (directory groups)', () => {
    expect(
      on(target([entitlement('otds:group/X@staff', [grant('a', 1)])], { account: 'untouched', profile: { a: 'b' } })),
    ).toMatchObject({
      account: 'untouched',
      entitlements: ['otds:group/X@staff'],
      profile: {},
    });
  });
});

describe('separation of duties', () => {
  const DESIGN = 'exstream:role/designer@Marketing';
  const APPROVE = 'iconik:roles/Approver';
  const conflict = (windowMs = 0, mode: 'enforce' | 'report' = 'enforce') => [
    { name: 'create-and-approve', mode, left: ['exstream:role/designer@*'], right: [APPROVE], windowMs },
  ];
  const both = (designDemand: number, approveDemand: number, windowMs = 0, mode: 'enforce' | 'report' = 'enforce') => {
    const iconik = target([entitlement(APPROVE, [grant('approver', approveDemand)])]);
    const exstream = target([entitlement(DESIGN, [grant('designer', designDemand)])]);
    const all = desired({ iconik, exstream }, { conflicts: conflict(windowMs, mode) });
    return (name: 'iconik' | 'exstream', decisions: Decision[] = [], over: Partial<DueInput> = {}) =>
      due({ desired: all.targets[name], all, target: name, decisions, heldUntil: {}, now: NOW, ...over });
  };

  test('the younger demand is left out, across targets', () => {
    expect(both(1, 2)('iconik')).toMatchObject({ entitlements: [], waiting: [{ why: 'conflict', rule: 'approver' }] });
    expect(both(1, 2)('exstream').entitlements).toEqual([DESIGN]);
    expect(both(2, 1)('exstream').entitlements).toEqual([]);
  });

  test('equal age leaves out both; report leaves out nothing', () => {
    expect([both(1, 1)('iconik').entitlements, both(1, 1)('exstream').entitlements]).toEqual([[], []]);
    expect(both(1, 1, 0, 'report')('iconik').entitlements).toEqual([APPROVE]);
  });

  test('an exemption in force lets both stand, until it ends', () => {
    const exempt = [decision(1, { kind: 'exempt', conflict: 'create-and-approve', endsAt: LATER })];
    expect(both(1, 2)('iconik', exempt)).toMatchObject({ entitlements: [APPROVE], changesAt: LATER });
    expect(both(1, 2)('iconik', exempt, { now: LATER }).entitlements).toEqual([]);
  });

  test('the other side held a short while ago: wait for the window to end', () => {
    const iconik = target([entitlement(APPROVE, [grant('approver', 5)])]);
    const all = desired({ iconik }, { conflicts: conflict(2 * 86_400_000) });
    const at = (now: string) =>
      due({ desired: iconik, all, target: 'iconik', decisions: [], heldUntil: { [DESIGN]: EARLIER }, now });
    expect(at(NOW)).toMatchObject({ entitlements: [], waiting: [{ why: 'conflict' }], changesAt: LATER });
    expect(at(LATER).entitlements).toEqual([APPROVE]);
  });

  test('a side that is not due takes nothing away', () => {
    const withheld = [decision(1, { kind: 'withhold', rule: 'designer', demand: 1 })];
    expect(both(1, 2)('iconik', withheld).entitlements).toEqual([APPROVE]);
  });

  test('a side on a target that is closed takes nothing away', () => {
    const iconik = target([entitlement(APPROVE, [grant('approver', 2)])]);
    const exstream = target([entitlement(DESIGN, [grant('designer', 1)])], { account: 'disabled' });
    const all = desired({ iconik, exstream }, { conflicts: conflict() });
    expect(
      due({ desired: iconik, all, target: 'iconik', decisions: [], heldUntil: {}, now: NOW }).entitlements,
    ).toEqual([APPROVE]);
  });

  test('a thing demanded by two rules is as old as the older demand', () => {
    const iconik = target([entitlement(APPROVE, [grant('new', 3), grant('approver', 1)])]);
    const exstream = target([entitlement(DESIGN, [grant('designer', 2)])]);
    const all = desired({ iconik, exstream }, { conflicts: conflict() });
    expect(
      due({ desired: iconik, all, target: 'iconik', decisions: [], heldUntil: {}, now: NOW }).entitlements,
    ).toEqual([APPROVE]);
  });
});
