/** PN1 and PN2 of the use cases: real workflows, the real clients, stand-ins over HTTP; what reached whom is read from the phones of the stand-ins. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { member, startPushBench, type Push, type PushBench } from '../support/pushStandIns.ts';
import { openSite, type Site } from '../support/site.ts';
import { until } from '../support/until.ts';
import { advance, worldOn, type World } from '../support/world.ts';

Runtime.install({ logger: new DefaultLogger('ERROR') });
const DAY = 86_400;

let bench: PushBench;
let site: Site;
let push: Push;
let world: World<Site>;

/** After a notice was sent, before anybody is told. */
let pause: (() => Promise<void>) | undefined;
/** What a dead process waits for; it ends with the tests. */
const { promise: dead, resolve: bury } = Promise.withResolvers<void>();

beforeAll(async () => {
  bench = await startPushBench();
  push = bench.push({ channels: ['fcm', 'email'], instructions: 'Sign in at https://media.northwind.example.' });
  site = await openSite({ targets: { push: push.target } });
  const messenger: typeof push.messenger = {
    ...push.messenger,
    tell: async (message, recipient, call) => {
      const outcomes = await push.messenger.tell(message, recipient, call);
      await pause?.();
      return outcomes;
    },
  };
  world = await worldOn(site, { messenger });
});
afterAll(async () => {
  bury();
  await world.close();
  await bench.close();
});
beforeEach(async () => {
  pause = undefined;
  for (const name of ['fcm', 'notifications'] as const) await bench[name].control('DELETE', '/faults');
  await site.freshQuota();
});

/** Puts the phone of somebody into the registry under the uuid that OTDS has for them. */
const carries = async (who: string): Promise<void> => {
  const { uuid } = await site.otds.person(who);
  await bench.register({ ...member(who), uuid }, 'fcm');
};
const shownTo = async (who: string): Promise<string[]> =>
  (await bench.inbox('fcm', who)).map(({ title, body }) => `${title}\n${body}`);
const run = async (type: string, person: string) => await world.result(await world.start(type, { person }));

describe('PN1: provisioning notifies the person', () => {
  const who = 'priya.nair@staff';

  test('a joiner gets what is ready and instructions, once; a run again tells nothing more', async () => {
    await carries(who);
    const done = await run('onboarding', who);
    expect(done).toMatchObject({ outcome: 'done' });
    expect(done.notices).toEqual([{ to: who, kind: 'welcome', state: 'accepted', channels: ['fcm: accepted'] }]);
    const [text, ...more] = await shownTo(who);
    expect(more).toEqual([]);
    expect(text).toContain('Welcome: your access is ready');
    expect(text).toContain('iconik: account created');
    expect(text).toContain('iconik: team Marketing granted (rule marketing-editors)');
    expect(text).toContain('Sign in at https://media.northwind.example.');
    expect(await run('onboarding', who)).toMatchObject({ outcome: 'done' });
    expect(await shownTo(who)).toHaveLength(1);
    const told = (await site.ledger.timeline((await site.person(who)).uuid)).filter(({ kind }) => kind === 'notice');
    expect(told.map(({ text: line }) => line)).toEqual([expect.stringContaining(`To ${who} (fcm: accepted): Access`)]);
  });

  test('a worker that dies before it can say that the notice went out: it reaches the phone once', async () => {
    const other = 'yuki.tanaka@staff';
    await carries(other);
    let attempts = 0;
    pause = async () => {
      attempts++;
      if (attempts === 1) await dead;
    };
    const handle = await world.start('onboarding', { person: other });
    await until('the notice to be sent', async () => attempts || undefined);
    await world.stopWorkers();
    await world.startWorkers();
    expect(await world.result(handle)).toMatchObject({ outcome: 'done', notices: [{ to: other, state: 'accepted' }] });
    expect(attempts).toBe(2);
    expect(await shownTo(other)).toHaveLength(1);
  });

  test('a joiner without a device is told by the next channel', async () => {
    const other = 'emily.carter@staff';
    const done = await run('onboarding', other);
    expect(done.notices).toEqual([
      { to: other, kind: 'welcome', state: 'accepted', channels: ['fcm: no_device', 'email: accepted'] },
    ]);
    await until('the mail', async () => (await bench.letters('emily.carter@northwind.example'))[0]);
  });

  test('somebody who gets nothing is told nothing', async () => {
    const done = await run('onboarding', 'claire.dubois@staff');
    expect(done).toMatchObject({ outcome: 'done' });
    expect(done.notices).toBeUndefined();
  });

  test('a provider that is away neither holds the run up for good nor makes it fail: the result says so', async () => {
    const other = 'lucas.moreau@staff';
    await carries(other);
    for (const name of ['fcm', 'notifications'] as const)
      await bench[name].control('POST', '/faults', { fault: { kind: 'status', status: 503 } });
    const handle = await world.start('onboarding', { person: other });
    const { uuid } = await site.otds.person(other);
    await until('the claim to be free', async () =>
      (await site.ledger.timeline(uuid)).find(({ kind }) => kind === 'run.done'),
    );
    await advance(handle, 3_600);
    expect(await world.result(handle)).toMatchObject({
      outcome: 'done',
      notices: [{ to: other, state: 'failed', channels: ['FCM_UNAVAILABLE'] }],
    });
  });

  test('a joiner costs few events', async () => {
    const other = 'kofi.mensah@staff';
    await carries(other);
    const handle = await world.start('onboarding', { person: other });
    await world.result(handle);
    const { events } = await handle.fetchHistory();
    // Three targets here; each further one costs six at most, so that five stay within 60.
    expect(events?.length).toBeLessThanOrEqual(60 - 2 * 6);
  });
});

