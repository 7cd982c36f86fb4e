import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../log.ts';
import type { Workers } from './create.ts';
import { endOnSignal } from './process.ts';

export type ServeOptions = {
  workers: Workers;
  /** Closes connections, once the workers have ended or given up. */
  close: () => Promise<void>;
  /** As given to the workers: after it they give up waiting. Default 20 s. */
  shutdownForceMs?: number;
  /** Also stops the workers. */
  signal?: AbortSignal;
  log: Logger;
};

/** What closing connections may take; after that they end with the process. */
const CLOSE_WITHIN_MS = 2_000;

/**
 * Runs the workers until SIGTERM or SIGINT; the answer is the exit code, and the caller must exit with it: an activity that ignores its
 * cancellation keeps timers that would hold the process for ever (TEMPORAL-MEASURED 10). Always answers, at the latest `shutdownForceMs` and some
 * seconds after the signal.
 */
export async function serveUntilSignal({
  workers,
  close,
  shutdownForceMs = 20_000,
  signal,
  log,
}: ServeOptions): Promise<number> {
  const stop = (why: string): void => {
    log.info({ why }, 'Stopping: no new tasks, running ones get their grace.');
    workers.shutdown();
  };
  const asked = endOnSignal().then(stop);
  signal?.addEventListener('abort', () => stop('abort'), { once: true });
  const overdue = asked.then(() => delay(shutdownForceMs + CLOSE_WITHIN_MS, 'overdue' as const, { ref: false }));
  const code = await Promise.race([end(workers, log), overdue]);
  if (code === 'overdue')
    log.error(
      'The workers did not end in time; the process ends without them. Leases and heartbeats run out by themselves.',
    );
  await Promise.race([close().catch(() => undefined), delay(CLOSE_WITHIN_MS, undefined, { ref: false })]);
  return code === 'overdue' ? 1 : code;
}

async function end(workers: Workers, log: Logger): Promise<number> {
  try {
    await workers.run();
    log.info('Stopped.');
    return 0;
  } catch (error) {
    log.error({ err: error }, 'The workers ended with an error.');
    return 1;
  }
}
