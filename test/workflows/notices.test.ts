/** What runs tell people, and that telling holds nothing up. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { SystemError } from '../../src/systems/errors.ts';
import type { ChannelOutcome, Messenger } from '../../src/systems/port.ts';
import { gate, person, refusedForGood } from '../support/fakes.ts';
import { until } from '../support/until.ts';
import { advance, openWorld, type World } from '../support/world.ts';

Runtime.install({ logger: new DefaultLogger('ERROR') });
const DAY = 86_400;
const MANAGER = 'omar.haddad@staff';
const APPROVER = 'grace.lee@staff';

type Told = { to: string; title: string; text: string; key: string };
let told: Told[] = [];
let answer: () => Promise<ChannelOutcome[]>;
const accepted = async (): Promise<ChannelOutcome[]> => [{ channel: 'fcm', state: 'accepted' }];
const messenger: Messenger = {
  instructions: 'Sign in.',
  tell: async ({ title, text, key }, { who: to }) => {
    const outcomes = await answer();
    told.push({ to, title, text, key });
    return outcomes;
  },
};

/** Holds a notice back until the test, or its failure, lets it go. */
let door = gate();
let world: World;
let n = 0;
const who = (): string => `person${n}@staff`;
const joins = (...groups: string[]): void => world.rig.directory.set(person(who(), { groups, manager: MANAGER }));
beforeAll(async () => {
  world = await openWorld({ messenger });
  world.rig.directory.set(person(APPROVER, { groups: ['Approvers@staff'], manager: MANAGER }), person(MANAGER));
});
afterAll(() => world.close());
beforeEach(() => {
  n++;
  told = [];
  answer = accepted;
});
afterEach(() => {
  world.rig.alpha.fail = undefined;
  door.open();
});

describe('a joiner', () => {
  test('is welcomed with what is proved; what an approval adds is told to them and the manager when it is there', async () => {
    joins('Editors@staff', 'Admins@staff');
    const handle = await world.start('onboarding', { person: who() });
    await until('the welcome', async () => told[0]);
    expect(told[0]).toMatchObject({ to: who(), title: 'Welcome: your access is ready' });
    expect(told[0]?.text).toContain('alpha: team x granted (rule editors)');
    expect(told[0]?.text).not.toContain('team y');
    await world.when(handle, 'the approver', (s) => s.stage === 'approval');
    await handle.executeUpdate('decide', { args: [{ decision: 'approve', by: APPROVER, reason: 'yes' }] });
    await world.result(handle);
    expect(
      told
        .slice(1)
        .map(({ to, text }) => [to, text])
        .sort(),
    ).toEqual([
      [MANAGER, `The access of ${who()} has changed:\n- alpha: team y granted (rule admins)`],
      [who(), 'Your access has changed:\n- alpha: team y granted (rule admins)'],
    ]);
  });

  test('is told nothing of a system where something is still open', async () => {
    joins('Editors@staff');
    world.rig.alpha.fail = (change) => ('entitlement' in change ? refusedForGood('alpha') : undefined);
    const result = await world.result(await world.start('onboarding', { person: who() }));
    expect(result).toMatchObject({ outcome: 'open' });
    expect(result.targets.find(({ target }) => target === 'alpha')?.applied).toContain('create account');
    expect(told.map(({ title }) => title)).toEqual(['Welcome: your access is ready']);
    expect(told[0]?.text).toContain('beta: team x granted');
    expect(told[0]?.text).not.toContain('alpha');
  });

  test('is told of a late system when it is there', async () => {
    joins('Editors@staff');
    const down = new SystemError({ code: 'ALPHA_DOWN', system: 'alpha', retryable: true, message: 'alpha is down.' });
    world.rig.alpha.fail = () => down;
    const handle = await world.start('onboarding', { person: who() });
    await advance(handle, 120);
    await until('the welcome', async () => told[0]);
    expect(told[0]?.text).toContain('beta: team x granted');
    expect(told[0]?.text).not.toContain('alpha');
    world.rig.alpha.fail = undefined;
    await advance(handle, 3_600);
    await world.result(handle);
    expect(told.map(({ to, title }) => [to, title])).toEqual(
      expect.arrayContaining([
        [who(), 'Access has changed'],
        [MANAGER, 'Access has changed'],
      ]),
    );
    expect(told.find(({ title }) => title === 'Access has changed')?.text).toContain('alpha: team x granted');
  });
});

