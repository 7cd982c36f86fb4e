import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError, type WorkflowClient } from '@temporalio/client';
import { defineSearchAttributeKey, TypedSearchAttributes } from '@temporalio/common';
import type { Attempt } from '../provisioning/engine.ts';
import type { WatchStart } from '../provisioning/watch.ts';
import type { ActivityDeps } from './create.ts';
import type { ComparePassResult, RunName, RunType } from './types.ts';

const PERSON = defineSearchAttributeKey('Person', 'KEYWORD');
const STAGE = defineSearchAttributeKey('Stage', 'KEYWORD');
const NEEDS_ATTENTION = defineSearchAttributeKey('NeedsAttention', 'BOOL');

/** What a run would tell first of all; given at its start it costs nothing. */
export const firstAttributes = (person: string): TypedSearchAttributes =>
  new TypedSearchAttributes([
    { key: PERSON, value: person },
    { key: STAGE, value: 'working' },
    { key: NEEDS_ATTENTION, value: false },
  ]);

const PRIORITY: Record<RunType, number> = { offboarding: 1, onboarding: 3, roleChange: 3 };

/**
 * Starts the runs of a watch pass under the ids that operators know (`onboarding/ada.byrne@staff`). Where one is open already it is told to read again:
 * a refused start alone would not count as handled (PROTOCOL rule 2).
 */
export async function startRuns(
  deps: ActivityDeps,
  starts: readonly WatchStart[],
  attempt: Attempt,
): Promise<Pick<ComparePassResult, 'started' | 'alreadyOpen'>> {
  // Two systems on one server tell their runs apart as they do their queues.
  const prefix = deps.workflowQueue.endsWith('tenure') ? deps.workflowQueue.slice(0, -'tenure'.length) : '';
  const started: ComparePassResult['started'] = [];
  let alreadyOpen = 0;
  for (const { person, type } of starts) {
    attempt.signal.throwIfAborted();
    const workflowId = `${prefix}${type}/${person}`;
    try {
      await deps.client.start(type, {
        workflowId,
        taskQueue: deps.workflowQueue,
        args: [type === 'offboarding' ? { person, fromDirectory: true } : { person }],
        workflowIdConflictPolicy: 'FAIL',
        typedSearchAttributes: firstAttributes(person),
        staticSummary: `${type} of ${person}, seen by the watch`,
        priority: { priorityKey: PRIORITY[type] },
      });
      started.push({ person, type, workflowId });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      alreadyOpen++;
      await deps.client.getHandle(workflowId).signal('changed', { by: 'the watch' });
    }
    attempt.heartbeat(`${started.length} runs started`);
  }
  return { started, alreadyOpen };
}

/** Is that very run still open on the server? */
export async function isOpen(client: WorkflowClient, run: RunName): Promise<boolean> {
  try {
    return (await client.getHandle(run.workflowId, run.runId).describe()).status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
