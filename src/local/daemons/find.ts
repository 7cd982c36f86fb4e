/** Real servers for the local system and for tests (FTP, SFTP, LDAP): those of the system, or Debian's packages unpacked into the project's cache. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { inherited } from '../../config/inherited.ts';
import { ROOT } from '../files.ts';

export type DaemonName = 'proftpd' | 'sshd' | 'slapd';

/** A daemon that can be started. */
export type Daemon = {
  name: DaemonName;
  /** Absolute path of the server. */
  program: string;
  /** What stands before `/usr/...` of its packages: modules and schemas are below it (`join(root, 'usr/lib/ldap')`). Empty: installed. */
  root: string;
  /** Environment to run its programs with: the unpacked libraries are found by it. */
  env: Readonly<Record<string, string>>;
};

/** Otherwise `missing` says in a sentence why there is none and what to do. */
export type FoundDaemon = Daemon | { missing: string };

type DaemonSet = {
  /** Debian packages; what they depend on comes along. Key makers are among them where the tests need them. */
  packages: readonly string[];
  /** Files below `root` without which it cannot be used; the first is the server. */
  needs: readonly string[];
};

export const daemonSets: Readonly<Record<DaemonName, DaemonSet>> = {
  proftpd: {
    packages: ['proftpd-core', 'proftpd-mod-crypto', 'openssl', 'openssh-client'],
    needs: ['usr/sbin/proftpd', 'usr/lib/proftpd/mod_tls.so', 'usr/lib/proftpd/mod_sftp.so'],
  },
  sshd: { packages: ['openssh-server', 'openssh-sftp-server', 'openssh-client'], needs: ['usr/sbin/sshd'] },
  slapd: {
    packages: ['slapd', 'ldap-utils', 'openssl'],
    needs: ['usr/sbin/slapd', 'usr/lib/ldap/back_mdb.so', 'etc/ldap/schema/core.schema'],
  },
};

/** Where packages are unpacked, a folder per daemon. */
export const DAEMON_CACHE = join(ROOT, '.cache', 'daemons');

/** Looks on the system, then into the cache. No network, starts nothing. `system`: what `/` is called (for tests). */
export function findDaemon(name: DaemonName, cache = DAEMON_CACHE, system = '/'): FoundDaemon {
  const { packages, needs } = daemonSets[name];
  const root = [system, join(cache, name)].find((folder) => needs.every((file) => existsSync(join(folder, file))));
  if (root === undefined) {
    return {
      missing: `There is no ${name} on this machine. Where apt-get works it is unpacked into the project's cache by itself; otherwise install it (Debian: \`apt-get install ${packages.join(' ')}\`).`,
    };
  }
  const unpacked = root !== system;
  return {
    name,
    program: join(root, needs[0] ?? ''),
    root: unpacked ? root : '',
    env: unpacked ? { LD_LIBRARY_PATH: libraries(root), PATH: pathWith(root) } : { PATH: path() },
  };
}

/** Path of a tool that came with a daemon (`slapadd`, `openssl`, `ssh-keygen`), or its name where it is on PATH. */
export function daemonTool(daemon: Daemon, tool: string): string {
  const places = ['usr/bin', 'usr/sbin'].map((folder) => join(daemon.root === '' ? '/' : daemon.root, folder, tool));
  return places.find((file) => existsSync(file)) ?? tool;
}

/** Debian's name of this machine's kind. */
function libraries(root: string): string {
  const kind = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
  return join(root, 'usr', 'lib', kind);
}

const path = (): string => inherited['PATH'] ?? '';

const pathWith = (root: string): string => [join(root, 'usr/bin'), join(root, 'usr/sbin'), path()].join(':');
