/** Real workflows on the real Temporal server with in-process systems: start a run, look at it, move its clock, stop it anywhere. */
import { randomBytes, randomUUID } from 'node:crypto';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { createActivities } from '../../src/activities/create.ts';
import type { RunResult } from '../../src/activities/types.ts';
import { createLogger } from '../../src/log.ts';
export { advance } from '../../src/local/advance.ts';
import { workflowBundle } from '../../src/workers/bundle.ts';
import { createWorkers, type Workers } from '../../src/workers/create.ts';
import { dataConverter } from '../../src/workers/dataConverter.ts';
import type { Status } from '../../src/workflows/board.ts';
import { openRig, type Rig, type RigOptions } from './rig.ts';
import { temporalServer } from './server.ts';
import { until } from './until.ts';

const KEY = randomBytes(32);

export type World = {
  rig: Rig;
  client: Client;
  /** Starts under an id of its own; `type/who` plus a suffix. */
  start(type: string, input: unknown, id?: string): Promise<WorkflowHandle>;
  status(handle: WorkflowHandle): Promise<Status>;
  /** Waits until `status` satisfies the condition. */
  when(handle: WorkflowHandle, what: string, look: (status: Status) => boolean): Promise<Status>;
  result(handle: WorkflowHandle): Promise<RunResult>;
  queue: string;
  close(): Promise<void>;
};

export type WorldOptions = RigOptions & { rig?: Rig };

export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const { address, namespace } = await temporalServer();
  const rig = options.rig ?? (await openRig(options));
  const converter = dataConverter({ current: { id: 'test', key: KEY }, old: [] });
  const connection = await NativeConnection.connect({ address });
  const clientConnection = await Connection.connect({ address });
  const client = new Client({ connection: clientConnection, namespace, dataConverter: converter });
  const prefix = `t${randomUUID().slice(0, 8)}-`;
  const queue = `${prefix}tenure`;
  const activities = createActivities({ engine: rig.deps, client: client.workflow, workflowQueue: queue });
  const workers: Workers = await createWorkers({
    connection,
    namespace,
    dataConverter: converter,
    bundle: await workflowBundle(),
    activities,
    concurrent: {},
    prefix,
    shutdownGraceMs: 200,
    shutdownForceMs: 3_000,
    log: createLogger({ level: 'silent' }),
  });
  const running = workers.run().catch(() => {});
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
    close: async () => {
      workers.shutdown();
      await running;
      await connection.close();
      await clientConnection.close();
      await rig.close();
    },
  };
}
