import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { EngineError, type Attempt } from '../provisioning/engine.ts';
import { SystemError } from '../systems/errors.ts';
import type { Logger } from '../log.ts';

/** Well under the workflows' heartbeat time-out of 5 s: a living worker is never taken for dead. */
const HEARTBEAT_EVERY_MS = 1_000;

/**
 * Runs one activity: heartbeats by itself, passes cancellation on, takes business time from the attempt, and turns whatever is thrown into a coded
 * failure whose text may stand in a history. `holder` stays the same over retries: a retry takes its own lease back under a new fence.
 */
export async function attempted<T>(log: Logger, work: (attempt: Attempt) => Promise<T>): Promise<T> {
  const context = Context.current();
  const { info } = context;
  let detail = 'working';
  const beat = setInterval(() => context.heartbeat(detail), HEARTBEAT_EVERY_MS);
  const attempt: Attempt = {
    holder: `${info.workflowExecution?.workflowId ?? 'activity'}/${info.workflowExecution?.runId ?? ''}/${info.activityId}`,
    now: new Date(info.currentAttemptScheduledTimestampMs).toISOString(),
    signal: context.cancellationSignal,
    // Sent with the next beat: most attempts end before the first, and each beat is a request that the server stores.
    heartbeat: (text) => void (detail = text),
  };
  try {
    return await work(attempt);
  } catch (error) {
    throw failureOf(error, context, log);
  } finally {
    clearInterval(beat);
  }
}

/** Cancelled stays cancelled; our own errors keep code and sentence; anything else is logged here and reduced to its class. */
function failureOf(error: unknown, context: Context, log: Logger): unknown {
  if (context.cancellationSignal.aborted) return context.cancellationSignal.reason;
  if (error instanceof EngineError) return coded(error.code, error.message, !error.retryable, error.retryAt);
  // A system's "no" may be mended by its administrator: Tenure goes on asking at the patient pace and says so.
  if (error instanceof SystemError) return coded(error.code, error.message, false, error.retryAt);
  if (isLedgerError(error)) return coded(error.code, error.message, false, undefined);
  log.error(
    { err: error, activity: context.info.activityType, workflowId: context.info.workflowExecution?.workflowId },
    'Unexpected error in an activity',
  );
  const name = error instanceof Error ? error.name : typeof error;
  return coded('UNEXPECTED', `Unexpected ${name}; the worker's log has the rest.`, false, undefined);
}

function isLedgerError(error: unknown): error is Error & { code: string } {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('LEDGER_')
  );
}

function coded(code: string, message: string, nonRetryable: boolean, retryAt: string | undefined): ApplicationFailure {
  const waitMs = retryAt === undefined ? undefined : Math.max(200, Date.parse(retryAt) - Date.now());
  const failure = ApplicationFailure.create({
    type: code,
    message,
    nonRetryable,
    ...(waitMs !== undefined && { nextRetryDelay: waitMs }),
  });
  failure.stack = '';
  return failure;
}
