import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { person, refusedForGood } from '../support/fakes.ts';
import { openRig, type Rig } from '../support/rig.ts';

const ADA = 'ada.byrne@staff';

describe('one person through the engine', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await openRig();
    rig.directory.set(
      person(ADA, { groups: ['Editors@staff'] }),
      person('grace.lee@staff', { groups: ['Approvers@staff'] }),
    );
  });
  afterEach(() => rig.close());

  test('a joiner gets an account and birthright access, proved; a second converge changes nothing', async () => {
    await rig.resolve(ADA);
    const first = await rig.converge(ADA, 'alpha');
    expect(first).toMatchObject({ state: 'proved', applied: ['create account', 'grant alpha:team/x'], number: 1 });
    expect(rig.alpha.of(ADA)).toEqual({ state: 'present', held: ['alpha:team/x'] });
    const effects = rig.alpha.effects.length;
    expect(await rig.converge(ADA, 'alpha')).toMatchObject({ state: 'proved', applied: [] });
    expect(rig.alpha.effects).toHaveLength(effects);
  });

  test('an unchanged directory gives no new number', async () => {
    const one = await rig.resolve(ADA);
    const two = await rig.resolve(ADA);
    expect([one.desired.number, two.desired.number, two.stored]).toEqual([1, 1, false]);
  });

  test('a leaver is disabled before being stripped, and everything is proved', async () => {
    await rig.resolve(ADA);
    await rig.converge(ADA, 'alpha');
    rig.directory.change(ADA, { state: 'disabled' });
    await rig.resolve(ADA);
    const done = await rig.converge(ADA, 'alpha');
    expect(done.applied).toEqual(['disable account', 'revoke alpha:team/x']);
    expect(rig.alpha.of(ADA)).toEqual({ state: 'disabled', held: [] });
    expect(await rig.ledger.unproved({ limit: 10, onlyActionable: false })).toMatchObject([
      { target: 'beta' },
      { target: 'otds' },
    ]);
  });

  test('a lost reply is recognised by reading back, not repeated', async () => {
    rig.alpha.lose = () => true;
    await rig.resolve(ADA);
    const done = await rig.converge(ADA, 'alpha');
    expect(done.state).toBe('proved');
    expect(rig.alpha.effects.map((e) => e.change)).toEqual(['create account', 'grant alpha:team/x']);
  });

  test('a grant that fails for good is skipped where the rule says continue, and the pair stays open', async () => {
    rig.alpha.fail = (c) => (c.op === 'grant' ? refusedForGood('alpha') : undefined);
    await rig.resolve(ADA);
    const done = await rig.converge(ADA, 'alpha');
    expect(done).toMatchObject({
      state: 'open',
      failed: [{ what: 'grant alpha:team/x', code: 'ALPHA_REFUSED', then: 'skipped' }],
    });
    expect(rig.alpha.of(ADA)).toEqual({ state: 'present', held: [] });
  });

  test('a protected person is refused at once', async () => {
    rig.directory.set(person('break-glass@otds.admin'));
    await expect(rig.resolve('break-glass@otds.admin')).rejects.toMatchObject({
      code: 'PERSON_PROTECTED',
      retryable: false,
    });
  });

  test('an unknown person is refused with a sentence that names the field', async () => {
    await expect(rig.resolve('nobody@staff')).rejects.toMatchObject({
      code: 'UNKNOWN_PERSON',
      message: expect.stringContaining('"person"'),
    });
  });
});
