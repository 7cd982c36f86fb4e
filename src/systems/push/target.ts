import type { Actual, Change } from '../../domain/change.ts';
import { SystemError } from '../errors.ts';
import type { AccountRef, Applied, CallContext, ProbeResult, Target, TargetDescription } from '../port.ts';
import type { Channel } from './channel.ts';
import { pushError } from './errors.ts';
import type { Device, DeviceRegistry } from './ports.ts';

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
  const devicesOf = (person: string) => asked(() => deps.registry().devicesOf(person));
  return {
    describe,
    probe: (call) => probe(deps.channels, call),
    find: async (person) => {
      const devices = await devicesOf(person.uuid);
      return devices.length > 0 ? [{ nativeId: person.uuid, how: 'id', label: person.who }] : [];
    },
    read: async (account) => {
      const nativeId = account.nativeId ?? account.person.uuid;
      return actualOf(nativeId, await devicesOf(nativeId));
    },
    apply: (account, change) => apply(deps, account, change),
    list: async (page) => {
      const holders = await asked(() => deps.registry().holders(page, PAGE));
      const items = holders.map(({ person, who }) => ({ nativeId: person, label: who, account: 'present' as const }));
      const last = holders.length < PAGE ? undefined : items.at(-1)?.nativeId;
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
function actualOf(nativeId: string, devices: readonly Device[]): Actual {
  const present = devices.length > 0;
  return {
    account: present ? 'present' : 'absent',
    ...(present && { nativeId }),
    profile: {},
    held: devices.map(({ id }) => ({ key: `${PREFIX}${id}`, how: 'inherited' })),
    warnings: [],
  };
}

async function apply({ registry }: PushTargetDeps, { person, nativeId }: AccountRef, change: Change): Promise<Applied> {
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
      return await told(() => registry().forget(nativeId ?? person.uuid));
    case 'revoke':
      return await told(async () => {
        const id = change.entitlement.slice(PREFIX.length);
        const theirs = await registry().devicesOf(nativeId ?? person.uuid);
        if (theirs.some((device) => device.id === id)) await registry().drop(id);
      });
  }
}

/** A write whose answer was lost may have been made. */
async function told(work: () => Promise<void>): Promise<Applied> {
  try {
    await asked(work);
    return { outcome: 'done' };
  } catch (error) {
    if (error instanceof SystemError && error.retryable) return { outcome: 'unknown', code: error.code };
    throw error;
  }
}

/** The registry's own errors are the ledger's; a port throws those of its system. */
async function asked<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && 'retryable' in error && error.retryable === true)
      throw pushError('PUSH_REGISTRY_UNAVAILABLE');
    throw error;
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
