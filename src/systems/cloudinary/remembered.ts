import type { CallContext } from '../port.ts';

/** A list that is believed for a while, and read again at once where it turns out to lack something. */
export class Remembered<T> {
  private readonly read: (call: CallContext) => Promise<T>;
  private readonly ms: number;
  private last: { value: T; readAt: number } | undefined;

  constructor(ms: number, read: (call: CallContext) => Promise<T>) {
    this.ms = ms;
    this.read = read;
  }

  /** The value, read again once where it is too old or `fits` says that it will not do. */
  async get(call: CallContext, fits: (value: T) => boolean = () => true): Promise<T> {
    const { last } = this;
    if (last && performance.now() - last.readAt < this.ms && fits(last.value)) return last.value;
    return await this.fresh(call);
  }

  /** Read now. */
  async fresh(call: CallContext): Promise<T> {
    const readAt = performance.now();
    const value = await this.read(call);
    this.last = { value, readAt };
    return value;
  }

  /** What was read last, of any age. */
  known(): T | undefined {
    return this.last?.value;
  }
}
