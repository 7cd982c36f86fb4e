import { configured, secret } from '../config/load.ts';
import type { TenureConfig } from '../config/types.ts';
import type { Logger } from '../log.ts';
import type { ManagedTarget } from '../provisioning/engine.ts';
import { allSystems } from '../systems/all.ts';
import type { Directory, Messenger } from '../systems/port.ts';
import type { SystemDeps, SystemModule } from '../systems/system.ts';

export type Systems = {
  directory: Directory;
  targets: Readonly<Record<string, ManagedTarget>>;
  /** How people are told; undefined: no configured system can. */
  messenger: Messenger | undefined;
  /** Requests at once per target. */
  concurrent: Readonly<Record<string, number>>;
  close(): Promise<void>;
};

/** What systems keep in the ledger's database. */
export type Kept = Pick<SystemDeps, 'devices' | 'notices'>;

/** Every configured system; no request is made here. @throws with a sentence where the directory is none. */
export function createSystems(
  config: TenureConfig,
  env: NodeJS.ProcessEnv,
  log: Logger,
  modules: readonly SystemModule[] = allSystems,
  { devices, notices }: Kept = {},
): Systems {
  const deps: SystemDeps = {
    secret: (ref) => secret(ref, env),
    log,
    directory: config.directory,
    ...(devices && { devices }),
    ...(notices && { notices }),
  };
  const systems = configured(config, modules).map(({ module: { name, create }, block }) => ({
    name,
    block,
    connected: create(block, deps),
  }));
  const directory = systems.find(({ name }) => name === config.directory)?.connected.directory;
  if (!directory) throw new Error(`The system ${config.directory} is no directory: people cannot be read from it.`);
  const targets = systems.flatMap(({ name, block, connected: { target } }): [string, ManagedTarget][] => {
    if (!target) return [];
    const { mode = 'observe', deleteAfterDays } = block;
    return [[name, { target, mode, ...(deleteAfterDays === undefined ? {} : { deleteAfterDays }) }]];
  });
  return {
    directory,
    targets: Object.fromEntries(targets),
    messenger: systems.find(({ connected }) => connected.messenger)?.connected.messenger,
    concurrent: Object.fromEntries(systems.map(({ name, block }) => [name, block.limits.concurrent])),
    close: async () => void (await Promise.allSettled(systems.map(({ connected }) => connected.close()))),
  };
}
