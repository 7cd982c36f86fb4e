import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Decision } from './decision.ts';
import { inForce } from './decision.ts';
import type { DesiredConflict, DesiredTarget, Grant } from './desired.ts';
import { due, type DueInput } from './due.ts';
import { at, iso } from './instant.ts';
import { approval, decision, desired, entitlement, target } from './testing.ts';

const START = Date.parse('2026-11-21T00:00:00.000Z');
const instant = fc.integer({ min: 0, max: 20 }).map((hour) => iso(START + hour * 3_600_000));
const KEYS = ['iconik:team/A', 'iconik:team/B', 'iconik:roles/C', 'otds:group/D@staff'] as const;
const RULES = ['r1', 'r2', 'r3'] as const;

const grants: fc.Arbitrary<Grant> = fc
  .record({
    rule: fc.constantFrom(...RULES),
    digest: fc.constantFrom('x', 'y'),
    demand: fc.integer({ min: 1, max: 3 }),
    onFailure: fc.constant('continue' as const),
  })
  .chain((g) => fc.boolean().map((asks) => (asks ? { ...g, approval } : g)));

const targets = (system: string): fc.Arbitrary<DesiredTarget> =>
  fc
    .record({
      account: fc.constantFrom('active' as const, 'active' as const, 'untouched' as const, 'disabled' as const),
      whenUnused: fc.constantFrom('disable' as const, 'leave' as const),
      held: fc.uniqueArray(
        fc.record({
          key: fc.constantFrom(...KEYS.filter((key) => key.startsWith(system))),
          list: fc.array(grants, { minLength: 1, maxLength: 2 }),
          until: fc.option(instant, { nil: undefined }),
        }),
        { selector: (e) => e.key },
      ),
      notBefore: fc.option(instant, { nil: undefined, freq: 4 }),
    })
    .map(({ account, whenUnused, held, notBefore }) =>
      target(
        held.map((e) => entitlement(e.key, e.list, e.until)),
        { account, whenUnused, profile: { type: 'STANDARD' }, ...(notBefore ? { notBefore } : {}) },
      ),
    );

const decisions: fc.Arbitrary<Decision[]> = fc
  .array(
    fc.record({
      kind: fc.constantFrom(
        'approve' as const,
        'approve' as const,
        'reject' as const,
        'withhold' as const,
        'depart' as const,
        'exempt' as const,
        'withdraw' as const,
      ),
      rule: fc.constantFrom(...RULES),
      demand: fc.integer({ min: 1, max: 3 }),
      digest: fc.constantFrom('x', 'y'),
      endsAt: fc.option(instant, { nil: undefined }),
      effectiveAt: instant,
      ends: fc.integer({ min: 1, max: 4 }),
    }),
    { maxLength: 5 },
  )
  .map((list) =>
    list.map(({ kind, rule, demand, digest, endsAt, effectiveAt, ends }, index) =>
      decision(index + 1, {
        kind,
        ...(kind === 'withdraw' ? { ends } : {}),
        ...(kind === 'depart' ? { effectiveAt } : {}),
        ...(kind === 'exempt' ? { conflict: 'c' } : {}),
        ...(kind === 'approve' || kind === 'reject' || kind === 'withhold' ? { rule, demand, digest } : {}),
        ...(endsAt && kind !== 'withdraw' ? { endsAt } : {}),
      }),
    ),
  );

const conflicts: fc.Arbitrary<DesiredConflict[]> = fc.array(
  fc.record({
    name: fc.constant('c'),
    mode: fc.constantFrom('enforce' as const, 'report' as const),
    left: fc.constant(['iconik:team/*']),
    right: fc.constantFrom(['otds:group/*'], ['iconik:roles/C']),
    windowMs: fc.constantFrom(0, 7_200_000),
  }),
  { maxLength: 1 },
);

const input: fc.Arbitrary<DueInput> = fc
  .record({
    iconik: targets('iconik'),
    otds: targets('otds'),
    decisions,
    conflicts,
    now: instant,
    leaver: fc.boolean(),
    heldUntil: fc.dictionary(fc.constantFrom(...KEYS), instant, { maxKeys: 2 }),
  })
  .map(({ iconik, otds, conflicts: found, leaver, ...rest }) => ({
    ...rest,
    target: 'iconik',
    desired: iconik,
    all: desired(
      { iconik, otds },
      {
        conflicts: found,
        standing: leaver && iconik.account === 'disabled' ? ('leaver' as const) : ('active' as const),
      },
    ),
  }));

/** Everything but when it changes next. */
function answer(given: DueInput) {
  const { changesAt: _changesAt, ...rest } = due(given);
  return rest;
}

test('nothing changes before changesAt, and nothing ever when there is none', () => {
  fc.assert(
    fc.property(input, instant, (given, later) => {
      const { changesAt } = due(given);
      if (changesAt !== undefined) expect(at(changesAt)).toBeGreaterThan(at(given.now));
      if (at(later) < at(given.now) || (changesAt !== undefined && at(later) >= at(changesAt))) return;
      expect(answer({ ...given, now: later })).toEqual(answer(given));
    }),
    { numRuns: 1500 },
  );
});

test('what is due was desired, has a grant that counts, and is neither run out nor withheld', () => {
  fc.assert(
    fc.property(input, (given) => {
      const result = due(given);
      const standing = inForce(given.decisions, given.now);
      for (const key of result.entitlements) {
        const e = given.desired?.entitlements.find((one) => one.key === key);
        expect(e).toBeDefined();
        expect(e?.until === undefined || at(e.until) > at(given.now)).toBe(true);
        const counts = e?.grants.some((g) => {
          const about = standing.filter((d) => d.rule === g.rule && d.demand === g.demand);
          const approved = about.some((d) => d.kind === 'approve' && d.digest === g.digest);
          return (!g.approval || approved) && !about.some((d) => d.kind === 'withhold');
        });
        expect(counts).toBe(true);
      }
      if (result.account === 'disabled' || result.account === 'absent') expect(result.entitlements).toEqual([]);
    }),
    { numRuns: 1500 },
  );
});

test('what is desired, not in grace, and not due waits for something', () => {
  fc.assert(
    fc.property(input, (given) => {
      const result = due(given);
      if (result.account === 'disabled' && (given.all?.standing === 'leaver' || given.desired?.account === 'disabled'))
        return;
      if (
        inForce(given.decisions, given.now).some(
          (d) => d.kind === 'depart' && at(d.effectiveAt ?? given.now) <= at(given.now),
        )
      )
        return;
      for (const e of given.desired?.entitlements ?? []) {
        if (e.until !== undefined || result.entitlements.includes(e.key)) continue;
        expect(result.waiting.map((w) => w.entitlement)).toContain(e.key);
      }
    }),
    { numRuns: 1000 },
  );
});

test('an enforced conflict is never due on both sides', () => {
  fc.assert(
    fc.property(input, (given) => {
      const exempt = inForce(given.decisions, given.now).some((d) => d.kind === 'exempt');
      for (const conflict of given.all?.conflicts ?? []) {
        if (conflict.mode !== 'enforce' || exempt) continue;
        const keys = ['iconik', 'otds'].flatMap(
          (name) => due({ ...given, target: name, desired: given.all?.targets[name] }).entitlements,
        );
        const left = keys.some((key) => key.startsWith('iconik:team/'));
        const right = keys.some((key) =>
          conflict.right[0] === 'otds:group/*' ? key.startsWith('otds:group/') : key === 'iconik:roles/C',
        );
        expect(left && right).toBe(false);
      }
    }),
    { numRuns: 1000 },
  );
});
