import { company, generate, refOf } from '../company.ts';
import type { Company } from '../company.ts';
import type { Selected } from '../common/choices.ts';
import { carriersOf } from '../push/people.ts';
import type { Phone } from '../push/phones.ts';
import { newPhone } from '../push/phones.ts';
import { digest } from '../push/values.ts';

/** A deployed AppWorks service and the secret it shares with the gateway. */
export type App = { name: string; key: string };

/** A mobile client: an app of a person on one of the runtimes. The gateway keeps its device token, we never see it. `lastSeen` null: in use. */
export type Client = { id: string; user: string; runtime: string; lastSeen: string | null };

/** A row of the gateway's notifications table. */
export type Notification = { seqno: number; at: string; app: string; clients: string[] };

/** One request, refused ones too; recipients as digests, groups and runtimes by name. */
export type Pushed = {
  at: string;
  app: string;
  path: string;
  nid: string | null;
  recipients: string[];
  reached: number;
  outcome: string;
  status: number;
};

export type State = {
  chosen: Selected;
  apps: Record<string, App>;
  clients: Record<string, Client>;
  /** Client ids by person. */
  clientsOf: Record<string, string[]>;
  /** Virtual phones by client id. */
  phones: Record<string, Phone>;
  users: string[];
  /** OTDS groups as the gateway knows them: people, nested groups resolved. */
  groups: Record<string, string[]>;
  notifications: Notification[];
  lastSeq: number;
  requests: Record<string, Pushed>;
  serial: number;
  scanner: boolean;
};

export const RUNTIMES = ['AppWorks Android', 'AppWorks iOS'] as const;
export const APP = 'tenure-notices';
export const OTHER_APP = 'cafeteria';
/** Of use here only. */
export const USUAL_KEY = 'otag-sandbox-app-key';
export const OTHER_KEY = 'otag-sandbox-other-key';
/** Before the first notification: where the gateway's housekeeping has got to. */
const FIRST_SEQ = 1000;

export function clientIdOf(user: string): string {
  return `client-${digest(user).slice(7)}`;
}

/** Everybody who is not disabled has one client; two apps are deployed. */
export function seed(key: string, o: { seed?: string; people?: number }): State {
  const all: Company = o.people === undefined ? company : generate(o.people, o.seed);
  const clients: Record<string, Client> = {};
  const clientsOf: Record<string, string[]> = {};
  const phones: Record<string, Phone> = {};
  for (const { user, platform } of carriersOf(all.people.filter((person) => !person.disabled))) {
    const id = clientIdOf(user);
    clients[id] = {
      id,
      user,
      runtime: platform === 'android' ? RUNTIMES[0] : RUNTIMES[1],
      lastSeen: null,
    };
    clientsOf[user] = [id];
    phones[id] = newPhone(id, user, platform);
  }
  return {
    chosen: {},
    apps: { [APP]: { name: APP, key }, [OTHER_APP]: { name: OTHER_APP, key: OTHER_KEY } },
    clients,
    clientsOf,
    phones,
    users: all.people.map(refOf),
    groups: groupsOf(all),
    notifications: [],
    lastSeq: FIRST_SEQ,
    requests: {},
    serial: 0,
    scanner: false,
  };
}

/** People of each group, those of contained groups among them. */
function groupsOf(all: Company): Record<string, string[]> {
  const direct = new Map<string, { kind: 'user' | 'group'; member: string }[]>();
  for (const { group, kind, member } of all.memberships) {
    const members = direct.get(group) ?? [];
    members.push({ kind, member });
    direct.set(group, members);
  }
  const peopleOf = (group: string, above: string[]): string[] =>
    (direct.get(group) ?? []).flatMap(({ kind, member }) => {
      if (kind === 'user') return [member];
      return above.includes(member) ? [] : peopleOf(member, [...above, member]);
    });
  const names = all.groups.map((group) => refOf({ login: group.name, partition: group.partition }));
  return Object.fromEntries(names.map((name) => [name, [...new Set(peopleOf(name, [name]))]]));
}
