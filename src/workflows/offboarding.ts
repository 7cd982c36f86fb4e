import { CancellationScope, getExternalWorkflowHandle, isCancellation } from '@temporalio/workflow';
import type { DepartInput, Resolved, RunResult } from '../activities/types.ts';
import { ledger, patiently } from './activities.ts';
import { supersededSignal } from './handlers.ts';
import { checkInput, LEAVER } from './input.ts';
import { Lifecycle } from './lifecycle.ts';

export type OffboardingInput = {
  person: string;
  by?: string;
  reason?: string;
  urgent?: boolean;
  lastDay?: string;
  /** Set by the watch: the directory itself says it, nothing is recorded. */ fromDirectory?: boolean;
};

/**
 * A leaver: disabled first everywhere in parallel, then stripped, open approvals re-routed, checked again a day later.
 * Started by a person it records the departure first. Cancelling is refused: a revocation only goes forward (`decide` with `withdraw` instead).
 * Least input: `{"person":"ada.byrne@staff"}`.
 */
export async function offboarding(input: OffboardingInput): Promise<RunResult> {
  checkInput('offboarding', input, { ...LEAVER, fromDirectory: { kind: 'boolean', example: 'true' } });
  const { person, fromDirectory, ...depart } = input;
  const run = new Lifecycle('offboarding', person);
  sayThatCancelIsRefused(run);
  return await CancellationScope.nonCancellable(() => leave(run, fromDirectory ? undefined : depart));
}

async function leave(run: Lifecycle, first: DepartInput | undefined): Promise<RunResult> {
  let depart = first;
  for (;;) {
    const desired = await run.resolve(depart);
    if (!desired)
      return run.result('handedOver', `Another offboarding of ${run.person} is open; it has this input now.`);
    const done = await once(run, desired);
    if (done) return done;
    depart = run.inbox.depart;
    run.inbox.depart = undefined;
  }
}

/** One round. Undefined: there is news, begin again. */
async function once(run: Lifecycle, desired: Resolved): Promise<RunResult | undefined> {
  if (desired.leavesAt) {
    await run.waitFor(desired.leavesAt, 'last day', `${run.person}: last day ends`);
    return undefined;
  }
  if (desired.standing !== 'leaver') return await stays(run);

  await supersedeOthers(run, desired);
  await run.converge('disableOnly');
  if (run.inbox.changed) return undefined;
  await run.converge();
  await reroute(run);
  if (run.inbox.changed || !(await run.caughtUp())) return undefined;
  if (run.outcome() === 'done') run.notices.left(desired);

  let next: { at: string; stage: string; what: string } | undefined = {
    at: new Date(Date.now() + desired.recheckMs).toISOString(),
    stage: 'last check',
    what: 'look again',
  };
  while (next) {
    if ((await run.waitFor(next.at, next.stage, `${run.person}: ${next.what}`)) !== 'due') return undefined;
    const again = await run.resolve();
    if (!again || again.standing !== 'leaver') return undefined;
    await run.converge();
    if (!(await run.caughtUp())) return undefined;
    if (run.outcome() === 'done') run.notices.left(again);
    const [at] = again.deletions;
    next = at === undefined ? undefined : { at, stage: 'retention', what: 'delete where opted in' };
  }
  return await run.finish(
    run.outcome(),
    run.outcome() === 'done'
      ? `${run.person} is disabled and stripped everywhere, proved twice.`
      : `${run.person}: something is still open; the watch goes on with it.`,
  );
}

/** The departure was withdrawn, or the directory says that the person is active: access by the policy of today. */
async function stays(run: Lifecycle): Promise<RunResult | undefined> {
  await run.converge();
  if (!(await run.caughtUp())) return undefined;
  const text = run.inbox.withdrawn
    ? `The departure of ${run.person} was withdrawn; access follows the policy of today.`
    : `${run.person} is no leaver: the directory says active and no departure is in force.`;
  return await run.finish(run.inbox.withdrawn ? 'withdrawn' : run.outcome(), text);
}

/** PROTOCOL rule 12: the number goes with it (and the decision version: a departure is a decision), and who resolved later ignores it. */
async function supersedeOthers(run: Lifecycle, desired: Resolved): Promise<void> {
  await Promise.all(
    desired.others.map(async (other) => {
      try {
        await getExternalWorkflowHandle(other.workflowId, other.runId).signal(supersededSignal, {
          by: `offboarding of ${run.person}`,
          number: desired.number,
          decisionVersion: desired.decisionVersion,
        });
      } catch {
        // Closed meanwhile: nothing left to supersede.
      }
    }),
  );
}

async function reroute(run: Lifecycle): Promise<void> {
  const input = { person: run.person };
  const { asked } = await patiently(run.board, 'approvals', 'others', (o) =>
    ledger(run.priority).rerouteApprovals.executeWithOptions(
      { ...o, summary: `re-route approvals that wait for ${run.person}` },
      [input],
    ),
  );
  if (asked.length > 0) run.board.note(`Asked again: ${asked.join(', ')}`);
}

/** A cancel request changes nothing but is answered where operators look. */
function sayThatCancelIsRefused(run: Lifecycle): void {
  CancellationScope.current().cancelRequested.catch((error: unknown) => {
    if (isCancellation(error))
      run.board.note(
        'Cancel refused: a revocation only goes forward. To keep the person, send decide with {"decision":"withdraw",…}.',
      );
  });
}
