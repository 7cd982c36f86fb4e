import { spawnSync } from 'node:child_process';
import { findBrowser } from '../test/support/browser.ts';

/** Enough for 80 MB on a slow line, and for another apt that has the lock. */
const LIMIT_MS = 5 * 60_000;

/**
 * Sees to a browser for the tests that look at the Temporal UI: where there is none, and we may (root, apt), Debian's chromium is installed.
 * Never fails: without a browser those tests are skipped by name, and `say` gets a sentence on why.
 */
export function provideBrowser(say: (line: string) => void, env: NodeJS.ProcessEnv = process.env): void {
  let found = findBrowser(env);
  if ('path' in found) return;
  if ((env['CHROMIUM_PATH'] ?? '') === '' && mayInstall(env)) {
    say(
      'Installing the package chromium with apt-get (80 MB): the tests look at the Temporal UI as an operator does, and there is no browser here. ' +
        'CHROMIUM_PATH=none leaves that out.',
    );
    const wrong = install(env);
    found = findBrowser(env);
    if ('path' in found) return;
    if (wrong !== undefined) say(`apt-get did not install it: ${wrong}`);
  }
  say(`The tests in a browser are skipped. ${found.missing}`);
}

const mayInstall = (env: NodeJS.ProcessEnv): boolean =>
  process.platform === 'linux' && process.getuid?.() === 0 && apt(env, ['--version']) === undefined;

const install = (env: NodeJS.ProcessEnv): string | undefined =>
  apt(env, ['update', '-qq']) ?? apt(env, ['install', '-y', '-qq', '-o', 'DPkg::Lock::Timeout=60', 'chromium']);

/** Answers undefined, or the last line of what went wrong. */
function apt(env: NodeJS.ProcessEnv, args: readonly string[]): string | undefined {
  const done = spawnSync('apt-get', args, {
    encoding: 'utf8',
    timeout: LIMIT_MS,
    env: { ...env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (done.status === 0) return undefined;
  return done.error?.message ?? (done.stderr.trim().split('\n').at(-1) || `exit code ${done.status}`);
}
