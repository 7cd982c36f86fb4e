const MAX_COUNT = 64;
const MAX_CHARS = 64_000_000;
const CHEAP_CHARS = 1_000_000;
const LARGE_CHARS = 16_000_000;

/**
 * A bounded ring of past states, taken on writes, for `stale` reads. Of a state that is expensive to copy, copies are taken
 * with pauses of twenty times their cost; very large ones (generated companies) only while a `stale` fault is planned, so
 * that benchmarks measure the product and not the copying.
 */
export class Snapshots<S> {
  #ring: { at: number; text: string }[] = [];
  #costMs = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #state: () => S;
  readonly #now: () => Date;
  readonly #wanted: () => boolean;
  #chars = 0;

  constructor(state: () => S, now: () => Date, wanted: () => boolean) {
    this.#state = state;
    this.#now = now;
    this.#wanted = wanted;
  }

  /** The state has changed. */
  changed(): void {
    if (this.#timer || (this.#chars > LARGE_CHARS && !this.#wanted())) return;
    if (this.#chars <= CHEAP_CHARS) return this.#take();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#take();
    }, this.#costMs * 20);
    this.#timer.unref();
  }

  /** Forgets the past, as after a reset. */
  restart(): void {
    this.stop();
    this.#ring = [];
    this.#take();
  }

  /** A copy of the state as it was `ms` ago, or the oldest one still known. */
  at(ms: number): S {
    const then = this.#now().getTime() - ms;
    const found = this.#ring.findLast((s) => s.at <= then) ?? this.#ring[0];
    return found ? (JSON.parse(found.text) as S) : structuredClone(this.#state());
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #take(): void {
    const started = performance.now();
    const text = JSON.stringify(this.#state());
    this.#ring.push({ at: this.#now().getTime(), text });
    this.#chars = text.length;
    this.#costMs = performance.now() - started;
    let chars = this.#ring.reduce((sum, s) => sum + s.text.length, 0);
    while (this.#ring.length > 1 && (this.#ring.length > MAX_COUNT || chars > MAX_CHARS)) {
      chars -= this.#ring.shift()?.text.length ?? 0;
    }
  }
}
