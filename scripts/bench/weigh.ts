/** What one workflow leaves behind: events, state transitions, payload bytes, ledger statements. */
import type { Client } from '@temporalio/client';
import type { PostgresLedger } from '../../src/ledger/index.ts';
import { median } from './loop.ts';
import type { Side } from './noop.ts';

export type Weight = {
  events: number;
  workflowTasks: number;
  transitions: number;
  historyBytes: number;
  payloadBytes: number;
  statements: number;
};

/** The median of `workflows`, one at a time. */
export async function weigh(client: Client, ledger: PostgresLedger, side: Side, workflows: number): Promise<Weight> {
  const all: Weight[] = [];
  for (let n = 0; n < workflows; n++) {
    const before = ledger.statements();
    const { workflowId } = await side.once();
    all.push({ ...(await historyOf(client, workflowId)), statements: ledger.statements() - before });
  }
  const of = (key: keyof Weight): number => median(all.map((w) => w[key]));
  return {
    events: of('events'),
    workflowTasks: of('workflowTasks'),
    transitions: of('transitions'),
    historyBytes: of('historyBytes'),
    payloadBytes: of('payloadBytes'),
    statements: of('statements'),
  };
}

async function historyOf(client: Client, workflowId: string): Promise<Omit<Weight, 'statements'>> {
  const handle = client.workflow.getHandle(workflowId);
  const { raw } = await handle.describe();
  const events = (await handle.fetchHistory()).events ?? [];
  return {
    events: events.length,
    workflowTasks: events.filter((e) => e.workflowTaskCompletedEventAttributes).length,
    transitions: Number(raw.workflowExecutionInfo?.stateTransitionCount ?? 0),
    historyBytes: Number(raw.workflowExecutionInfo?.historySizeBytes ?? 0),
    payloadBytes: payloadBytes(events),
  };
}

/** Sum of the data of every payload anywhere below. */
function payloadBytes(value: unknown): number {
  if (value instanceof Uint8Array || typeof value !== 'object' || value === null) return 0;
  if ('data' in value && 'metadata' in value && value.data instanceof Uint8Array) return value.data.length;
  return Object.values(value).reduce<number>((sum, below) => sum + payloadBytes(below), 0);
}
