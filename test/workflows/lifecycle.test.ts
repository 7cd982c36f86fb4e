import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { person } from '../support/fakes.ts';
import { until } from '../support/until.ts';
import { advance, openWorld, type World } from '../support/world.ts';

Runtime.install({ logger: new DefaultLogger('ERROR') });
const DAY = 86_400;

let world: World;
let n = 0;
/** Every test has its own person; the approver is shared. */
const who = (): string => `person${n}@staff`;
beforeAll(async () => {
  world = await openWorld();
  world.rig.directory.set(
    person('grace.lee@staff', { groups: ['Approvers@staff'], manager: 'omar.haddad@staff' }),
    person('omar.haddad@staff'),
  );
});
afterAll(() => world.close());
beforeEach(() => void n++);
afterEach(() => {
  world.rig.alpha.fail = undefined;
  world.rig.beta.fail = undefined;
});

describe('onboarding', () => {
  test('gives birthright access at once and ends proved', async () => {
    world.rig.directory.set(person(who(), { groups: ['Editors@staff'] }));
    const result = await world.result(await world.start('onboarding', { person: who() }));
    expect(result).toMatchObject({ outcome: 'done', number: 1 });
    expect(result.targets.map((t) => [t.target, t.state]).sort()).toEqual([
      ['alpha', 'proved'],
      ['beta', 'proved'],
      ['otds', 'proved'],
    ]);
    expect(world.rig.beta.of(who())).toEqual({ state: 'present', held: ['beta:team/x'] });
  });

  test('waits for the start date, at the start instant gives access, not before', async () => {
    world.rig.directory.set(
      person(who(), { groups: ['Editors@staff'], startAt: new Date(Date.now() + 10 * DAY * 1000).toISOString() }),
    );
    const handle = await world.start('onboarding', { person: who() });
    await world.when(handle, 'the start date to be waited for', (s) => s.stage === 'start date');
    expect(world.rig.alpha.of(who())).toBeUndefined();
    await advance(handle, 11 * DAY);
    expect(await world.result(handle)).toMatchObject({ outcome: 'done' });
    expect(world.rig.alpha.of(who())).toEqual({ state: 'present', held: ['alpha:team/x'] });
  });

  test('a start date that moves is followed', async () => {
    world.rig.directory.set(
      person(who(), { groups: ['Editors@staff'], startAt: new Date(Date.now() + 10 * DAY * 1000).toISOString() }),
    );
    const handle = await world.start('onboarding', { person: who() });
    await world.when(handle, 'the start date', (s) => s.stage === 'start date');
    world.rig.directory.change(who(), { startAt: new Date(Date.now() - DAY * 1000).toISOString() });
    await handle.signal('changed', { by: 'the watch' });
    expect(await world.result(handle)).toMatchObject({ outcome: 'done' });
  });

  test('privileged access waits for an approval by update, and is given after it', async () => {
    world.rig.directory.set(person(who(), { groups: ['Editors@staff', 'Admins@staff'] }));
    const handle = await world.start('onboarding', { person: who() });
    await world.when(handle, 'the approval to be asked for', (s) =>
      s.rows.some((r) => r.about === 'admins' && r.state.includes('grace.lee@staff')),
    );
    expect(world.rig.alpha.of(who())?.held).toEqual(['alpha:team/x']);
    const answer = await handle.executeUpdate('decide', {
      args: [{ decision: 'approve', by: 'grace.lee@staff', reason: 'spring campaign' }],
    });
    expect(answer).toMatchObject({ accepted: true, item: 'admins' });
    expect(await world.result(handle)).toMatchObject({ outcome: 'done', decisions: { admins: 'approve' } });
    expect(world.rig.alpha.of(who())?.held).toEqual(['alpha:team/x', 'alpha:team/y']);
    // A decision is newer than every earlier proof: a run that says done has proved all of them again.
    const unproved = await world.rig.ledger.unproved({ limit: 100, onlyActionable: false });
    expect(unproved.filter((p) => p.who === who())).toEqual([]);
    const [decision] = await world.rig.ledger.decisions(`uuid-${who()}`);
    expect(decision).toMatchObject({ kind: 'approve', by: 'grace.lee@staff', identity: expect.stringContaining('@') });
  });

  test('a rejection by signal ends the asking; nothing privileged is given', async () => {
    world.rig.directory.set(person(who(), { groups: ['Admins@staff'] }));
    const handle = await world.start('onboarding', { person: who() });
    await handle.signal('decide', { decision: 'reject', by: 'grace.lee@staff', reason: 'not needed' });
    expect(await world.result(handle)).toMatchObject({ decisions: { admins: 'reject' } });
    expect(world.rig.alpha.of(who())?.held ?? []).toEqual([]);
  });

  test('the ladder reminds, escalates to the approver’s manager, and no answer is a rejection', async () => {
    world.rig.directory.set(person(who(), { groups: ['Admins@staff'] }));
    const handle = await world.start('onboarding', { person: who() });
    await world.when(handle, 'asking', (s) => s.stage === 'approval');
    await advance(handle, 4 * DAY);
    const escalated = await world.when(handle, 'escalation', (s) =>
      s.rows.some((r) => r.state.includes('omar.haddad@staff')),
    );
    expect(escalated.stage).toBe('approval');
    await advance(handle, 4 * DAY);
    expect(await world.result(handle)).toMatchObject({ decisions: { admins: 'reject' } });
    const kinds = (await world.rig.ledger.timeline(`uuid-${who()}`)).map((e) => e.kind);
    expect(kinds).toEqual(expect.arrayContaining(['ask.first', 'ask.reminder', 'ask.second']));
  });

  test('a second run hands its input to the open one and ends naming it', async () => {
    world.rig.directory.set(person(who(), { groups: ['Admins@staff'] }));
    const first = await world.start('onboarding', { person: who() });
    await world.when(first, 'asking', (s) => s.stage === 'approval');
    const second = await world.result(await world.start('onboarding', { person: who() }));
    expect(second).toMatchObject({ outcome: 'handedOver', text: expect.stringContaining('open') });
    await world.when(first, 'the news', (s) => s.notes.some((note) => note.includes('New input')));
    await first.executeUpdate('decide', { args: [{ decision: 'reject', by: 'grace.lee@staff', reason: 'no' }] });
    await world.result(first);
  });

  test('a claim whose run was terminated is free', async () => {
    world.rig.directory.set(person(who(), { groups: ['Admins@staff'] }));
    const first = await world.start('onboarding', { person: who() });
    await world.when(first, 'asking', (s) => s.stage === 'approval');
    await first.terminate('test');
    const second = await world.start('onboarding', { person: who() });
    await world.when(second, 'asking again', (s) => s.stage === 'approval');
    await second.executeUpdate('decide', { args: [{ decision: 'reject', by: 'grace.lee@staff', reason: 'no' }] });
    expect(await world.result(second)).toMatchObject({ outcome: 'done' });
  });

  test('cancel stops asking, keeps what is proved, withholds the rest and says so', async () => {
    world.rig.directory.set(person(who(), { groups: ['Editors@staff', 'Admins@staff'] }));
    const handle = await world.start('onboarding', { person: who() });
    await world.when(handle, 'asking', (s) => s.stage === 'approval');
    await handle.cancel();
    await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    expect(world.rig.alpha.of(who())).toEqual({ state: 'present', held: ['alpha:team/x'] });
    expect((await world.status(handle)).notes.join()).toContain('Withheld: admins');
    expect(await world.rig.ledger.decisions(`uuid-${who()}`)).toMatchObject([{ kind: 'withhold', rule: 'admins' }]);
    expect(
      (await world.rig.ledger.unproved({ limit: 100, onlyActionable: false })).filter((p) => p.who === who()),
    ).toEqual([]);
  });
});

