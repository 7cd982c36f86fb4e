import { setTimeout as pause } from 'node:timers/promises';

/** Waits for a condition, looking every few milliseconds; fails with `what` when it never holds. For things that only time or another process bring. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false>,
  withinMs = 15_000,
): Promise<T> {
  const end = performance.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (performance.now() > end) throw new Error(`Waited ${withinMs} ms in vain for: ${what}`);
    await pause(10);
  }
}
