import type { WorkflowClient } from '@temporalio/client';
import { splitWho } from '../domain/person.ts';
import { converge } from '../provisioning/converge.ts';
import type { EngineDeps } from '../provisioning/engine.ts';
import { attempted } from './context.ts';
import { ledgerActivities } from './ledger.ts';
import { noticeActivities } from './notify.ts';
import { otdsActivities } from './otds.ts';
import type { Messenger } from '../systems/port.ts';
import type { LedgerActivities, NoticeActivities, OtdsActivities, TargetActivities } from './types.ts';

export type ActivityDeps = {
  engine: EngineDeps;
  /** With the same data converter as the workers. */
  client: WorkflowClient;
  /** Where the watch starts runs: `tenure`, or with a test's prefix. */
  workflowQueue: string;
  /** How people are told; undefined: nobody can be, notices stay in ledger and log. */
  messenger?: Messenger | undefined;
};

/** Activities by task queue: one set for the directory, one for the ledger, one for every target, and `notify` where people can be told. */
export function createActivities(deps: ActivityDeps): {
  otds: OtdsActivities;
  ledger: LedgerActivities;
  targets: Record<string, TargetActivities>;
  push?: NoticeActivities;
} {
  const targets = Object.keys(deps.engine.targets).map((name) => [name, targetActivities(deps.engine, name)] as const);
  return {
    otds: otdsActivities(deps),
    ledger: ledgerActivities(deps),
    targets: Object.fromEntries(targets),
    ...(deps.messenger && { push: noticeActivities(deps.engine, deps.messenger) }),
  };
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