describe('an ambiguous account', () => {
  test('waits for a match decision, changing nothing there; the decision says whose it is', async () => {
    world.rig.directory.set(person(who(), { groups: ['Editors@staff'] }));
    world.rig.alpha.put(who(), 'disabled', []);
    const twin = {
      ...world.rig.alpha.accounts.get(`alpha-uuid-${who()}`)!,
      nativeId: `alpha-twin-${who()}`,
      held: new Set<string>(),
    };
    world.rig.alpha.accounts.set(twin.nativeId, twin);
    const handle = await world.start('onboarding', { person: who() });
    const waiting = await world.when(handle, 'the match to be waited for', (s) => s.stage === 'match');
    expect(waiting.needsAttention).toBe(true);
    expect(world.rig.alpha.effects.filter((e) => e.who === who())).toEqual([]);
    const decide = (input: unknown) => handle.executeUpdate('decide', { args: [input] });
    const said = { decision: 'match', by: 'grace.lee@staff', reason: 'asked them' };
    await expect(decide({ ...said, item: 'alpha-twin' })).rejects.toMatchObject({ cause: { type: 'ITEM_UNKNOWN' } });
    await decide({ ...said, item: `alpha:account/${twin.nativeId}` });
    expect(await world.result(handle)).toMatchObject({ outcome: 'done' });
    expect(world.rig.alpha.actual(twin.nativeId)).toMatchObject({
      account: 'present',
      held: [{ key: 'alpha:team/x' }],
    });
    expect(world.rig.alpha.of(who())).toEqual({ state: 'disabled', held: [] });
  });
});

