/** `directoryWatch` on the real server with in-process systems: what a pass finds, starts, holds, releases and takes up. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import type { WatchInput } from '../../src/activities/types.ts';
import type { PolicyInForce } from '../../src/provisioning/engine.ts';
import type { WatchResult } from '../../src/workflows/directoryWatch.ts';
import { person } from '../support/fakes.ts';
import type { RigOptions } from '../support/rig.ts';
import { until } from '../support/until.ts';
import { openWorld, type World } from '../support/world.ts';

Runtime.install({ logger: new DefaultLogger('ERROR') });

let world: World;
afterEach(() => world.close());

const EDITOR = { groups: ['Editors@staff'] };
const names = (n: number): string[] => Array.from({ length: n }, (_, i) => `person${i + 1}@staff`);

async function open(options: RigOptions & { policy?: Partial<PolicyInForce> } = {}): Promise<void> {
  world = await openWorld(options);
  world.rig.directory.set(person('grace.lee@staff', { groups: ['Approvers@staff'] }));
}
/** One pass; waits for the runs it started, as far as they end by themselves. */
async function pass(input: WatchInput = {}, wait = true): Promise<WatchResult> {
  const result = (await (await world.start('directoryWatch', input)).result()) as WatchResult;
  if (wait) await Promise.all(result.compared.started.map((run) => settled(run.workflowId)));
  return result;
}
/** Ended, or waiting for somebody or some day. */
const settled = (workflowId: string): Promise<unknown> =>
  until(`${workflowId} to settle`, async () => {
    const handle = world.client.workflow.getHandle(workflowId);
    const { status } = await handle.describe();
    if (status.name !== 'RUNNING') return true;
    return ['approval', 'last check', 'start date', 'grace'].includes((await world.status(handle)).stage);
  });
const started = ({ compared }: WatchResult): string[] =>
  compared.started.map(({ type, person: who }) => `${type} ${who}`).sort();
const engine = async (...people: string[]): Promise<void> => {
  for (const who of people) {
    await world.rig.resolve(who);
    for (const target of ['otds', 'alpha', 'beta']) await world.rig.converge(who, target);
  }
};
const openHolds = async () => await world.rig.ledger.holds({ open: true });
const attention = async (): Promise<string[]> => {
  const found: string[] = [];
  const query = `NeedsAttention=true AND WorkflowType="directoryWatch" AND TaskQueue="${world.queue}"`;
  for await (const run of world.client.workflow.list({ query })) found.push(run.workflowId);
  return found;
};

describe('a pass compares states', () => {
  test('a joiner, a mover, a leaver and somebody deleted each get the run that fits; a second pass has nothing to do', async () => {
    await open();
    const { directory, alpha } = world.rig;
    directory.set(...['mover', 'leaver', 'gone', 'same'].map((n) => person(`${n}@staff`, EDITOR)));
    await engine('grace.lee@staff', 'mover@staff', 'leaver@staff', 'gone@staff', 'same@staff');
    directory.set(person('joiner@staff', EDITOR), person('break-glass@otds.admin', EDITOR));
    directory.change('mover@staff', { groups: [] });
    directory.change('leaver@staff', { state: 'disabled' });
    directory.change('gone@staff', { state: 'absent' });
    const first = await pass();
    expect(started(first)).toEqual([
      'offboarding gone@staff',
      'offboarding leaver@staff',
      'onboarding joiner@staff',
      'roleChange mover@staff',
    ]);
    expect(first.compared).toMatchObject({ people: 6, changed: 4, problems: [] });
    const seen = ['joiner', 'mover', 'leaver', 'gone', 'same'].map((n) => alpha.of(`${n}@staff`));
    const present = { state: 'present', held: ['alpha:team/x'] };
    const closed = { state: 'disabled', held: [] };
    expect(seen).toEqual([present, closed, closed, closed, present]);
    expect(alpha.of('break-glass@otds.admin')).toBeUndefined();
    expect(started(await pass())).toEqual([]);
  });

  test('where a run is open it is told to read again, and none is started beside it', async () => {
    await open();
    const soon = new Date(Date.now() + 86_400_000).toISOString();
    world.rig.directory.set(person('later@staff', { ...EDITOR, startAt: soon }));
    expect(started(await pass())).toContain('onboarding later@staff');
    world.rig.directory.change('later@staff', { startAt: new Date(Date.now() - 1_000).toISOString() });
    const second = await pass();
    expect(second.compared).toMatchObject({ started: [], alreadyOpen: 1 });
    await until('the run to go on', async () => world.rig.alpha.of('later@staff')?.state === 'present');
  });
});

