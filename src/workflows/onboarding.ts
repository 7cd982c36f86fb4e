import type { RunResult } from '../activities/types.ts';
import { checkInput, PERSON } from './input.ts';
import { Lifecycle } from './lifecycle.ts';
import { provide } from './provide.ts';

/**
 * A joiner: waits for the start date, gives birthright access at once, asks for privileged access, and ends when everything due is proved.
 * Least input: `{"person":"ada.byrne@staff"}`.
 */
export async function onboarding(input: { person: string }): Promise<RunResult> {
  checkInput('onboarding', input, PERSON);
  return await provide(new Lifecycle('onboarding', input.person));
}
