import type { Reply } from '../common/types.ts';
import type { Call } from '../push/router.ts';
import { authorise } from './auth.ts';
import { CHOSEN } from './chosen.ts';
import { MraRefusal } from './errors.ts';
import { settle } from './jobs.ts';
import { statusOf } from './statusShape.ts';
import type { Channel, State } from './state.ts';

/** GET {base}/outbound/{channel}/status?job_id=. */
export function readStatus(call: Call<State>, channel: Channel): Reply {
  const { req, ctx, state, strict } = call;
  const account = authorise(req, ctx, channel);
  ctx.later(0, settle); // after a restart nothing else sets open jobs going
  const id = req.query.get('job_id');
  if (id === null || id === '') throw new MraRefusal(400, 'The parameter job_id is missing.');
  const extra = [...req.query.keys()].find((name) => name !== 'job_id');
  if (strict && extra !== undefined) throw new MraRefusal(400, `The parameter ${extra} is not known.`);
  const job = state.jobs[id];
  if (!job || job.account !== account.user || job.channel !== channel || purged(call, job.ended))
    throw new MraRefusal(404, `There is no job ${id}.`);
  for (const constant of ['JOB_STATES', 'ATTEMPTS', 'GAMMA', 'TIME_SKEW'] as const) CHOSEN.use(ctx, constant);
  const odd = ['missingRef', 'timeSkew', 'unknownJobState'].filter((name) => ctx.special(name));
  const submitId = req.headers['x-mra-submitid'];
  const headers: Record<string, string> = submitId === undefined ? {} : { 'X-MRA-SubmitId': submitId };
  return { status: 200, headers, body: statusOf(state, job, odd) };
}

function purged({ ctx, state }: Call<State>, ended: string | null): boolean {
  if (ctx.special('earlyPurge')) return true;
  if (ended === null) return false;
  const lifeMs = CHOSEN.count(state, 'PURGE_S') * 1000;
  if (Date.parse(ended) + lifeMs > ctx.now().getTime()) return false;
  CHOSEN.use(ctx, 'PURGE_S');
  return true;
}