describe('the brake for leavers', () => {
  const leave = (...people: string[]): void => {
    for (const who of people) world.rig.directory.change(who, { state: 'disabled' });
  };
  const state = (who: string) => world.rig.alpha.of(who)?.state;
  const release = (hold: string, ...items: string[]) =>
    pass({ release: { hold, by: 'grace.lee@staff', reason: 'checked with HR', items } });

  test('too many: the others start, everybody held is named, released one by one, and nobody by being few', async () => {
    await open({ settings: { leaversPerPass: 2 } });
    const people = names(5);
    const [one, two, three, four] = people as [string, string, string, string, string];
    world.rig.directory.set(...people.map((who) => person(who, EDITOR)));
    await engine('grace.lee@staff', ...people);
    leave(one, two, three, four);
    world.rig.directory.set(person('joiner@staff', EDITOR));
    const first = await pass();
    expect(started(first)).toEqual(['onboarding joiner@staff']);
    expect(first.compared.hold).toMatchObject({ people: [one, two, three, four], limit: 2 });
    expect(first.text).toContain('4 leavers');
    const [hold, ...others] = await openHolds();
    expect(others).toEqual([]);
    expect(hold).toMatchObject({ kind: 'leavers', items: [one, two, three, four].map((id) => ({ id, who: id })) });
    await until('the pass to be found by NeedsAttention', async () => (await attention()).length > 0);
    expect(people.map(state)).toEqual(people.map(() => 'present'));

    // The same set piles up nothing.
    expect((await pass()).compared.hold?.id).toBe(hold!.id);
    expect(await openHolds()).toHaveLength(1);

    const second = await release(hold!.id, one, two);
    expect(second.released.sort()).toEqual([one, two]);
    expect(started(second)).toEqual([`offboarding ${one}`, `offboarding ${two}`]);
    // Two are left, as many as may start unasked: but these were named.
    const third = await pass();
    expect(third.compared).toMatchObject({ started: [], hold: { id: hold!.id, people: [three, four] } });
    expect([one, two, three, four].map(state)).toEqual(['disabled', 'disabled', 'present', 'present']);

    // A single leaver more is within the brake.
    leave(people[4]!);
    expect(started(await pass())).toEqual([`offboarding ${people[4]}`]);
    // One of the held comes back; the release of the last one lets the last one go.
    world.rig.directory.change(three, { state: 'active' });
    expect(started(await release(hold!.id, four))).toEqual([`offboarding ${four}`]);
    expect((await pass()).compared).not.toHaveProperty('hold');
    // Leaves again, alone: the release of then is none for now, nor is it needed.
    leave(three);
    expect((await pass()).compared.hold?.people).toEqual([three]);
    expect(started(await release(hold!.id, three))).toEqual([`offboarding ${three}`]);
  });

  test('a release that was written, and lost with its pass, is acted on by the next one', async () => {
    await open({ settings: { leaversPerPass: 1 } });
    const [one, two] = names(2) as [string, string];
    world.rig.directory.set(person(one, EDITOR), person(two, EDITOR));
    await engine('grace.lee@staff', one, two);
    leave(one, two);
    const { hold } = (await pass()).compared;
    await world.rig.ledger.releaseHold(hold!.id, 'grace.lee@staff', 'checked', [one]);
    expect(started(await pass())).toEqual([`offboarding ${one}`]);
    expect(state(two)).toBe('present');
  });

  test('what does not exist is answered by a sentence', async () => {
    await open();
    const refused = async (input: unknown): Promise<string> => {
      let failure: unknown = await (await world.start('directoryWatch', input)).result().catch((e: unknown) => e);
      while (failure instanceof Error && failure.cause instanceof Error) failure = failure.cause;
      return failure instanceof Error ? failure.message : String(failure);
    };
    const by = { by: 'grace.lee@staff', reason: 'x' };
    expect(await refused({ release: { hold: 'leavers/none', ...by, items: ['a@staff'] } })).toContain(
      'names hold leavers/none',
    );
    expect(await refused({ release: { hold: 'leavers/none', items: [] } })).toContain('the field "by" is missing');
    expect(await refused({ relaese: {} })).toContain('unknown field "relaese"');
    expect(await refused({ release: 'all' })).toContain('takes one JSON object');
    expect(await refused(null)).toContain('takes one JSON object');
    await world.rig.ledger.hold({ id: 'h', kind: 'leavers', reason: 'r', items: [{ id: 'a', who: 'a', what: 'w' }] });
    expect(await refused({ release: { hold: 'h', ...by, items: ['b'] } })).toContain('items that it does not have');
  });

  test('the sweep works also when the brake trips', async () => {
    await open({ settings: { leaversPerPass: 0 } });
    world.rig.directory.set(person('half@staff', EDITOR), person('leaver@staff', EDITOR));
    await engine('grace.lee@staff', 'leaver@staff');
    // Resolved, and its run is gone.
    await world.rig.resolve('half@staff');
    leave('leaver@staff');
    const only = await pass();
    expect(only.compared.hold?.people).toEqual(['leaver@staff']);
    expect(only.swept).toMatchObject({ taken: 3, proved: 3 });
    expect(world.rig.alpha.of('half@staff')?.held).toEqual(['alpha:team/x']);
  });
});

