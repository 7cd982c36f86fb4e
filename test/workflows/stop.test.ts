/**
 * Runs that are stopped: terminated anywhere, cancelled, reset, or left without workers for a while. What a terminated
 * run leaves is finished by passes of the watch.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { randomUUID } from 'node:crypto';
import type { Person } from '../../src/domain/person.ts';
import { converge } from '../../src/provisioning/converge.ts';
import type { PausePoint } from '../../src/provisioning/engine.ts';
import { resolve } from '../../src/provisioning/resolve.ts';
import { gate, person } from '../support/fakes.ts';
import { RULES, testPolicy } from '../support/rig.ts';
import { until } from '../support/until.ts';
import { advance, openWorld, type World } from '../support/world.ts';

// Activities of terminated runs are told off by the server; that is what is tested here.
Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'off' } } });
const DAY = 86_400;
const EDITOR = { groups: ['Editors@staff'] };
const GRACED = { name: 'graced', group: 'Graced@staff', grant: ['alpha:team/old'] };
/** Long enough to get to the wait for it on a busy machine. */
const SOON_MS = 6_000;

let world: World;
/** Where an attempt about somebody dies, as if its worker had. */
const dieAt = new Map<string, PausePoint>();
const died = new Set<string>();

beforeAll(async () => {
  const systems = ['otds', 'alpha', 'beta'];
  const base = testPolicy([...RULES, GRACED], systems);
  const evaluate = (p: Person) => {
    const { wanted, problems } = base.evaluate(p);
    return { problems, wanted: { ...wanted, grace: { defaultMs: 0, rules: { graced: SOON_MS } } } };
  };
  world = await openWorld({ policy: { evaluate }, settings: { leaversPerPass: 1_000 } });
  world.rig.deps.hooks = {
    async at(point, where) {
      if (dieAt.get(where.person) !== point) return;
      died.add(where.person);
      throw new Error('The worker of the test dies here.');
    },
  };
  world.rig.directory.set(person('grace.lee@staff', { groups: ['Approvers@staff'] }), person('omar.haddad@staff'));
});
afterAll(() => world.close());
afterEach(() => dieAt.clear());

const alpha = (who: string) => world.rig.alpha.of(who);
const present = (...held: string[]) => ({ state: 'present', held });
const closed = { state: 'disabled', held: [] };
const joined = async (who: string, over: Partial<Person> = EDITOR): Promise<void> => {
  world.rig.directory.set(person(who, over));
  await world.rig.resolve(who);
  for (const target of ['otds', 'alpha', 'beta']) await world.rig.converge(who, target);
};
const pass = async (): Promise<void> => void (await (await world.start('directoryWatch', {})).result());
const unproved = async (): Promise<string[]> =>
  (await world.rig.ledger.unproved({ limit: 1_000, onlyActionable: false })).map((p) => `${p.who} ${p.target}`);
const provedByTheWatch = (): Promise<unknown> =>
  until(
    'the watch to prove everything',
    async () => {
      await pass();
      return (await unproved()).length === 0;
    },
    25_000,
  );
const leave = { fromDirectory: true };

