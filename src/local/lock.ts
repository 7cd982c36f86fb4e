import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { errorCode } from '../ledger/embeddedProcess.ts';
import { identify, isRunning, type ProcessId } from './processes.ts';

/** Who holds a lock file, and still lives. */
export function holderOf(file: string): ProcessId | undefined {
  const holder = read(file);
  return holder !== undefined && isRunning(holder) ? holder : undefined;
}

function read(file: string): ProcessId | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessId; // written by takeLock, complete or not at all
  } catch {
    return undefined;
  }
}

/** Taken: `release` gives it back, once and only ours. Else who holds it. */
export type LockResult = { taken: true; release: () => void } | { taken: false; holder: ProcessId };

/**
 * Takes a lock that a kill -9 cannot leave behind for ever: it names its holder, and counts only while exactly that process lives.
 */
export function takeLock(file: string): LockResult {
  const me = identify(process.pid);
  if (me === undefined) throw new Error('This process cannot find itself in the process table.');
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, JSON.stringify(me), { mode: 0o600 });
  try {
    for (;;) {
      try {
        linkSync(mine, file); // appears with its content
        return { taken: true, release: () => releaseOwn(file, me) };
      } catch (error) {
        if (errorCode(error) !== 'EEXIST') throw error;
      }
      const holder = holderOf(file);
      if (holder !== undefined) return { taken: false, holder };
      clearDead(file);
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

function releaseOwn(file: string, me: ProcessId): void {
  if (read(file)?.pid === me.pid) rmSync(file, { force: true });
}

/** Moved away before it is looked at again, so that a lock taken in between is put back and not lost. */
function clearDead(file: string): void {
  const aside = `${file}.${process.pid}.old`;
  try {
    renameSync(file, aside);
    if (holderOf(aside) !== undefined) linkSync(aside, file);
  } catch {
    // somebody else cleared it
  }
  rmSync(aside, { force: true });
}