describe('brakes on revocations', () => {
  test('hold them item by item; a release lets through what it names, at once', async () => {
    const brakes = [{ windowMs: 3_600_000, revokes: { count: 1 }, onTrip: 'hold' as const }];
    const rules = [
      { name: 'editors', group: 'Editors@staff', grant: ['alpha:team/x', 'alpha:team/y', 'alpha:team/z'] },
    ];
    await open({ policy: { brakes }, rules });
    world.rig.directory.set(person('mover@staff', EDITOR));
    await engine('grace.lee@staff', 'mover@staff');
    world.rig.directory.change('mover@staff', { groups: [] });
    await pass();
    const [hold] = await openHolds();
    expect(hold).toMatchObject({ kind: 'brake', id: 'brake/mover@staff/alpha/2' });
    expect(hold!.items.map((i) => i.what)).toEqual([
      'disable account',
      'revoke alpha:team/x',
      'revoke alpha:team/y',
      'revoke alpha:team/z',
    ]);
    const held = () => world.rig.alpha.of('mover@staff');
    expect(held()).toEqual({ state: 'present', held: ['alpha:team/x', 'alpha:team/y', 'alpha:team/z'] });

    const release = (...items: string[]) =>
      pass({ release: { hold: hold!.id, by: 'grace.lee@staff', reason: 'right', items } });
    await release('revoke alpha:team/x', 'disable account');
    expect(held()).toEqual({ state: 'disabled', held: ['alpha:team/y', 'alpha:team/z'] });
    await release();
    expect(held()).toEqual({ state: 'disabled', held: [] });
    expect(await world.rig.ledger.unproved({ limit: 10, onlyActionable: false })).toEqual([]);
    expect(await openHolds()).toEqual([]);
  });

  test('freeze stops every write but an urgent leaver’s; when it is lifted the next pass goes on', async () => {
    const policy: Partial<PolicyInForce> = {};
    const freeze = { since: '2026-11-21T08:00:00Z', by: 'grace.lee@staff', reason: 'audit' };
    await open({ policy });
    world.rig.directory.set(...names(3).map((who) => person(who, EDITOR)));
    await engine('grace.lee@staff', ...names(3));
    policy.freeze = freeze;
    const [mover, leaver, urgent] = names(3) as [string, string, string];
    world.rig.directory.change(mover, { groups: [] });
    world.rig.directory.change(leaver, { state: 'disabled' });
    world.rig.directory.set(person('joiner@staff', EDITOR));
    const run = await world.start('offboarding', { person: urgent, urgent: true, by: 'grace.lee@staff' });
    await pass();
    await world.when(run, 'the urgent leaver', (s) => s.stage === 'last check');
    const seen = () => [mover, leaver, urgent, 'joiner@staff'].map((who) => world.rig.alpha.of(who)?.state);
    expect(seen()).toEqual(['present', 'present', 'disabled', undefined]);
    expect(world.rig.alpha.of(urgent)?.held).toEqual([]);
    delete policy.freeze;
    await until('the sweep to go on', async () => {
      await pass();
      return (await world.rig.ledger.unproved({ limit: 50, onlyActionable: false })).length === 0;
    });
    expect(seen()).toEqual(['disabled', 'disabled', 'disabled', 'present']);
    await run.terminate('test');
  });
});