describe('terminate', () => {
  const POINTS: PausePoint[] = [
    'resolve.noted',
    'resolve.read',
    'converge.leased',
    'converge.read',
    'converge.intent',
    'converge.intended',
    'converge.applied',
    'converge.proof',
    'converge.proved',
  ];

  test('at every step of every type: passes of the watch end in the right state, proved', async () => {
    const stories = ['onboarding', 'roleChange', 'offboarding'].flatMap((type) =>
      POINTS.map((point) => ({ type, point, who: `${type}-${point}@staff`.toLowerCase() })),
    );
    await Promise.all(stories.filter((s) => s.type !== 'onboarding').map(({ who }) => joined(who)));
    const runs: WorkflowHandle[] = [];
    for (const { type, point, who } of stories) {
      world.rig.directory.set(
        person(who, {
          groups: type === 'roleChange' ? ['Graced@staff'] : EDITOR.groups,
          state: type === 'offboarding' ? 'disabled' : 'active',
        }),
      );
      dieAt.set(who, point);
      runs.push(await world.start(type, { person: who, ...(type === 'offboarding' && leave) }));
    }
    await until('every attempt to die', async () => stories.every(({ who }) => died.has(who)));
    await Promise.all(runs.map((run) => run.terminate('test')));
    dieAt.clear();
    await provedByTheWatch();
    const right = { onboarding: present('alpha:team/x'), roleChange: present('alpha:team/old'), offboarding: closed };
    for (const { type, who } of stories)
      await until(`${who} to be right`, async () => {
        const seen = JSON.stringify(alpha(who));
        return seen === JSON.stringify(right[type as keyof typeof right]) ? true : undefined;
      });
    await provedByTheWatch();
  });

  test('at every wait: approval, decision made, start date, grace, last day, last check', async () => {
    const soon = () => new Date(Date.now() + SOON_MS).toISOString();
    const at = async (who: string, type: string, stage: string, input: object = {}): Promise<WorkflowHandle> => {
      const run = await world.start(type, { person: `${who}@staff`, ...input });
      await world.when(run, `${who} at ${stage}`, (s) => s.stage === stage);
      return run;
    };
    await Promise.all([
      joined('grace@staff', { groups: ['Graced@staff'] }),
      joined('lastday@staff'),
      joined('lastcheck@staff'),
    ]);
    world.rig.directory.set(
      person('asked@staff', { groups: ['Admins@staff'] }),
      person('decided@staff', { groups: ['Admins@staff'] }),
      person('prehire@staff', { ...EDITOR, startAt: soon() }),
    );
    world.rig.directory.change('grace@staff', EDITOR);
    const [asked, decided, ...rest] = await Promise.all([
      at('asked', 'onboarding', 'approval'),
      at('decided', 'roleChange', 'approval'),
      at('prehire', 'onboarding', 'start date'),
      at('grace', 'roleChange', 'grace'),
      at('lastday', 'offboarding', 'last day', { lastDay: soon(), by: 'omar.haddad@staff' }),
      at('lastcheck', 'offboarding', 'last check', { by: 'omar.haddad@staff' }),
    ]);
    expect(alpha('grace@staff')?.held).toEqual(['alpha:team/old', 'alpha:team/x']);
    expect(alpha('lastday@staff')?.state).toBe('present');
    dieAt.set('decided@staff', 'converge.leased');
    const approve = (run: WorkflowHandle) =>
      run.executeUpdate('decide', { args: [{ decision: 'approve', by: 'grace.lee@staff', reason: 'needed' }] });
    await approve(decided);
    await until('the decision to be on its way', async () => died.has('decided@staff'));
    await Promise.all([asked, decided, ...rest].map((run) => run.terminate('test')));
    dieAt.clear();

    // Nothing is lost while somebody is asked again, and dates come although no run waits for them.
    const { runId } = await asked.describe();
    const again = await until('the approvers to be asked again', async () => {
      await pass();
      return (await world.rig.ledger.openRuns('uuid-asked@staff')).find((run) => run.runId !== runId);
    });
    const handle = world.client.workflow.getHandle(again.workflowId);
    await world.when(handle, 'asking', (s) => s.stage === 'approval');
    await approve(handle);
    const all = () => ['asked', 'decided', 'prehire', 'grace', 'lastday', 'lastcheck'].map((n) => alpha(`${n}@staff`));
    const x = present('alpha:team/x');
    const y = present('alpha:team/y');
    await until(
      'everybody to be right',
      async () => {
        await pass();
        return JSON.stringify(all()) === JSON.stringify([y, y, x, x, closed, closed]) ? true : undefined;
      },
      25_000,
    ).catch(() => expect(all()).toEqual([y, y, x, x, closed, closed]));
    await provedByTheWatch();
  });

  test('the watch itself, in the middle of comparing or sweeping: the next pass finishes', async () => {
    world.rig.directory.set(person('half@staff', EDITOR));
    await world.rig.resolve('half@staff');
    const stop = gate();
    world.rig.beta.gate = stop.pass;
    const run = await world.start('directoryWatch', {});
    await stop.reached;
    await run.terminate('test');
    world.rig.beta.gate = undefined;
    stop.open();
    await provedByTheWatch();
    expect(alpha('half@staff')).toEqual(present('alpha:team/x'));
  });
});

