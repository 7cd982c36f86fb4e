import { SystemError } from '../errors.ts';
import type { Applied } from '../port.ts';
import type { Written } from './wire.ts';

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

export function applied(written: Written): Applied {
  if (written.outcome === 'refused') throw written.error;
  return written.outcome === 'done' ? DONE : { outcome: 'unknown', code: written.code };
}
