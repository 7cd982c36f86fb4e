import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Actual, Change, Due, Held, Managed, Plan } from './change.ts';
import { describeChange } from './change.ts';
import { isProtectedKey, matchesAny } from './entitlement.ts';
import { plan } from './plan.ts';

const MANAGED: Managed = {
  managed: ['iconik:team/*', 'iconik:roles/*', 'iconik:share/**'],
  protected: ['iconik:team/Everyone', 'person:break-glass@otds.admin'],
};
const ADA = { mode: 'apply', person: 'ada.byrne@staff' } as const;

function dueOf(over: Partial<Due> = {}): Due {
  return { account: 'present', urgent: false, profile: {}, entitlements: [], waiting: [], ...over };
}
function actualOf(over: Partial<Actual> = {}): Actual {
  return { account: 'present', profile: {}, held: [], warnings: [], ...over };
}
const direct = (key: string): Held => ({ key, how: 'direct' });

/** What the target looks like after the plan. */
function applyPlan(actual: Actual, changes: readonly Change[]): Actual {
  let { account, blocked } = actual;
  let profile = { ...actual.profile };
  let held = [...actual.held];
  for (const change of changes) {
    if ('entitlement' in change) {
      if (account === 'absent') throw new Error('changed an entitlement of an account that is not there');
      const others = held.filter((h) => h.key !== change.entitlement || h.how !== 'direct');
      held = change.op === 'grant' ? [...others, direct(change.entitlement)] : others;
      continue;
    }
    if (change.op === 'create' && account !== 'absent') throw new Error('created twice');
    if (change.op !== 'create' && account === 'absent') throw new Error(`${change.op} of an account that is not there`);
    if (change.op === 'disable') {
      account = 'disabled';
      blocked = change.urgent ?? false;
    } else if (change.op === 'delete') {
      if (account === 'present') throw new Error('deleted while open');
      [account, held] = ['absent', []];
    } else {
      account = 'present';
      profile = { ...profile, ...change.profile };
    }
  }
  return { ...actual, account, profile, held, ...(blocked === undefined ? {} : { blocked }) };
}

describe('order', () => {
  test('a joiner: account, grants', () => {
    const due = dueOf({ profile: { type: 'STANDARD' }, entitlements: ['iconik:team/B', 'iconik:team/A'] });
    expect(plan(due, actualOf({ account: 'absent' }), MANAGED, ADA)).toEqual({
      changes: [
        { op: 'create', profile: { type: 'STANDARD' } },
        { op: 'grant', entitlement: 'iconik:team/A' },
        { op: 'grant', entitlement: 'iconik:team/B' },
      ],
      left: [],
    });
  });

  test('a mover: new access before old access goes', () => {
    const due = dueOf({ entitlements: ['iconik:team/New'] });
    expect(plan(due, actualOf({ held: [direct('iconik:team/Old')] }), MANAGED, ADA).changes).toEqual([
      { op: 'grant', entitlement: 'iconik:team/New' },
      { op: 'revoke', entitlement: 'iconik:team/Old' },
    ]);
  });

  test('what goes goes in the order of the target’s kinds, others last', () => {
    const held = ['iconik:other/1', 'iconik:roles/B', 'iconik:share/1', 'iconik:roles/A', 'iconik:team/Z'].map(direct);
    const { changes } = plan(
      dueOf({}),
      actualOf({ held }),
      { ...MANAGED, managed: ['iconik:**'] },
      { ...ADA, kinds: ['team', 'roles', 'share'] },
    );
    expect(changes.map(describeChange)).toEqual([
      'revoke iconik:team/Z',
      'revoke iconik:roles/A',
      'revoke iconik:roles/B',
      'revoke iconik:share/1',
      'revoke iconik:other/1',
    ]);
  });

  test('a leaver: disable before strip, delete last', () => {
    const held = [direct('iconik:team/A'), { key: 'iconik:share/1', how: 'direct', closesOnLeave: true } as const];
    expect(plan(dueOf({ account: 'absent' }), actualOf({ held }), MANAGED, ADA).changes).toEqual([
      { op: 'disable', profile: {} },
      { op: 'revoke', entitlement: 'iconik:share/1' },
      { op: 'revoke', entitlement: 'iconik:team/A' },
      { op: 'delete', profile: {} },
    ]);
  });

  test('only the disabling, where only that is asked for', () => {
    const actual = actualOf({ held: [direct('iconik:team/A')] });
    const options = { ...ADA, mode: 'disableOnly' } as const;
    expect(plan(dueOf({ account: 'disabled' }), actual, MANAGED, options)).toEqual({
      changes: [{ op: 'disable', profile: {} }],
      left: [],
    });
    expect(plan(dueOf({ entitlements: ['iconik:team/B'] }), actual, MANAGED, options)).toEqual({
      changes: [],
      left: [],
    });
  });
});

