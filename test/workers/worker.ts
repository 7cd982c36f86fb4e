/**
 * `node worker.ts ADDRESS PREFIX well|stubborn`: workers whose directory pass waits for its cancellation, or ignores it and keeps a timer; for the
 * tests of an orderly stop. Prints `{"ready":true}` and, when the pass runs, `{"working":true}`.
 */
import { randomBytes } from 'node:crypto';
import { Context } from '@temporalio/activity';
import { NativeConnection } from '@temporalio/worker';
import type { createActivities } from '../../src/activities/create.ts';
import { createLogger } from '../../src/log.ts';
import { workflowBundle } from '../../src/workers/bundle.ts';
import { createWorkers } from '../../src/workers/create.ts';
import { dataConverter } from '../../src/workers/dataConverter.ts';
import { installRuntime } from '../../src/workers/runtime.ts';
import { serveUntilSignal } from '../../src/workers/serve.ts';

const [address = '', prefix = '', manner = ''] = process.argv.slice(2);
const tell = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
const unused = () => Promise.reject(new Error('not for this test'));

async function compareDirectory(): Promise<never> {
  tell({ working: true });
  const beat = setInterval(() => (manner === 'well' ? Context.current().heartbeat() : undefined), 200);
  if (manner === 'well') return await Context.current().cancelled.finally(() => clearInterval(beat));
  return await new Promise<never>(() => undefined);
}

const activities: ReturnType<typeof createActivities> = {
  otds: { resolvePerson: unused, askApprovers: unused, recordDecision: unused, compareDirectory },
  ledger: { finishRun: unused, abandon: unused, releaseHold: unused, rerouteApprovals: unused, sweep: unused },
  targets: {},
};

const log = createLogger({ level: 'warn' });
installRuntime(log);
const connection = await NativeConnection.connect({ address });
const limits = { shutdownGraceMs: 200, shutdownForceMs: 1_000 };
const workers = await createWorkers({
  connection,
  namespace: 'default',
  dataConverter: dataConverter({ current: { id: 'test', key: new Uint8Array(randomBytes(32)) }, old: [] }),
  bundle: await workflowBundle(),
  activities,
  concurrent: {},
  prefix,
  log,
  ...limits,
});
const served = serveUntilSignal({
  workers,
  close: () => connection.close(),
  log,
  shutdownForceMs: limits.shutdownForceMs,
});
tell({ ready: true });
process.exit(await served);
