import type { RunResult } from '../activities/types.ts';
import { checkInput, PERSON } from './input.ts';
import { Lifecycle } from './lifecycle.ts';
import { provide } from './provide.ts';

/**
 * A mover: new access first, old access after its grace, both by one plan; privileged access after approval.
 * Least input: `{"person":"ada.byrne@staff"}`.
 */
export async function roleChange(input: { person: string }): Promise<RunResult> {
  checkInput('roleChange', input, PERSON);
  return await provide(new Lifecycle('roleChange', input.person));
}
