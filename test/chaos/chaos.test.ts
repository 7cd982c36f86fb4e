import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const SCRIPT = fileURLToPath(new URL('../../scripts/chaos.ts', import.meta.url));

/** As `npm run chaos` does it, in processes of its own. Its output is the message of a failure. */
async function chaos(...args: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', SCRIPT, ...args], {
    // The extra channel closes when this process dies; the script ends then, and leaves nothing running.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text: Buffer) => (output += text.toString()));
  const code = await new Promise<number | null>((done) => child.once('exit', done));
  return { code, output };
}

test('five seeds of ten people end as they should, however they are disturbed', async () => {
  const { code, output } = await chaos('--seeds', '5');
  process.stdout.write(output);
  expect({ code, failed: output.match(/^ .*/gmu) ?? [] }).toEqual({ code: 0, failed: [] });
}, 600_000);
