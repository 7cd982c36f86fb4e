/** The engine on a ledger of its own: what every site of these tests has, whichever systems it is made of. */
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import type { ConvergeSummary } from '../../src/activities/types.ts';
import type { PersonRef } from '../../src/domain/person.ts';
import { createLedger, type PostgresLedger } from '../../src/ledger/index.ts';
import { createLogger } from '../../src/log.ts';
import { PolicyHolder } from '../../src/policy/holder.ts';
import { converge } from '../../src/provisioning/converge.ts';
import type { Attempt, EngineDeps, EngineSettings } from '../../src/provisioning/engine.ts';
import { resolve, type Resolution } from '../../src/provisioning/resolve.ts';
import type { Directory, Target } from '../../src/systems/port.ts';
import { presentOnly } from '../../src/workers/presentOnly.ts';
import { SETTINGS } from './rig.ts';
import { testDir } from './run.ts';
import { freshDatabase } from './server.ts';

export type SiteEngineOptions = {
  directory: Directory;
  /** Each in mode `enforce`. */
  targets: Readonly<Record<string, Target>>;
  /** Attributes of accounts; default: none. */
  profiles?: EngineDeps['profiles'];
  /** Text of the policy; what it says of other systems is left out. */
  policy: string;
  settings?: Partial<EngineSettings> | undefined;
};

export type SiteEngine = {
  readonly deps: EngineDeps;
  readonly ledger: PostgresLedger;
  /** From now on that policy. */
  usePolicy(yaml: string): void;
  attempt(over?: Partial<Attempt>): Attempt;
  resolve(who: string, over?: Partial<Attempt>): Promise<Resolution>;
  converge(who: string, target: string, over?: Partial<Attempt>): Promise<ConvergeSummary>;
  /** Resolve, then all targets at once. */
  settle(who: string, over?: Partial<Attempt>): Promise<Record<string, ConvergeSummary>>;
  /** Somebody whom the ledger knows. */
  person(who: string): Promise<PersonRef>;
  sql<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  close(): Promise<void>;
};

/** An attempt of nobody in particular, now. */
export const attempt = (over: Partial<Attempt> = {}): Attempt => ({
  holder: randomUUID(),
  now: new Date().toISOString(),
  signal: new AbortController().signal,
  heartbeat: () => {},
  ...over,
});

export async function openSiteEngine(options: SiteEngineOptions): Promise<SiteEngine> {
  const { directory, targets, profiles = () => ({}), settings } = options;
  const database = await freshDatabase();
  const short = { firstMs: 20, longestMs: 50 };
  const ledger = createLedger({ url: database.url, failureWait: short, openWait: short });
  const pool = new pg.Pool({ connectionString: database.url, max: 1 });
  pool.on('error', () => undefined);
  let holder = holderOf(options.policy);
  const log = createLogger({ level: 'silent' });
  const managed = Object.fromEntries(
    Object.entries(targets).map(([name, target]) => [name, { target, mode: 'enforce' as const }]),
  );
  const deps: EngineDeps = {
    ledger,
    directory,
    targets: managed,
    policy: presentOnly(() => holder.current(), new Set(Object.keys(targets)), log),
    profiles,
    settings: { ...SETTINGS, leaversPerPass: 10, ...settings },
    log,
  };
  const engine: SiteEngine = {
    deps,
    ledger,
    usePolicy: (yaml) => void (holder = holderOf(yaml)),
    attempt,
    resolve: async (who, over) => await resolve(deps, who, undefined, attempt(over)),
    async converge(who, target, over) {
      return await converge(deps, { person: await engine.person(who), target, mode: 'apply' }, attempt(over));
    },
    async settle(who, over) {
      await engine.resolve(who, over);
      const each = Object.keys(targets).map(async (name) => [name, await engine.converge(who, name, over)] as const);
      return Object.fromEntries(await Promise.all(each));
    },
    async person(who) {
      const known = await ledger.personByWho(who);
      if (!known) throw new Error(`The ledger does not know ${who}: resolve first.`);
      return known;
    },
    sql: async <Row extends object>(text: string, values: readonly unknown[] = []) =>
      (await pool.query<Row>(text, [...values])).rows,
    async close() {
      await ledger.close();
      await pool.end();
      await database.drop();
    },
  };
  return engine;
}

function holderOf(yaml: string): PolicyHolder {
  const file = join(testDir(), `policy-${randomUUID()}.yaml`);
  writeFileSync(file, yaml);
  return new PolicyHolder({ file });
}
