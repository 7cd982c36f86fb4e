import { SystemError } from '../errors.ts';
import type { Applied } from '../port.ts';

export const DONE: Applied = { outcome: 'done' };

/** A look after a definite answer: where it fails, the answer stands. */
export async function afterwards<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof SystemError) return undefined;
    throw error;
  }
}