describe('PN2: changes notify the person and the manager', () => {
  const who = 'ben.otto@staff';
  const manager = 'kofi.mensah@staff';

  test('a run that changes nothing tells nobody', async () => {
    await run('onboarding', who);
    const done = await run('roleChange', who);
    expect(done).toMatchObject({ outcome: 'done' });
    expect(done.notices).toBeUndefined();
  });

  test('both are told what changed and why, after it is proved; what ends with its grace is told then', async () => {
    await carries(who);
    await carries(manager);
    const before = (await shownTo(manager)).length;
    await site.hr.drop(who, 'Post Production@staff');
    await site.hr.join(who, 'Legal Review@staff');
    const handle = await world.start('roleChange', { person: who });
    await until(
      'both to be told',
      async () => ((await shownTo(who)).length > 0 && (await shownTo(manager)).length > before) || undefined,
    );
    const [mine] = await shownTo(who);
    const theirs = (await shownTo(manager)).at(-1);
    expect(mine).toContain('Your access has changed:');
    expect(theirs).toContain(`The access of ${who} has changed:`);
    for (const text of [mine, theirs]) {
      expect(text).toContain('iconik: team Legal granted (rule legal-review)');
      expect(text).not.toContain('taken away');
    }
    await world.when(handle, 'the grace', (s) => s.stage === 'grace');
    await advance(handle, 6 * DAY);
    const done = await world.result(handle);
    expect(done).toMatchObject({ outcome: 'done' });
    expect(done.notices?.map(({ to, kind, state }) => [to, kind, state]).sort()).toEqual(
      [who, manager, who, manager].map((to) => [to, 'changed', 'accepted']).sort(),
    );
    expect((await shownTo(who))[1]).toContain('iconik: team Post Production taken away (its grace is over)');
    expect(await shownTo(who)).toHaveLength(2);
    expect(await shownTo(manager)).toHaveLength(before + 2);
  });

  test("a leaver's devices are forgotten, which the proof of push says, and the manager is told", async () => {
    const before = (await shownTo(manager)).length;
    const { uuid } = await site.person(who);
    expect(await bench.ledger.devices.devicesOf(uuid)).toHaveLength(1);
    const handle = await world.start('offboarding', { person: who, by: 'grace.lee@staff', reason: 'left' });
    await until('the manager to be told', async () => (await shownTo(manager))[before]);
    expect((await shownTo(manager))[before]).toContain(`All access of ${who} is closed`);
    expect(await bench.ledger.devices.devicesOf(uuid)).toEqual([]);
    expect((await site.ledger.proofs(uuid))['push']).toMatchObject({
      actual: { account: 'absent', held: [] },
      current: true,
    });
    await advance(handle, 2 * DAY);
    const done = await world.result(handle);
    expect(done).toMatchObject({ outcome: 'done', notices: [{ to: manager, kind: 'left', state: 'accepted' }] });
    expect(done.targets.find(({ target }) => target === 'push')).toMatchObject({ state: 'proved', account: 'absent' });
    expect(await shownTo(who)).toHaveLength(2);
  });
});
