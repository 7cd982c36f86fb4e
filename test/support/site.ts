/**
 * A whole site for tests: both stand-ins over real HTTP, the real clients, the example policy, a ledger of its own and the engine. Edits come in as
 * the personnel department makes them (OTDS's own REST), and what came of them is read from the stand-ins' own state, past all code of Tenure.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ConvergeSummary } from '../../src/activities/types.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { TenureConfig } from '../../src/config/types.ts';
import type { PersonRef } from '../../src/domain/person.ts';
import type { PostgresLedger } from '../../src/ledger/index.ts';
import type { Attempt, EngineDeps, EngineSettings } from '../../src/provisioning/engine.ts';
import type { Resolution } from '../../src/provisioning/resolve.ts';
import { sweep, type SweepOutcome } from '../../src/provisioning/sweep.ts';
import type { EffectiveRights } from '../../src/systems/iconik/rights.ts';
import type { IconikSystem } from '../../src/systems/iconik/target.ts';
import type { Target } from '../../src/systems/port.ts';
import { profilesOf } from '../../src/workers/profiles.ts';
import { OWNER } from '../../sandbox/iconik/seed.ts';
import { Hr } from './hr.ts';
import { seenUser, type IconikState, type SeenUser } from './iconikSeen.ts';
import { startIconikBench, type IconikBench } from './iconikStandIn.ts';
import { startOtdsBench, type OtdsBench } from './otdsStandIn.ts';
import { attempt, openSiteEngine, type SiteEngine } from './siteEngine.ts';

const CONFIG = fileURLToPath(new URL('../../config/', import.meta.url));

/** The example policy. */
const EXAMPLE = readFileSync(join(CONFIG, 'policy.yaml'), 'utf8');

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
  /** Changes the text of the example policy. */
  policy?: (yaml: string) => string;
  /** Further targets by name. */
  targets?: Readonly<Record<string, Target>>;
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
  private engine: SiteEngine | undefined;
  private readonly seen = { otds: 0, iconik: 0 };
  /** Reads for proofs have a rate limit of their own. */
  private readonly owner: IconikSystem;

  constructor(otds: OtdsBench, iconik: IconikBench) {
    this.otds = otds;
    this.iconik = iconik;
    this.hr = new Hr(otds);
    this.owner = iconik.client({ config: { appId: OWNER.appId }, token: OWNER.token });
  }

  private get made(): SiteEngine {
    if (!this.engine) throw new Error('The site is closed.');
    return this.engine;
  }
  get deps(): EngineDeps {
    return this.made.deps;
  }
  get ledger(): PostgresLedger {
    return this.made.ledger;
  }

  usePolicy(edit: (yaml: string) => string = (yaml) => yaml): void {
    this.made.usePolicy(edit(EXAMPLE));
  }

  async reset(options: SiteOptions = {}): Promise<void> {
    const { people, settings, requestMs = 5_000, policy = (yaml) => yaml, targets } = options;
    await this.dispose();
    await Promise.all([this.otds.reset(), this.iconik.reset()]);
    if (people !== undefined)
      await Promise.all([this.otds, this.iconik].map((bench) => bench.control('POST', '/reset', { people })));
    const config = configFor(this.otds, this.iconik, requestMs);
    const otds = this.otds.client(config.systems.otds);
    const iconik = this.iconik.client({ config: config.systems.iconik, choices: { rateLimitWaitMs: 50 } });
    this.engine = await openSiteEngine({
      directory: otds.directory,
      targets: { otds: otds.target, iconik: iconik.target, ...targets },
      profiles: profilesOf(config),
      policy: policy(EXAMPLE),
      settings,
    });
    await this.writes('otds');
    await this.writes('iconik');
  }

  attempt(over?: Partial<Attempt>): Attempt {
    return attempt(over);
  }
  resolve(who: string, over?: Partial<Attempt>): Promise<Resolution> {
    return this.made.resolve(who, over);
  }
  converge(who: string, target: string, over?: Partial<Attempt>): Promise<ConvergeSummary> {
    return this.made.converge(who, target, over);
  }
  settle(who: string, over?: Partial<Attempt>): Promise<Record<string, ConvergeSummary>> {
    return this.made.settle(who, over);
  }
  sweep(over?: Partial<Attempt>): Promise<SweepOutcome> {
    return sweep(this.deps, attempt(over));
  }
  person(who: string): Promise<PersonRef> {
    return this.made.person(who);
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
  sql<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]> {
    return this.made.sql<Row>(text, values);
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
    const engine = this.engine;
    this.engine = undefined;
    await engine?.close();
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
