import { existsSync, readFileSync, rmSync } from 'node:fs';
import { stop as stopPostgres } from '../ledger/embedded.ts';
import { writeWhole, type Layout } from './files.ts';
import { end, isRunning, type ProcessId } from './processes.ts';

/** The parts that run now, for whoever comes after a kill -9. Start times keep a later process of the same number safe. */
export type Recorded = Readonly<Record<string, ProcessId>>;

export function record(layout: Layout, parts: Recorded): void {
  writeWhole(layout.processes, JSON.stringify(parts));
}

function recorded(layout: Layout): Recorded {
  if (!existsSync(layout.processes)) return {};
  try {
    return JSON.parse(readFileSync(layout.processes, 'utf8')) as Recorded; // written by `record`, whole
  } catch {
    return {};
  }
}

/**
 * Ends what an earlier start left running on this folder, the embedded PostgreSQL last. Answers the names of what it found.
 * Call it only under the folder's lock, or when its holder is gone.
 */
export async function clearLeftovers(layout: Layout): Promise<readonly string[]> {
  const living = Object.entries(recorded(layout)).filter(([, id]) => isRunning(id));
  await Promise.all(living.map(([, id]) => end(id, 5_000)));
  await stopPostgres(layout.pg);
  rmSync(layout.processes, { force: true });
  rmSync(layout.localJson, { force: true });
  return living.map(([name]) => name);
}
