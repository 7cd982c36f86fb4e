import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { binaries, dieWithParent, runAs, type RunAs } from './embeddedBinaries.ts';
import { errorCode, postmaster, processExists } from './embeddedProcess.ts';
import { inherited } from '../config/inherited.ts';

/** A running server. `started`: by this call, so this caller stops it; else it was attached to. */
export type Embedded = { url: string; started: boolean; pid: number };

export type EmbeddedOptions = {
  /** No fsync: for tests, whose data may be lost with the machine. Default false. */
  fast?: boolean;
  /** The server ends (fast shutdown) when this process dies, where the platform can. Default false: it survives, others attached go on. */
  bound?: boolean;
  /** False: as root, no user namespace but uid 65534. Default true. */
  namespaces?: boolean;
  /** More server settings, for example `{ max_connections: '200' }`. */
  settings?: Readonly<Record<string, string>>;
};

const USER = 'tenure';
/** Socket addresses hold 104 bytes on macOS and 108 on Linux, the closing zero included. */
const SOCKET_LIMIT = 103;
const READY_WITHIN_MS = 30_000;
const environment = { PATH: inherited['PATH'] ?? '', LC_ALL: 'C', TZ: 'UTC' };

const passwordFile = (dir: string): string => join(dir, 'tenure.password');
const socketFits = (dir: string): boolean => Buffer.byteLength(join(dir, '.s.PGSQL.5432')) <= SOCKET_LIMIT;

/**
 * Where the server of `dir` is reached: its socket in the folder (mode 0700 is the access control, no TCP port), or TCP on 127.0.0.1 with a password
 * where the path is too long for a socket. Undefined: TCP, and no server ever ran there.
 */
function urlOf(folder: string): string | undefined {
  const dir = resolve(folder);
  if (socketFits(dir)) return `postgres://${USER}@/postgres?host=${encodeURIComponent(dir)}`;
  const port = postmaster(dir)?.port;
  if (port === undefined || !existsSync(passwordFile(dir))) return undefined;
  return `postgres://${USER}:${readFileSync(passwordFile(dir), 'utf8').trim()}@127.0.0.1:${port}/postgres`;
}

/** Believes only a successful connection: pid files outlive a kill -9, and an unreaped process still "exists". Limit 2 s. */
export async function alive(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined); // the server may go away while we close
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Made aside and renamed: of several at once one wins, the others attach to its server. */
function create(initdb: string, dir: string, identity: RunAs, options: EmbeddedOptions): void {
  mkdirSync(dirname(dir), { recursive: true, mode: 0o700 });
  const fresh = `${dir}.new-${process.pid}-${randomBytes(4).toString('hex')}`;
  mkdirSync(fresh, { mode: 0o700 });
  const password = `${fresh}.password`;
  writeFileSync(password, randomBytes(24).toString('base64url'), { mode: 0o600 });
  if (identity.uid !== undefined) for (const path of [fresh, password]) chownSync(path, identity.uid, identity.uid);
  const access = ['--auth-local=trust', '--auth-host=scram-sha-256', `--pwfile=${password}`];
  const [command, args] = identity.wrap(initdb, [
    '-D',
    fresh,
    '-U',
    USER,
    ...access,
    '-E',
    'UTF8',
    '--no-locale',
    ...(options.fast === true ? ['--no-sync'] : []),
  ]);
  const made = spawnSync(command, args, { env: environment, encoding: 'utf8', ...asUser(identity) });
  if (made.status !== 0) {
    for (const path of [fresh, password]) rmSync(path, { recursive: true, force: true });
    throw new Error(
      `The embedded PostgreSQL could not create its folder ${dir}: ${made.error?.message ?? made.stderr.trim()}`,
    );
  }
  renameSync(password, passwordFile(fresh));
  try {
    renameSync(fresh, dir);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    if (!['ENOTEMPTY', 'EEXIST'].includes(String(errorCode(error)))) throw error;
  }
}

const asUser = (identity: RunAs): { uid?: number; gid?: number } =>
  identity.uid === undefined ? {} : { uid: identity.uid, gid: identity.uid };

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((done, failed) => probe.once('error', failed).listen(0, '127.0.0.1', done));
  const address = probe.address();
  await new Promise((done) => probe.close(done));
  if (address === null || typeof address === 'string') throw new Error('No free port on 127.0.0.1.');
  return address.port;
}

