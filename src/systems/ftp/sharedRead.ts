/**
 * One answer for everybody who asked before it was begun: while a read runs, those who come wait for the next one together. So no answer is older than
 * its question, and a page of people costs two reads of a list, not one each.
 */
export class SharedRead<T> {
  private readonly begin: (signal: AbortSignal) => Promise<T>;
  private running: Promise<unknown> | undefined;
  private next: Reading<T> | undefined;

  /** `begin` reads; its signal aborts when nobody waits any more. */
  constructor(begin: (signal: AbortSignal) => Promise<T>) {
    this.begin = begin;
  }

  /** Rejects with the reason of `signal` when that aborts first. */
  read(signal: AbortSignal): Promise<T> {
    this.next ??= this.schedule();
    return this.next.join(signal);
  }

  private schedule(): Reading<T> {
    const reading = new Reading<T>();
    void (async () => {
      // Also without one before: whoever asks in the same turn joins.
      await this.running?.catch(() => undefined);
      await Promise.resolve();
      this.next = undefined;
      this.running = reading.run(this.begin);
    })();
    return reading;
  }
}

class Reading<T> {
  private readonly gone = new AbortController();
  private begun = false;
  private waiting = 0;
  private readonly settle: { resolve: (value: T) => void; reject: (error: unknown) => void };
  private readonly result: Promise<T>;

  constructor() {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.result = promise;
    this.settle = { resolve, reject };
    promise.catch(() => undefined);
  }

  async run(begin: (signal: AbortSignal) => Promise<T>): Promise<void> {
    if (this.waiting === 0) return;
    this.begun = true;
    try {
      this.settle.resolve(await begin(this.gone.signal));
    } catch (error) {
      this.settle.reject(error);
    }
  }

  async join(signal: AbortSignal): Promise<T> {
    this.waiting++;
    let onAbort: (() => void) | undefined;
    const aborted = new Promise<never>((_done, failed) => {
      onAbort = () => failed(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort, { once: true });
    });
    try {
      return await Promise.race([this.result, aborted]);
    } finally {
      if (onAbort) signal.removeEventListener('abort', onAbort);
      this.waiting--;
      if (this.begun && this.waiting === 0) this.gone.abort();
    }
  }
}