describe('account', () => {
  test('an urgent departure blocks what is only disabled, and only where the target can', () => {
    const due = dueOf({ account: 'disabled', urgent: true });
    expect(plan(due, actualOf(), MANAGED, ADA).changes).toEqual([{ op: 'disable', profile: {}, urgent: true }]);
    expect(plan(due, actualOf({ account: 'disabled', blocked: false }), MANAGED, ADA).changes).toHaveLength(1);
    expect(plan(due, actualOf({ account: 'disabled', blocked: true }), MANAGED, ADA).changes).toEqual([]);
    expect(plan(due, actualOf({ account: 'disabled' }), MANAGED, ADA).changes).toEqual([]);
    expect(
      plan({ ...due, urgent: false }, actualOf({ account: 'disabled', blocked: false }), MANAGED, ADA).changes,
    ).toEqual([]);
  });

  test('only attributes that the policy names and that differ are written', () => {
    const due = dueOf({ profile: { type: 'POWER', email: 'a@x', phone: '1' } });
    const profile = { type: 'STANDARD', email: 'a@x', title: 'kept' };
    expect(plan(due, actualOf({ profile }), MANAGED, ADA).changes).toEqual([
      { op: 'update', profile: { type: 'POWER', phone: '1' } },
    ]);
    expect(plan(due, actualOf({ profile, account: 'disabled' }), MANAGED, ADA).changes).toEqual([
      { op: 'enable', profile: { type: 'POWER', phone: '1' } },
    ]);
  });

  test('not ours: neither created, enabled nor given anything while it is closed', () => {
    const due = dueOf({ account: 'untouched', entitlements: ['iconik:team/A'] });
    for (const account of ['absent', 'disabled'] as const) {
      expect(plan(due, actualOf({ account }), MANAGED, ADA)).toMatchObject({
        changes: [],
        left: [{ what: 'grant iconik:team/A', why: 'unmanaged' }],
      });
    }
    expect(plan(due, actualOf(), MANAGED, ADA).changes).toEqual([{ op: 'grant', entitlement: 'iconik:team/A' }]);
  });
});

describe('where a grant makes the account', () => {
  const rowless = actualOf({ account: 'absent' });
  const options = { ...ADA, opensWithGrant: true };

  test('nothing is created before it, and nothing is closed for a leaver who has nothing', () => {
    const due = dueOf({ profile: { id: 'ada' }, entitlements: ['iconik:team/A'] });
    expect(plan(due, rowless, MANAGED, options).changes).toEqual([{ op: 'grant', entitlement: 'iconik:team/A' }]);
    expect(plan(dueOf({ account: 'disabled' }), rowless, MANAGED, options).changes).toEqual([]);
  });
});

describe('left alone', () => {
  test('unmanaged, protected and inherited access is reported with the reason', () => {
    const held: Held[] = [
      direct('iconik:collection/X#read'),
      direct('iconik:team/Everyone'),
      { key: 'iconik:team/Nested', how: 'group' },
    ];
    expect(plan(dueOf({ account: 'disabled' }), actualOf({ account: 'disabled', held }), MANAGED, ADA)).toEqual({
      changes: [],
      left: [
        { what: 'iconik:collection/X#read', why: 'unmanaged' },
        { what: 'iconik:team/Everyone', why: 'protected' },
        { what: 'iconik:team/Nested', why: 'inherited', detail: 'held by a group' },
      ],
    });
  });

  test('own shares stay open for those who stay', () => {
    const held = [{ key: 'iconik:share/1', how: 'direct', closesOnLeave: true } as const];
    expect(plan(dueOf(), actualOf({ held }), MANAGED, ADA)).toEqual({
      changes: [],
      left: [{ what: 'iconik:share/1', why: 'keptOpen' }],
    });
  });

  test('a protected person keeps everything, even when leaving urgently', () => {
    for (const mode of ['apply', 'disableOnly'] as const) {
      const result = plan(dueOf({ account: 'disabled', urgent: true }), actualOf(), MANAGED, {
        mode,
        person: 'break-glass@otds.admin',
      });
      expect(result).toEqual({
        changes: [],
        left: [{ what: 'disable account', why: 'protected', detail: 'person:break-glass@otds.admin' }],
      });
    }
  });
});

