import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  proxyActivities,
  workflowInfo,
} from '@temporalio/workflow';
import type { ActivityOptions } from '@temporalio/workflow';
import type { LedgerActivities, NoticeActivities, OtdsActivities, TargetActivities } from '../activities/types.ts';
import type { Board } from './board.ts';
import { refusal } from './reject.ts';

/** A worker that dies is noticed after this long. Activities heartbeat every second or two by themselves. */
const HEARTBEAT = '5 seconds';

/** First a handful of quick tries; then the system counts as late, a person is told, and trying goes on without end. */
const QUICK = {
  initialInterval: '1 second',
  backoffCoefficient: 2,
  maximumInterval: '8 seconds',
  maximumAttempts: 6,
} as const;
const PATIENT = { initialInterval: '15 seconds', backoffCoefficient: 2, maximumInterval: '5 minutes' } as const;

/** A notice is worth a few tries; then the run says that it did not go out. */
const NOTICE = {
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute', maximumAttempts: 5 },
  startToCloseTimeout: '3 minutes',
  scheduleToCloseTimeout: '10 minutes',
} as const satisfies ActivityOptions;

/** Priorities of DESIGN section 8: leavers overtake everybody. */
export const PRIORITY = { leaver: 1, expiry: 2, person: 3, review: 4, sweep: 5 } as const;

/** Queue names share the prefix of the run's own queue, so that two systems (or tests) can live on one server: `x-tenure` → `x-otds`. */
function queue(name: string): string {
  const own = workflowInfo().taskQueue;
  return own.endsWith('tenure') ? `${own.slice(0, -'tenure'.length)}${name}` : name;
}

function options(name: string, priorityKey: number): ActivityOptions {
  return {
    taskQueue: queue(name),
    startToCloseTimeout: '10 minutes',
    heartbeatTimeout: HEARTBEAT,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    priority: { priorityKey },
  };
}

/** One call of one activity with a summary for the timeline. */
export type Call<R> = (options: ActivityOptions) => Promise<R>;

export const otds = (priority: number) => proxyActivities<OtdsActivities>(options('otds', priority));
export const ledger = (priority: number) => proxyActivities<LedgerActivities>(options('ledger', priority));
export const target = (name: string, priority: number) => proxyActivities<TargetActivities>(options(name, priority));
export const notices = (priority: number) =>
  proxyActivities<NoticeActivities>({ ...options('push', priority), ...NOTICE });

/**
 * Tries `call` a few times; when that is not enough the system is shown as late (row, `NeedsAttention`), and trying goes on for ever at a pace
 * that spares it; `late` is called then. Ends only with an answer, a cancellation, or a refusal that trying again cannot change.
 */
export async function patiently<R>(
  board: Board,
  step: string,
  about: string,
  call: Call<R>,
  late: () => void = () => undefined,
): Promise<R> {
  try {
    return await call({ retry: QUICK });
  } catch (error) {
    if (isCancellation(error)) throw error;
    const final = refusedForGood(error);
    if (final) throw final;
    board.set(step, about, `late: ${reason(error)}; trying on`, { attention: true });
    late();
    const answer = await call({ retry: PATIENT });
    board.set(step, about, 'answered after being late');
    return answer;
  }
}

/** What an activity said itself and will not change by asking again, as the run's own refusal: operators read its sentence first. */
function refusedForGood(error: unknown): ApplicationFailure | undefined {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  if (!(cause instanceof ApplicationFailure) || cause.nonRetryable !== true) return undefined;
  return refusal(cause.type ?? 'REFUSED', cause.message);
}

/** The code of a failure, for operators. */
export function reason(error: unknown): string {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure) return cause.type ?? 'failed';
  return cause instanceof Error ? cause.name : 'failed';
}
