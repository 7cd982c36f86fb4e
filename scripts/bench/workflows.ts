import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { ActivityOptions } from '@temporalio/workflow';
import type { LedgerActivities, OtdsActivities, RunResult, TargetActivities } from '../../src/activities/types.ts';

/** The options of `src/workflows/activities.ts`. */
function options(name: string): ActivityOptions {
  return {
    taskQueue: workflowInfo().taskQueue.replace(/tenure$/, name),
    startToCloseTimeout: '10 minutes',
    heartbeatTimeout: '5 seconds',
    priority: { priorityKey: 3 },
  };
}

/** The ceiling: the same seven activities in the same order on the same queues with payloads of the same sizes, and nothing else. */
export async function noop(input: { person: string }): Promise<RunResult> {
  const { person } = input;
  const resolved = await proxyActivities<OtdsActivities>(options('otds')).resolvePerson.executeWithOptions(
    { summary: `read ${person} from the directory` },
    [{ person, claim: 'onboarding' }],
  );
  if ('handOver' in resolved) throw new Error('an echo hands nothing over');
  const { uuid, number } = resolved;
  const targets = await Promise.all(
    resolved.targets.map(({ target, summary }) =>
      proxyActivities<TargetActivities>(options(target)).converge.executeWithOptions(
        { summary: `${target}: ${summary}` },
        [{ person, uuid, target, mode: 'apply' }],
      ),
    ),
  );
  const text = `${person}: everything due is proved.`;
  await proxyActivities<LedgerActivities>(options('ledger')).finishRun.executeWithOptions(
    { summary: 'close the run: done' },
    [
      {
        person,
        uuid,
        type: 'onboarding',
        outcome: 'done',
        text,
        notices: [{ to: person, text: 'Welcome: your access is ready.' }],
      },
    ],
  );
  return { person, outcome: 'done', text, number, targets, decisions: {}, problems: [] };
}
