/** A client and workers on one Temporal server; several sets of workers are told apart by the prefix of their queues. */
import { randomBytes } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { firstAttributes } from '../../src/activities/start.ts';
import { createLogger } from '../../src/log.ts';
import { createWorkers, type Workers, type WorkersDeps } from '../../src/workers/create.ts';
import { dataConverter } from '../../src/workers/dataConverter.ts';
import type { Servers } from './servers.ts';

export type Activities = WorkersDeps['activities'];

type Start = {
  type: string;
  /** Of the workers that are to serve it. */
  prefix: string;
  who: string;
  /** Besides `person`. */
  input?: object;
  priority?: number;
  /** Default 60 seconds. */
  timeout?: `${number} seconds`;
};

export type Begun = { workflowId: string; who: string; begun: number };

export type Stage = {
  client: Client;
  /** Serves every queue of these activities under a prefix until `close`. */
  serve(set: Pick<WorkersDeps, 'activities' | 'bundle' | 'concurrent'> & { prefix: string }): Promise<void>;
  /** Starts one as the watch would. `begun`: performance.now() before. */
  start(what: Start): Promise<Begun>;
  /** Its result. @throws where the outcome is none of `done`. */
  done(run: Begun): Promise<Begun>;
  close(): Promise<void>;
};

/** The payload codec is on, with a key of this run. */
export async function openStage({ temporal: { address, namespace } }: Servers): Promise<Stage> {
  const converter = dataConverter({ current: { id: 'bench', key: randomBytes(32) }, old: [] });
  const connection = await NativeConnection.connect({ address });
  const clientConnection = await Connection.connect({ address });
  const client = new Client({ connection: clientConnection, namespace, dataConverter: converter });
  const sets: { workers: Workers; ended: Promise<void> }[] = [];
  let n = 0;
  return {
    client,
    async serve(set) {
      const workers = await createWorkers({
        ...set,
        connection,
        namespace,
        dataConverter: converter,
        shutdownGraceMs: 500,
        shutdownForceMs: 5_000,
        log: createLogger({ level: 'silent' }),
      });
      // A failure is told by every workflow that never ends.
      sets.push({ workers, ended: workers.run().catch(() => undefined) });
    },
    async start({ type, prefix, who, input = {}, priority = 3, timeout = '60 seconds' }) {
      const workflowId = `${type}/${who}/${++n}`;
      const begun = performance.now();
      await client.workflow.start(type, {
        workflowId,
        taskQueue: `${prefix}tenure`,
        args: [{ person: who, ...input }],
        workflowExecutionTimeout: timeout,
        typedSearchAttributes: firstAttributes(who),
        staticSummary: `${type} of ${who}, seen by the watch`,
        priority: { priorityKey: priority },
      });
      return { workflowId, who, begun };
    },
    async done(run) {
      const result: unknown = await client.workflow.getHandle(run.workflowId).result();
      if (!isDone(result)) throw new Error(`${run.workflowId} did not end well: ${JSON.stringify(result)}`);
      return run;
    },
    async close() {
      for (const { workers } of sets) workers.shutdown();
      await Promise.all(sets.map(({ ended }) => ended));
      await connection.close();
      await clientConnection.close();
    },
  };
}

const isDone = (result: unknown): boolean =>
  typeof result === 'object' && result !== null && 'outcome' in result && result.outcome === 'done';