async function serverArguments(dir: string, options: EmbeddedOptions): Promise<string[]> {
  const socket = socketFits(dir);
  const settings: Record<string, string> = {
    listen_addresses: socket ? '' : '127.0.0.1',
    unix_socket_directories: socket ? dir : '',
    ...(options.fast === true ? { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' } : {}),
    ...options.settings,
  };
  const port = socket ? 5432 : await freePort();
  return [
    '-D',
    dir,
    '-p',
    String(port),
    ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
  ];
}

type Launched = { pid: number | undefined; exited: () => boolean };

async function launch(dir: string, options: EmbeddedOptions, identity: RunAs): Promise<Launched> {
  const { postgres } = await binaries();
  const plain = await serverArguments(dir, options);
  const [inner, innerArgs] = options.bound === true ? dieWithParent('INT', postgres, plain) : [postgres, plain];
  const [command, args] = identity.wrap(inner, innerArgs);
  const log = openSync(join(dir, 'postgres.log'), 'a');
  // Its own process group: Ctrl-C in a terminal must not end it before the workers that write to it.
  const child = spawn(command, args, {
    env: environment,
    detached: true,
    stdio: ['ignore', 'ignore', log],
    ...asUser(identity),
  });
  closeSync(log);
  let ended = false;
  child.once('error', () => (ended = true));
  child.once('exit', () => (ended = true));
  child.unref();
  return { pid: child.pid, exited: () => ended };
}

/** Waits for a server on `dir`: ours, or the one of somebody who was faster. Undefined: ours ended and nobody else's answers. */
async function ready(dir: string, ours: Launched): Promise<Embedded | undefined> {
  const deadline = performance.now() + READY_WITHIN_MS;
  let looksAfterOurEnd = 0;
  while (performance.now() < deadline) {
    const url = urlOf(dir);
    if (url !== undefined && (await alive(url))) {
      const pid = postmaster(dir)?.pid ?? 0;
      return { url, started: pid === ours.pid, pid };
    }
    // A loser's server ends at once ("lock file already exists") while the winner's may still be recovering.
    const winner = postmaster(dir);
    const someoneStarts = winner !== undefined && winner.pid !== ours.pid && winner.isPostgres;
    if (ours.exited() && !someoneStarts && ++looksAfterOurEnd > 3) return undefined;
    await pause(20);
  }
  return undefined;
}

/**
 * Starts the PostgreSQL of `folder`, creating the folder first where there is none, or attaches to the one that runs there. Safe for several processes
 * at once: PostgreSQL's own lock file is the mutex.
 * @throws with the end of the server's log when it does not answer within 30 s.
 */
export async function startOrAttach(folder: string, options: EmbeddedOptions = {}): Promise<Embedded> {
  const dir = resolve(folder);
  const running = await attach(dir);
  if (running !== undefined) return running;
  const identity = runAs(options);
  if (!existsSync(join(dir, 'PG_VERSION'))) create((await binaries()).initdb, dir, identity, options);
  if (identity.uid === undefined) chmodSync(dir, 0o700);
  for (const attempt of [1, 2]) {
    const server = await ready(dir, await launch(dir, options, identity));
    if (server !== undefined) return server;
    // A pid file whose process is dead but unreaped, or whose number another program has by now, keeps PostgreSQL from starting.
    const left = postmaster(dir);
    if (attempt === 2 || left === undefined || left.isPostgres) break;
    rmSync(join(dir, 'postmaster.pid'), { force: true });
  }
  throw new Error(`The embedded PostgreSQL in ${dir} does not start. The end of its log:\n${logEnd(dir)}`);
}

/** The running server of `folder`, or undefined: workers, CLI and web pages attach only. */
export async function attach(folder: string): Promise<Embedded | undefined> {
  const dir = resolve(folder);
  const url = urlOf(dir);
  if (url === undefined || !existsSync(join(dir, 'PG_VERSION')) || !(await alive(url))) return undefined;
  return { url, started: false, pid: postmaster(dir)?.pid ?? 0 };
}

/** Stops the server of `folder`, whoever started it; nothing happens where none runs. Fast shutdown first, harder after 10 s and 15 s. */
export async function stop(folder: string): Promise<void> {
  const dir = resolve(folder);
  const server = postmaster(dir);
  if (server === undefined || !server.isPostgres) return;
  for (const [signal, waitMs] of [
    ['SIGINT', 10_000],
    ['SIGQUIT', 5_000],
    ['SIGKILL', 5_000],
  ] as const) {
    if (!processExists(server.pid)) return;
    try {
      process.kill(server.pid, signal);
    } catch {
      return; // ended in between
    }
    const deadline = performance.now() + waitMs;
    while (performance.now() < deadline && postmaster(dir)?.isPostgres === true) await pause(10);
    if (postmaster(dir)?.isPostgres !== true) return;
  }
}

function logEnd(dir: string): string {
  const log = join(dir, 'postgres.log');
  return existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n').slice(-8).join('\n') : '(there is none)';
}