describe('cancel', () => {
  const cancelled = async (run: WorkflowHandle): Promise<string> => {
    await run.cancel();
    await expect(run.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    return (await world.status(run)).notes.join();
  };
  /** What is done tomorrow, without any run. */
  const tomorrow = async (who: string): Promise<string[]> => {
    const then = world.rig.attempt('then', { now: new Date(Date.now() + DAY * 1_000).toISOString() });
    const { person: ref } = await resolve(world.rig.deps, who, undefined, then);
    const done = await Promise.all(
      ['alpha', 'beta'].map((target) => converge(world.rig.deps, { person: ref, target, mode: 'apply' }, then)),
    );
    expect(done.map((d) => d.state)).toEqual(['proved', 'proved']);
    return done.flatMap((d) => d.applied);
  };
  const withheld = async (who: string) =>
    (await world.rig.ledger.decisions(`uuid-${who}`)).filter((d) => d.kind === 'withhold').map((d) => d.rule);

  test('onboarding before the start date: nothing is granted when it comes', async () => {
    const who = 'cancel-prehire@staff';
    world.rig.directory.set(person(who, { ...EDITOR, startAt: new Date(Date.now() + SOON_MS).toISOString() }));
    const run = await world.start('onboarding', { person: who });
    await world.when(run, 'the start date', (s) => s.stage === 'start date');
    expect(await cancelled(run)).toContain('Withheld: editors');
    expect(await tomorrow(who)).toEqual([]);
    expect(alpha(who)).toBeUndefined();
  });

  test('onboarding in the middle of a change: what is half done is taken back, everything proved again', async () => {
    const who = 'cancel-half@staff';
    const stop = gate();
    world.rig.directory.set(person(who, EDITOR));
    world.rig.alpha.gate = (change, about) =>
      about === who && change.startsWith('grant') ? stop.pass() : Promise.resolve();
    const run = await world.start('onboarding', { person: who });
    await stop.reached;
    const told = cancelled(run);
    world.rig.alpha.gate = undefined;
    stop.open();
    expect(await told).toContain('Cancelled');
    // Depending on which came first it was done and stays, or half done and is withheld; nothing in between.
    const rules = await withheld(who);
    expect(alpha(who)).toEqual(rules.length > 0 ? closed : present('alpha:team/x'));
    expect((await unproved()).filter((p) => p.startsWith(who))).toEqual([]);
  });

  test('roleChange in its grace: what is proved stays; the old access still ends', async () => {
    const who = 'cancel-grace@staff';
    await joined(who, { groups: ['Graced@staff'] });
    world.rig.directory.change(who, EDITOR);
    const run = await world.start('roleChange', { person: who });
    await world.when(run, 'the grace', (s) => s.stage === 'grace');
    expect(await cancelled(run)).toContain('Everything was proved');
    expect(alpha(who)).toEqual(present('alpha:team/old', 'alpha:team/x'));
    await tomorrow(who);
    expect(alpha(who)).toEqual(present('alpha:team/x'));
  });

  test.each(['last day', 'disabling'])('offboarding at %s: refused, said, and it goes on', async (stage) => {
    const who = `cancel-${stage.replace(' ', '')}@staff`;
    await joined(who);
    const stop = gate();
    if (stage === 'disabling')
      world.rig.alpha.gate = (_change, about) => (about === who ? stop.pass() : Promise.resolve());
    const lastDay = new Date(Date.now() + 20 * DAY * 1_000).toISOString();
    const run = await world.start('offboarding', { person: who, ...(stage === 'last day' && { lastDay }) });
    if (stage === 'disabling') await stop.reached;
    await world.when(run, stage, (s) => s.stage === stage);
    await run.cancel();
    await world.when(run, 'the refusal', (s) => s.notes.some((note) => note.includes('Cancel refused')));
    world.rig.alpha.gate = undefined;
    stop.open();
    await advance(run, 30 * DAY);
    expect(await world.result(run)).toMatchObject({ outcome: 'done' });
    expect(alpha(who)).toEqual(closed);
  });
});

describe('reset', () => {
  /** From its first workflow task, as `temporal workflow reset --type FirstWorkflowTask`. */
  async function reset(run: WorkflowHandle): Promise<WorkflowHandle> {
    const { events } = await run.fetchHistory();
    const first = events?.find((e) => e.workflowTaskCompletedEventAttributes)?.eventId;
    const { namespace } = world.client.options;
    const { runId } = await run.describe();
    const reply = await world.client.workflowService.resetWorkflowExecution({
      namespace,
      workflowExecution: { workflowId: run.workflowId, runId },
      reason: 'test',
      workflowTaskFinishEventId: first!,
      requestId: randomUUID(),
    });
    return world.client.workflow.getHandle(run.workflowId, reply.runId);
  }

  test('of a run that waits: the new one asks again and ends as if nothing had been', async () => {
    const who = 'reset-open@staff';
    world.rig.directory.set(person(who, { groups: ['Editors@staff', 'Admins@staff'] }));
    const run = await world.start('onboarding', { person: who });
    await world.when(run, 'asking', (s) => s.stage === 'approval');
    const again = await reset(run);
    await world.when(again, 'asking again', (s) => s.stage === 'approval');
    await again.executeUpdate('decide', { args: [{ decision: 'approve', by: 'grace.lee@staff', reason: 'yes' }] });
    expect(await world.result(again)).toMatchObject({ outcome: 'done', decisions: { admins: 'approve' } });
    expect(alpha(who)).toEqual(present('alpha:team/x', 'alpha:team/y'));
  });

  test.each(['onboarding', 'roleChange', 'offboarding'])('of an %s that is over: nothing is written', async (type) => {
    const who = `reset-${type.toLowerCase()}@staff`;
    await joined(who);
    if (type === 'offboarding') world.rig.directory.change(who, { state: 'disabled' });
    const run = await world.start(type, { person: who, ...(type === 'offboarding' && leave) });
    if (type === 'offboarding') {
      await world.when(run, 'the last check', (s) => s.stage === 'last check');
      await advance(run, 2 * DAY);
    }
    await run.result();
    const effects = () => world.rig.alpha.effects.filter((e) => e.who === who).length;
    const before = [effects(), alpha(who)];
    const again = await reset(run);
    if (type === 'offboarding') {
      await world.when(again, 'the last check', (s) => s.stage === 'last check');
      await advance(again, 2 * DAY);
    }
    expect(await again.result()).toMatchObject({ outcome: 'done' });
    expect([effects(), alpha(who)]).toEqual(before);
  });

  test('of a joiner’s run after they left: goes by the directory of today', async () => {
    const who = 'reset-late@staff';
    world.rig.directory.set(person(who, EDITOR));
    const run = await world.start('onboarding', { person: who });
    await run.result();
    world.rig.directory.change(who, { state: 'disabled' });
    await (await reset(run)).result();
    expect(alpha(who)).toEqual(closed);
  });
});

describe('workers', () => {
  test('that stop in the middle of a change, and others that take over: the run goes on, nothing is made twice', async () => {
    const who = 'worker@staff';
    world.rig.directory.set(person(who, { groups: ['Editors@staff', 'Admins@staff'] }));
    const stop = gate();
    world.rig.alpha.gate = (_change, about) => (about === who ? stop.pass() : Promise.resolve());
    const run = await world.start('onboarding', { person: who });
    await stop.reached;
    const stopped = world.stopWorkers();
    world.rig.alpha.gate = undefined;
    stop.open();
    await stopped;
    await world.startWorkers();
    // A task that the closing worker had fetched comes back after its time-out of ten seconds.
    const asking = async () => (await world.status(run).catch(() => undefined))?.stage === 'approval';
    await until('the approvers to be asked', asking, 40_000);
    await world.stopWorkers();
    await world.startWorkers();
    await run.executeUpdate('decide', { args: [{ decision: 'approve', by: 'grace.lee@staff', reason: 'yes' }] });
    expect(await world.result(run)).toMatchObject({ outcome: 'done' });
    expect(alpha(who)).toEqual(present('alpha:team/x', 'alpha:team/y'));
    expect(world.rig.alpha.effects.filter((e) => e.who === who).map((e) => e.change)).toEqual([
      'create account',
      'grant alpha:team/x',
      'grant alpha:team/y',
    ]);
  }, 90_000);
});