describe('roleChange', () => {
  test('gives the new at once and takes the old away', async () => {
    world.rig.directory.set(person(who(), { groups: ['Editors@staff'] }));
    await world.result(await world.start('onboarding', { person: who() }));
    world.rig.directory.change(who(), { groups: ['Admins@staff'] });
    const handle = await world.start('roleChange', { person: who() });
    await world.when(handle, 'asking', (s) => s.stage === 'approval');
    await handle.executeUpdate('decide', { args: [{ decision: 'approve', by: 'grace.lee@staff', reason: 'moved' }] });
    expect(await world.result(handle)).toMatchObject({ outcome: 'done' });
    expect(world.rig.alpha.of(who())?.held).toEqual(['alpha:team/y']);
    expect(world.rig.beta.of(who())).toEqual({ state: 'disabled', held: [] });
  });
});

describe('offboarding', () => {
  const joined = async (): Promise<void> => {
    world.rig.directory.set(person(who(), { groups: ['Editors@staff'] }));
    await world.result(await world.start('onboarding', { person: who() }));
  };

  test('started by a person records the departure, disables everywhere, strips, and checks again a day later', async () => {
    await joined();
    const handle = await world.start('offboarding', { person: who(), by: 'grace.lee@staff', reason: 'left' });
    await world.when(handle, 'the last check', (s) => s.stage === 'last check');
    expect(world.rig.alpha.of(who())).toEqual({ state: 'disabled', held: [] });
    const effects = world.rig.alpha.effects.filter((e) => e.who === who()).map((e) => e.change);
    expect(effects.indexOf('disable account')).toBeLessThan(effects.indexOf('revoke alpha:team/x'));
    await advance(handle, 2 * DAY);
    expect(await world.result(handle)).toMatchObject({ outcome: 'done' });
    expect(await world.rig.ledger.decisions(`uuid-${who()}`)).toMatchObject([
      { kind: 'depart', by: 'grace.lee@staff', reason: 'left' },
    ]);
  });

  test('a planned leaver keeps access until the last day ends, and can be withdrawn', async () => {
    await joined();
    const lastDay = new Date(Date.now() + 20 * DAY * 1000).toISOString().slice(0, 10);
    const handle = await world.start('offboarding', { person: who(), lastDay });
    await world.when(handle, 'the last day', (s) => s.stage === 'last day');
    expect(world.rig.alpha.of(who())?.state).toBe('present');
    const answer = await handle.executeUpdate('decide', {
      args: [{ decision: 'withdraw', by: 'grace.lee@staff', reason: 'stays' }],
    });
    expect(answer).toMatchObject({ accepted: true });
    expect(await world.result(handle)).toMatchObject({ outcome: 'withdrawn' });
    expect(world.rig.alpha.of(who())).toEqual({ state: 'present', held: ['alpha:team/x'] });
  });

  test('an urgent run upgrades a planned one', async () => {
    await joined();
    const lastDay = new Date(Date.now() + 20 * DAY * 1000).toISOString().slice(0, 10);
    const planned = await world.start('offboarding', { person: who(), lastDay });
    await world.when(planned, 'the last day', (s) => s.stage === 'last day');
    const urgent = await world.result(
      await world.start('offboarding', { person: who(), urgent: true, reason: 'at once' }),
    );
    expect(urgent.outcome).toBe('handedOver');
    await world.when(planned, 'the last check', (s) => s.stage === 'last check');
    expect(world.rig.alpha.actual(`alpha-uuid-${who()}`)).toMatchObject({
      account: 'disabled',
      blocked: true,
      held: [],
    });
    await planned.terminate('test');
  });

  test('cancel is refused and said; the run goes on', async () => {
    await joined();
    const handle = await world.start('offboarding', { person: who() });
    await world.when(handle, 'the last check', (s) => s.stage === 'last check');
    await handle.cancel();
    await world.when(handle, 'the refusal', (s) => s.notes.some((note) => note.includes('Cancel refused')));
    await advance(handle, 2 * DAY);
    expect(await world.result(handle)).toMatchObject({ outcome: 'done' });
  });

  test('supersedes the person’s other open runs', async () => {
    world.rig.directory.set(person(who(), { groups: ['Editors@staff', 'Admins@staff'] }));
    const joining = await world.start('onboarding', { person: who() });
    await world.when(joining, 'asking', (s) => s.stage === 'approval');
    const leaving = await world.start('offboarding', { person: who() });
    expect(await world.result(joining)).toMatchObject({ outcome: 'superseded' });
    await world.when(leaving, 'the last check', (s) => s.stage === 'last check');
    expect(world.rig.alpha.of(who())?.held).toEqual([]);
    await leaving.terminate('test');
  });

  test('terminated at any step, the sweep finishes what is unproved', async () => {
    await joined();
    world.rig.directory.change(who(), { state: 'disabled' });
    let stopped: () => void = () => {};
    const reached = new Promise<void>((resolve) => (stopped = resolve));
    world.rig.beta.gate = async () => {
      stopped();
      await new Promise((resolve) => setTimeout(resolve, 300).unref());
    };
    const handle = await world.start('offboarding', { person: who(), fromDirectory: true });
    await reached;
    await handle.terminate('test');
    world.rig.beta.gate = undefined;
    const watch = async (): Promise<boolean> => {
      await (await world.start('directoryWatch', {})).result();
      return (await world.rig.ledger.unproved({ limit: 100, onlyActionable: false })).every((p) => p.who !== who());
    };
    await until('the sweep to finish the leaver', watch, 25_000);
    expect(world.rig.beta.of(who())).toEqual({ state: 'disabled', held: [] });
  });
});

