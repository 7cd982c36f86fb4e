import type { Ask } from '../activities/types.ts';

/** One ask is one demand of one rule: the same rule demanded again is another ask (PROTOCOL rule 9). */
export function askKey(ask: Pick<Ask, 'item' | 'demand'>): string {
  return `${ask.item}#${ask.demand}`;
}
