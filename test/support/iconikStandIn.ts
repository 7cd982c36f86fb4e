import { iconikStandIn } from '../../sandbox/iconik/standIn.ts';
import { SERVICE } from '../../sandbox/iconik/seed.ts';
import { Controlled } from '../../sandbox/common/controlled.ts';
import { startStandIn } from '../../sandbox/common/standIn.ts';
import type { IconikConfig } from '../../src/config/types.ts';
import type { Actual, Change } from '../../src/domain/change.ts';
import type { Person } from '../../src/domain/person.ts';
import type { Applied, ApplyContext, CallContext } from '../../src/systems/port.ts';
import type { HttpLog } from '../../src/systems/http.ts';
import type { IconikChoices } from '../../src/systems/iconik/choices.ts';
import { createIconik, type IconikSystem } from '../../src/systems/iconik/target.ts';

type LedgerEntry = {
  method: string;
  path: string;
  status: number | null;
  writes: { object: string; id: string }[];
  replied: boolean;
};

/** The iconik stand-in and a client of it, for one test file. `everything` is what log and errors must never show. */
export type IconikBench = {
  system: IconikSystem;
  config: IconikConfig;
  token: string;
  /** All that was logged, as text. */
  logged(): string;
  /** Another client of the same stand-in. */
  client(more: { config?: Partial<IconikConfig>; choices?: Partial<IconikChoices>; token?: string }): IconikSystem;
  control(method: string, path: string, body?: unknown): Promise<Record<string, unknown>>;
  act(action: Record<string, unknown>): Promise<Record<string, unknown>>;
  choose(constant: string, value: unknown): Promise<void>;
  fault(plan: Record<string, unknown>): Promise<void>;
  /** Marks a team or role group as governed by SAML claims, as iconik does when a claim bears its name. */
  governBySaml(name: string): Promise<void>;
  /** Requests since the last call that changed something or tried to. */
  writes(): Promise<LedgerEntry[]>;
  read(nativeId: string, interest?: readonly string[]): Promise<Actual>;
  /** Reads, then makes the changes in turn, as a plan from that read. */
  apply(nativeId: string | undefined, ...changes: Change[]): Promise<Applied[]>;
  idOf(email: string): Promise<string>;
  reset(): Promise<void>;
  close(): Promise<void>;
};

export const call: CallContext = { signal: new AbortController().signal };
export const applyCall: ApplyContext = { ...call, withSharedObject: async (_object, work) => await work() };

/** A person of the worked example with that mail. */
export function personWith(email: string): Person {
  const login = email.split('@')[0] ?? email;
  return {
    uuid: `uuid-${login}`,
    login,
    partition: 'staff',
    who: `${login}@staff`,
    state: 'active',
    type: 'employee',
    groups: [],
    fields: { email },
    attributes: {},
    ownedUpstream: false,
  };
}

/** An address at which nobody listens. */
export async function unusedUrl(): Promise<string> {
  const standIn = await startStandIn(iconikStandIn(undefined, { strict: true }), { port: 0, controlPort: 0 });
  await standIn.close();
  return standIn.url;
}

export async function startIconikBench(): Promise<IconikBench> {
  const standIn = await startStandIn(iconikStandIn(undefined, { strict: true }), { port: 0, controlPort: 0 });
  const lines: string[] = [];
  const log: HttpLog = { debug: (fields, message) => void lines.push(JSON.stringify({ ...fields, message })) };
  const config: IconikConfig = {
    url: standIn.url,
    mode: 'enforce',
    appId: SERVICE.appId,
    authToken: 'env:ICONIK_TOKEN',
    fallbackTeam: 'Everyone',
    profile: { email: 'email' },
    limits: { requestMs: 5_000, perSecond: 5_000, concurrent: 8 },
  };
  const systems: IconikSystem[] = [];
  const client: IconikBench['client'] = (more) => {
    const secret = (): string => more.token ?? SERVICE.token;
    const made = createIconik(
      { ...config, ...more.config },
      { secret, log, ...(more.choices && { choices: more.choices }) },
    );
    systems.push(made);
    return made;
  };
  const served = new Controlled<unknown, Record<string, unknown>>(standIn);
  const control = async (method: string, path: string, body?: unknown): Promise<Record<string, unknown>> =>
    await served.control(method, path, body);
  let seen = 0;
  let system = client({});
  const bench: IconikBench = {
    get system() {
      return system;
    },
    config,
    token: SERVICE.token,
    logged: () => lines.join('\n'),
    client,
    control,
    act: async (action) => await control('POST', '/act', action),
    choose: async (constant, value) => void (await control('POST', '/act', { action: 'choose', constant, value })),
    fault: async (plan) => void (await control('POST', '/faults', plan)),
    async governBySaml(name) {
      const state = await control('GET', '/state');
      for (const group of Object.values(state['groups'] as Record<string, { name: string; is_saml_group: boolean }>))
        if (group.name === name) group.is_saml_group = true;
      await control('PUT', '/state', state);
    },
    async writes() {
      const { entries, next } = (await control('GET', `/ledger?since=${seen}&limit=10000`)) as unknown as {
        entries: LedgerEntry[];
        next: number;
      };
      seen = next;
      return entries.filter((entry) => entry.path.startsWith('/API/') && entry.method !== 'GET');
    },
    read: async (nativeId, interest = []) =>
      await system.target.read({ person: personWith('x@y.example'), nativeId }, interest, call),
    async apply(nativeId, ...changes) {
      const account = { person: personWith('x@y.example'), ...(nativeId && { nativeId }) };
      const actual = await system.target.read(account, [], call);
      const results: Applied[] = [];
      for (const change of changes) results.push(await system.target.apply(account, change, actual, applyCall));
      return results;
    },
    async idOf(email) {
      const [found] = await system.target.find(personWith(email), call);
      if (!found) throw new Error(`No user ${email}`);
      return found.nativeId;
    },
    async reset() {
      await control('POST', '/reset', {});
      await control('DELETE', '/faults');
      system = client({});
      await bench.writes();
    },
    async close() {
      await Promise.all(systems.map((one) => one.close()));
      await standIn.close();
    },
  };
  return bench;
}
