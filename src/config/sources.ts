import type { Limits, TenureConfig } from './types.ts';
import type { Path } from './yamlFile.ts';

const REFERENCE = /\$\{env:(?<name>[A-Za-z_][A-Za-z0-9_]*)(?<fallback>:-[^}]*)?\}/g;

/**
 * Fills in `${env:NAME}` and `${env:NAME:-otherwise}` in every text. A key whose whole text becomes empty counts as absent, so that
 * `clientId: ${env:OTDS_CLIENT_ID:-}` is optional. `unset` says what stands for a variable that is not set and has no fallback.
 */
export function interpolate(
  value: unknown,
  env: NodeJS.ProcessEnv,
  unset: (name: string, path: Path) => string | undefined,
  path: Path = [],
): unknown {
  if (typeof value === 'string') {
    return value.replace(REFERENCE, (_all, name: string, fallback: string | undefined) => {
      return (env[name]?.trim() || fallback?.slice(2)) ?? unset(name, path) ?? '';
    });
  }
  if (Array.isArray(value)) return value.map((item: unknown, index) => interpolate(item, env, unset, [...path, index]));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]: [string, unknown]) => {
      const filled = interpolate(member, env, unset, [...path, key]);
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
};

/** The same of each system, after `TENURE_<SYSTEM>_`. */
const SYSTEM_NUMBERS: Readonly<Record<string, { min: number; key: keyof Limits }>> = {
  REQUEST_MS: { min: 50, key: 'requestMs' },
  PER_SECOND: { min: 1, key: 'perSecond' },
};

/** Applies the environment's overrides in place; each mistake is reported in one sentence. */
export function overrideNumbers(config: TenureConfig, env: NodeJS.ProcessEnv, report: (message: string) => void): void {
  const number = (name: string, min: number, set: (value: number) => void): void => {
    const text = env[name]?.trim();
    if (!text) return;
    const value = Number(text);
    if (Number.isInteger(value) && value >= min) set(value);
    else report(`${name} is "${text}"; it must be a whole number of at least ${min}.`);
  };
  for (const [name, { min, set }] of Object.entries(NUMBERS)) number(name, min, (value) => set(config, value));
  for (const [system, block] of Object.entries(config.systems)) {
    const prefix = `TENURE_${system.toUpperCase()}`;
    for (const [suffix, { min, key }] of Object.entries(SYSTEM_NUMBERS))
      number(`${prefix}_${suffix}`, min, (value) => (block.limits[key] = value));
    const mode = env[`${prefix}_MODE`]?.trim();
    if (!mode) continue;
    if (mode === 'observe' || mode === 'adopt' || mode === 'enforce') block.mode = mode;
    else report(`${prefix}_MODE is "${mode}"; it must be observe, adopt or enforce.`);
  }
}
