/** Real workflows on the real Temporal server with in-process systems: start a run, look at it, move its clock, stop it anywhere. */
import { randomBytes, randomUUID } from 'node:crypto';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { createActivities } from '../../src/activities/create.ts';
import type { RunResult } from '../../src/activities/types.ts';
import type { CodecKeys } from '../../src/config/env.ts';
import { createLogger } from '../../src/log.ts';
export { advance } from '../../src/local/advance.ts';
import { workflowBundle } from '../../src/workers/bundle.ts';
import { createWorkers, type Workers } from '../../src/workers/create.ts';
import { dataConverter } from '../../src/workers/dataConverter.ts';
import type { Status } from '../../src/workflows/board.ts';
import type { EngineDeps } from '../../src/provisioning/engine.ts';
import type { Messenger } from '../../src/systems/port.ts';
import { openRig, type Rig, type RigOptions } from './rig.ts';
import { temporalServer } from './server.ts';
import { until } from './until.ts';

const KEY = randomBytes(32);

/** What a world needs of a rig (or a site): the engine it runs on, and its end. */
export type Rigged = { deps: EngineDeps; close(): Promise<void> };

export type World<R extends Rigged = Rig> = {
  rig: R;
  client: Client;
  /** Starts under an id of its own; `type/who` plus a suffix. */
  start(type: string, input: unknown, id?: string): Promise<WorkflowHandle>;
  status(handle: WorkflowHandle): Promise<Status>;
  /** Waits until `status` satisfies the condition. */
  when(handle: WorkflowHandle, what: string, look: (status: Status) => boolean): Promise<Status>;
  result(handle: WorkflowHandle): Promise<RunResult>;
  queue: string;
  /** Ends all workers of this world, as a deployment would; runs stay open. */
  stopWorkers(): Promise<void>;
  /** Another set of workers on the same queues. */
  startWorkers(): Promise<void>;
  close(): Promise<void>;
};

export type WorldSettings = {
  /** Default: a key of this process. */
  keys?: CodecKeys;
  /** Before the queue names. Default: random, so that many worlds share one server. */
  prefix?: string;
  /** What the server records as the caller and the worker. Default: the SDK's process id and host name. */
  identity?: string;
  /** How people are told. Default: nobody can be. */
  messenger?: Messenger;
};
export type WorldOptions = RigOptions & WorldSettings & { rig?: Rig };

export async function openWorld(options: WorldOptions = {}): Promise<World> {
  return await worldOn(options.rig ?? (await openRig(options)), options);
}

/** The same on an engine that the test made; closing the world closes it. */
export async function worldOn<R extends Rigged>(rig: R, options: WorldSettings = {}): Promise<World<R>> {
  const { address, namespace } = await temporalServer();
  const converter = dataConverter(options.keys ?? { current: { id: 'test', key: KEY }, old: [] });
  const identity = options.identity ? { identity: options.identity } : {};
  const connection = await NativeConnection.connect({ address });
  const clientConnection = await Connection.connect({ address });
  const client = new Client({ connection: clientConnection, namespace, dataConverter: converter, ...identity });
  const prefix = options.prefix ?? `t${randomUUID().slice(0, 8)}-`;
  const queue = `${prefix}tenure`;
  const { messenger } = options;
  const activities = createActivities({ engine: rig.deps, client: client.workflow, workflowQueue: queue, messenger });
  let workers: Workers | undefined;
  let running: Promise<void> = Promise.resolve();
  const startWorkers = async (): Promise<void> => {
    workers = await createWorkers({
      connection,
      namespace,
      dataConverter: converter,
      bundle: await workflowBundle(),
      activities,
      concurrent: {},
      prefix,
      ...identity,
      shutdownGraceMs: 200,
      shutdownForceMs: 3_000,
      log: createLogger({ level: 'silent' }),
    });
    running = workers.run().catch(() => {});
  };
  const stopWorkers = async (): Promise<void> => {
    workers?.shutdown();
    await running;
  };
  await startWorkers();
  const status = (handle: WorkflowHandle): Promise<Status> => handle.query<Status>('status');
  return {
    rig,
    client,
    queue,
    start: (type, input, id = `${type}/${prefix}${randomUUID().slice(0, 8)}`) =>
      client.workflow.start(type, { workflowId: id, taskQueue: queue, args: [input] }),
    status,
    when: (handle, what, look) =>
      until(what, async () => {
        const now = await status(handle);
        return look(now) ? now : undefined;
      }),
    result: async (handle) => (await handle.result()) as RunResult,
    startWorkers,
    stopWorkers,
    close: async () => {
      await stopWorkers();
      await connection.close();
      await clientConnection.close();
      await rig.close();
    },
  };
}
