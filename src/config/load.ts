import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { configSchema, type ConfigFile } from './schema.ts';
import { interpolate, overrideNumbers } from './sources.ts';
import type { SecretRef, TenureConfig } from './types.ts';
import { formatProblem, YamlFile, type Path, type Problem } from './yamlFile.ts';
import { checkFile } from './zodProblems.ts';

/** A configuration that cannot be used: every mistake, each with file, line, column and what to do. */
export class ConfigError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(formatProblem).join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

export type LoadOptions = {
  /** Environment to read; default: the process's. */
  env?: NodeJS.ProcessEnv;
  /** `check` (default): every secret that will be needed must be there. `skip`: for commands that call no system. */
  secrets?: 'check' | 'skip';
};

/**
 * Reads and checks `tenure.yaml`: fills in `${env:NAME}`, applies the environment's overrides of numbers and modes, resolves `policyFile`
 * against the file's folder (TENURE_POLICY wins). @throws {ConfigError} with every mistake found.
 */
export function loadConfig(path: string, options: LoadOptions = {}): TenureConfig {
  const env = options.env ?? process.env;
  const yaml = new YamlFile(readText(path), path);
  if (yaml.problems.length > 0) throw new ConfigError(yaml.problems);
  const problems: Problem[] = [];
  const value = interpolate(yaml.value, env, (place, message) => problems.push(yaml.problem({ path: place }, message)));
  if (problems.length > 0) throw new ConfigError(problems);
  const checked = checkFile(yaml, configSchema, value);
  if ('problems' in checked) throw new ConfigError(checked.problems);

  const config = toConfig(checked.value, path, env);
  const report = (place: Path, message: string) => problems.push(yaml.problem({ path: place }, message));
  overrideNumbers(config, env, (message) => problems.push({ file: 'environment', line: 1, column: 1, message }));
  checkTogether(config, report);
  if (options.secrets !== 'skip') checkSecrets(config, env, report);
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

/** The secret behind a reference, read at the time of the call and kept nowhere. @throws {Error} with a sentence that never holds the secret. */
export function secret(ref: SecretRef, env: NodeJS.ProcessEnv = process.env): string {
  if (ref.startsWith('env:')) {
    const name = ref.slice('env:'.length);
    const value = env[name];
    if (!value)
      throw new Error(
        `The environment variable ${name} is not set; it must hold a secret that the configuration refers to.`,
      );
    return value;
  }
  if (!ref.startsWith('file:')) throw new Error('A secret must be given as env:NAME or file:/path.');
  const file = ref.slice('file:'.length);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new Error(`The secret file ${file} cannot be read; check that it exists and may be read by this user.`);
  }
  const value = text.replace(/\r?\n$/, '');
  if (!value) throw new Error(`The secret file ${file} is empty.`);
  return value;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new ConfigError([
      { file: path, line: 1, column: 1, message: 'The file cannot be read; TENURE_CONFIG says where it is.' },
    ]);
  }
}

function toConfig(file: ConfigFile, path: string, env: NodeJS.ProcessEnv): TenureConfig {
  const policyFile = env['TENURE_POLICY'] || file.policyFile;
  const { user, password, clientId, clientSecret, ...otds } = file.systems.otds;
  const { deleteAfterDays, ...iconik } = file.systems.iconik;
  return {
    ...file,
    policyFile: isAbsolute(policyFile) ? policyFile : resolve(env['TENURE_POLICY'] ? '.' : dirname(path), policyFile),
    systems: {
      otds: {
        ...otds,
        ...(user === undefined ? {} : { user }),
        ...(password === undefined ? {} : { password }),
        ...(clientId === undefined ? {} : { clientId }),
        ...(clientSecret === undefined ? {} : { clientSecret }),
      },
      iconik: { ...iconik, ...(deleteAfterDays === undefined ? {} : { deleteAfterDays }) },
    },
  };
}

function checkTogether(config: TenureConfig, report: (path: Path, message: string) => void): void {
  const { otds, iconik } = config.systems;
  for (const [index, name] of otds.synchronised.entries()) {
    if (!otds.partitions.includes(name))
      report(['systems', 'otds', 'synchronised', index], `"${name}" is not among the partitions.`);
  }
  if (otds.clientId !== undefined && otds.clientSecret === undefined)
    report(['systems', 'otds'], 'clientId is set but clientSecret is not.');
  if (otds.clientId === undefined && (otds.user === undefined || otds.password === undefined)) {
    report(['systems', 'otds'], 'Say how to log in: user and password, or clientId and clientSecret.');
  }
  if (/^(everyone|administrators?)$/i.test(iconik.fallbackTeam))
    report(
      ['systems', 'iconik', 'fallbackTeam'],
      `"${iconik.fallbackTeam}" is a team iconik looks after itself; name one that carries no access.`,
    );
}

function checkSecrets(
  config: TenureConfig,
  env: NodeJS.ProcessEnv,
  report: (path: Path, message: string) => void,
): void {
  const { otds, iconik } = config.systems;
  const oauth = otds.clientId !== undefined;
  const needed: [Path, SecretRef | undefined][] = [
    [['systems', 'otds', oauth ? 'clientSecret' : 'password'], oauth ? otds.clientSecret : otds.password],
    [['systems', 'iconik', 'authToken'], iconik.authToken],
  ];
  for (const [path, ref] of needed) {
    if (ref === undefined) continue;
    try {
      secret(ref, env);
    } catch (error) {
      report(path, error instanceof Error ? error.message : 'The secret cannot be read.');
    }
  }
}
