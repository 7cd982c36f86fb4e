/** How each program of a local system is started. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readyLine, startChild, type Child } from './child.ts';
import type { RunAs } from '../ledger/embeddedBinaries.ts';
import type { Daemon } from './daemons/find.ts';
import { ROOT, type Layout } from './files.ts';
import type { Ports, SystemPorts } from './ports.ts';
import { valuesOf, type Secrets } from './secrets.ts';
import { ftpProgram } from './ftp.ts';
import { isSystem, rowOf, SYSTEM_NAMES, type LocalName, type SystemName } from './systems.ts';
import { inherited } from '../config/inherited.ts';
import { saysWhere } from '../config/local.ts';

/** The parts that run as programs: the stand-ins, the FTP server, the codec server and the worker. */
export type ProgramPart = LocalName | 'codec' | 'worker';

/** What a program told of itself when it was ready. */
export type Said = Readonly<Record<string, unknown>>;

/** One program, ready to be started. */
export type Program = {
  /** In messages: `OTDS stand-in`. */
  title: string;
  command: string;
  args: readonly string[];
  /** Added to the caller's environment. May hold secrets. */
  env: Readonly<Record<string, string>>;
  /** Waits until it serves, or fails with a sentence. `from`: bytes of its log that belong to earlier runs. */
  ready: (child: Child, from: number) => Promise<Said>;
  /** As `startChild` takes it. */
  wrap?: RunAs['wrap'];
};

export type ProgramsOf = {
  ports: Ports;
  layout: Layout;
  secrets: Secrets;
  /** As `workerEnv` gives it; known once the systems run. */
  workerEnv: Readonly<Record<string, string>>;
  /** Undefined: no FTP server is to run. */
  proftpd: Daemon | undefined;
};

/** The program of a part. */
export function programOf(part: ProgramPart, { ports, layout, secrets, workerEnv, proftpd }: ProgramsOf): Program {
  if (part === 'ftp') {
    if (ports.ftp === undefined || proftpd === undefined)
      throw new Error('There is no FTP server in this local system.');
    return ftpProgram({ proftpd, ports: ports.ftp, folder: layout.ftp, password: secrets['FTP_PASSWORD'] ?? '' });
  }
  if (part === 'worker') return ours('worker', 'src/workers/main.ts', [], workerEnv);
  if (part === 'codec') {
    const { TENURE_CODEC_KEY = '', TENURE_CODEC_KEY_ID = '' } = secrets;
    const args = ['--port', String(ports.codec)];
    return ours('codec server', 'src/workers/codecServer.ts', args, { TENURE_CODEC_KEY, TENURE_CODEC_KEY_ID });
  }
  const where = ports.systems[part];
  if (where === undefined) throw new Error(`The system ${part} is no part of this local system.`);
  const { asks = {}, beside = [] } = rowOf(part);
  const asked = Object.entries(asks).flatMap(([system, argument]) => {
    const other = isSystem(system) ? ports.systems[system] : undefined;
    return other === undefined ? [] : [argument, originOf(other.url)];
  });
  return standIn(part, where, valuesOf(part, secrets), ['--data', join(layout.sandbox, part), ...asked, ...beside]);
}

/** The stand-in of a system on these ports, given these values (by key of its entry in `local.json`). */
export function standIn(
  system: SystemName,
  ports: SystemPorts,
  values: Readonly<Record<string, string>>,
  more: readonly string[],
): Program {
  const { title, file, given } = rowOf(system);
  const args = ['--port', String(ports.url), '--control-port', String(ports.control), ...more];
  const env = Object.entries(given).map(([key, { variable }]) => [variable, values[key] ?? ''] as const);
  return ours(title, file, args, Object.fromEntries(env));
}

/** A program of this project, under this Node; it prints one JSON line when it serves (limit 60 s). */
function ours(title: string, file: string, args: readonly string[], env: Program['env']): Program {
  return {
    title,
    command: process.execPath,
    args: ['--disable-warning=ExperimentalWarning', join(ROOT, file), ...args],
    env,
    ready: (child, from) => readyLine(child, from, 60_000),
  };
}

export const originOf = (port: number): string => `http://127.0.0.1:${port}`;

export type StartOptions = {
  logFile: string;
  bound: boolean;
  /** Told as soon as it runs, before it is ready. */
  spawned: (child: Child) => void;
};

/** Starts a program and waits until it serves. Answers what it told of itself. @throws with a sentence and the end of its log. */
export async function startProgram(
  { title, command, args, env, ready, wrap }: Program,
  options: StartOptions,
): Promise<Said> {
  const { logFile, bound, spawned } = options;
  const from = existsSync(logFile) ? statSync(logFile).size : 0;
  const all = { ...callersEnv(), ...env };
  const child = await startChild({ name: title, command, args, env: all, logFile, bound, ...(wrap && { wrap }) });
  spawned(child);
  try {
    return await ready(child, from);
  } catch (error) {
    await child.stop(2_000);
    throw error;
  }
}

/** The caller's environment without what says where a system is: a local system never reaches another one by accident. */
function callersEnv(): NodeJS.ProcessEnv {
  const theirs = (name: string): boolean =>
    /^(TEMPORAL_|PG[A-Z]+$|TENURE_|NODE_CHANNEL_)/.test(name) || saysWhere(name, SYSTEM_NAMES);
  return { ...Object.fromEntries(Object.entries(inherited).filter(([name]) => !theirs(name))), TZ: 'UTC' };
}
