import type { Actual, Change } from '../../domain/change.ts';
import { SystemError } from '../errors.ts';
import type { AccountRef, Applied, CallContext, ProbeResult, Target, TargetDescription } from '../port.ts';
import { isRecord } from '../transport.ts';
import type { Channel } from './channel.ts';
import { pushError } from './errors.ts';
import type { DeviceRegistry } from './ports.ts';

export type PushTargetDeps = { registry: () => DeviceRegistry; channels: readonly Channel[] };

/** People per page of `list`. */
const PAGE = 500;
/** A statement of the ledger ends within 15 s, its client gives up after 20; 5 s to connect come before. */
const REQUEST_LIMIT_MS = 25_000;
const PREFIX = 'push:device/';

/**
 * The device registry as a target: a person's account there is all their devices, named by the person's uuid. It is only ever removed: apps register
 * devices, Tenure forgets them.
 */
export function createPushTarget(deps: PushTargetDeps): Target {
  const devicesOf = async (person: string, call: CallContext): Promise<string[]> => {
    const devices = await asked(call, () => deps.registry().devicesOf(person));
    return devices.map(({ id }) => id);
  };
  return {
    describe,
    probe: (call) => probe(deps.channels, call),
    find: async (person, call) => {
      const devices = await devicesOf(person.uuid, call);
      return devices.length > 0 ? [{ nativeId: person.uuid, how: 'id', label: person.who }] : [];
    },
    read: async (account, _interest, call) => {
      const nativeId = account.nativeId ?? account.person.uuid;
      return actualOf(nativeId, await devicesOf(nativeId, call));
    },
    apply: (account, change, _actual, call) => apply(deps, account, change, call),
    list: async (page, _interest, call) => {
      // One more than a page tells whether there is another.
      const holders = await asked(call, () => deps.registry().holders(page, PAGE + 1));
      const items = holders.slice(0, PAGE).map(({ person, who, devices }) => ({
        nativeId: person,
        label: who,
        keys: { id: person },
        actual: actualOf(person, devices),
      }));
      const last = holders.length > PAGE ? items.at(-1)?.nativeId : undefined;
      return { items, ...(last !== undefined && { next: last }) };
    },
  };
}

function describe(): TargetDescription {
  return {
    system: 'push',
    kinds: { device: 'A device that its owner registered in the app; notices are pushed to it.' },
    requestLimitMs: REQUEST_LIMIT_MS,
    readLagMs: 0,
    profile: [],
    proofLimits: [
      'Notices that were accepted before the devices were forgotten, and what stands on screens already.',
      'Devices that the AppWorks Gateway keeps for its own clients: it follows the account in OTDS.',
    ],
  };
}

/** Devices come with the account and go with it: they are reported, and none is taken away from somebody who stays. */
function actualOf(nativeId: string, devices: readonly string[]): Actual {
  const present = devices.length > 0;
  return {
    account: present ? 'present' : 'absent',
    ...(present && { nativeId }),
    profile: {},
    held: devices.map((id) => ({ key: `${PREFIX}${id}`, how: 'inherited' })),
    warnings: [],
  };
}

async function apply(
  { registry }: PushTargetDeps,
  { person, nativeId = person.uuid }: AccountRef,
  change: Change,
  call: CallContext,
): Promise<Applied> {
  if ('entitlement' in change && !change.entitlement.startsWith(PREFIX))
    throw pushError('PUSH_UNKNOWN_ENTITLEMENT', { about: change.entitlement });
  switch (change.op) {
    case 'create':
    case 'enable':
    case 'update':
      throw pushError('PUSH_NOT_GRANTABLE', { about: 'push' });
    case 'grant':
      throw pushError('PUSH_NOT_GRANTABLE', { about: change.entitlement });
    case 'disable':
    case 'delete':
      return await told(call, () => registry().forget(nativeId));
    case 'revoke':
      return await told(call, async () => {
        const id = change.entitlement.slice(PREFIX.length);
        const theirs = await registry().devicesOf(nativeId);
        if (theirs.some((device) => device.id === id)) await registry().drop(id);
      });
  }
}

/** A write whose answer was lost, or not waited for, may have been made. */
async function told(call: CallContext, work: () => Promise<void>): Promise<Applied> {
  if (call.signal.aborted) throw pushError('PUSH_ABORTED');
  try {
    await asked(call, work);
    return { outcome: 'done' };
  } catch (error) {
    if (error instanceof SystemError && error.retryable) return { outcome: 'unknown', code: error.code };
    throw error;
  }
}

/** The registry's own errors are the ledger's; a port throws those of its system. A statement cannot be called back: who cancels waits no longer. */
async function asked<T>({ signal }: CallContext, work: () => Promise<T>): Promise<T> {
  const { promise: cancelled, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(pushError('PUSH_ABORTED'));
  if (signal.aborted) throw pushError('PUSH_ABORTED');
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([cancelled, work()]);
  } catch (error) {
    if (error instanceof SystemError) throw error;
    throw isRecord(error) && error['retryable'] === true ? pushError('PUSH_REGISTRY_UNAVAILABLE') : error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Every configured channel by a call that sends nothing; the registry is the ledger, which has checks of its own. */
async function probe(channels: readonly Channel[], call: CallContext): Promise<ProbeResult> {
  const found = await Promise.all(
    channels.map(async (channel) => ({ name: channel.name, ...(await channel.probe(call)) })),
  );
  return {
    reachable: found.every(({ reachable }) => reachable),
    credentials: found.every(({ credentials }) => credentials),
    capabilities: Object.fromEntries(found.map(({ name, reachable, credentials }) => [name, reachable && credentials])),
    problems: [...new Set(found.flatMap(({ name, problems }) => problems.map((problem) => `${name}: ${problem}`)))],
  };
}
