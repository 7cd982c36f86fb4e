import { expect, test } from '@jest/globals';
import { SharedRead } from './sharedRead.ts';

const never = new AbortController().signal;

/** A read that ends when told to. */
function controlled() {
  const begun: { signal: AbortSignal; end: (value: number) => void }[] = [];
  const shared = new SharedRead<number>((signal) => new Promise((end) => begun.push({ signal, end })));
  const turn = async (): Promise<void> => await new Promise((done) => setImmediate(done));
  return { shared, begun, turn };
}

test('those who ask before a read begins share it, those who ask later get the next one, begun after they asked', async () => {
  const { shared, begun, turn } = controlled();
  const first = [shared.read(never), shared.read(never)];
  await turn();
  const second = [shared.read(never), shared.read(never)];
  await turn();
  expect(begun).toHaveLength(1);
  begun[0]!.end(1);
  expect(await Promise.all(first)).toEqual([1, 1]);
  await turn();
  expect(begun).toHaveLength(2);
  begun[1]!.end(2);
  expect(await Promise.all(second)).toEqual([2, 2]);
});

test('one who gives up does not end the read of the others; the last one does', async () => {
  const { shared, begun, turn } = controlled();
  const [one, two] = [new AbortController(), new AbortController()];
  const reads = [shared.read(one.signal), shared.read(two.signal)].map((read) => read.catch(String));
  await turn();
  one.abort();
  await turn();
  expect(begun[0]!.signal.aborted).toBe(false);
  two.abort();
  await Promise.all(reads);
  expect(begun[0]!.signal.aborted).toBe(true);
});

test('one who gives up before the read began spoils nothing for who comes next', async () => {
  const { shared, begun, turn } = controlled();
  const gone = shared.read(AbortSignal.abort()).catch(String);
  const stays = shared.read(never);
  await gone;
  await turn();
  begun[0]!.end(7);
  expect(await stays).toBe(7);
});

test('a read that fails does not keep the next from beginning', async () => {
  let count = 0;
  const shared = new SharedRead<number>(() =>
    count++ === 0 ? Promise.reject(new Error('broke')) : Promise.resolve(2),
  );
  await expect(shared.read(never)).rejects.toThrow('broke');
  expect(await shared.read(never)).toBe(2);
});
