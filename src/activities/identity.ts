import type { WorkflowClient } from '@temporalio/client';
import type { RecordDecisionInput, RunName } from './types.ts';

/**
 * The caller's Temporal identity, as the server recorded it: `by` in a decision is a claim, this is what stands beside it. Read from the run's own
 * history; undefined where the server no longer tells.
 */
export async function identityOf(
  client: WorkflowClient,
  run: RunName,
  via: RecordDecisionInput['via'] | 'start',
): Promise<string | undefined> {
  if (via !== 'start' && 'rule' in via) return undefined;
  let signals = 0;
  let nextPageToken: Uint8Array | undefined;
  do {
    const page = await client.workflowService.getWorkflowExecutionHistory({
      namespace: client.options.namespace,
      execution: { workflowId: run.workflowId, runId: run.runId },
      ...(nextPageToken && { nextPageToken }),
    });
    for (const event of page.history?.events ?? []) {
      if (via === 'start') return event.workflowExecutionStartedEventAttributes?.identity ?? undefined;
      const update = event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.meta;
      if ('updateId' in via && update?.updateId === via.updateId) return update.identity ?? undefined;
      const signal = event.workflowExecutionSignaledEventAttributes;
      if ('signal' in via && signal?.signalName === 'decide' && signals++ === via.signal)
        return signal.identity ?? undefined;
    }
    nextPageToken = page.nextPageToken?.length ? page.nextPageToken : undefined;
  } while (nextPageToken);
  return undefined;
}
