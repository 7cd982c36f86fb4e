import type { ConvergeSummary } from '../activities/types.ts';

/** What an attempt reports before it has read anything. */
export function emptySummary(target: string): ConvergeSummary {
  return {
    target,
    number: 0,
    state: 'nothing',
    account: 'unknown',
    applied: [],
    left: [],
    open: [],
    waiting: [],
    warnings: [],
    failed: [],
    ambiguous: false,
  };
}
