/** Counts requests per caller and minute (constant RATE_LIMIT). In memory only. */
export class Rates {
  readonly #seen = new Map<string, { minute: number; count: number }>();

  /** Seconds to wait, or 0 when the request may go on. */
  waitS(caller: string, limit: number, now: Date): number {
    const minute = Math.floor(now.getTime() / 60_000);
    const before = this.#seen.get(caller);
    const count = before?.minute === minute ? before.count + 1 : 1;
    this.#seen.set(caller, { minute, count });
    return count > limit ? Math.ceil(((minute + 1) * 60_000 - now.getTime()) / 1000) : 0;
  }
}
