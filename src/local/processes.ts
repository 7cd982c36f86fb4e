import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { processExists } from '../ledger/embeddedProcess.ts';

/** A process that cannot be mistaken for a later one of the same number. `startedAt` is opaque: compare it only. */
export type ProcessId = { pid: number; startedAt: string };

/** When a living process started; undefined for none, or for one that ended and is not yet reaped. */
function startOf(pid: number): string | undefined {
  if (!processExists(pid)) return undefined;
  if (process.platform === 'linux') {
    try {
      // The name, in parentheses, may hold spaces: fields are counted after it. State, then the 18th threads, the 20th start time.
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
      // A first thread that has ended while others still live holds their sockets: not gone yet.
      const over = fields[0] === 'X' || (fields[0] === 'Z' && Number(fields[17]) <= 1);
      return over ? undefined : fields[19];
    } catch {
      return undefined;
    }
  }
  const seen = spawnSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim();
  return seen === '' || seen.startsWith('Z') ? undefined : seen.replace(/^\S+\s+/, '');
}

/** The identity of a living process. Undefined: there is none of that number. */
export function identify(pid: number): ProcessId | undefined {
  const startedAt = startOf(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

/** Whether exactly this process still lives. */
export function isRunning(id: ProcessId): boolean {
  return startOf(id.pid) === id.startedAt;
}

/** Sends a signal to exactly this process; nothing happens where it is gone. */
export function signalTo(id: ProcessId, signal: NodeJS.Signals): void {
  if (!isRunning(id)) return;
  try {
    process.kill(id.pid, signal);
  } catch {
    // it ended between the two lines
  }
}

/** Waits until the process is gone. False: it still lives after `withinMs`. */
export async function gone(id: ProcessId, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (isRunning(id)) {
    if (performance.now() > deadline) return false;
    await pause(20);
  }
  return true;
}

/** Ends a process that need not be our child: the gentle signal first, SIGKILL after `graceMs`. Always ends. */
export async function end(id: ProcessId, graceMs: number, gentle: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  signalTo(id, gentle);
  if (await gone(id, graceMs)) return;
  signalTo(id, 'SIGKILL');
  await gone(id, 5_000);
}
