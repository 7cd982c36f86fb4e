import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

/** What `postmaster.pid` says, and whether that process really is the PostgreSQL of this folder. */
export type Postmaster = { pid: number; port: number; isPostgres: boolean };

/** The `code` of a system error. By shape: `instanceof Error` is false for Node's own errors inside Jest. */
export function errorCode(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

/** Whether a process of that number exists, an unreaped one included. */
export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

/** Reads `postmaster.pid` (line 1: pid, line 4: port). Undefined: no server, or one that is just being started. */
export function postmaster(dir: string): Postmaster | undefined {
  let lines: string[];
  try {
    lines = readFileSync(join(dir, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return undefined;
  }
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return { pid, port: Number(lines[3]), isPostgres: runsIn(pid, dir) };
}

/** PostgreSQL's working directory is its data folder; an unreaped process has none any more. */
function runsIn(pid: number, dir: string): boolean {
  if (existsSync('/proc/self/cwd')) {
    try {
      return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(dir);
    } catch {
      return false;
    }
  }
  const seen = spawnSync('ps', ['-o', 'stat=,command=', '-p', String(pid)], { encoding: 'utf8' });
  return seen.status === 0 && !seen.stdout.trim().startsWith('Z') && seen.stdout.includes('postgres');
}
