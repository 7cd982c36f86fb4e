import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { LedgerError } from '../../ledger/errors.ts';
import { due } from '../../domain/due.ts';
import { plan } from '../../domain/plan.ts';
import type { Change } from '../../domain/change.ts';
import { applyCall } from '../../../test/support/iconikStandIn.ts';
import { call, member, startPushBench, type PushBench } from '../../../test/support/pushStandIns.ts';
import type { Target } from '../port.ts';
import { SystemError } from '../errors.ts';
import { byClient } from '../../../test/support/pushStandIns.ts';
import { createPushTarget } from './target.ts';

let bench: PushBench;
let target: Target;
const ada = member('ada.byrne@staff');
const ben = member('ben.otto@staff');
beforeAll(async () => {
  bench = await startPushBench();
  ({ target } = bench.push({}));
});
beforeEach(async () => {
  await bench.reset();
  for (const one of [ada, ben]) await bench.ledger.devices.forget(one.uuid);
});
afterAll(() => bench.close());

const apply = async (change: Change, who = ada) => {
  const account = { person: who, nativeId: who.uuid };
  return await target.apply(account, change, await target.read(account, [], call), applyCall);
};
const disable: Change = { op: 'disable', profile: {} };

describe('the device registry as a target', () => {
  test('somebody with devices has an account, named by their uuid; the devices come with it', async () => {
    expect(await target.find(ada, call)).toEqual([]);
    expect(await target.read({ person: ada }, [], call)).toMatchObject({ account: 'absent', held: [] });
    await bench.register(ada, 'fcm');
    expect(await target.find(ada, call)).toEqual([{ nativeId: ada.uuid, how: 'id', label: ada.who }]);
    const actual = await target.read({ person: ada, nativeId: ada.uuid }, [], call);
    expect(actual).toMatchObject({ account: 'present', nativeId: ada.uuid });
    expect(actual.held).toEqual([{ key: expect.stringMatching(/^push:device\/[0-9a-f-]{36}$/), how: 'inherited' }]);
  });

  test.each(['disable', 'delete'] as const)(
    '%s forgets all devices of that person and nobody else, and again does no harm',
    async (op) => {
      for (const driver of ['fcm', 'opentext_notifications'] as const) await bench.register(ada, driver);
      await bench.register(ben, 'fcm');
      for (let i = 0; i < 2; i++) expect(await apply({ op, profile: {} })).toEqual({ outcome: 'done' });
      expect(await target.read({ person: ada, nativeId: ada.uuid }, [], call)).toMatchObject({ account: 'absent' });
      expect(await target.read({ person: ben, nativeId: ben.uuid }, [], call)).toMatchObject({ account: 'present' });
    },
  );

  test('one device can be taken away, but not that of another person', async () => {
    await bench.register(ada, 'fcm');
    await bench.register(ben, 'fcm');
    const [theirs] = await bench.ledger.devices.devicesOf(ben.uuid);
    const [hers] = await bench.ledger.devices.devicesOf(ada.uuid);
    for (const device of [theirs, hers])
      expect(await apply({ op: 'revoke', entitlement: `push:device/${device?.id}` })).toEqual({ outcome: 'done' });
    expect(await bench.ledger.devices.devicesOf(ada.uuid)).toEqual([]);
    expect(await bench.ledger.devices.devicesOf(ben.uuid)).toEqual([theirs]);
  });

  test.each([
    [{ op: 'create', profile: {} }, 'PUSH_NOT_GRANTABLE'],
    [{ op: 'enable', profile: {} }, 'PUSH_NOT_GRANTABLE'],
    [{ op: 'grant', entitlement: 'push:device/x' }, 'PUSH_NOT_GRANTABLE'],
    [{ op: 'revoke', entitlement: 'push:topic/x' }, 'PUSH_UNKNOWN_ENTITLEMENT'],
  ] satisfies [Change, string][])('%j is refused for good', async (change, code) => {
    await expect(apply(change)).rejects.toMatchObject({ code, retryable: false });
  });

  test('the list goes through everybody with devices, page by page', async () => {
    const crowd = Array.from({ length: 501 }, (_, i) => member(`p${String(i).padStart(4, '0')}@staff`));
    await Promise.all(crowd.map((one) => bench.register(one, 'fcm', `token of ${one.who}`)));
    const first = await target.list(undefined, [], call);
    const second = await target.list(first.next, [], call);
    expect([first.items.length, second.items.length, second.next]).toEqual([500, 1, undefined]);
    expect(new Set([...first.items, ...second.items].map(({ nativeId }) => nativeId)).size).toBe(501);
    for (const one of crowd) await bench.ledger.devices.forget(one.uuid);
  });
});

