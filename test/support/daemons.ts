/** Real servers (`src/local/daemons`) for tests: on free ports of the loopback, in a folder of their own, ended with the test run whatever happens to it. */
import type { test as jestTest } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { chownSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  daemonTool,
  findDaemon as findProgram,
  type Daemon,
  type DaemonName,
  type FoundDaemon,
} from '../../src/local/daemons/find.ts';
import { dieWithParent, runAs } from '../../src/ledger/embeddedBinaries.ts';
import { startChild, whenReady } from '../../src/local/child.ts';

/** Jest's own global, not its module: that one refuses to load outside of Jest, where the benchmarks and the chaos run use these servers. */
declare const test: typeof jestTest;

export { daemonTool, type Daemon, type DaemonName, type FoundDaemon };

/** A daemon that can be started here. OpenSSH refuses root and `nobody` alike, unless `nobody` is only what root calls itself. */
export function findDaemon(name: DaemonName): FoundDaemon {
  const found = findProgram(name);
  if ('missing' in found || name !== 'sshd' || runAs().uid === undefined) return found;
  return {
    missing: 'OpenSSH cannot be started by root where user namespaces are forbidden; run the tests as a plain user.',
  };
}

/** A test that needs what was found; without it the test is skipped under a name that says why. */
export const withDaemon =
  (found: FoundDaemon) =>
  (name: string, body: (daemon: Daemon) => Promise<void>): void =>
    'missing' in found
      ? test.skip(`${name} (skipped: ${found.missing})`, () => undefined)
      : test(name, async () => await body(found));

/** A folder for a daemon's files, reachable by the user it runs as. Remove it with `removeDaemonFolder`. */
export function daemonFolder(name: DaemonName): string {
  return mkdtempSync(join(tmpdir(), `tenure-${name}-`));
}

export const removeDaemonFolder = (folder: string): void =>
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });

/** A port of the loopback that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer();
    server.once('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => done(port));
    });
  });
}

export type StartOptions = {
  /** Arguments that keep it in the foreground. */
  args: readonly string[];
  /** Where it listens: ready when all of them accept a connection. */
  ports: readonly number[];
  /** Its files (`daemonFolder`); it runs there, and its output goes to `daemon.log` in it. */
  folder: string;
};

/** A daemon that serves. */
export type RunningDaemon = {
  pid: number;
  log: string;
  /** Process ids of its children now: one per session with proftpd and sshd. */
  sessions: () => number[];
  /** Ends it; the folder stays. */
  stop: () => Promise<void>;
};

/** Runs a program until it ends, or ends it with itself. */
const SUPERVISE = '"$@" & child=$!; trap "kill $child" TERM INT; wait $child; wait $child';

/**
 * Starts it as the user who runs the tests; as root it believes to be `nobody`, in a user namespace (daemons refuse root, or want a user of their own).
 * @throws with the end of its log when it does not serve.
 */
export async function startDaemon(daemon: Daemon, options: StartOptions): Promise<RunningDaemon> {
  const { folder, ports } = options;
  const as = runAs();
  if (as.uid !== undefined) giveTo(as.uid, folder);
  // The mark comes last: a change of user clears it. Daemons make such changes, so a shell bears it and passes the signal on.
  const watched = ['-c', SUPERVISE, 'sh', daemon.program, ...options.args];
  const [command, args] = as.wrap(...dieWithParent('TERM', 'sh', watched));
  const logFile = join(folder, 'daemon.log');
  const child = await startChild({
    name: daemon.name,
    command,
    args,
    bound: false,
    cwd: folder,
    logFile,
    env: { ...daemon.env },
  });
  try {
    for (const port of ports) await whenReady(child, () => accepts(port), 15_000);
  } catch (error) {
    await child.stop();
    throw error;
  }
  const [pid = child.pid] = childrenOf(child.pid);
  return { pid, log: logFile, sessions: () => childrenOf(pid), stop: () => child.stop() };
}

/** The user name and group a daemon has in its own eyes, for its configuration. */
export function daemonUser(): { user: string; group: string; uid: number; gid: number } {
  const root = process.getuid?.() === 0;
  const ask = (...args: string[]): string =>
    execFileSync('id', root ? [...args, 'nobody'] : args, { encoding: 'utf8' });
  return { user: ask('-un').trim(), group: ask('-gn').trim(), uid: Number(ask('-u')), gid: Number(ask('-g')) };
}

export type Certificate = { cert: string; key: string };

/** A self-signed certificate, its own authority, for these DNS names and addresses (`DNS:localhost`, `IP:127.0.0.1`). Answers the PEM files. */
export function makeCertificate(
  daemon: Daemon,
  folder: string,
  names: readonly string[] = ['DNS:localhost', 'IP:127.0.0.1'],
  file = 'tls',
): Certificate {
  const [cert, key] = [join(folder, `${file}.cert.pem`), join(folder, `${file}.key.pem`)];
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '30'];
  const subject = ['-subj', '/CN=tests', '-addext', `subjectAltName=${names.join(',')}`];
  execFileSync(daemonTool(daemon, 'openssl'), ['req', ...kind, ...subject, '-keyout', key, '-out', cert], {
    env: { ...daemon.env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return { cert, key };
}

function giveTo(uid: number, folder: string): void {
  chownSync(folder, uid, uid);
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    chownSync(join(folder, name), uid, uid);
}

/** From /proc: the second word after the name in brackets is the parent. */
function childrenOf(parent: number): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent;
    } catch {
      return false; // it ended meanwhile
    }
  });
}

function accepts(port: number): Promise<true | undefined> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => (socket.destroy(), done(true)));
    socket.once('error', () => done(undefined));
  });
}
