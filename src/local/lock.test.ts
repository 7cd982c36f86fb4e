import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { layoutOf } from './files.ts';
import { clearLeftovers, record } from './leftovers.ts';
import { takeLock } from './lock.ts';
import { identify, isRunning, type ProcessId } from './processes.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'));
  file = join(folder, 'lock');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A process that only waits, and its identity. */
function sleeper(): { id: ProcessId; ended: Promise<unknown> } {
  const child = spawn('sleep', ['60']);
  const id = identify(child.pid ?? 0);
  if (id === undefined) throw new Error('sleep did not start');
  return { id, ended: once(child, 'exit') };
}

describe('the lock of a data folder', () => {
  test('is refused while its holder lives, free after it gave it back', () => {
    const first = takeLock(file);
    const second = takeLock(file);
    expect(second).toEqual({ taken: false, holder: identify(process.pid) });
    if (first.taken) first.release();
    expect(existsSync(file)).toBe(false);
    expect(takeLock(file).taken).toBe(true);
  });

  test('is taken over from a holder that was killed', async () => {
    const { id, ended } = sleeper();
    writeFileSync(file, JSON.stringify(id));
    expect(takeLock(file)).toEqual({ taken: false, holder: id });
    process.kill(id.pid, 'SIGKILL');
    await ended;
    expect(takeLock(file).taken).toBe(true);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(identify(process.pid));
  });

  test('is taken over when another process has its holder’s number by now', () => {
    writeFileSync(file, JSON.stringify({ pid: process.pid, startedAt: 'long ago' }));
    expect(takeLock(file).taken).toBe(true);
  });

  test('half a lock file counts for nothing', () => {
    writeFileSync(file, '{"pid":');
    expect(takeLock(file).taken).toBe(true);
  });
});

describe('what an earlier start left running', () => {
  test('is ended; a stranger with a recorded number is left alone', async () => {
    const layout = layoutOf(folder);
    const ours = sleeper();
    const stranger = sleeper();
    record(layout, { worker: ours.id, otds: { ...stranger.id, startedAt: 'long ago' } });
    expect(await clearLeftovers(layout)).toEqual(['worker']);
    await ours.ended;
    expect(isRunning(stranger.id)).toBe(true);
    expect(existsSync(layout.processes)).toBe(false);
    process.kill(stranger.id.pid);
    await stranger.ended;
  });
});
