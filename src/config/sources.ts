import type { Mode, TenureConfig } from './types.ts';
import type { Path } from './yamlFile.ts';

const REFERENCE = /\$\{env:(?<name>[A-Za-z_][A-Za-z0-9_]*)(?<fallback>:-[^}]*)?\}/g;

/**
 * Fills in `${env:NAME}` and `${env:NAME:-otherwise}` in every text. A key whose whole text becomes empty counts as absent, so that
 * `clientId: ${env:OTDS_CLIENT_ID:-}` is optional. A variable that is not set and has no fallback is reported at its place.
 */
export function interpolate(
  value: unknown,
  env: NodeJS.ProcessEnv,
  report: (path: Path, message: string) => void,
  path: Path = [],
): unknown {
  if (typeof value === 'string') {
    return value.replace(REFERENCE, (_all, name: string, fallback: string | undefined) => {
      const found = env[name]?.trim() || fallback?.slice(2);
      if (found === undefined) report(path, `The environment variable ${name} is not set.`);
      return found ?? '';
    });
  }
  if (Array.isArray(value))
    return value.map((item: unknown, index) => interpolate(item, env, report, [...path, index]));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]: [string, unknown]) => {
      const filled = interpolate(member, env, report, [...path, key]);
      return filled === '' && member !== '' ? [] : [[key, filled]];
    }),
  );
}

/** Environment variables that replace a number of the file: for tests and for a quick look, not for every day. */
const NUMBERS: Readonly<Record<string, { min: number; set: (config: TenureConfig, value: number) => void }>> = {
  TENURE_ENGINE_LEASE_MS: { min: 100, set: (c, v) => (c.engine.leaseMs = v) },
  TENURE_ENGINE_LANDING_MARGIN_MS: { min: 0, set: (c, v) => (c.engine.landingMarginMs = v) },
  TENURE_ENGINE_RECHECK_MS: { min: 0, set: (c, v) => (c.engine.recheckMs = v) },
  TENURE_WATCH_EVERY_MS: { min: 100, set: (c, v) => (c.watch.everyMs = v) },
  TENURE_WATCH_SWEEP_AFTER_MS: { min: 0, set: (c, v) => (c.watch.sweepAfterMs = v) },
  TENURE_WATCH_LEAVERS_COUNT: { min: 0, set: (c, v) => (c.watch.leavers.count = v) },
  TENURE_OTDS_REQUEST_MS: { min: 50, set: (c, v) => (c.systems.otds.limits.requestMs = v) },
  TENURE_OTDS_PER_SECOND: { min: 1, set: (c, v) => (c.systems.otds.limits.perSecond = v) },
  TENURE_ICONIK_REQUEST_MS: { min: 50, set: (c, v) => (c.systems.iconik.limits.requestMs = v) },
  TENURE_ICONIK_PER_SECOND: { min: 1, set: (c, v) => (c.systems.iconik.limits.perSecond = v) },
};

const MODES: Readonly<Record<string, (config: TenureConfig, mode: Mode) => void>> = {
  TENURE_OTDS_MODE: (c, mode) => (c.systems.otds.mode = mode),
  TENURE_ICONIK_MODE: (c, mode) => (c.systems.iconik.mode = mode),
};

/** Applies the environment's overrides in place; each mistake is reported in one sentence. */
export function overrideNumbers(config: TenureConfig, env: NodeJS.ProcessEnv, report: (message: string) => void): void {
  for (const [name, { min, set }] of Object.entries(NUMBERS)) {
    const text = env[name]?.trim();
    if (!text) continue;
    const value = Number(text);
    if (Number.isInteger(value) && value >= min) set(config, value);
    else report(`${name} is "${text}"; it must be a whole number of at least ${min}.`);
  }
  for (const [name, set] of Object.entries(MODES)) {
    const text = env[name]?.trim();
    if (!text) continue;
    if (text === 'observe' || text === 'adopt' || text === 'enforce') set(config, text);
    else report(`${name} is "${text}"; it must be observe, adopt or enforce.`);
  }
}
