import { expect, test } from '@jest/globals';
import { mapConcurrent } from './mapConcurrent.ts';

test('keeps the order and never exceeds the limit', async () => {
  let running = 0;
  let most = 0;
  const result = await mapConcurrent([1, 2, 3, 4, 5, 6, 7], 3, async (n) => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setImmediate(resolve));
    running--;
    return n * 10;
  });
  expect(result).toEqual([10, 20, 30, 40, 50, 60, 70]);
  expect(most).toBe(3);
});

test('a failure is thrown and starts no further work', async () => {
  const started: number[] = [];
  const work = mapConcurrent([1, 2, 3, 4, 5], 2, async (n) => {
    started.push(n);
    await new Promise((resolve) => setImmediate(resolve));
    if (n === 1) throw new Error('no');
  });
  await expect(work).rejects.toThrow('no');
  expect(started.length).toBeLessThan(5);
});
