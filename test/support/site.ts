/**
 * A whole site for tests: both stand-ins over real HTTP, the real clients, the example policy, a ledger of its own and the engine. Edits come in as
 * the personnel department makes them (OTDS's own REST), and what came of them is read from the stand-ins' own state, past all code of Tenure.
 */
import { randomUUID } from 'node:crypto';
import { writeFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { ConvergeSummary } from '../../src/activities/types.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { TenureConfig } from '../../src/config/types.ts';
import type { PersonRef } from '../../src/domain/person.ts';
import { createLedger, type PostgresLedger } from '../../src/ledger/index.ts';
import { createLogger } from '../../src/log.ts';
import { PolicyHolder } from '../../src/policy/holder.ts';
import { converge } from '../../src/provisioning/converge.ts';
import type { Attempt, EngineDeps, EngineSettings, ManagedTarget } from '../../src/provisioning/engine.ts';
import { resolve, type Resolution } from '../../src/provisioning/resolve.ts';
import { sweep, type SweepOutcome } from '../../src/provisioning/sweep.ts';
import type { EffectiveRights } from '../../src/systems/iconik/rights.ts';
import type { IconikSystem } from '../../src/systems/iconik/target.ts';
import { presentOnly } from '../../src/workers/presentOnly.ts';
import { profilesOf } from '../../src/workers/profiles.ts';
import { OWNER } from '../../sandbox/iconik/seed.ts';
import { Hr } from './hr.ts';
import { seenUser, type IconikState, type SeenUser } from './iconikSeen.ts';
import { startIconikBench, type IconikBench } from './iconikStandIn.ts';
import { startOtdsBench, type OtdsBench } from './otdsStandIn.ts';
import { SETTINGS } from './rig.ts';
import { testDir } from './run.ts';
import { freshDatabase } from './server.ts';

const CONFIG = fileURLToPath(new URL('../../config/', import.meta.url));

/** What OTDS itself says that somebody has; names, sorted. */
export type SeenPerson = { uuid: string; disabled: boolean; groups: string[]; accessRoles: string[] };

/** A request as a stand-in's ledger has it. */
export type Request = {
  seq: number;
  method: string;
  path: string;
  status: number | null;
  caller: string;
  writes: { object: string; id: string; before: unknown; after: unknown }[];
};

export type SiteOptions = {
  /** Size of the company; default: all 59 people. */
  people?: number;
  settings?: Partial<EngineSettings>;
  /** Hard limit of one request, milliseconds. */
  requestMs?: number;
  /** Systems that the test adds to these targets: what the policy says of them counts. */
  beside?: readonly string[];
  /** Changes the text of the example policy. */
  policy?: (yaml: string) => string;
};

export type Site = {
  readonly deps: EngineDeps;
  readonly ledger: PostgresLedger;
  readonly otds: OtdsBench;
  readonly iconik: IconikBench;
  readonly hr: Hr;
  /** From now on the example policy, changed. */
  usePolicy(edit?: (yaml: string) => string): void;
  attempt(over?: Partial<Attempt>): Attempt;
  resolve(who: string, over?: Partial<Attempt>): Promise<Resolution>;
  converge(who: string, target: string, over?: Partial<Attempt>): Promise<ConvergeSummary>;
  /** Resolve and all targets. */
  settle(who: string, over?: Partial<Attempt>): Promise<Record<string, ConvergeSummary>>;
  sweep(over?: Partial<Attempt>): Promise<SweepOutcome>;
  person(who: string): Promise<PersonRef>;
  /** Names of targets that are not proved for somebody. */
  unproved(who: string): Promise<string[]>;
  /** As if so much time had passed that no request of before can land any more and everything put off is due. */
  outlive(): Promise<void>;
  sql<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Users of iconik with that e-mail, case aside. */
  onIconik(email: string): Promise<SeenUser[]>;
  inOtds(who: string): Promise<SeenPerson>;
  rights(email: string): Promise<EffectiveRights>;
  /** Writes that either system was asked for since the last call (refused and repeated ones too), without log-ins. */
  writes(system: 'otds' | 'iconik'): Promise<Request[]>;
  /** iconik's rate limit (1000 requests in 20 s) begins anew. Not while anything is under way. */
  freshQuota(): Promise<void>;
  /** Seed state, no faults, another ledger, other clients. Not while workers run on it. */
  reset(options?: SiteOptions): Promise<void>;
  close(): Promise<void>;
};

export async function openSite(first: SiteOptions = {}): Promise<Site> {
  const otds = await startOtdsBench();
  const iconik = await startIconikBench();
  const site = new OpenSite(otds, iconik);
  await site.reset(first);
  return site;
}

/** The example configuration with the stand-ins' addresses and short limits. */
function configFor(otds: OtdsBench, iconik: IconikBench, requestMs: number) {
  const env = {
    OTDS_URL: new URL(otds.config.url).origin,
    ICONIK_URL: iconik.config.url,
    ICONIK_APP_ID: iconik.config.appId,
    OTDS_USER: 'otadmin',
    TENURE_SYSTEMS: 'otds,iconik',
  };
  const config = loadConfig(join(CONFIG, 'tenure.yaml'), { env, secrets: 'skip' });
  const { iconik: example } = config.systems;
  if (!example) throw new Error('The example configuration has no iconik.');
  const limits = { requestMs, perSecond: 5_000, concurrent: 8 };
  return {
    ...config,
    systems: {
      otds: { ...otds.config, ...pick(config.systems.otds), limits },
      iconik: { ...example, limits },
    },
  };
}

const pick = ({ partitions, synchronised, attributes }: TenureConfig['systems']['otds']) => ({
  partitions,
  synchronised,
  attributes,
});

class OpenSite implements Site {
  readonly otds: OtdsBench;
  readonly iconik: IconikBench;
  readonly hr: Hr;
  private made: { deps: EngineDeps; ledger: PostgresLedger; pool: pg.Pool; drop: () => Promise<void> } | undefined;
  private holder = new PolicyHolder({ file: join(CONFIG, 'policy.yaml') });
  private readonly seen = { otds: 0, iconik: 0 };
  /** Reads for proofs have a rate limit of their own. */
  private readonly owner: IconikSystem;

  constructor(otds: OtdsBench, iconik: IconikBench) {
    this.otds = otds;
    this.iconik = iconik;
    this.hr = new Hr(otds);
    this.owner = iconik.client({ config: { appId: OWNER.appId }, token: OWNER.token });
  }

  get deps(): EngineDeps {
    if (!this.made) throw new Error('The site is closed.');
    return this.made.deps;
  }
  get ledger(): PostgresLedger {
    if (!this.made) throw new Error('The site is closed.');
    return this.made.ledger;
  }

  usePolicy(edit: (yaml: string) => string = (yaml) => yaml): void {
    const file = join(testDir(), `policy-${randomUUID()}.yaml`);
    writeFileSync(file, edit(readFileSync(join(CONFIG, 'policy.yaml'), 'utf8')));
    this.holder = new PolicyHolder({ file });
  }

  async reset({ people, settings, requestMs = 5_000, policy, beside = [] }: SiteOptions = {}): Promise<void> {
    await this.dispose();
    await Promise.all([this.otds.reset(), this.iconik.reset()]);
    if (people !== undefined)
      await Promise.all([this.otds, this.iconik].map((bench) => bench.control('POST', '/reset', { people })));
    this.usePolicy(policy);
    const config = configFor(this.otds, this.iconik, requestMs);
    const otds = this.otds.client(config.systems.otds);
    const iconik = this.iconik.client({ config: config.systems.iconik, choices: { rateLimitWaitMs: 50 } });
    const database = await freshDatabase();
    const short = { firstMs: 20, longestMs: 50 };
    const ledger = createLedger({ url: database.url, failureWait: short, openWait: short });
    const pool = new pg.Pool({ connectionString: database.url, max: 1 });
    pool.on('error', () => undefined);
    const targets: Record<string, ManagedTarget> = {
      otds: { target: otds.target, mode: 'enforce' },
      iconik: { target: iconik.target, mode: 'enforce' },
    };
    const deps: EngineDeps = {
      ledger,
      directory: otds.directory,
      targets,
      policy: presentOnly(
        () => this.holder.current(),
        new Set([...Object.keys(targets), ...beside]),
        createLogger({ level: 'silent' }),
      ),
      profiles: profilesOf(config),
      settings: { ...SETTINGS, leaversPerPass: 10, ...settings },
      log: createLogger({ level: 'silent' }),
    };
    this.made = { deps, ledger, pool, drop: database.drop };
    await this.writes('otds');
    await this.writes('iconik');
  }

  attempt(over: Partial<Attempt> = {}): Attempt {
    const signal = new AbortController().signal;
    return { holder: randomUUID(), now: new Date().toISOString(), signal, heartbeat: () => {}, ...over };
  }
  resolve(who: string, over?: Partial<Attempt>): Promise<Resolution> {
    return resolve(this.deps, who, undefined, this.attempt(over));
  }
  async converge(who: string, target: string, over?: Partial<Attempt>): Promise<ConvergeSummary> {
    return converge(this.deps, { person: await this.person(who), target, mode: 'apply' }, this.attempt(over));
  }
  async settle(who: string, over?: Partial<Attempt>): Promise<Record<string, ConvergeSummary>> {
    await this.resolve(who, over);
    const names = Object.keys(this.deps.targets);
    return Object.fromEntries(
      await Promise.all(names.map(async (name) => [name, await this.converge(who, name, over)] as const)),
    );
  }
  sweep(over?: Partial<Attempt>): Promise<SweepOutcome> {
    return sweep(this.deps, this.attempt(over));
  }
  async person(who: string): Promise<PersonRef> {
    const known = await this.ledger.personByWho(who);
    if (!known) throw new Error(`The ledger does not know ${who}: resolve first.`);
    return known;
  }
  async unproved(who: string): Promise<string[]> {
    const pairs = await this.ledger.unproved({ limit: 10_000, onlyActionable: false });
    return pairs.filter((pair) => pair.who === who).map((pair) => pair.target);
  }
  async outlive(): Promise<void> {
    // The ledger lets nobody rewrite an intent; a test that would have to wait may.
    await this.sql(
      `begin; set local session_replication_role = replica; update tenure.change set may_land_until = intended_at where settled_at is null; commit`,
    );
    await this.sql(`update tenure.pair set provisional_until = null, next_try_at = null`);
  }
  async sql<Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await this.made!.pool.query<Row>(text, [...values])).rows;
  }

  async onIconik(email: string): Promise<SeenUser[]> {
    const state = (await this.iconik.control('GET', '/state')) as IconikState;
    const users = Object.values(state.users).filter(
      (user) => user.status !== 'DELETED' && user.email.toLowerCase() === email.toLowerCase(),
    );
    return users.map((user) => seenUser(state, user));
  }
  async inOtds(who: string): Promise<SeenPerson> {
    const { access } = (await this.otds.control('GET', '/state')) as { access: Record<string, OtdsAccess> };
    const found = access[who];
    if (!found) throw new Error(`OTDS has no ${who}`);
    const direct = (rows: OtdsAccess['groups']) => rows.filter((row) => row.how === 'direct').map((row) => row.name);
    return {
      uuid: found.uuid,
      disabled: found.disabled,
      groups: direct(found.groups).sort(),
      accessRoles: direct(found.accessRoles).sort(),
    };
  }
  async rights(email: string): Promise<EffectiveRights> {
    const [user] = await this.onIconik(email);
    if (!user) throw new Error(`iconik has nobody with ${email}`);
    return await this.owner.effectiveRights(user.id, this.attempt());
  }
  async writes(system: 'otds' | 'iconik'): Promise<Request[]> {
    const page = await this[system].control('GET', `/ledger?since=${this.seen[system]}&limit=100000`);
    this.seen[system] = Number(page['next']);
    const entries = page['entries'] as Request[]; // the control contract's ledger
    return entries.filter((entry) => entry.method !== 'GET' && !/\/authentication\/|\/auth\/|^\/act/.test(entry.path));
  }

  async freshQuota(): Promise<void> {
    const state = await this.iconik.control('GET', '/state');
    await this.iconik.control('PUT', '/state', { ...state, rates: {} });
  }

  private async dispose(): Promise<void> {
    const made = this.made;
    this.made = undefined;
    if (!made) return;
    await made.ledger.close();
    await made.pool.end();
    await made.drop();
  }
  async close(): Promise<void> {
    await this.dispose();
    await this.otds.close();
    await this.iconik.close();
  }
}

type OtdsAccess = {
  uuid: string;
  disabled: boolean;
  groups: { name: string; how: string }[];
  accessRoles: { name: string; how: string }[];
};
