import type { Actual } from '../../../src/domain/change.ts';
import { kindOf, restOf } from '../../../src/domain/entitlement.ts';
import { SystemError } from '../../../src/systems/errors.ts';
import type { ProbeResult, Target } from '../../../src/systems/port.ts';
import type { SystemDeps } from '../../../src/systems/system.ts';
import { BadgeClient, type Badge } from './client.ts';
import { badgeError } from './errors.ts';
import type { BadgeConfig } from './system.ts';

const ABSENT: Actual = { account: 'absent', profile: {}, held: [], warnings: [] };

/** Badges: the account is the badge, each door an entitlement. The native id is the person's uuid, so creating twice makes one. */
export function createBadge(config: BadgeConfig, deps: SystemDeps): { target: Target; close(): Promise<void> } {
  const client = new BadgeClient(config, deps);
  const target: Target = {
    describe: () => ({
      system: 'badge',
      kinds: { door: 'The badge opens this door.' },
      requestLimitMs: 2 * config.limits.requestMs,
      readLagMs: 0,
      profile: ['name', 'mail'],
      proofLimits: ['Somebody who is inside already.'],
    }),
    probe: async (call): Promise<ProbeResult> => {
      const none = { reachable: false, credentials: false, capabilities: {} };
      try {
        await client.list({}, call);
        return { ...none, reachable: true, credentials: true, problems: [] };
      } catch (error) {
        if (!(error instanceof SystemError)) throw error;
        return { ...none, reachable: error.status !== undefined, problems: [error.message] };
      }
    },
    find: async (person, call) => {
      const found = await client.one(person.uuid, call);
      return found ? [{ nativeId: found.id, how: 'id', label: found.mail }] : [];
    },
    read: async ({ nativeId }, _interest, call) => {
      const found = nativeId === undefined ? undefined : await client.one(nativeId, call);
      return found ? actualOf(found) : ABSENT;
    },
    apply: async ({ person, nativeId }, change, actual, call) => {
      const id = nativeId ?? person.uuid;
      if ('entitlement' in change) {
        if (kindOf(change.entitlement) !== 'door') throw badgeError('BADGE_UNKNOWN', { about: change.entitlement });
        // Looked at again: what somebody else did meanwhile is not done twice.
        const now = await client.one(id, call);
        const open = now?.doors.includes(restOf(change.entitlement)) ?? false;
        if (open === (change.op === 'grant')) return { outcome: 'done' };
        return await client.write(
          change.op === 'grant' ? 'PUT' : 'DELETE',
          ['badges', id, 'doors', restOf(change.entitlement)],
          undefined,
          call,
        );
      }
      const active = change.op !== 'disable' && change.op !== 'delete';
      const now = await client.one(id, call);
      const wanted = { ...(now ?? { name: '', mail: '' }), ...actual.profile, ...change.profile, active };
      if (now && now.active === active && now.name === wanted.name && now.mail === wanted.mail)
        return { outcome: 'done', nativeId: id };
      const applied = await client.write('PUT', ['badges', id], { name: wanted.name, mail: wanted.mail, active }, call);
      return applied.outcome === 'done' ? { ...applied, nativeId: id } : applied;
    },
    list: async (after, _interest, call) => {
      const { items, more } = await client.list(after === undefined ? {} : { after }, call);
      const last = items.at(-1);
      const rows = items.map((item) => ({
        nativeId: item.id,
        label: item.mail,
        keys: { id: item.id, email: item.mail },
        actual: actualOf(item),
      }));
      return { items: rows, ...(more && last && { next: last.id }) };
    },
  };
  return { target, close: () => client.close() };
}

function actualOf({ id, name, mail, active, doors }: Badge): Actual {
  return {
    account: active ? 'present' : 'disabled',
    nativeId: id,
    profile: { name, mail },
    held: doors.map((door) => ({ key: `badge:door/${door}`, how: 'direct' })),
    warnings: [],
  };
}
