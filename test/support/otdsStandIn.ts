import { startStandIn } from '../../sandbox/common/standIn.ts';
import type { FaultPlan } from '../../sandbox/common/types.ts';
import { otds } from '../../sandbox/otds/standIn.ts';
import type { OtdsConfig } from '../../src/config/types.ts';
import type { Person } from '../../src/domain/person.ts';
import { createOtds } from '../../src/systems/otds/otds.ts';
import type { Otds, OtdsDeps } from '../../src/systems/otds/otds.ts';
import type { ApplyContext, CallContext } from '../../src/systems/port.ts';

/** A request as the stand-in's ledger has it. */
export type Row = { caller: string; method: string; path: string; status: number | null; writes: { object: string }[] };

type Json = Record<string, unknown>;

/** The OTDS stand-in on free ports, a client of ours on it, and what tests ask of either. */
export type OtdsBench = {
  readonly otds: Otds;
  config: OtdsConfig;
  /** Everything our clients logged. */
  logged(): string;
  /** Another client of ours on the same stand-in. */
  client(config?: Partial<OtdsConfig>, deps?: Partial<OtdsDeps>): Otds;
  /** OTDS's own interface past our client, as another administrator. */
  admin(method: string, path: string, body?: object): Promise<Json>;
  control(method: string, path: string, body?: object): Promise<Json>;
  act(action: string, more?: Json): Promise<Json>;
  choose(constant: string, value: string): Promise<void>;
  fault(plan: FaultPlan): Promise<void>;
  /** Requests (of us and others) since the last call of this, logins left out. */
  requests(): Promise<Row[]>;
  /** A person that must be there. */
  person(who: string): Promise<Person>;
  /** Seed state, no faults, a client that has not logged in. */
  reset(): Promise<void>;
  close(): Promise<void>;
};

export const OTDS_PASSWORD = 'Tenure-S3cret!';
export const OTDS_CLIENT_SECRET = 'cl-S3cret-0123';
export const call: CallContext = { signal: new AbortController().signal };

/** An apply context that notes the shared objects it was asked for. */
export function applyCall(shared: string[] = []): ApplyContext {
  return {
    ...call,
    async withSharedObject(object, work) {
      shared.push(object);
      return await work();
    },
  };
}

export async function startOtdsBench(more: Partial<OtdsConfig> = {}): Promise<OtdsBench> {
  const secrets = { password: OTDS_PASSWORD, clientSecret: OTDS_CLIENT_SECRET };
  const standIn = await startStandIn(otds({ ...secrets, strict: true }), { port: 0, controlPort: 0 });
  const lines: string[] = [];
  const config: OtdsConfig = {
    url: `${standIn.url}/otdsws`,
    mode: 'enforce',
    user: 'otadmin@otds.admin',
    password: 'env:OTDS_PASSWORD',
    partitions: ['staff', 'contractors', 'partners', 'field'],
    synchronised: ['field'],
    attributes: {
      type: 'oTExtraAttr0',
      startAt: 'oTExtraAttr1',
      endAt: 'oTExtraAttr2',
      region: 'oTExtraAttr3',
      unit: 'oTExtraAttr4',
      manager: 'oTExtraAttr5',
      department: 'oTDepartment',
      language: 'preferredLanguage',
      email: 'mail',
    },
    limits: { requestMs: 5000, perSecond: 5000, concurrent: 8 },
    ...more,
  };
  const opened: Otds[] = [];
  const secret = (ref: string) => (ref === 'env:OTDS_PASSWORD' ? OTDS_PASSWORD : OTDS_CLIENT_SECRET);
  const log = { debug: (fields: object, message: string) => void lines.push(JSON.stringify({ ...fields, message })) };
  const client: OtdsBench['client'] = (changed = {}, deps = {}) => {
    const made = createOtds({ ...config, ...changed }, { secret, log, ...deps });
    opened.push(made);
    return made;
  };
  let current = client();
  let seen = 0;
  let ticket = '';
  const bench: OtdsBench = {
    get otds() {
      return current;
    },
    config,
    logged: () => lines.join('\n'),
    client,
    async admin(method, path, body) {
      const login = { userName: 'otadmin@otds.admin', password: OTDS_PASSWORD };
      ticket ||= String((await asked(`${config.url}/rest/authentication/credentials`, 'POST', {}, login))['ticket']);
      return await asked(`${config.url}/rest${path}`, method, { OTDSTicket: ticket }, body);
    },
    control: async (method, path, body) => await asked(`${standIn.control}${path}`, method, {}, body),
    act: async (action, rest = {}) => await bench.control('POST', '/act', { action, ...rest }),
    choose: async (constant, value) => void (await bench.act('choose', { constant, value })),
    fault: async (plan) => void (await bench.control('POST', '/faults', plan)),
    async requests() {
      const page = await bench.control('GET', `/ledger?since=${seen}&limit=100000`);
      seen = Number(page['next']);
      const rows = page['entries'] as Row[]; // the control contract's ledger
      return rows.filter((row) => row.path.startsWith('/otdsws/rest/') && !row.path.includes('/authentication/'));
    },
    async person(who) {
      const found = await current.directory.person(who, call);
      if (!found) throw new Error(`OTDS has no ${who}`);
      return found;
    },
    async reset() {
      await bench.control('POST', '/reset', {});
      await bench.control('DELETE', '/faults');
      ticket = '';
      lines.length = 0;
      current = client();
      await bench.requests();
    },
    async close() {
      await Promise.all(opened.map((one) => one.close()));
      await standIn.close();
    },
  };
  return bench;
}

async function asked(url: string, method: string, headers: Record<string, string>, body?: object): Promise<Json> {
  const reply = await fetch(url, {
    method,
    headers: { ...headers, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await reply.text();
  if (!reply.ok) throw new Error(`${method} ${url}: ${reply.status} ${text}`);
  return text === '' ? {} : (JSON.parse(text) as Json); // every reply is an object
}
