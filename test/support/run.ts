/** What one Jest run shares between its processes: a folder, made by `globalSetup`. */
import { closeSync, existsSync, openSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { signalTo, type ProcessId } from '../../src/local/processes.ts';

/** The folder of this run. */
export function testDir(): string {
  const folder = process.env['TENURE_TEST_DIR'];
  if (folder === undefined)
    throw new Error('TENURE_TEST_DIR is not set: run the tests through Jest, whose globalSetup makes the folder.');
  return folder;
}

/** Complete or not there at all, for readers in other processes. */
export function writeJson(file: string, value: unknown): void {
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, JSON.stringify(value), { mode: 0o600 });
  renameSync(fresh, file);
}

type Outcome<T> = { value: T } | { error: string };

function first(lock: string): boolean {
  try {
    closeSync(openSync(lock, 'wx'));
    return true;
  } catch {
    return false;
  }
}

/**
 * Runs `make` once in this Jest run, whichever process asks first; everybody gets its result, which must survive JSON. A failure is everybody's failure.
 */
export async function oncePerRun<T>(name: string, make: () => Promise<T>): Promise<T> {
  const file = join(testDir(), `${name}.json`);
  if (!existsSync(file) && first(join(testDir(), `${name}.lock`))) {
    try {
      writeJson(file, { value: await make() });
    } catch (error) {
      writeJson(file, { error: error instanceof Error ? error.message : String(error) });
    }
  }
  while (!existsSync(file)) await pause(20);
  const outcome = JSON.parse(readFileSync(file, 'utf8')) as Outcome<T>; // written four lines above
  if ('error' in outcome) throw new Error(outcome.error);
  return outcome.value;
}

/** Tells the servers of a run to end, and answers which processes hold them. */
export function signalHosts(folder: string): readonly ProcessId[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((name) => name.endsWith('.host'));
  const hosts = files.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as ProcessId); // host.ts wrote them
  for (const host of hosts) signalTo(host, 'SIGTERM');
  return hosts;
}
