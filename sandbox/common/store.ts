import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const DEBOUNCE_MS = 100;
/** Saving takes this much of the time at most, as one part of so many; of a very large state, whose saving others notice, less. */
const SHARE = 10;
const LARGE_MS = 100;
const LARGE_SHARE = 50;

/** What a stand-in keeps between two starts. */
export type Saved<S> = {
  system: string;
  clockOffsetMs: number;
  state: S;
  ledger: unknown;
  outbox: unknown;
  faults: unknown;
};

/** Keeps `<dataDir>/<system>.json` up to date: soon after each change and on close, each time by rename. */
export class Store<S> {
  readonly #file: string;
  readonly #current: () => Saved<S>;
  #timer: NodeJS.Timeout | undefined;
  #costMs = 0;

  constructor(dataDir: string, system: string, current: () => Saved<S>) {
    mkdirSync(dataDir, { recursive: true });
    this.#file = join(dataDir, `${system}.json`);
    this.#current = current;
  }

  /** What was saved last, or null at the first start. An unreadable file is an error, not a fresh start. */
  load(): Saved<S> | null {
    if (!existsSync(this.#file)) return null;
    return JSON.parse(readFileSync(this.#file, 'utf8')) as Saved<S>;
  }

  /** Something changed: save soon. A large state is saved less often. */
  changed(): void {
    if (this.#timer) return;
    const share = this.#costMs > LARGE_MS ? LARGE_SHARE : SHARE;
    this.#timer = setTimeout(() => this.flush(), Math.max(DEBOUNCE_MS, this.#costMs * share));
    this.#timer.unref();
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const started = performance.now();
    const tmp = `${this.#file}.${process.pid}.tmp`;
    writeFileSync(tmp, JSON.stringify(this.#current()), { mode: 0o600 });
    renameSync(tmp, this.#file);
    this.#costMs = performance.now() - started;
  }
}
