import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { migrate } from '../ledger/migrate.ts';
import { localJson, workerEnv } from './addresses.ts';
import type { Ended } from './child.ts';
import type { Daemon, FoundDaemon } from './daemons/find.ts';
import { layoutOf, ROOT, writeAddresses, type LocalJson } from './files.ts';
import { provideProftpd } from './ftp.ts';
import { clearLeftovers } from './leftovers.ts';
import { holderOf, takeLock } from './lock.ts';
import { assertFree, DEFAULT_PORT_BASE, portsFrom } from './ports.ts';
import { end, type ProcessId } from './processes.ts';
import { RunningParts, type Part } from './runningParts.ts';
import { allOf, Starter } from './starter.ts';
import { LOCAL_NAMES, type LocalName } from './systems.ts';
import { registerPhones } from './phones.ts';
import { findTemporalCli } from './temporalCli.ts';

export type LocalSystemOptions = {
  /** Folder that holds all of its state; made where there is none. */
  data: string;
  /** Default 21000. */
  portBase?: number;
  temporal?: {
    /** As in `findTemporalCli`. Default: any server is taken. */
    requireServer?: string;
    /** Open runs are lost at the end. Default false. */
    inMemory?: boolean;
  };
  /** Default: the embedded PostgreSQL in the data folder. */
  databaseUrl?: string;
  /** `tenure.yaml`. Default: the worked example. */
  config?: string;
  /** The systems to run, as `systemsNamed` answers them; the worker then works with these alone. Default: all. */
  only?: readonly LocalName[];
  /** The partners' file server, as `provideProftpd` answers; it is asked where this is left out. */
  proftpd?: FoundDaemon;
  /** Start a worker. Default true. */
  workers?: boolean;
  /** Whether the scheduled directory watch runs. Default false: it is created paused. */
  watch?: boolean;
  /** Progress, one line each. Default: none. */
  say?: (line: string) => void;
  /** True: the parts go on when this process ends, until the next start on the folder or `stopLocalSystem`. Default false. */
  outlive?: boolean;
  /** A part ended that nobody told to. */
  onLost?: (part: Part, how: Ended) => void;
  /** Aborted while it starts: the start fails, and nothing is left running. Later it has no effect. */
  signal?: AbortSignal;
};

export type LocalSystem = {
  /** What stands in `local.json`. */
  config: LocalJson;
  /** The environment of a worker, for more workers or commands. Contains secrets. */
  env: Readonly<Record<string, string>>;
  data: string;
  /** The Temporal CLI in use. */
  cli: string;
  /** Ends everything, in order. Always ends; a second call waits for the first. */
  stop: () => Promise<void>;
  /** Ends a part gently if it still runs, and starts it again on its state. */
  restart: (part: Part) => Promise<void>;
  /** Sends a signal to one part and waits until it is gone (unless the signal is SIGSTOP or SIGCONT). */
  kill: (part: Part, signal: NodeJS.Signals) => Promise<void>;
};

/**
 * Brings up a whole Tenure on one machine: PostgreSQL, Temporal with UI, the stand-ins, the codec server and a worker; everything on 127.0.0.1, all state
 * in one folder. Fails as a whole: when it throws, nothing is left running.
 * @throws with a sentence: a second start on the folder, a port in use, no Temporal CLI, a part that does not come up (with the end of its log).
 */
export async function startLocalSystem(options: LocalSystemOptions): Promise<LocalSystem> {
  const layout = layoutOf(resolve(options.data));
  const say = options.say ?? (() => undefined);
  portsFrom(options.portBase ?? DEFAULT_PORT_BASE); // a wrong base is told before anything is fetched
  mkdirSync(layout.data, { recursive: true, mode: 0o700 });
  const lock = takeLock(layout.lock);
  if (!lock.taken) throw new Error(alreadyRuns(layout.data, lock.holder));
  const parts = new RunningParts(layout);
  const hurry = (): void => parts.hurry();
  options.signal?.addEventListener('abort', hurry);
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= parts.endAll().finally(lock.release));
  try {
    const left = await clearLeftovers(layout);
    if (left.length > 0) say(`Ended what an earlier start had left running: ${left.join(', ')}.`);
    const { only, proftpd } = withFtp(options, say);
    const ports = portsFrom(options.portBase ?? DEFAULT_PORT_BASE, only);
    await assertFree(ports);
    const starter = new Starter({ ...options, ...(only && { only }), say }, { layout, ports, parts, proftpd });
    const up = await bringUp(starter);
    parts.onLost = options.onLost;
    return { ...up, data: layout.data, stop, kill: (part, signal) => parts.kill(part, signal) };
  } catch (error) {
    await stop();
    throw options.signal?.aborted === true ? new Error('The start was broken off; nothing is left running.') : error;
  } finally {
    options.signal?.removeEventListener('abort', hurry);
  }
}

/** Sees to proftpd where it is wanted. Where there is none, a sentence says so, and all but it run. */
function withFtp(
  { only, proftpd }: LocalSystemOptions,
  say: (line: string) => void,
): { only: LocalSystemOptions['only']; proftpd: Daemon | undefined } {
  const names = only ?? LOCAL_NAMES;
  if (!names.includes('ftp')) return { only, proftpd: undefined };
  const found = proftpd ?? provideProftpd(say);
  if (!('missing' in found)) return { only, proftpd: found };
  say(`Going without the partners' file server: Tenure leaves FTP out here. ${found.missing}`);
  return { only: names.filter((name) => name !== 'ftp'), proftpd: undefined };
}

const alreadyRuns = (data: string, holder: ProcessId): string =>
  `A local system already runs on ${data} (process ${holder.pid}). Use it, end it with \`npm start -- --stop\` (and the same --data), ` +
  'or start another beside it with --data DIR and --port-base N.';

async function bringUp(starter: Starter): Promise<Pick<LocalSystem, 'config' | 'env' | 'cli' | 'restart'>> {
  const { options, layout, ports, secrets } = starter;
  const cli = await findTemporalCli({ ...options, requireServer: options.temporal?.requireServer });
  starter.cli = cli.path;
  options.say('Starting PostgreSQL, Temporal, the stand-ins and the codec server …');
  const begun = { ledger: starter.ledger(), said: starter.systems() };
  await allOf<unknown>([begun.ledger, starter.temporal(), begun.said, starter.program('codec')]);
  const [ledger, said] = await Promise.all([begun.ledger, begun.said]);
  await migrate(ledger);
  const local = localJson({ data: layout.data, ports, secrets, ledger, said, subset: options.only !== undefined });
  writeAddresses(layout, local);
  await registerPhones(layout.phones, local, secrets);
  const config = options.config ?? join(ROOT, 'config', 'tenure.yaml');
  starter.workerEnv = workerEnv({ data: layout.data, config, local, secrets, ports, watch: options.watch === true });
  if (options.workers !== false) {
    options.say('Starting the worker …');
    await starter.program('worker');
  }
  return { config: local, env: starter.workerEnv, cli: cli.path, restart: (part) => starter.restart(part) };
}

/** Ends the local system of a folder from outside, or what is left of one. Answers false when nothing ran. */
export async function stopLocalSystem(data: string): Promise<boolean> {
  const layout = layoutOf(resolve(data));
  const holder = holderOf(layout.lock);
  // Its own orderly stop may take as long as all graces together.
  if (holder !== undefined) await end(holder, 60_000);
  const left = await clearLeftovers(layout);
  rmSync(layout.lock, { force: true });
  return holder !== undefined || left.length > 0;
}
