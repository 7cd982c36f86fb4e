/** Closed loops and the few numbers made of them. */
type Looped = { calls: number; seconds: number };

/**
 * Calls `one` at most `total` times, `concurrency` at once: whoever is done begins the next, but none begins after `withinMs`. The first failure
 * ends it.
 */
export async function closedLoop(
  concurrency: number,
  total: number,
  withinMs: number,
  one: () => Promise<unknown>,
): Promise<Looped> {
  const from = performance.now();
  let calls = 0;
  const caller = async (): Promise<void> => {
    while (calls < total && performance.now() - from < withinMs) {
      calls++;
      await one();
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, total) }, caller));
  return { calls, seconds: (performance.now() - from) / 1000 };
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
