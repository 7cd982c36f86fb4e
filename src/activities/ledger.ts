import { Context } from '@temporalio/activity';
import type { PersonRef } from '../domain/person.ts';
import { EngineError, type EngineDeps } from '../provisioning/engine.ts';
import { withholdUnfinished } from '../provisioning/abandon.ts';
import { sweep } from '../provisioning/sweep.ts';
import { attempted } from './context.ts';
import type { ActivityDeps } from './create.ts';
import type { LedgerActivities } from './types.ts';

/** Activities that write evidence and read the server, but no system. */
export function ledgerActivities(deps: ActivityDeps): LedgerActivities {
  const { engine } = deps;
  const { ledger, log } = engine;
  return {
    finishRun: (input) =>
      attempted(log, async () => {
        const { workflowExecution } = Context.current().info;
        const run = {
          workflowId: workflowExecution?.workflowId ?? '',
          runId: workflowExecution?.runId ?? '',
          type: input.type,
        };
        const notices = input.notices.map(({ to, text }) => ({ kind: 'notice', text: `To ${to}: ${text}` }));
        const entries = [{ kind: `run.${input.outcome}`, text: input.text }, ...notices];
        await ledger.releaseClaim(
          input.uuid,
          run,
          entries.map((entry) => ({ ...entry, run: run.workflowId })),
        );
        for (const { to, text } of input.notices) log.info({ to }, text);
        return { ok: true };
      }),
    abandon: (input) =>
      attempted(log, async (attempt) =>
        withholdUnfinished(engine, await known(engine, input.person), input.reason, attempt.now),
      ),
    releaseHold: (input) =>
      attempted(log, async () => {
        const items = await releaseHold(engine, input);
        return { released: items.map((i) => ({ person: i.who, what: i.what })) };
      }),
    rerouteApprovals: (input) =>
      attempted(log, async (attempt) => {
        const asked: string[] = [];
        // Runs of another installation in this namespace are none of ours, and cannot read what our codec wrote.
        const ours = `TaskQueue="${deps.workflowQueue}" AND Stage="approval" AND ExecutionStatus="Running"`;
        for await (const run of deps.client.list({ query: ours })) {
          attempt.signal.throwIfAborted();
          await deps.client.getHandle(run.workflowId, run.runId).signal('reroute', { leaver: input.person });
          asked.push(run.workflowId);
        }
        return { asked };
      }),
    sweep: () => attempted(log, (attempt) => sweep(engine, attempt)),
  };
}

async function releaseHold(engine: EngineDeps, input: { hold: string; by: string; reason: string; items: string[] }) {
  try {
    return await engine.ledger.releaseHold(input.hold, input.by, input.reason, input.items);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'LEDGER_UNAVAILABLE') throw error;
    throw new EngineError(
      'HOLD_UNKNOWN',
      `The field "release" names hold ${input.hold} or items that it does not have. Open holds: tenure holds.`,
      { retryable: false },
    );
  }
}

async function known(engine: EngineDeps, who: string): Promise<PersonRef> {
  const person = await engine.ledger.personByWho(who);
  if (!person) throw new EngineError('UNKNOWN_PERSON', `The ledger does not know ${who}.`, { retryable: false });
  return person;
}
