import { fileURLToPath } from 'node:url';
import { readEnv } from '../config/env.ts';
import type { Env } from '../config/env.ts';
import { configured, loadConfig, secret } from '../config/load.ts';
import type { Surroundings } from '../config/local.ts';
import type { TenureConfig } from '../config/types.ts';
import { allSystems } from '../systems/all.ts';

export type Settings = {
  surroundings: Surroundings;
  env: Env;
  config: TenureConfig;
  /** Path of the configuration. */
  configFile: string;
  /** Values that the log must never show. */
  secrets: readonly string[];
};

const DEFAULT_CONFIG = fileURLToPath(new URL('../../config/tenure.yaml', import.meta.url));

/** The configuration alone, for commands that call no system: secrets and addresses need not be there. @throws {ConfigError} */
export function configAlone(env: NodeJS.ProcessEnv): TenureConfig {
  return loadConfig(env['TENURE_CONFIG'] ?? DEFAULT_CONFIG, { env, secrets: 'skip' });
}

/** Reads and checks environment and configuration. @throws {EnvError} {ConfigError} with a sentence per mistake. */
export function loadSettings(surroundings: Surroundings): Settings {
  const env = readEnv(surroundings.env);
  const configFile = env.configFile ?? DEFAULT_CONFIG;
  const config = loadConfig(configFile, { env: surroundings.env });
  return { surroundings, env, config, configFile, secrets: secretsOf(config, surroundings.env) };
}

/** Secrets known by value. A rotated one is unknown until the next start; the log hides it by its name then. */
function secretsOf(config: TenureConfig, env: NodeJS.ProcessEnv): string[] {
  const references = configured(config, allSystems).flatMap(({ module, block }) => module.secrets(block));
  const values = references.flatMap(([, ref]) => {
    try {
      return [secret(ref, env)];
    } catch {
      return []; // not needed: loadConfig has refused a missing one that is
    }
  });
  const database = env['DATABASE_URL'];
  const password =
    database !== undefined && URL.canParse(database) ? decodeURIComponent(new URL(database).password) : '';
  return [...values, password, env['TENURE_CODEC_KEY'] ?? '', env['TEMPORAL_API_KEY'] ?? ''].filter(
    (value) => value !== '',
  );
}
