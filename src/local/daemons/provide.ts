import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { inherited } from '../../config/inherited.ts';
import { DAEMON_CACHE, daemonSets, findDaemon, type DaemonName, type FoundDaemon } from './find.ts';

/** Enough for 10 MB on a slow line. */
const LIMIT_MS = 3 * 60_000;

type Options = { env?: NodeJS.ProcessEnv; cache?: string; system?: string };

/**
 * Sees to a daemon: what the system lacks is fetched with apt-get and unpacked into the cache. Nothing is installed, no service started. Never fails:
 * else the answer says in a sentence why there is none.
 */
export function provideDaemon(name: DaemonName, say: (line: string) => void, options: Options = {}): FoundDaemon {
  const { env = inherited, cache = DAEMON_CACHE, system = '/' } = options;
  const found = findDaemon(name, cache, system);
  if (!('missing' in found) || process.platform !== 'linux') return found;
  if (run(env, '/', 'apt-get', ['--version']).wrong !== undefined) return found;
  say(`Unpacking ${name} into ${cache} (10 MB, once; nothing is installed) …`);
  const wrong = unpack(env, name, cache);
  if (wrong !== undefined) say(`apt-get did not provide it: ${wrong}`);
  return findDaemon(name, cache, system);
}

/** Sees to all daemons that tests talk to: without one its tests are skipped by name, and `say` gets a sentence on why. */
export function provideDaemons(say: (line: string) => void, options: Options = {}): void {
  for (const name of Object.keys(daemonSets) as DaemonName[]) {
    const found = provideDaemon(name, say, options);
    if ('missing' in found) say(`The tests with a real ${name} are skipped. ${found.missing}`);
  }
}

/** Made aside and renamed: two runs at once do not see each other's half. Answers what went wrong. */
function unpack(env: NodeJS.ProcessEnv, name: DaemonName, cache: string): string | undefined {
  const fresh = join(cache, `${name}.${process.pid}`);
  const debs = join(fresh, 'deb');
  mkdirSync(debs, { recursive: true });
  try {
    const wrong = download(env, debs, daemonSets[name].packages) ?? extract(env, debs, fresh);
    if (wrong !== undefined) return wrong;
    rmSync(debs, { recursive: true });
    rmSync(join(cache, name), { recursive: true, force: true });
    renameSync(fresh, join(cache, name));
    return undefined;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** Into `folder`: those packages that are not installed, with what they need. Lists are updated once where they do not do (root only). */
function download(env: NodeJS.ProcessEnv, folder: string, packages: readonly string[]): string | undefined {
  const wrong = downloadNow(env, folder, packages);
  if (wrong === undefined || process.getuid?.() !== 0) return wrong;
  return run(env, folder, 'apt-get', ['update', '-qq']).wrong ?? downloadNow(env, folder, packages);
}

function downloadNow(env: NodeJS.ProcessEnv, folder: string, packages: readonly string[]): string | undefined {
  const simulate = ['-s', '-o', 'Debug::NoLocking=1', '--no-install-recommends', '--no-upgrade', 'install'];
  const plan = run(env, folder, 'apt-get', [...simulate, ...packages]);
  if (plan.wrong !== undefined) return plan.wrong;
  const names = [...plan.out.matchAll(/^Inst (\S+)/gm)].flatMap(([, name]) => (name === undefined ? [] : [name]));
  if (names.length === 0) return 'its packages are installed, but files of them are not where Debian puts them';
  // Root downloads as root: apt's own user may not write here.
  return run(env, folder, 'apt-get', ['-qq', '-o', 'APT::Sandbox::User=root', 'download', ...names]).wrong;
}

function extract(env: NodeJS.ProcessEnv, debs: string, into: string): string | undefined {
  for (const file of readdirSync(debs).filter((name) => name.endsWith('.deb'))) {
    const { wrong } = run(env, debs, 'dpkg', ['-x', file, into]);
    if (wrong !== undefined) return wrong;
  }
  return existsSync(join(into, 'usr')) ? undefined : 'the packages hold no programs';
}

/** `wrong`: the last line of what went wrong. */
function run(
  env: NodeJS.ProcessEnv,
  cwd: string,
  command: string,
  args: readonly string[],
): { out: string; wrong?: string } {
  const done = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    timeout: LIMIT_MS,
    env: { ...env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (done.status === 0) return { out: done.stdout };
  const wrong =
    done.error?.message ?? (done.stderr.trim().split('\n').at(-1) || `${command}: exit code ${done.status}`);
  return { out: '', wrong };
}
