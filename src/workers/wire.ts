import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createLedger, migrate } from '../ledger/index.ts';
import type { PostgresLedger } from '../ledger/index.ts';
import { LedgerError } from '../ledger/errors.ts';
import type { Logger } from '../log.ts';
import type { EngineDeps, Hooks } from '../provisioning/engine.ts';
import { LivePolicy } from './livePolicy.ts';
import { presentOnly } from './presentOnly.ts';
import { profilesOf } from './profiles.ts';
import type { Settings } from './settings.ts';
import { createSystems } from './systems.ts';
import type { Systems } from './systems.ts';

export type Wired = {
  ledger: PostgresLedger;
  systems: Systems;
  policy: LivePolicy;
  engine: EngineDeps;
  close(): Promise<void>;
};

export type WireOptions = {
  log: Logger;
  /** Bring the ledger to this version's schema first, however long its server takes to come up. Default: take it as it is. */
  migrate?: boolean;
  /** Pause points, for tests. */
  hooks?: Hooks;
};

/** The one place where configuration and environment become the engine and what it works with. @throws with a sentence. */
export async function wire(settings: Settings, { log, migrate: first = false, hooks }: WireOptions): Promise<Wired> {
  const { config, surroundings } = settings;
  const url = settings.env.databaseUrl;
  if (url === undefined)
    throw new Error(
      'DATABASE_URL is not set: it says where the ledger (PostgreSQL) is. For a local system: npm start.',
    );
  if (first) await migratePatiently(url, log);
  const ledger = createLedger({ url, log, sealKeys: settings.env.codec });
  const systems = createSystems(config, surroundings.env, log, undefined, ledger);
  const close = async (): Promise<void> => void (await Promise.allSettled([systems.close(), ledger.close()]));
  try {
    const keep = surroundings.data === undefined ? {} : { lastGood: join(surroundings.data, 'policy.last-good.yaml') };
    const policy = await LivePolicy.open({ file: config.policyFile, ...keep, directory: systems.directory, log });
    const engine: EngineDeps = {
      ledger,
      directory: systems.directory,
      targets: systems.targets,
      policy: presentOnly(() => policy.current(), new Set(Object.keys(systems.targets)), log),
      profiles: profilesOf(config),
      settings: {
        leaseMs: config.engine.leaseMs,
        landingMarginMs: config.engine.landingMarginMs,
        recheckMs: config.engine.recheckMs,
        leaversPerPass: config.watch.leavers.count,
        sweepAfterMs: config.watch.sweepAfterMs,
      },
      log,
      ...(hooks === undefined ? {} : { hooks }),
    };
    return { ledger, systems, policy, engine, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function migratePatiently(url: string, log: Logger): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await migrate(url);
    } catch (error) {
      if (!(error instanceof LedgerError) || !error.retryable) throw error;
      if (attempt % 30 === 0)
        log.warn(
          { state: error.state },
          'The ledger (PostgreSQL) does not answer yet; trying again every two seconds.',
        );
      await delay(2_000);
    }
  }
}
