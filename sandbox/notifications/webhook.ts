import { toJson } from '../common/effects.ts';
import type { Context } from '../common/types.ts';
import { callOut } from '../push/calls.ts';
import { CHOSEN } from './chosen.ts';
import type { Job, State } from './state.ts';
import { statusOf } from './statusShape.ts';

/**
 * Tells the receiver of the account, where one is set, what became of a job: the shape of the status call, unsigned, up to three
 * tries. Planned on the job: `webhookLost`, `webhookDoubled`, `webhookReordered`, `webhookForged`, `webhookUnknownJob`.
 */
export function tellReceiver(ctx: Context<State>, job: Job): void {
  const url = ctx.state.accounts[job.account]?.receiver ?? null;
  if (url === null || job.quirks.includes('webhookLost')) return;
  const body = statusOf(ctx.state, job);
  const has = (quirk: string): boolean => job.quirks.includes(quirk);
  const stepMs = CHOSEN.count(ctx.state, 'STEP_MS');
  // Reordered: the first change arrives after all others.
  if (has('webhookReordered') && job.step === 1) ctx.later(stepMs * 3, (later) => post(later, url, job, body, 1));
  else post(ctx, url, job, body, 1);
  if (has('webhookDoubled')) post(ctx, url, job, body, 1);
  if (job.step !== 2) return;
  if (has('webhookForged')) post(ctx, url, job, { ...body, job_state: ['Complete', 'Posted'], deliveries: [] }, 1);
  if (has('webhookUnknownJob')) post(ctx, url, job, { ...body, job_id: 'xsi-0000000000' }, 1);
}

function post(ctx: Context<State>, url: string, job: Job, body: object, attempt: number): void {
  ctx.outbox({ to: url, kind: 'webhook', job: job.id, attempt, body: toJson(body) });
  callOut(ctx, { url, method: 'POST', body }, (later, status) => {
    later.write({ object: 'webhook', id: `${job.id}/${job.step}/${attempt}`, before: null, after: { status } });
    if (status !== null && status < 300) return;
    if (attempt >= CHOSEN.count(later.state, 'WEBHOOK')) return;
    later.later(CHOSEN.count(later.state, 'STEP_MS') * 2 ** attempt, (again) =>
      post(again, url, job, body, attempt + 1),
    );
  });
}
