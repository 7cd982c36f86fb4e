import { spawnSync } from 'node:child_process';
import { findBrowser } from '../test/support/browser.ts';

/** Enough for 80 MB on a slow line, and for another apt that has the lock. */
const LIMIT_MS = 5 * 60_000;

/**
 * Sees to a browser for the tests that look at the Temporal UI: where there is none, and we may (root, apt), Debian's chromium is installed.
 * Never fails: without a browser those tests are skipped by name, and `say` gets a sentence on why.
 */
export function provideBrowser(say: (line: string) => void): void {
  let found = findBrowser();
  if ('path' in found) return;
  if ((process.env['CHROMIUM_PATH'] ?? '') === '' && mayInstall()) {
    say(
      'Installing the package chromium with apt-get (80 MB): the tests look at the Temporal UI as an operator does, and there is no browser here. ' +
        'CHROMIUM_PATH=none leaves that out.',
    );
    const wrong = install();
    found = findBrowser();
    if ('path' in found) return;
    if (wrong !== undefined) say(`apt-get did not install it: ${wrong}`);
  }
  say(`The tests in a browser are skipped. ${found.missing}`);
}

const mayInstall = (): boolean =>
  process.platform === 'linux' && process.getuid?.() === 0 && apt(['--version']) === undefined;

const install = (): string | undefined =>
  apt(['update', '-qq']) ?? apt(['install', '-y', '-qq', '-o', 'DPkg::Lock::Timeout=60', 'chromium']);

/** Answers undefined, or the last line of what went wrong. */
function apt(args: readonly string[]): string | undefined {
  const done = spawnSync('apt-get', args, {
    encoding: 'utf8',
    timeout: LIMIT_MS,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (done.status === 0) return undefined;
  return done.error?.message ?? (done.stderr.trim().split('\n').at(-1) || `exit code ${done.status}`);
}
