/** Closed loops and the few numbers made of them. */
export type Looped = { seconds: number; /** Milliseconds of each call, sorted. */ times: readonly number[] };

/** Calls `one` `total` times, `concurrency` at once: whoever is done begins the next. The first failure ends it. */
export async function closedLoop(concurrency: number, total: number, one: () => Promise<unknown>): Promise<Looped> {
  const times: number[] = [];
  let begun = 0;
  const caller = async (): Promise<void> => {
    while (begun < total) {
      begun++;
      const from = performance.now();
      await one();
      times.push(performance.now() - from);
    }
  };
  const from = performance.now();
  await Promise.all(Array.from({ length: Math.min(concurrency, total) }, caller));
  return { seconds: (performance.now() - from) / 1000, times: times.sort((a, b) => a - b) };
}

/** Nearest rank, `p` from 0 to 1. NaN of nothing. */
export function percentile(sorted: readonly number[], p: number): number {
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(p * sorted.length) - 1))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return Number.isInteger(half) ? ((sorted[half - 1] ?? 0) + (sorted[half] ?? 0)) / 2 : (sorted[Math.floor(half)] ?? 0);
}
