import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { temporalServer } from '../support/server.ts';

const script = fileURLToPath(new URL('./worker.ts', import.meta.url));
let address: string;
let child: ChildProcess | undefined;

beforeAll(async () => {
  ({ address } = await temporalServer());
});

afterEach(() => {
  child?.kill('SIGKILL');
});

type Started = { child: ChildProcess; prefix: string; told: (what: string) => Promise<void> };

function start(manner: 'well' | 'stubborn'): Started {
  const prefix = `stop-${randomBytes(4).toString('hex')}-`;
  const started = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, address, prefix, manner], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child = started;
  const seen = new Set<string>();
  const waiting = new Map<string, () => void>();
  createInterface(started.stdout).on('line', (line) => {
    for (const what of Object.keys(JSON.parse(line) as object)) {
      seen.add(what);
      waiting.get(what)?.();
    }
  });
  const told = (what: string) =>
    new Promise<void>((resolve) => (seen.has(what) ? resolve() : waiting.set(what, resolve)));
  return { child: started, prefix, told };
}

async function pass(prefix: string): Promise<void> {
  const connection = await Connection.connect({ address });
  await new Client({ connection }).workflow.start('directoryWatch', {
    taskQueue: `${prefix}tenure`,
    workflowId: `${prefix}pass`,
    args: [{}],
  });
  await connection.close();
}

describe('a worker that is told to stop', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('ends with 0 at %s when it is idle', async (signal) => {
    const { child: worker, told } = start('well');
    await told('ready');
    worker.kill(signal);
    expect(await once(worker, 'exit')).toEqual([0, null]);
  });

  test('cancels an activity that listens, and ends with 0', async () => {
    const { child: worker, prefix, told } = start('well');
    await pass(prefix);
    await told('working');
    worker.kill('SIGTERM');
    expect(await once(worker, 'exit')).toEqual([0, null]);
  });

  test('ends all the same, with 1, when an activity ignores its cancellation and keeps a timer', async () => {
    const { child: worker, prefix, told } = start('stubborn');
    await pass(prefix);
    await told('working');
    worker.kill('SIGTERM');
    expect(await once(worker, 'exit')).toEqual([1, null]);
  });
});
