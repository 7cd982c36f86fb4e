import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { dieWithParent, type RunAs } from '../ledger/embeddedBinaries.ts';
import { identify, type ProcessId } from './processes.ts';
import { inherited } from '../config/inherited.ts';

export type ChildOptions = {
  /** In messages: `OTDS stand-in`. */
  name: string;
  command: string;
  args: readonly string[];
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** stdout and stderr are appended here. */
  logFile: string;
  /** False: it goes on when this process ends. Default true. */
  bound?: boolean;
  /** Starts it as another user, as `runAs` answers. Default: as we are. */
  wrap?: RunAs['wrap'];
};

/** How a child ended. */
export type Ended = { code: number | null; signal: NodeJS.Signals | null };

/** A running child. */
export type Child = {
  name: string;
  pid: number;
  id: ProcessId;
  logFile: string;
  /** Resolves when it ends, however it ends. Never rejects. */
  ended: Promise<Ended>;
  /** Undefined while it runs. */
  result: () => Ended | undefined;
  kill: (signal: NodeJS.Signals) => void;
  /** SIGTERM, then SIGKILL after `graceMs`. Always ends. */
  stop: (graceMs?: number) => Promise<void>;
};

/**
 * Starts a program in its own process group (Ctrl-C in a terminal reaches us alone, so that we end the parts in order), its output in a log file; the
 * kernel ends it when this process dies, where it can. @throws when the program cannot be started.
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  mkdirSync(dirname(options.logFile), { recursive: true });
  const log = openSync(options.logFile, 'a', 0o600);
  const plain: [string, string[]] = [options.command, [...options.args]];
  const marked = options.bound === false ? plain : dieWithParent('TERM', ...plain);
  const [command, args] = options.wrap?.(...marked) ?? marked;
  const child = spawn(command, args, {
    detached: true,
    stdio: ['ignore', log, log],
    env: options.env ?? inherited,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  closeSync(log);
  child.unref();
  let result: Ended | undefined;
  const ended = new Promise<Ended>((done) => {
    child.once('exit', (code, signal) => done((result = { code, signal })));
    child.once('error', () => done((result = { code: 127, signal: null })));
  });
  await new Promise<void>((done, failed) => {
    child.once('spawn', done);
    child.once('error', (error) => failed(new Error(`The ${options.name} does not start: ${error.message}`)));
  });
  const pid = child.pid ?? 0;
  const kill = (signal: NodeJS.Signals): void => void (result ?? child.kill(signal));
  const stop = async (graceMs = 10_000): Promise<void> => {
    kill('SIGTERM');
    const timer = setTimeout(() => kill('SIGKILL'), graceMs);
    await ended;
    clearTimeout(timer);
  };
  const id = identify(pid) ?? { pid, startedAt: 'ended' };
  return { name: options.name, pid, id, logFile: options.logFile, ended, result: () => result, kill, stop };
}

/** The last lines of a log file, for an error message. */
export function logEnd(file: string, lines = 12): string {
  if (!existsSync(file)) return '(nothing)';
  const last = readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines);
  return last.map((line) => (line.length > 400 ? `${line.slice(0, 400)}…` : line)).join('\n');
}

/**
 * Waits until `check` answers something else than undefined, asking every 50 ms.
 * @throws when the child ends before, or after `withinMs`, with the end of its log.
 */
export async function whenReady<T>(child: Child, check: () => Promise<T | undefined>, withinMs = 30_000): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const seen = await check();
    if (seen !== undefined) return seen;
    const how = child.result();
    if (how !== undefined) {
      const why = how.signal === null ? `with exit code ${how.code}` : `by ${how.signal}`;
      throw new Error(
        `The ${child.name} ended ${why} before it was ready. The end of ${child.logFile}:\n${logEnd(child.logFile)}`,
      );
    }
    if (performance.now() > deadline) {
      throw new Error(
        `The ${child.name} is not ready after ${withinMs / 1000} s. The end of ${child.logFile}:\n${logEnd(child.logFile)}`,
      );
    }
    await Promise.race([new Promise((done) => setTimeout(done, 50)), child.ended]);
  }
}

/**
 * Waits for the one JSON line that our programs print when they are ready, and answers it; the log lines before it, which have a `level`, are passed
 * over. `from`: bytes of the log file that belong to earlier runs.
 */
export function readyLine(child: Child, from: number, withinMs?: number): Promise<Readonly<Record<string, unknown>>> {
  return whenReady(
    child,
    () => Promise.resolve(firstAnnouncement(readFileSync(child.logFile).subarray(from))),
    withinMs,
  );
}

function firstAnnouncement(log: Buffer): Readonly<Record<string, unknown>> | undefined {
  // Only whole lines: the last piece may be half written.
  for (const line of log.toString('utf8').split('\n').slice(0, -1)) {
    if (!line.startsWith('{')) continue;
    try {
      const value = JSON.parse(line) as Record<string, unknown>; // starts with a brace: an object
      if (!('level' in value)) return value;
    } catch {
      // a line of text that begins with a brace
    }
  }
  return undefined;
}
