import { secret } from '../config/load.ts';
import type { TenureConfig } from '../config/types.ts';
import type { Logger } from '../log.ts';
import type { ManagedTarget } from '../provisioning/engine.ts';
import { createIconik } from '../systems/iconik/target.ts';
import { createOtds } from '../systems/otds/otds.ts';
import type { Directory } from '../systems/port.ts';

export type Systems = {
  directory: Directory;
  targets: Readonly<Record<string, ManagedTarget>>;
  /** Requests at once per target. */
  concurrent: Readonly<Record<string, number>>;
  close(): Promise<void>;
};

/** Every configured system; no request is made here. A new system adds its lines here. */
export function createSystems(config: TenureConfig, env: NodeJS.ProcessEnv, log: Logger): Systems {
  const deps = { secret: (ref: string) => secret(ref, env), log };
  const { otds: otdsConfig, iconik: iconikConfig } = config.systems;
  const otds = createOtds({ ...otdsConfig, url: otdsUrl(otdsConfig.url) }, deps);
  const iconik = createIconik(iconikConfig, deps);
  const { deleteAfterDays } = iconikConfig;
  return {
    directory: otds.directory,
    targets: {
      otds: { target: otds.target, mode: otdsConfig.mode },
      iconik: {
        target: iconik.target,
        mode: iconikConfig.mode,
        ...(deleteAfterDays === undefined ? {} : { deleteAfterDays }),
      },
    },
    concurrent: { otds: otdsConfig.limits.concurrent, iconik: iconikConfig.limits.concurrent },
    close: async () => void (await Promise.allSettled([otds.close(), iconik.close()])),
  };
}

/** An origin alone means OTDS at its usual path. */
function otdsUrl(url: string): string {
  const { pathname } = new URL(url);
  return pathname === '/' ? new URL('/otdsws', url).href : url;
}
