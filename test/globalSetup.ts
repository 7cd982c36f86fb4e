import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identify } from '../src/local/processes.ts';
import { signalHosts } from './support/run.ts';

/**
 * Cheap on purpose: only a folder that this Jest run shares. Servers start on first use (`test/support/server.ts`), so pure tests wait for none.
 */
export default async function setup(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tenure-test-'));
  process.env['TENURE_TEST_DIR'] = folder;
  process.env['TZ'] = 'UTC';
  writeFileSync(join(folder, 'main.json'), JSON.stringify(identify(process.pid)));
  // Jest skips the teardown when a reporter crashes. (The hosts also look whether this process lives.)
  process.once('exit', () => signalHosts(folder));
  await Promise.resolve();
}
