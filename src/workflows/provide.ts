import { isCancellation } from '@temporalio/workflow';
import type { RunResult } from '../activities/types.ts';
import { approvals } from './approvals.ts';
import type { Lifecycle, Woken } from './lifecycle.ts';

/**
 * What joining and moving share: birthright access at once, privileged access as decisions come, old access after its grace. Any news means: resolve
 * again and go by what the directory says now.
 */
export async function provide(run: Lifecycle): Promise<RunResult> {
  try {
    for (;;) {
      const done = await once(run);
      if (done) return done;
    }
  } catch (error) {
    if (isCancellation(error)) await run.abandon();
    throw error;
  }
}

/** One round. Undefined: there is news, begin again. */
async function once(run: Lifecycle): Promise<RunResult | undefined> {
  const desired = await run.resolve();
  if (!desired) return run.result('handedOver', `Another ${run.type} of ${run.person} is open; it has this input now.`);

  if (desired.startsAt) {
    const woken = await run.waitFor(desired.startsAt, 'start date', `${run.person} starts`);
    if (woken === 'superseded') return await superseded(run);
    return undefined;
  }

  await run.converge();
  if (run.ambiguous()) return await unclear(run);
  const [, graced] = await Promise.all([approvals(run), grace(run)]);
  if (run.inbox.superseded || graced === 'superseded') return await superseded(run);
  if (run.news()) return undefined;
  if (!(await run.caughtUp())) return run.inbox.superseded ? await superseded(run) : undefined;
  if (run.ambiguous()) return await unclear(run);
  run.notices.changed(run.desired);
  return await run.finish(run.outcome(), closing(run), run.notices.goOut(run.desired) ? [] : notices(run));
}

async function unclear(run: Lifecycle): Promise<RunResult | undefined> {
  return (await run.waitForMatch()) === 'superseded' ? await superseded(run) : undefined;
}

/** Old access goes at the end of its grace; the number that first dropped it started the clock. */
async function grace(run: Lifecycle): Promise<Woken> {
  for (const end of run.known().graces) {
    const woken = await run.waitFor(end, 'grace', `${run.person}: old access ends`);
    if (woken !== 'due') return woken;
    await run.converge();
  }
  return 'due';
}

async function superseded(run: Lifecycle): Promise<RunResult | undefined> {
  const by = run.inbox.superseded?.by ?? 'an offboarding';
  return await run.finish('superseded', `Superseded by ${by}: ${run.person} is leaving.`);
}

function closing(run: Lifecycle): string {
  return run.outcome() === 'done'
    ? `${run.person}: everything due is proved.`
    : `${run.person}: something is still open; the watch goes on with it.`;
}

/** Where no system can tell anybody: for ledger and log. */
function notices(run: Lifecycle): { to: string; text: string }[] {
  const text =
    run.type === 'onboarding' ? 'Welcome: your access is ready.' : 'Your access has changed with your new duties.';
  return [{ to: run.person, text }];
}