describe('for every due and actual', () => {
  const KEYS = [
    'iconik:team/A',
    'iconik:team/B',
    'iconik:roles/C',
    'iconik:share/1',
    'iconik:team/Everyone',
    'iconik:collection/X#read',
  ] as const;
  const key = fc.constantFrom(...KEYS);
  const profile = fc.dictionary(fc.constantFrom('type', 'email'), fc.constantFrom('x', 'y'), { maxKeys: 2 });
  const dues: fc.Arbitrary<Due> = fc
    .record({
      account: fc.constantFrom('present' as const, 'disabled' as const, 'absent' as const, 'untouched' as const),
      urgent: fc.boolean(),
      profile,
      entitlements: fc.uniqueArray(key),
    })
    .map((d) =>
      d.account === 'disabled' || d.account === 'absent'
        ? dueOf({ ...d, profile: {}, entitlements: [] })
        : dueOf({ ...d, urgent: false }),
    );
  const held: fc.Arbitrary<Held[]> = fc.uniqueArray(
    fc
      .record({
        key,
        how: fc.constantFrom('direct' as const, 'direct' as const, 'inherited' as const, 'group' as const),
      })
      .map((h) => ({ ...h, ...(h.key.startsWith('iconik:share/') ? { closesOnLeave: true } : {}) })),
    { selector: (h) => `${h.key} ${h.how}` },
  );
  const actuals: fc.Arbitrary<Actual> = fc
    .record({
      account: fc.constantFrom('present' as const, 'disabled' as const, 'absent' as const),
      blocked: fc.boolean(),
      profile,
      held,
    })
    .map((a) => actualOf(a.account === 'absent' ? { account: 'absent' } : a));
  const ours = (k: string) => matchesAny(MANAGED.managed, k) && !isProtectedKey(MANAGED.protected, k);
  const each = (check: (due: Due, actual: Actual, result: Plan) => void) =>
    fc.assert(
      fc.property(dues, actuals, (due, actual) => check(due, actual, plan(due, actual, MANAGED, ADA))),
      { numRuns: 2000 },
    );

  test('applying the plan gives, on managed access, exactly what is due', () => {
    each((due, actual, { changes }) => {
      const after = applyPlan(actual, changes);
      if (due.account === 'present' || due.account === 'absent') expect(after.account).toBe(due.account);
      if (due.account === 'disabled') expect(after.account).not.toBe('present');
      if (due.account === 'untouched') expect(after.account).toBe(actual.account);
      if (due.account === 'present') expect(after.profile).toMatchObject(due.profile);
      const open = after.account === 'present';
      const leaving = due.account === 'disabled' || due.account === 'absent';
      for (const k of KEYS.filter(ours)) {
        const now = after.held.filter((h) => h.key === k);
        if (due.entitlements.includes(k)) expect(now.length > 0 || !open).toBe(true);
        else expect(now.filter((h) => h.how === 'direct' && (leaving || !h.closesOnLeave))).toEqual([]);
      }
    });
  });

  test('a second plan is empty', () => {
    each((due, actual, { changes }) => {
      expect(plan(due, applyPlan(actual, changes), MANAGED, ADA).changes).toEqual([]);
    });
  });

  test('nothing unmanaged, protected or inherited is ever in it', () => {
    each((_due, actual, { changes }) => {
      for (const change of changes) {
        if (!('entitlement' in change)) continue;
        expect(ours(change.entitlement)).toBe(true);
        if (change.op === 'revoke')
          expect(actual.held).toContainEqual(expect.objectContaining({ key: change.entitlement, how: 'direct' }));
      }
    });
  });

  test('the order is safe: account before membership, disable before strip, grants before revokes, delete last', () => {
    each((due, _actual, { changes }) => {
      const rank = (change: Change) =>
        ['create', 'enable', 'update', 'disable', 'grant', 'revoke', 'delete'].indexOf(change.op);
      const ranks = changes.map(rank);
      expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
      if (changes.some((c) => c.op === 'grant'))
        expect(due.account === 'disabled' || due.account === 'absent').toBe(false);
    });
  });
});
