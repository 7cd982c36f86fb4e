import type { WorkflowClient } from '@temporalio/client';
import { splitWho } from '../domain/person.ts';
import { converge } from '../provisioning/converge.ts';
import type { EngineDeps } from '../provisioning/engine.ts';
import { attempted } from './context.ts';
import { ledgerActivities } from './ledger.ts';
import { otdsActivities } from './otds.ts';
import type { LedgerActivities, OtdsActivities, TargetActivities } from './types.ts';

export type ActivityDeps = {
  engine: EngineDeps;
  /** With the same data converter as the workers. */
  client: WorkflowClient;
  /** Where the watch starts runs: `tenure`, or with a test's prefix. */
  workflowQueue: string;
};

/** Activities by task queue: one set for the directory, one for the ledger, one for every target. */
export function createActivities(deps: ActivityDeps): {
  otds: OtdsActivities;
  ledger: LedgerActivities;
  targets: Record<string, TargetActivities>;
} {
  const targets = Object.keys(deps.engine.targets).map((name) => [name, targetActivities(deps.engine, name)] as const);
  return { otds: otdsActivities(deps), ledger: ledgerActivities(deps), targets: Object.fromEntries(targets) };
}

function targetActivities(engine: EngineDeps, target: string): TargetActivities {
  return {
    converge: (input) =>
      attempted(engine.log, (attempt) => {
        const name = splitWho(input.person) ?? { login: input.person, partition: '' };
        return converge(
          engine,
          { person: { uuid: input.uuid, who: input.person, ...name }, target, mode: input.mode },
          attempt,
        );
      }),
  };
}
