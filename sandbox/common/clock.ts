/**
 * The stand-in's clock: real time plus an offset, always running. Background effects hang on it, so moving it forward
 * makes them happen.
 */
export class Clock {
  offsetMs = 0;
  #jobs: { due: number; job: () => void }[] = [];
  #timer: NodeJS.Timeout | undefined;

  now(): Date {
    return new Date(Date.now() + this.offsetMs);
  }

  advance(seconds: number): void {
    this.offsetMs += seconds * 1000;
    this.#run();
  }

  set(at: Date): void {
    this.offsetMs = at.getTime() - Date.now();
    this.#run();
  }

  followReal(): void {
    this.offsetMs = 0;
    this.#run();
  }

  /** Runs `job` once the clock has moved on by `ms`. */
  later(ms: number, job: () => void): void {
    this.#jobs.push({ due: this.now().getTime() + ms, job });
    this.#jobs.sort((a, b) => a.due - b.due);
    this.#arm();
  }

  /** Forgets all background effects that have not happened yet. */
  forget(): void {
    this.#jobs = [];
    clearTimeout(this.#timer);
  }

  #run(): void {
    while (this.#jobs[0] && this.#jobs[0].due <= this.now().getTime()) this.#jobs.shift()?.job();
    this.#arm();
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const next = this.#jobs[0];
    if (!next) return;
    const waitMs = Math.min(Math.max(next.due - this.now().getTime(), 0), 2 ** 31 - 1);
    this.#timer = setTimeout(() => this.#run(), waitMs);
    this.#timer.unref();
  }
}