describe('what is due there', () => {
  const now = new Date().toISOString();
  const managed = { managed: ['push:device/*'], protected: [] };
  const planned = async (standing: 'active' | 'leaver') => {
    const desired = {
      account: standing === 'leaver' ? ('disabled' as const) : ('untouched' as const),
      whenUnused: 'leave' as const,
      profile: {},
      entitlements: [],
    };
    const all = {
      number: 1,
      person: ada,
      standing,
      targets: { push: desired },
      conflicts: [],
      policyDigest: '',
      digest: '',
    };
    const actual = await target.read({ person: ada, nativeId: ada.uuid }, [], call);
    const wanted = due({ desired, all, target: 'push', decisions: [], heldUntil: {}, now });
    return plan(wanted, actual, managed, { mode: 'apply', person: ada.who }).changes;
  };

  test('nothing for somebody who stays, with devices or without', async () => {
    expect(await planned('active')).toEqual([]);
    await bench.register(ada, 'fcm');
    expect(await planned('active')).toEqual([]);
  });

  test('a leaver is forgotten; then there is nothing left to do', async () => {
    await bench.register(ada, 'fcm');
    expect(await planned('leaver')).toEqual([disable]);
    await apply(disable);
    expect(await planned('leaver')).toEqual([]);
  });
});

describe('a registry that is away', () => {
  const away = (): Promise<never> => Promise.reject(new LedgerError('LEDGER_UNAVAILABLE', 'gone', '57P01'));
  const lost = createPushTarget({
    channels: [],
    registry: () => ({ ...bench.ledger.devices, devicesOf: away, forget: away }),
  });

  test('a read is told as retryable', async () => {
    await expect(lost.read({ person: ada }, [], call)).rejects.toMatchObject({
      code: 'PUSH_REGISTRY_UNAVAILABLE',
      retryable: true,
    });
    await expect(lost.read({ person: ada }, [], call)).rejects.toBeInstanceOf(SystemError);
  });

  test('who cancels waits no longer: a read is an error, a removal may have been made', async () => {
    const never = (): Promise<never> => new Promise(() => undefined);
    const hanging = createPushTarget({
      channels: [],
      registry: () => ({ ...bench.ledger.devices, devicesOf: never, forget: never }),
    });
    const actual = { account: 'present' as const, profile: {}, held: [], warnings: [] };
    const stop = new AbortController();
    const calls = { ...applyCall, signal: stop.signal };
    const read = hanging.read({ person: ada }, [], calls);
    const removal = hanging.apply({ person: ada }, disable, actual, calls);
    stop.abort();
    await expect(read).rejects.toMatchObject({ code: 'PUSH_ABORTED', retryable: true });
    expect(await removal).toEqual({ outcome: 'unknown', code: 'PUSH_ABORTED' });
    await expect(hanging.apply({ person: ada }, disable, actual, calls)).rejects.toMatchObject({
      code: 'PUSH_ABORTED',
    });
  });

  test('a removal whose answer was lost may have been made', async () => {
    const actual = { account: 'present' as const, profile: {}, held: [], warnings: [] };
    expect(await lost.apply({ person: ada, nativeId: ada.uuid }, disable, actual, applyCall)).toEqual({
      outcome: 'unknown',
      code: 'PUSH_REGISTRY_UNAVAILABLE',
    });
  });
});

describe('probe', () => {
  const every = ['opentext_notifications', 'otag', 'fcm', 'sms', 'email'] as const;

  test('asks every channel and sends nothing', async () => {
    const found = await bench.push({ channels: [...every] }).target.probe(call);
    expect(found).toMatchObject({ reachable: true, credentials: true, problems: [] });
    expect(found.capabilities).toEqual(Object.fromEntries(every.map((name) => [name, true])));
    const outboxes = await Promise.all(
      (['fcm', 'otag', 'notifications'] as const).map((name) => bench[name].control('GET', '/outbox')),
    );
    expect(outboxes).toEqual(outboxes.map(() => expect.objectContaining({ messages: [] })));
  });

  test('OAuth client credentials work too', async () => {
    const { target: byOauth } = bench.push({ channels: ['email'], notifications: byClient(bench) });
    expect(await byOauth.probe(call)).toMatchObject({ credentials: true });
  });

  test('names the channel whose credentials are refused', async () => {
    bench.secrets.set('env:OTAG_APP_KEY', 'wrong-one');
    bench.secrets.set('env:NOTIFICATIONS_PASSWORD', 'wrong-one');
    const found = await bench.push({ channels: ['otag', 'sms', 'fcm'] }).target.probe(call);
    expect(found).toMatchObject({
      reachable: true,
      credentials: false,
      capabilities: { otag: false, sms: false, fcm: true },
    });
    expect(found.problems).toEqual([
      expect.stringMatching(/^otag: .*credentials/),
      expect.stringMatching(/^sms: .*credentials/),
    ]);
    expect(JSON.stringify(found)).not.toContain('wrong-one');
  });

  test('a key file that is none is said, without a word of it', async () => {
    for (const [ref] of bench.secrets)
      if (ref.startsWith('file:') && ref.includes('fcm-')) bench.secrets.set(ref, '{"private_key":"abc-secret"}');
    const found = await bench.push({ channels: ['fcm'] }).target.probe(call);
    expect(found).toMatchObject({ credentials: false, problems: [expect.stringContaining('key file')] });
    expect(JSON.stringify(found)).not.toContain('abc-secret');
  });
});
