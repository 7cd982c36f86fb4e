import { startStandIn } from '../../sandbox/common/standIn.ts';
import type { Person } from '../../src/domain/person.ts';
import type { Target } from '../../src/systems/port.ts';
import { HTTP_FAULTS, type ConformanceBench, type Traits } from '../conformance/bench.ts';
import { standInControl, withUnknownFields } from '../conformance/standIn.ts';
import { person } from '../support/fakes.ts';
import { createBadge } from './badge/target.ts';
import { badgeStandIn, KEY, type Badge } from './standIn.ts';

export const badgeTraits: Traits = { name: 'badge', faults: HTTP_FAULTS };

export async function openBadge(): Promise<ConformanceBench> {
  const standIn = await startStandIn(badgeStandIn, { port: 0, controlPort: 0 });
  const relay = await withUnknownFields(standIn.url);
  const lines: string[] = [];
  const opened: { close(): Promise<void> }[] = [];
  let count = 0;
  const ask = async (method: string, path: string, body?: object): Promise<Record<string, unknown>> => {
    const reply = await fetch(`${standIn.control}${path}`, { method, ...(body && { body: JSON.stringify(body) }) });
    return (await reply.json()) as Record<string, unknown>; // the control contract's replies are objects
  };
  const seen = async ({ uuid }: Person): Promise<Badge | undefined> =>
    ((await ask('GET', '/state'))['badges'] as Record<string, Badge>)[uuid];
  const control = standInControl(ask, ['badge']);
  const doors = ['badge:door/Cutting Room', 'badge:door/Lobby'];
  const due = { urgent: false, waiting: [] };
  return {
    ...control,
    managed: ['badge:door/*'],
    goneAccount: 'disabled',
    secrets: [KEY],
    logged: () => lines.join('\n'),
    reset: async () => {
      await ask('POST', '/reset', {});
      await control.effects();
    },
    make: async ({ requestMs = 5_000, unknownFields = false, wrongSecret = false } = {}): Promise<Target> => {
      const limits = { requestMs, perSecond: 5_000, concurrent: 8 };
      const url = unknownFields ? relay.url : standIn.url;
      const made = createBadge(
        { url, mode: 'enforce', key: 'env:BADGE_KEY', profile: {}, limits },
        {
          secret: () => (wrongSecret ? 'no-such-key' : KEY),
          log: { debug: (fields, message) => void lines.push(JSON.stringify({ ...fields, message })) },
        },
      );
      opened.push(made);
      return made.target;
    },
    newcomer: async ({ given, family } = { given: 'Nina', family: 'New' }) =>
      person(`newcomer${++count}@staff`, { attributes: { displayName: `${given} ${family}` } }),
    joined: (who) => ({
      ...due,
      account: 'present',
      profile: { name: who.attributes['displayName'] ?? '', mail: who.fields['email'] ?? '' },
      entitlements: doors,
    }),
    left: () => ({ ...due, account: 'disabled', profile: {}, entitlements: [] }),
    seen: async (who) => {
      const badge = await seen(who);
      if (!badge) return { account: 'absent', held: [] };
      return { account: badge.active ? 'present' : 'disabled', held: badge.doors.map((door) => `badge:door/${door}`) };
    },
    byHand: async (who, entitlement, present) => {
      const door = encodeURIComponent(entitlement.slice(entitlement.indexOf('/') + 1));
      const badge = await seen(who);
      if (!badge || badge.doors.includes(decodeURIComponent(door)) === present) return;
      const url = `${standIn.url}/badges/${encodeURIComponent(who.uuid)}/doors/${door}`;
      await fetch(url, { method: present ? 'PUT' : 'DELETE', headers: { 'x-key': KEY } });
    },
    close: async () => {
      await Promise.all([relay.close(), ...opened.map((one) => one.close())]);
      await standIn.close();
    },
  };
}
