import { Worker } from '@temporalio/worker';
import type { NativeConnection, WorkerOptions } from '@temporalio/worker';
import type { createActivities } from '../activities/create.ts';
import type { Logger } from '../log.ts';
import type { WorkflowBundle } from './bundle.ts';
import type { TenureDataConverter } from './dataConverter.ts';

/** The queue of workflow tasks. Activities have one per target, and `ledger`. */
export const WORKFLOW_QUEUE = 'tenure';

export type WorkersDeps = {
  connection: NativeConnection;
  namespace: string;
  dataConverter: TenureDataConverter;
  bundle: WorkflowBundle;
  activities: ReturnType<typeof createActivities>;
  /** Requests at once per target, from the configuration's limits. Default 4. */
  concurrent: Readonly<Record<string, number>>;
  /** Queues to serve, without prefix. Default all. */
  queues?: readonly string[] | undefined;
  /** Before every queue name: several systems, or tests, on one server. Default none. */
  prefix?: string | undefined;
  /** How long running activities may go on after a stop before they are cancelled. Default 10 s. */
  shutdownGraceMs?: number | undefined;
  /** How long after a stop `run` gives up waiting for activities that do not end. Default 15 s. */
  shutdownForceMs?: number | undefined;
  identity?: string | undefined;
  log: Logger;
};

export type Workers = {
  /** Served queues, with prefix. */
  queues: readonly string[];
  /** Resolves after `shutdown` when everything ended; rejects when a worker fails or an activity did not end in time. Then end the process. */
  run(): Promise<void>;
  /** Asks all to stop: no new tasks, running activities get the grace. Again: no effect. */
  shutdown(): void;
};

/** Every queue that this configuration has, without prefix. */
function allQueues(activities: WorkersDeps['activities']): string[] {
  const notices = activities.push ? ['push'] : [];
  return [...new Set([WORKFLOW_QUEUE, 'otds', 'ledger', ...Object.keys(activities.targets), ...notices])];
}

/** One worker per queue in this process. Nothing is polled before `run`. @throws with a sentence for a queue that does not exist. */
export async function createWorkers(deps: WorkersDeps): Promise<Workers> {
  const known = allQueues(deps.activities);
  const queues = deps.queues ?? known;
  const unknown = queues.filter((queue) => !known.includes(queue));
  if (unknown.length > 0)
    throw new Error(`There is no queue ${unknown.join(', ')}; the queues are ${known.join(', ')}.`);
  if (queues.length === 0) throw new Error(`Name at least one queue of ${known.join(', ')}.`);
  const workers = await Promise.all(queues.map((queue) => Worker.create(optionsOf(queue, deps))));
  const shutdown = (): void => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  return {
    queues: queues.map((queue) => prefixed(queue, deps)),
    run: () => runAll(workers, shutdown, deps.log),
    shutdown,
  };
}

/** All or none: when one worker fails, the others stop too, and the first failure is told. */
async function runAll(workers: readonly Worker[], shutdown: () => void, log: Logger): Promise<void> {
  const ends = await Promise.allSettled(
    workers.map((worker) =>
      worker.run().catch((error: unknown) => {
        log.error(
          { queue: worker.options.taskQueue, err: error },
          'A worker ended with an error; the others of this process stop too.',
        );
        shutdown();
        throw error;
      }),
    ),
  );
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed) throw failed.reason;
}

const prefixed = (queue: string, { prefix = '' }: WorkersDeps): string => `${prefix}${queue}`;

function optionsOf(queue: string, deps: WorkersDeps): WorkerOptions {
  const common = {
    connection: deps.connection,
    namespace: deps.namespace,
    taskQueue: prefixed(queue, deps),
    dataConverter: deps.dataConverter,
    ...(deps.identity === undefined ? {} : { identity: deps.identity }),
    shutdownGraceTime: deps.shutdownGraceMs ?? 10_000,
    shutdownForceTime: deps.shutdownForceMs ?? 15_000,
    maxHeartbeatThrottleInterval: '5 seconds',
    defaultHeartbeatThrottleInterval: '2 seconds',
    // Eager dispatch ignores the queue's rate limit (TEMPORAL-MEASURED 7).
    maxEagerActivityReservationsPerWorkflowTask: 0,
  } satisfies WorkerOptions;
  return queue === WORKFLOW_QUEUE
    ? { ...common, ...workflowSettings(deps) }
    : { ...common, ...activitySettings(queue, deps) };
}

/** Set one by one: the SDK's defaults are meant for development (TEMPORAL 7.2). */
function workflowSettings(deps: WorkersDeps): Partial<WorkerOptions> {
  return {
    workflowBundle: deps.bundle,
    maxConcurrentWorkflowTaskExecutions: 60,
    maxConcurrentWorkflowTaskPolls: 10,
    nonStickyToStickyPollRatio: 0.3,
    maxCachedWorkflows: 1_000,
    reuseV8Context: true,
    workflowThreadPoolSize: 1,
    // A worker that was killed costs its runs this long, not the default 10 s (TEMPORAL-MEASURED 4).
    stickyQueueScheduleToStartTimeout: '2 seconds',
  };
}

function activitySettings(queue: string, deps: WorkersDeps): Partial<WorkerOptions> {
  const { otds, ledger, push, targets } = deps.activities;
  const shared = { otds, ledger, push }[queue];
  const activities = { ...shared, ...targets[queue] };
  // The client holds the target's own limits. Two more than its requests at once: a long pass must not stop people's own runs.
  const slots = queue === 'ledger' ? 30 : (deps.concurrent[queue] ?? 4) + 2;
  return {
    activities,
    maxConcurrentActivityTaskExecutions: slots,
    maxConcurrentActivityTaskPolls: Math.min(slots, 5),
    maxConcurrentLocalActivityExecutions: 1,
  };
}
