import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { daemonSets, findDaemon } from './find.ts';
import { provideDaemons } from './provide.ts';

let home: string;
let said: string[];
const say = (line: string): void => void said.push(line);
const onLinux = process.platform === 'linux' ? test : test.skip;
const asRoot = process.getuid?.() === 0 ? onLinux : test.skip;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'daemons-'));
  said = [];
});
afterEach(() => rmSync(home, { recursive: true }));

function file(path: string, text = ''): string {
  const full = join(home, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, text);
  chmodSync(full, 0o755);
  return full;
}

const options = () => ({
  env: { PATH: `${home}/bin:/usr/bin:/bin` },
  cache: join(home, 'cache'),
  system: join(home, 'system'),
});
const needed = Object.values(daemonSets).flatMap(({ needs }) => needs);

/** An apt-get that plans one package, "downloads" it, and a dpkg that lays out what is needed. */
function fakeApt(before = ''): void {
  file(
    'bin/apt-get',
    `#!/bin/sh\necho "$@" >> ${home}/calls\n${before}\ncase "$*" in *install*) echo "Inst one (1)";; *download*) touch one.deb;; esac\n`,
  );
  const lay = needed.map((path) => `mkdir -p "$3/${dirname(path)}"; touch "$3/${path}"`).join('\n');
  file('bin/dpkg', `#!/bin/sh\n${lay}\n`);
}

describe('findDaemon', () => {
  test("the system's goes before the cache, and half a set is none", () => {
    const { cache, system } = options();
    for (const path of daemonSets.proftpd.needs.slice(1)) file(`cache/proftpd/${path}`);
    expect(findDaemon('proftpd', cache, system)).toEqual({
      missing: expect.stringMatching(/no proftpd.*apt-get install proftpd-core proftpd-mod-crypto/),
    });
    file('cache/proftpd/usr/sbin/proftpd');
    expect(findDaemon('proftpd', cache, system)).toMatchObject({ root: join(cache, 'proftpd') });
    for (const path of daemonSets.proftpd.needs) file(`system/${path}`);
    expect(findDaemon('proftpd', cache, system)).toMatchObject({ root: '', program: join(system, 'usr/sbin/proftpd') });
  });
});

describe('provideDaemons', () => {
  onLinux('unpacks each into the cache, says so, and does it once', () => {
    fakeApt();
    provideDaemons(say, options());
    expect(readdirSync(join(home, 'cache')).sort()).toEqual(['proftpd', 'slapd', 'sshd']);
    expect(said).toHaveLength(3);
    expect(said[0]).toMatch(/^Unpacking proftpd .*nothing is installed/);
    expect(existsSync(join(home, 'cache/proftpd/deb'))).toBe(false);
    provideDaemons(say, options());
    expect(said).toHaveLength(3);
  });

  asRoot('updates the lists once where they do not do', () => {
    fakeApt(
      `[ "$1" = update ] && touch ${home}/fresh; [ -e ${home}/fresh ] || [ "$1" = --version ] || { echo "E: no list" >&2; exit 100; }`,
    );
    provideDaemons(say, options());
    expect(readdirSync(join(home, 'cache')).sort()).toEqual(['proftpd', 'slapd', 'sshd']);
    expect(readFileSync(join(home, 'calls'), 'utf8').match(/update/g)).toHaveLength(1);
  });

  onLinux('goes on without when apt-get cannot, saying why and leaving nothing behind', () => {
    fakeApt('[ "$1" = --version ] || { echo "E: no network" >&2; exit 100; }');
    provideDaemons(say, options());
    expect(said.slice(1, 3)).toEqual([
      'apt-get did not provide it: E: no network',
      expect.stringMatching(/^The tests with a real proftpd are skipped\. There is no proftpd/),
    ]);
    expect(readdirSync(join(home, 'cache'))).toEqual([]);
  });
});
