import { Controlled } from '../../sandbox/common/controlled.ts';
import { startStandIn } from '../../sandbox/common/standIn.ts';
import { SECRETS } from '../../sandbox/cloudinary/seed.ts';
import { cloudinaryStandIn } from '../../sandbox/cloudinary/standIn.ts';
import type { Actual, Change } from '../../src/domain/change.ts';
import type { Person } from '../../src/domain/person.ts';
import type { Applied, ApplyContext, CallContext } from '../../src/systems/port.ts';
import type { CloudinaryChoices } from '../../src/systems/cloudinary/choices.ts';
import type { CloudinaryConfig } from '../../src/systems/cloudinary/config.ts';
import { createCloudinary, type CloudinarySystem } from '../../src/systems/cloudinary/target.ts';
import type { CloudinaryState } from './cloudinarySeen.ts';
import { person } from './fakes.ts';

type Json = Record<string, unknown>;

/** A request as the stand-in's ledger has it. */
export type Entry = {
  caller: string;
  method: string;
  path: string;
  status: number | null;
  writes: { object: string; id: string; before: unknown; after: unknown }[];
};

/** The Cloudinary stand-in and a client of it, for one test file. */
export type CloudinaryBench = {
  readonly system: CloudinarySystem;
  config: CloudinaryConfig;
  /** What log, errors and histories must never show. */
  secrets: readonly string[];
  /** All that was logged, as text. */
  logged(): string;
  /** Another client of the same stand-in. */
  client(more?: {
    config?: Partial<CloudinaryConfig>;
    choices?: Partial<CloudinaryChoices>;
    secret?: string;
  }): CloudinarySystem;
  control(method: string, path: string, body?: unknown): Promise<Json>;
  act(action: Json): Promise<Json>;
  choose(constant: string, value: unknown): Promise<void>;
  fault(plan: Json): Promise<void>;
  state(): Promise<CloudinaryState>;
  /** Changes the state by hand, past all rules. */
  edit(change: (state: CloudinaryState) => void): Promise<void>;
  /** Requests since the last call of this. */
  requests(): Promise<Entry[]>;
  /** The same, those that change something or tried to. */
  writes(): Promise<Entry[]>;
  read(nativeId: string, interest?: readonly string[], who?: Person): Promise<Actual>;
  /** Makes the changes in turn, as planned from one read. */
  change(nativeId: string | undefined, ...changes: Change[]): Promise<Applied[]>;
  idOf(email: string): Promise<string>;
  reset(): Promise<void>;
  close(): Promise<void>;
};

export const call: CallContext = { signal: new AbortController().signal };
export const applyCall: ApplyContext = { ...call, withSharedObject: async (_object, work) => await work() };
export const mail = (login: string): string => `${login}@northwind.example`;
const somebody = person('somebody@staff');

export async function startCloudinaryBench(): Promise<CloudinaryBench> {
  const standIn = await startStandIn(cloudinaryStandIn(), { port: 0, controlPort: 0 });
  const lines: string[] = [];
  const config: CloudinaryConfig = {
    url: standIn.url,
    mode: 'enforce',
    accountId: SECRETS.accountId,
    provisioningKey: SECRETS.provisioningKey,
    provisioningSecret: 'env:ACCOUNT',
    environments: [{ cloud: SECRETS.cloud, apiKey: SECRETS.apiKey, apiSecret: 'env:ENVIRONMENT' }],
    fallbackEnvironment: 'northwind-archive',
    keyOwners: { 'Trailer sync': ['tom.weber@staff'] },
    profile: { email: 'email', name: 'attributes.displayName', role: '=media_library_user' },
    limits: { requestMs: 5_000, perSecond: 5_000, concurrent: 8 },
  };
  const systems: CloudinarySystem[] = [];
  const client: CloudinaryBench['client'] = ({ config: changed, choices, secret } = {}) => {
    const made = createCloudinary(
      { ...config, ...changed },
      {
        secret: (ref) => secret ?? (ref === 'env:ACCOUNT' ? SECRETS.provisioningSecret : SECRETS.apiSecret),
        log: { debug: (fields, message) => void lines.push(JSON.stringify({ ...fields, message })) },
        ...(choices && { choices }),
      },
    );
    systems.push(made);
    return made;
  };
  let system = client();
  let seen = 0;
  const served = new Controlled<unknown, Record<string, unknown>>(standIn);
  const control: CloudinaryBench['control'] = async (method, path, body) => await served.control(method, path, body);
  const bench: CloudinaryBench = {
    get system() {
      return system;
    },
    config,
    secrets: [SECRETS.provisioningSecret, SECRETS.apiSecret],
    logged: () => lines.join('\n'),
    client,
    control,
    act: async (action) => await control('POST', '/act', action),
    choose: async (constant, value) => void (await control('POST', '/act', { action: 'choose', constant, value })),
    fault: async (plan) => void (await control('POST', '/faults', plan)),
    state: async () => (await control('GET', '/state')) as unknown as CloudinaryState, // what the stand-in shows of itself
    async edit(change) {
      const state = await bench.state();
      change(state);
      await control('PUT', '/state', state);
    },
    async requests() {
      const page = await control('GET', `/ledger?since=${seen}&limit=100000`);
      seen = Number(page['next']);
      return (page['entries'] as Entry[]).filter((entry) => /^\/v\d/.test(entry.path)); // the control contract's ledger
    },
    writes: async () =>
      (await bench.requests()).filter(
        ({ method, path }) => method !== 'GET' && !/\/(inspect|search|by_path|by_id)$/.test(path),
      ),
    read: async (nativeId, interest = ['cloudinary:**'], who = somebody) =>
      await system.target.read({ person: who, nativeId }, interest, call),
    async change(nativeId, ...changes) {
      const account = { person: somebody, ...(nativeId !== undefined && { nativeId }) };
      const actual = await system.target.read(account, ['cloudinary:**'], call);
      const results: Applied[] = [];
      for (const change of changes) results.push(await system.target.apply(account, change, actual, applyCall));
      return results;
    },
    async idOf(email) {
      const [found] = await system.target.find(person('x@staff', { fields: { email } }), call);
      if (!found) throw new Error(`No user ${email}`);
      return found.nativeId;
    },
    async reset() {
      await control('POST', '/reset', {});
      await control('DELETE', '/faults');
      // The hourly limit is a test of its own.
      await bench.choose('accountPerHour', 1_000_000);
      system = client();
      await bench.requests();
    },
    async close() {
      await Promise.all(systems.map((one) => one.close()));
      await standIn.close();
    },
  };
  await bench.reset();
  return bench;
}