describe('wrong input ends a run at once, with a sentence that names the field', () => {
  const cases: [string, unknown, string][] = [
    ['missing', {}, 'the field "person" is missing'],
    ['ill-typed', { person: 7 }, 'the field "person" must be login@partition'],
    ['extra', { person: 'a@staff', nmae: 'x' }, 'unknown field "nmae"'],
    ['no object', 'ada', 'takes one JSON object'],
    ['unknown person', { person: 'nobody@staff' }, 'The field "person" names nobody@staff'],
    ['a protected person', { person: 'break-glass@otds.admin' }, 'whom the policy protects'],
  ];
  test.each(cases)('%s', async (_name, input, sentence) => {
    world.rig.directory.set(person('break-glass@otds.admin'));
    for (const type of ['onboarding', 'roleChange', 'offboarding']) {
      const handle = await world.start(type, input);
      await expect(handle.result()).rejects.toMatchObject({ cause: expect.anything() });
      const failure = JSON.stringify(
        (await handle.fetchHistory()).events?.at(-1)?.workflowExecutionFailedEventAttributes?.failure,
      );
      expect(failure).toContain(sentence.replaceAll('"', '\\"'));
      expect(failure).not.toContain('stackTrace');
    }
  });

  test('wrong input to decide is refused and recorded', async () => {
    world.rig.directory.set(person(who(), { groups: ['Admins@staff'] }));
    const handle = await world.start('onboarding', { person: who() });
    await world.when(handle, 'asking', (s) => s.stage === 'approval');
    const decide = (input: unknown) => handle.executeUpdate('decide', { args: [input] });
    await expect(decide({ decision: 'maybe', by: 'a@b', reason: 'x' })).rejects.toMatchObject({
      cause: { message: expect.stringContaining('"decision" must be') },
    });
    await expect(decide({ decision: 'approve', by: who(), reason: 'me' })).rejects.toMatchObject({
      cause: { type: 'SELF_APPROVAL' },
    });
    await expect(decide({ decision: 'approve', by: 'omar.haddad@staff', reason: 'boss' })).rejects.toMatchObject({
      cause: { type: 'NOT_AN_APPROVER' },
    });
    await handle.signal('decide', { decision: 'approve', by: 'mallory@staff', reason: 'x' });
    await world.when(handle, 'the refusal', (s) => s.notes.some((note) => note.includes('mallory@staff')));
    const refusals = (await world.rig.ledger.timeline(`uuid-${who()}`)).filter(
      (e) => e.text.includes('NOT_AN_APPROVER') || e.text.includes('SELF_APPROVAL'),
    );
    expect(refusals).toHaveLength(3);
    await decide({ decision: 'reject', by: 'grace.lee@staff', reason: 'no' });
    await world.result(handle);
  });
});
