import { setTimeout as pause } from 'node:timers/promises';

/**
 * For tests: sends a request that a planned fault of kind `hang` swallows, and gives up on it when the control address says
 * that every fault has struck: a limit in time could pass before the request arrives. Answers how the request ended.
 */
export async function abandoned(controlUrl: string, send: (signal: AbortSignal) => Promise<unknown>): Promise<unknown> {
  const giveUp = new AbortController();
  const ended = send(giveUp.signal).catch((error: unknown) => error);
  while (!(await allSpent(controlUrl))) await pause(5);
  giveUp.abort();
  return ended;
}

async function allSpent(controlUrl: string): Promise<boolean> {
  const reply = await fetch(`${controlUrl}/faults`);
  const { faults } = (await reply.json()) as { faults: { spent: boolean }[] };
  return faults.every((fault) => fault.spent);
}