describe('telling', () => {
  test('holds up neither approvals nor the claim, though it takes long', async () => {
    door = gate();
    answer = async () => {
      await door.pass();
      return await accepted();
    };
    joins('Editors@staff', 'Admins@staff');
    const handle = await world.start('onboarding', { person: who() });
    await door.reached;
    await world.when(handle, 'the approver', (s) => s.stage === 'approval');
    await handle.executeUpdate('decide', { args: [{ decision: 'reject', by: APPROVER, reason: 'no' }] });
    await until('the claim to be free', async () => {
      const open = await world.rig.ledger.openRuns(`uuid-${who()}`);
      return open.length === 0 || undefined;
    });
    door.open();
    expect((await world.result(handle)).notices).toEqual([
      { to: who(), kind: 'welcome', state: 'accepted', channels: ['fcm: accepted'] },
    ]);
  });

  test('what no channel could do is said as it is', async () => {
    answer = async () => [
      { channel: 'fcm', state: 'no_device' },
      { channel: 'email', state: 'unknown', code: 'NOTIFICATIONS_LOST' },
    ];
    joins('Editors@staff');
    const result = await world.result(await world.start('onboarding', { person: who() }));
    expect(result.notices).toEqual([
      {
        to: who(),
        kind: 'welcome',
        state: 'unknown',
        channels: ['fcm: no_device', 'email: unknown (NOTIFICATIONS_LOST)'],
      },
    ]);
  });

  test('uses one key for the same change, and another for another', async () => {
    joins('Editors@staff');
    await world.result(await world.start('onboarding', { person: who() }));
    await world.result(await world.start('onboarding', { person: who() }));
    const [first, again] = told;
    expect(told).toHaveLength(2);
    expect(again?.key).toBe(first?.key);
    joins();
    await world.result(await world.start('roleChange', { person: who() }));
    expect(new Set(told.map(({ key }) => key)).size).toBe(3);
    const lines = (await world.rig.ledger.timeline(`uuid-${who()}`)).filter(({ kind }) => kind === 'notice');
    expect(lines.map(({ text }) => text.split(' ', 2)[1]).sort()).toEqual([MANAGER, who(), who(), who()].sort());
  });
});

describe('a leaver', () => {
  const leave = async () => {
    const handle = await world.start('offboarding', { person: who(), by: APPROVER, reason: 'left' });
    await world.when(handle, 'the last check', (s) => s.stage === 'last check');
    await advance(handle, 2 * DAY);
    return await world.result(handle);
  };

  test('is closed, and then the manager is told, once', async () => {
    joins('Editors@staff');
    await world.result(await world.start('onboarding', { person: who() }));
    told = [];
    expect(await leave()).toMatchObject({
      outcome: 'done',
      notices: [{ to: MANAGER, kind: 'left', state: 'accepted' }],
    });
    expect(told).toHaveLength(1);
    expect(told[0]?.text).toContain(`All access of ${who()} is closed`);
    expect(told[0]?.text).toContain('alpha: account closed');
  });

  test('without a manager leaves as well; a manager who has left is told nothing', async () => {
    world.rig.directory.set(person(who(), { groups: ['Editors@staff'] }));
    expect(await leave()).not.toHaveProperty('notices');
    n++;
    world.rig.directory.set(person('gone@staff', { state: 'disabled' }));
    world.rig.directory.set(person(who(), { groups: ['Editors@staff'], manager: 'gone@staff' }));
    expect((await leave()).notices).toEqual([
      { to: 'gone@staff', kind: 'left', state: 'nobody', channels: ['NOT_ACTIVE'] },
    ]);
    expect(told).toEqual([]);
  });
});
