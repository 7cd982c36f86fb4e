/** A Chromium for the tests and screenshots that look at the Temporal UI: found on the machine, or a sentence on how to get one. */
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { chromium, type BrowserContext } from 'playwright-core';

/** `path`: the program. Otherwise `missing` says in a sentence why there is none and what to do. */
export type FoundBrowser = { path: string } | { missing: string };

const HOW_TO_GET_ONE =
  'Install one (Debian: `apt-get update && apt-get install -y chromium`) or name the program in CHROMIUM_PATH.';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const MAC_APPS = ['Google Chrome.app/Contents/MacOS/Google Chrome', 'Chromium.app/Contents/MacOS/Chromium'];
const IN_PLAYWRIGHT = [
  'chromium-*/chrome-linux*/chrome',
  'chromium_headless_shell-*/chrome-*linux*/*headless?shell',
  'chromium-*/chrome-mac*/*.app/Contents/MacOS/*',
];

/**
 * Looks at CHROMIUM_PATH, then for chromium and google-chrome on PATH, then into Playwright's cache. A program that does not answer `--version` is passed
 * over (Ubuntu's `chromium-browser` may be a stub). `CHROMIUM_PATH=none`: no browser is wanted.
 */
export function findBrowser(env: NodeJS.ProcessEnv = process.env): FoundBrowser {
  const named = env['CHROMIUM_PATH'];
  if (named === 'none') return { missing: 'CHROMIUM_PATH=none says that no browser is wanted.' };
  if (named !== undefined && named !== '') {
    if (runs(named)) return { path: named };
    return { missing: `CHROMIUM_PATH names ${named}, which is no browser that runs here. Correct it or unset it.` };
  }
  const path = [...onPath(env), ...inPlaywrightsCache(env)].find(runs);
  return path === undefined
    ? { missing: `There is no Chromium or Chrome on this machine. ${HOW_TO_GET_ONE}` }
    : { path };
}

function onPath(env: NodeJS.ProcessEnv): string[] {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const onMac = process.platform === 'darwin' ? MAC_APPS.map((app) => join('/Applications', app)) : [];
  return [...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))), ...onMac];
}

/** The newest first: its folders end in a build number. */
function inPlaywrightsCache(env: NodeJS.ProcessEnv): string[] {
  const usual = process.platform === 'darwin' ? 'Library/Caches/ms-playwright' : '.cache/ms-playwright';
  const cwd = env['PLAYWRIGHT_BROWSERS_PATH'] ?? join(env['HOME'] ?? homedir(), usual);
  if (!existsSync(cwd)) return [];
  return IN_PLAYWRIGHT.flatMap((pattern) => globSync(pattern, { cwd }).sort().reverse()).map((file) => join(cwd, file));
}

function runs(path: string): boolean {
  if (!existsSync(path)) return false;
  const { status, stdout } = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 30_000 });
  return status === 0 && /chrom/i.test(stdout);
}

/** Nothing but the page that was asked for goes over the network. */
const QUIET = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];

export type OpenBrowser = { context: BrowserContext; close: () => Promise<void> };

/** Starts it headless on a profile of its own, which `close` removes. Size in CSS pixels; default 1600 × 1200. */
export async function openBrowser(path: string, viewport = { width: 1600, height: 1200 }): Promise<OpenBrowser> {
  const profile = mkdtempSync(join(tmpdir(), 'tenure-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: path,
    headless: true,
    args: QUIET,
    viewport,
    locale: 'en-GB',
    timezoneId: 'UTC',
  });
  return {
    context,
    close: async () => {
      await context.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
