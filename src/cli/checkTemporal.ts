import { Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import type { Surroundings } from '../config/local.ts';
import { temporalAddress } from '../workers/connect.ts';
import { WATCH_SCHEDULE } from '../workers/schedule.ts';
import { searchAttributeProblem } from '../workers/searchAttributes.ts';
import { check, note } from './checks.ts';
import type { Check } from './checks.ts';

const { TASK_QUEUE_TYPE_WORKFLOW, TASK_QUEUE_TYPE_ACTIVITY } = proto.temporal.api.enums.v1.TaskQueueType;

/** Server, namespace and search attributes; who polls the queues; the watch's schedule. */
export async function checkTemporal(surroundings: Surroundings, targets: readonly string[]): Promise<Check[]> {
  const { connectionOptions, namespace } = temporalAddress(surroundings);
  const address = connectionOptions.address ?? '';
  const { tls, apiKey, metadata } = connectionOptions;
  let connection: Connection;
  try {
    const options = {
      address,
      connectTimeout: '3s',
      ...(tls === undefined ? {} : { tls }),
      ...(apiKey === undefined ? {} : { apiKey }),
      ...(metadata === undefined ? {} : { metadata }),
    };
    connection = await Connection.connect(options);
  } catch {
    return [
      check('temporal', [`No Temporal server answers at ${address}: start it (npm start), or set TEMPORAL_ADDRESS.`]),
    ];
  }
  try {
    return await connection.withDeadline(Date.now() + 10_000, () => looks(connection, namespace, address, targets));
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return [
      check('temporal', [
        `The Temporal server at ${address} refuses to answer for the namespace "${namespace}": ${why}`,
      ]),
    ];
  } finally {
    await connection.close();
  }
}

async function looks(
  connection: Connection,
  namespace: string,
  address: string,
  targets: readonly string[],
): Promise<Check[]> {
  const { serverVersion } = await connection.workflowService.getSystemInfo({});
  await connection.workflowService.describeNamespace({ namespace });
  const attributes = await searchAttributeProblem(connection, namespace);
  return [
    check('temporal', attributes === undefined ? [] : [attributes], {
      version: serverVersion,
      details: [`${address}, namespace ${namespace}, search attributes registered`].slice(
        attributes === undefined ? 0 : 1,
      ),
    }),
    await checkWorkers(connection, namespace, targets),
    await checkSchedule(connection, namespace),
  ];
}

async function checkWorkers(connection: Connection, namespace: string, targets: readonly string[]): Promise<Check> {
  const queues = [...new Set(['otds', 'ledger', ...targets])];
  const asked = [
    { name: 'tenure', taskQueueType: TASK_QUEUE_TYPE_WORKFLOW },
    ...queues.map((name) => ({ name, taskQueueType: TASK_QUEUE_TYPE_ACTIVITY })),
  ];
  const unserved: string[] = [];
  for (const { name, taskQueueType } of asked) {
    const { pollers } = await connection.workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name },
      taskQueueType,
    });
    if (pollers.length === 0) unserved.push(name);
  }
  if (unserved.length === 0)
    return check('workers', [], { details: [`All queues are served: tenure, ${queues.join(', ')}`] });
  const queue = unserved.length === 1 ? 'queue' : 'queues';
  return check('workers', [
    `No worker serves the ${queue} ${unserved.join(', ')}: start one (npm run worker -- --queues ${unserved.join(',')}).`,
  ]);
}

async function checkSchedule(connection: Connection, namespace: string): Promise<Check> {
  try {
    const { schedule, info } = await connection.workflowService.describeSchedule({
      namespace,
      scheduleId: WATCH_SCHEDULE,
    });
    const next = info?.futureActionTimes?.[0]?.seconds;
    if (schedule?.state?.paused === true)
      return note(
        'watch',
        `The schedule ${WATCH_SCHEDULE} is paused: changes in the directory start nothing by themselves. ${schedule.state.notes ?? ''}`.trim(),
      );
    return check('watch', [], {
      details: [next == null ? 'The schedule runs.' : `Next pass ${new Date(Number(next) * 1_000).toISOString()}`],
    });
  } catch {
    return note(
      'watch',
      `There is no schedule ${WATCH_SCHEDULE}: changes in the directory start nothing by themselves. A worker with --schedule creates it.`,
    );
  }
}
