import { rmSync } from 'node:fs';
import { gone } from '../src/local/processes.ts';
import { signalHosts, testDir } from './support/run.ts';

/** Ends the servers that were started, and removes the folder of this run. */
export default async function teardown(): Promise<void> {
  const folder = testDir();
  await Promise.all(signalHosts(folder).map((host) => gone(host, 20_000)));
  rmSync(folder, { recursive: true, force: true });
}
