import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findBrowser } from '../test/support/browser.ts';
import { provideBrowser } from './browser.ts';

let home: string;
let env: NodeJS.ProcessEnv;
let said: string[];
const say = (line: string): void => void said.push(line);
// Elsewhere a browser may be in a place that no variable moves.
const onLinux = process.platform === 'linux' ? test : test.skip;
const asRoot = process.getuid?.() === 0 ? onLinux : test.skip;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'browser-'));
  mkdirSync(join(home, 'bin'));
  env = { PATH: join(home, 'bin'), HOME: home };
  said = [];
});
afterEach(() => rmSync(home, { recursive: true }));

function program(file: string, script = 'echo "Chromium 1"'): string {
  const path = join(home, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

describe('findBrowser', () => {
  onLinux('CHROMIUM_PATH goes before PATH, and PATH before the cache of Playwright, of which the newest counts', () => {
    program('.cache/ms-playwright/chromium-1193/chrome-linux/chrome');
    const cached = program('.cache/ms-playwright/chromium-1194/chrome-linux/chrome');
    expect(findBrowser(env)).toEqual({ path: cached });
    const onPath = program('bin/google-chrome');
    expect(findBrowser(env)).toEqual({ path: onPath });
    const named = program('elsewhere/chrome');
    expect(findBrowser({ ...env, CHROMIUM_PATH: named })).toEqual({ path: named });
  });

  onLinux('passes over what does not run, and says how to get one', () => {
    program('bin/chromium', 'echo "install the snap" >&2; exit 1');
    expect(findBrowser(env)).toEqual({ missing: expect.stringMatching(/no Chromium.*apt-get.*CHROMIUM_PATH/) });
    expect(findBrowser({ ...env, CHROMIUM_PATH: '/nowhere' })).toEqual({
      missing: expect.stringMatching(/CHROMIUM_PATH names \/nowhere.*Correct it or unset it/),
    });
  });
});

describe('provideBrowser', () => {
  asRoot('installs chromium with apt-get where there is none, and says so', () => {
    const installs = `[ "$1" = install ] || exit 0; printf '#!/bin/sh\\necho Chromium 2\\n' > ${home}/bin/chromium; /bin/chmod +x ${home}/bin/chromium`;
    program('bin/apt-get', installs);
    provideBrowser(say, env);
    expect(findBrowser(env)).toEqual({ path: join(home, 'bin/chromium') });
    expect(said).toEqual([expect.stringMatching(/^Installing the package chromium.*no browser here/)]);
    provideBrowser(say, env);
    expect(said).toHaveLength(1);
  });

  asRoot('goes on without when apt-get cannot, saying why', () => {
    program('bin/apt-get', '[ "$1" = --version ] || { echo "E: no network" >&2; exit 100; }');
    provideBrowser(say, env);
    expect(said.slice(1)).toEqual([
      'apt-get did not install it: E: no network',
      expect.stringMatching(/^The tests in a browser are skipped\. There is no Chromium/),
    ]);
  });

  test('installs nothing where no browser is wanted', () => {
    program('bin/apt-get', `touch ${home}/called`);
    provideBrowser(say, { ...env, CHROMIUM_PATH: 'none' });
    expect(said).toEqual(['The tests in a browser are skipped. CHROMIUM_PATH=none says that no browser is wanted.']);
  });
});
