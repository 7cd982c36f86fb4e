import { CancellationScope } from '@temporalio/workflow';
import type { Ask, ResolvedTarget } from '../activities/types.ts';
import { otds, patiently } from './activities.ts';
import { askKey } from './asks.ts';
import type { Lifecycle } from './lifecycle.ts';

/**
 * Asks for every open item side by side. A decision is newer than every proof of this person, so each verdict converges all targets, one verdict
 * after the other. Ends when all are decided, or as soon as there is news (the caller resolves again); items decided by then stay decided.
 */
export async function approvals(run: Lifecycle): Promise<void> {
  let turn = Promise.resolve();
  const converge = async (ask: Ask): Promise<void> => {
    const mine = turn.then(() => run.converge('apply', afterDecision(run, ask)));
    turn = mine.catch(() => undefined);
    await mine;
  };
  await Promise.all(
    run.openAsks().map(async (ask) => {
      const verdict = await ladder(run, ask);
      if (verdict !== 'interrupted') await CancellationScope.nonCancellable(() => converge(ask));
    }),
  );
}

/** All targets; those of the decision say in the timeline what it is about: `iconik: roles/Media Library Admin`. */
function afterDecision(run: Lifecycle, ask: Ask): ResolvedTarget[] {
  return run.known().targets.map(({ target, summary }) => {
    const names = ask.entitlements
      .filter((key) => key.startsWith(`${target}:`))
      .map((key) => key.slice(target.length + 1));
    return { target, summary: names.length > 0 ? names.join(', ') : summary };
  });
}

/** The approval ladder: ask, remind, escalate, and no answer is a rejection. Calendar days for now. */
async function ladder(run: Lifecycle, ask: Ask): Promise<'approve' | 'reject' | 'interrupted'> {
  const wake = (): boolean => run.inbox.verdicts.has(askKey(ask)) || run.news();
  const rungs: ('first' | 'second')[] = ask.escalates ? ['first', 'second'] : ['first'];
  for (const rung of rungs) {
    run.inbox.rungs.set(askKey(ask), rung);
    await climb(run, ask, rung, wake);
    const verdict = run.inbox.verdicts.get(askKey(ask));
    if (verdict) return verdict.verdict;
    if (run.news()) return 'interrupted';
  }
  await noAnswer(run, ask);
  return run.inbox.verdicts.get(askKey(ask))?.verdict ?? 'reject';
}

/** One rung: ask, one reminder, wait to its end. Returns early when decided or when there is news; asks again when an approver has left. */
async function climb(run: Lifecycle, ask: Ask, rung: 'first' | 'second', wake: () => boolean): Promise<void> {
  const began = Date.now();
  const remindAt = new Date(began + ask.remindMs).toISOString();
  const endsAt = new Date(began + ask.withinMs).toISOString();
  if (!(await askNow(run, ask, rung, endsAt))) return;
  await quietly(run, remindAt, `${ask.item}: reminder`, wake, () => askNow(run, ask, rung, endsAt));
  if (wake()) return;
  if (ask.remindMs < ask.withinMs) await askNow(run, ask, rung, endsAt, true);
  await quietly(
    run,
    endsAt,
    `${ask.item}: ${rung === 'first' && ask.escalates ? 'escalation' : 'no answer is a rejection'}`,
    wake,
    () => askNow(run, ask, rung, endsAt),
  );
}

/** Waits for the date; a rerouting asks again and goes on waiting. */
async function quietly(
  run: Lifecycle,
  until: string,
  summary: string,
  wake: () => boolean,
  again: () => Promise<boolean>,
): Promise<void> {
  for (;;) {
    const seen = run.inbox.reroutes;
    const came = await run.until(until, summary, () => wake() || run.inbox.reroutes !== seen);
    if (came || wake()) return;
    await again();
  }
}

/** False: nobody can be asked on this rung. */
async function askNow(
  run: Lifecycle,
  ask: Ask,
  rung: 'first' | 'second',
  due: string,
  reminder = false,
): Promise<boolean> {
  const input = {
    person: run.person,
    uuid: run.known().uuid,
    item: ask.item,
    demand: ask.demand,
    entitlements: ask.entitlements,
    rung,
    reminder,
  };
  const summary = `${reminder ? 'remind' : rung === 'second' ? 'escalate' : 'ask'} the approvers of ${ask.item}`;
  const { approvers } = await patiently(run.board, 'approval', ask.item, (o) =>
    otds(run.priority).askApprovers.executeWithOptions({ ...o, summary }, [input]),
  );
  if (run.inbox.verdicts.has(askKey(ask))) return true;
  run.board.at('approval', due);
  run.board.set(
    'approval',
    ask.item,
    approvers.length > 0 ? `waits for ${approvers.join(', ')}` : 'nobody can be asked',
    { due },
  );
  return approvers.length > 0;
}

/** Closed by default: recorded as a rejection by the rule of procedure. */
async function noAnswer(run: Lifecycle, ask: Ask): Promise<void> {
  const { uuid } = run.known();
  const input = {
    person: run.person,
    uuid,
    decision: 'reject' as const,
    by: 'tenure',
    reason: 'no answer within the time the policy gives',
    via: { rule: 'no answer is a rejection' },
    ask: {
      item: ask.item,
      demand: ask.demand,
      digest: ask.digest,
      entitlements: ask.entitlements,
      rung: 'second' as const,
    },
  };
  await patiently(run.board, 'approval', ask.item, (o) =>
    otds(run.priority).recordDecision.executeWithOptions({ ...o, summary: `${ask.item}: no answer, rejected` }, [
      input,
    ]),
  );
  if (run.inbox.verdicts.has(askKey(ask))) return;
  run.inbox.verdicts.set(askKey(ask), { item: ask.item, verdict: 'reject', by: 'tenure' });
  run.board.set('approval', ask.item, 'no answer: rejected');
}
