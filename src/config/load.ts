import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { configSchema, type ConfigFile } from './schema.ts';
import { interpolate, overrideNumbers } from './sources.ts';
import { allSystems } from '../systems/all.ts';
import type { SystemModule } from '../systems/system.ts';
import type { SecretRef, SystemConfig, TenureConfig } from './types.ts';
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
  /** `check` (default): every secret that will be needed must be there. `skip`: for commands that call no system; variables
   * that are not set get placeholders. */
  secrets?: 'check' | 'skip';
  /** Systems that may have a block. Default: all that Tenure knows. */
  systems?: readonly SystemModule[];
};

/**
 * Reads and checks `tenure.yaml`: leaves out what TENURE_SYSTEMS does not name, fills in `${env:NAME}`, applies the environment's overrides of numbers and modes, resolves `policyFile`
 * against the file's folder (TENURE_POLICY wins). @throws {ConfigError} with every mistake found.
 */
export function loadConfig(path: string, options: LoadOptions = {}): TenureConfig {
  const env = options.env ?? process.env;
  const modules = options.systems ?? allSystems;
  const yaml = new YamlFile(readText(path), path);
  if (yaml.problems.length > 0) throw new ConfigError(yaml.problems);
  const problems: Problem[] = [];
  const unset = (name: string, place: Path): string | undefined => {
    if (options.secrets === 'skip') return name.endsWith('_URL') ? 'http://127.0.0.1' : 'none';
    problems.push(yaml.problem({ path: place }, `The environment variable ${name} is not set.`));
    return undefined;
  };
  const value = interpolate(onlyNamed(yaml, env, modules), env, unset);
  if (problems.length > 0) throw new ConfigError(problems);
  const checked = checkFile(yaml, configSchema(modules), value);
  if ('problems' in checked) throw new ConfigError(checked.problems);

  const config = toConfig(checked.value, path, env);
  const report = (place: Path, message: string) => problems.push(yaml.problem({ path: place }, message));
  overrideNumbers(config, env, (message) => problems.push({ file: 'environment', line: 1, column: 1, message }));
  if (options.secrets !== 'skip') {
    checkTogether(config, modules, report);
    checkSecrets(config, modules, env, report);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

/**
 * The file with those blocks of `systems:` alone that TENURE_SYSTEMS names (separated by commas); where it is not set, all. A block left out needs
 * nothing in the environment. @throws {ConfigError} for a name without a block.
 */
function onlyNamed(yaml: YamlFile, env: NodeJS.ProcessEnv, modules: readonly SystemModule[]): unknown {
  const names = env['TENURE_SYSTEMS']?.split(',').flatMap((name) => name.trim() || []) ?? [];
  const file = yaml.value;
  if (names.length === 0 || !isRecord(file) || !isRecord(file['systems'])) return file;
  const blocks = Object.entries(file['systems']);
  const has = blocks.map(([name]) => name);
  const problems = names
    .filter((name) => !has.includes(name))
    .map((name) => {
      const known = modules.some((module) => module.name === name);
      const what = known ? `${name}, which has no block in systems:` : `${name}, which is no system of Tenure`;
      return yaml.problem({ path: ['systems'] }, `TENURE_SYSTEMS names ${what}; it may name ${has.join(', ')}.`);
    });
  if (!names.includes('otds'))
    problems.push(yaml.problem({ path: ['systems'] }, 'TENURE_SYSTEMS leaves out otds, which Tenure always needs.'));
  if (problems.length > 0) throw new ConfigError(problems);
  return { ...file, systems: Object.fromEntries(blocks.filter(([name]) => names.includes(name))) };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

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
  return {
    ...file,
    policyFile: isAbsolute(policyFile) ? policyFile : resolve(env['TENURE_POLICY'] ? '.' : dirname(path), policyFile),
    systems: present(file.systems) as TenureConfig['systems'], // each block was checked by its own schema
  };
}

/** Without the blocks that are left out. */
function present(systems: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(systems).filter(([, block]) => block !== undefined));
}

function checkTogether(
  config: TenureConfig,
  modules: readonly SystemModule[],
  report: (path: Path, message: string) => void,
): void {
  if (!(config.directory in config.systems)) {
    const known = Object.keys(config.systems).join(', ');
    report(['directory'], `There is no system "${config.directory}" to read people from; configured: ${known}.`);
  }
  for (const { module, block } of configured(config, modules))
    module.check(block, (path, message) => report(['systems', module.name, ...path], message));
}

function checkSecrets(
  config: TenureConfig,
  modules: readonly SystemModule[],
  env: NodeJS.ProcessEnv,
  report: (path: Path, message: string) => void,
): void {
  for (const { module, block } of configured(config, modules)) {
    for (const [path, ref] of module.secrets(block)) {
      try {
        secret(ref, env);
      } catch (error) {
        report(
          ['systems', module.name, ...path],
          error instanceof Error ? error.message : 'The secret cannot be read.',
        );
      }
    }
  }
}

/** Every system that has a block, with it. */
export function configured(
  config: TenureConfig,
  modules: readonly SystemModule[],
): { module: SystemModule; block: SystemConfig }[] {
  return modules.flatMap((module) => {
    const block = config.systems[module.name];
    return block === undefined ? [] : [{ module, block }];
  });
}
