import { performance } from 'node:perf_hooks';

/** Gives a turn; call the result when the request is over. */
export type Pace = { turn(o: { first: boolean; signal: AbortSignal }): Promise<() => void> };

type Waiting = { first: boolean; go: () => void };

/**
 * Client-side limits of one system: at most `concurrent` requests at a time, and a token bucket of `perSecond` (burst: `concurrent`, at most
 * one second's worth) on a monotonic clock. `first` goes before everybody who is not (writes before scans). An aborted wait rejects with the
 * signal's reason and takes nothing.
 */
export function createPace(limits: { perSecond: number; concurrent: number }): Pace {
  const burst = Math.max(1, Math.min(limits.concurrent, limits.perSecond));
  const queue: Waiting[] = [];
  let tokens = burst;
  let countedAt = performance.now();
  let running = 0;
  let timer: NodeJS.Timeout | undefined;

  function refill(): void {
    const now = performance.now();
    tokens = Math.min(burst, tokens + ((now - countedAt) / 1000) * limits.perSecond);
    countedAt = now;
  }

  function drain(): void {
    clearTimeout(timer);
    refill();
    while (queue.length > 0 && running < limits.concurrent && tokens >= 1) {
      tokens -= 1;
      running += 1;
      queue.shift()?.go();
    }
    if (queue.length > 0 && running < limits.concurrent) {
      timer = setTimeout(drain, Math.ceil(((1 - tokens) / limits.perSecond) * 1000) + 1);
    }
  }

  function release(): () => void {
    let released = false;
    return () => {
      if (released) return;
      released = true;
      running -= 1;
      drain();
    };
  }

  return {
    turn({ first, signal }) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(reasonOf(signal));
        const onAbort = () => {
          queue.splice(queue.indexOf(entry), 1);
          reject(reasonOf(signal));
        };
        const entry: Waiting = {
          first,
          go() {
            signal.removeEventListener('abort', onAbort);
            resolve(release());
          },
        };
        signal.addEventListener('abort', onAbort, { once: true });
        const before = first ? queue.findIndex((w) => !w.first) : -1;
        queue.splice(before < 0 ? queue.length : before, 0, entry);
        drain();
      });
    },
  };
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new DOMException('The call was cancelled.', 'AbortError');
}
