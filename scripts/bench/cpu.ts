/** CPU time by process, where the platform tells (Linux): it says where the time goes, and a busy machine changes it little. */
import { readdirSync, readFileSync } from 'node:fs';

/** Milliseconds of CPU so far. */
export type Cpu = { here: number; temporal: number; ledger: number };

const TICK_MS = 10;

/** `ledger`: PostgreSQL with all its processes. Undefined where there is no /proc. */
export function cpuNow(pids: { temporal: number; ledger: number }): Cpu | undefined {
  const processes = readProcesses();
  if (processes === undefined) return undefined;
  const { user, system } = process.cpuUsage();
  return {
    here: (user + system) / 1000,
    temporal: tree(processes, pids.temporal),
    ledger: tree(processes, pids.ledger),
  };
}

type Process = { pid: number; parent: number; ms: number };

function readProcesses(): Process[] | undefined {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => readProcess(Number(name)));
  } catch {
    return undefined;
  }
}

function readProcess(pid: number): Process[] {
  try {
    const fields = (readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1) ?? '').split(' ').map(Number);
    const [, parent = 0] = fields;
    // utime, stime, and both of children that have ended: fields 14 to 17 of the man page.
    return [{ pid, parent, ms: fields.slice(11, 15).reduce((a, b) => a + b, 0) * TICK_MS }];
  } catch {
    return []; // ended in between
  }
}

function tree(processes: readonly Process[], root: number): number {
  const below = processes.filter((p) => p.parent === root).reduce((sum, p) => sum + tree(processes, p.pid), 0);
  return (processes.find((p) => p.pid === root)?.ms ?? 0) + below;
}

export const spent = (from: Cpu, to: Cpu, workflows: number): Cpu => ({
  here: (to.here - from.here) / workflows,
  temporal: (to.temporal - from.temporal) / workflows,
  ledger: (to.ledger - from.ledger) / workflows,
});