describe('modes of a target', () => {
  test.each(['observe', 'adopt'] as const)('%s: nothing is written there, everything else goes on', async (mode) => {
    await open();
    const { deps, alpha, beta, directory, ledger } = world.rig;
    Object.assign(deps.targets['alpha']!, { mode });
    alpha.put('known@staff', 'present', ['alpha:team/old'], { email: 'known@northwind.example' });
    directory.set(person('known@staff', EDITOR), person('new@staff', EDITOR));
    await pass();
    expect(alpha.effects).toEqual([]);
    expect(alpha.of('known@staff')).toEqual({ state: 'present', held: ['alpha:team/old'] });
    expect([alpha.of('new@staff'), beta.of('new@staff')?.held]).toEqual([undefined, ['beta:team/x']]);
    const links = await ledger.links('uuid-known@staff');
    expect(links['alpha']).toEqual(mode === 'adopt' ? expect.objectContaining({ how: 'email' }) : undefined);
    const rest = (await ledger.unproved({ limit: 50, onlyActionable: false })).filter((p) => p.target !== 'alpha');
    expect(rest).toEqual([]);

    Object.assign(deps.targets['alpha']!, { mode: 'enforce' });
    await until('enforcing to begin', async () => {
      await pass();
      return (await ledger.unproved({ limit: 50, onlyActionable: false })).length === 0;
    });
    expect(alpha.of('known@staff')?.held).toEqual(['alpha:team/x']);
    expect(alpha.of('new@staff')?.held).toEqual(['alpha:team/x']);
  });
});

describe('undecided demands', () => {
  test('with nobody asking a run takes them up; with an open run none is started beside it', async () => {
    await open();
    world.rig.directory.set(person('admin@staff', { groups: ['Admins@staff'] }));
    await engine('grace.lee@staff', 'admin@staff');
    const first = await pass();
    expect(started(first)).toEqual(['roleChange admin@staff']);
    expect((await pass()).compared).toMatchObject({ started: [], alreadyOpen: 0 });

    const run = world.client.workflow.getHandle(first.compared.started[0]!.workflowId);
    await run.terminate('test');
    const again = await pass();
    expect(started(again)).toEqual(['roleChange admin@staff']);
    const handle = world.client.workflow.getHandle(again.compared.started[0]!.workflowId);
    await handle.executeUpdate('decide', { args: [{ decision: 'reject', by: 'grace.lee@staff', reason: 'no' }] });
    await handle.result();
    expect(started(await pass())).toEqual([]);
  });
});
