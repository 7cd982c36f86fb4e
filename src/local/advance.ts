import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import proto from '@temporalio/proto';

/** Moves the clock of one running workflow ahead and returns when it has got there, or when the run has ended on the way (TEMPORAL-MEASURED section 2). */
export async function advance({ client, workflowId }: WorkflowHandle, seconds: number): Promise<void> {
  const { namespace } = client.options;
  const workflowExecution = { workflowId };
  const id = randomUUID();
  await client.workflowService.updateWorkflowExecutionOptions({
    namespace,
    workflowExecution,
    updateMask: { paths: ['time_skipping_config'] },
    workflowExecutionOptions: {
      timeSkippingConfig: {
        enabled: true,
        maxSessionSkipCount: 10_000,
        fastForwardConfig: { id, duration: { seconds } as never },
      },
    },
  });
  const { COMPLETED, FAILED } = results();
  for (;;) {
    const poll = await client.workflowService.pollWorkflowExecutionTimeSkipping({
      namespace,
      workflowExecution,
      fastForwardId: id,
    });
    if (poll.fastForwardPollingResult === COMPLETED) return;
    if (poll.failedReason?.includes('ended before')) return;
    if (poll.fastForwardPollingResult === FAILED) throw new Error(poll.failedReason ?? 'the clock could not be moved');
  }
}

function results() {
  const { FastForwardPollingResult: all } = proto.temporal.api.enums.v1;
  return {
    COMPLETED: all.FAST_FORWARD_POLLING_RESULT_FAST_FORWARD_COMPLETED,
    FAILED: all.FAST_FORWARD_POLLING_RESULT_FAST_FORWARD_FAILED,
  };
}
