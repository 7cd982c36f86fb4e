/** Runs `work` on every item, at most `concurrent` at a time; results in the items' order. The first failure starts no further work. */
export async function mapConcurrent<T, R>(
  items: readonly T[],
  concurrent: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results = new Map<number, R>();
  const queue = items.entries();
  let failed = false;
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) {
      if (failed) return;
      try {
        results.set(index, await work(item));
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, concurrent) }, worker));
  return [...results].sort(([a], [b]) => a - b).map(([, result]) => result);
}
