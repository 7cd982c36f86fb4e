import type { Reply } from '../../common/types.ts';
import { CHOSEN } from '../chosen.ts';
import { CODES, notFound } from '../errors.ts';
import type { Call } from '../kit.ts';
import { chosenRefusal, data, param, queryFlag, shown, text } from '../kit.ts';
import { PAGE_QUERY, page } from '../paging.ts';
import { domainFor } from '../rules/rights.ts';
import { expire, holdStepOf, release, startInstance, stop } from '../rules/runs.ts';
import { rowFilter } from '../rules/rowFilter.ts';
import type { FlowInstance, FlowStep, Job } from '../state.ts';

/** Section 5.2: jobs, flow instances and flow steps. */

export const RUNTIME_QUERY = ['filter', ...PAGE_QUERY];

type Numbered = { n: number; steps?: string[] };

function rowView<T extends Numbered>({ n: _n, steps: _steps, ...row }: T): Record<string, unknown> {
  return shown(row);
}

function byAge(a: Numbered, b: Numbered): number {
  return a.n - b.n;
}

/** GET /runtime/{domain}/jobs: deleted ones only with `fetchDeleted=true`. */
export function listJobs(call: Call): Reply {
  const domain = domainFor(call, 'READ').id;
  const withDeleted = queryFlag(call, 'fetchDeleted') ?? false;
  const fits = rowFilter(call, 'jobs');
  const rows = Object.values(call.state.jobs)
    .filter((job) => job.domainId === domain && (withDeleted || job.status !== 'deleted') && fits(job))
    .toSorted(byAge);
  return page(call, rows, rowView);
}

function jobOf(call: Call): Job {
  const domain = domainFor(call, 'READ').id;
  const job = call.state.jobs[param(call, 'id').toLowerCase()];
  if (job?.domainId !== domain) throw notFound(`Job ${param(call, 'id')}`);
  return job;
}

/** GET /runtime/{domain}/jobs/{id}. Special fault `jobExpired`: the clean-up was quicker. */
export function getJob(call: Call): Reply {
  const job = jobOf(call);
  if (call.ctx.special('jobExpired')) expire(call.ctx, job);
  if (job.status === 'deleted') throw notFound(`Job ${job.id}`);
  return data(call, rowView(job));
}

function instancesOf(call: Call, job: Job): FlowInstance[] {
  return Object.values(call.state.flowInstances).filter((one) => one.jobId === job.id);
}

/** Releasing or stopping what is not in a state for it. */
function notWaiting(call: Call, what: string): Reply {
  if (CHOSEN.use(call.ctx, 'STOP_RELEASE') === 200) return text('OK');
  throw chosenRefusal(call, 'STOP_RELEASE', CODES.CONFLICT, what);
}

function isOpen(row: { status: string }): boolean {
  return ['holding', 'started', 'waiting'].includes(row.status);
}

/** POST /runtime/{domain}/jobs/{id}/stop */
export function stopJob(call: Call): Reply {
  domainFor(call, 'RUN');
  const job = jobOf(call);
  const open = instancesOf(call, job).filter(isOpen);
  if (open.length === 0) return notWaiting(call, `Job ${job.id} has ended as ${job.status}`);
  for (const instance of open) stop(call.ctx, instance);
  return text('OK');
}

/** POST /runtime/{domain}/jobs/{id}/reprocessing: the job runs again from its input. */
export function reprocess(call: Call): Reply {
  domainFor(call, 'RUN');
  const job = jobOf(call);
  call.ctx.chosen('REPROCESSING');
  const [first] = instancesOf(call, job);
  const input = first && call.state.inputs[first.id];
  if (!input || CHOSEN.value(call.state, 'REPROCESSING') === '409') {
    throw chosenRefusal(call, 'STOP_RELEASE', CODES.CONFLICT, `Job ${job.id} has no input any more`);
  }
  startInstance(call.ctx, job, call.state.flowModels[first.flowModelId] ?? null, structuredClone(input));
  return text('OK');
}

/** GET /runtime/{domain}/flow-instances */
export function listInstances(call: Call): Reply {
  const domain = domainFor(call, 'READ').id;
  const fits = rowFilter(call, 'flowInstances');
  const rows = Object.values(call.state.flowInstances).filter((one) => one.domainId === domain && fits(one));
  return page(call, rows.toSorted(byAge), rowView);
}

function instanceOf(call: Call): FlowInstance {
  const domain = domainFor(call, 'READ').id;
  const instance = call.state.flowInstances[param(call, 'id').toLowerCase()];
  if (instance?.domainId !== domain) throw notFound(`Flow instance ${param(call, 'id')}`);
  return instance;
}

/** GET /runtime/{domain}/flow-instances/{id} */
export function getInstance(call: Call): Reply {
  return data(call, rowView(instanceOf(call)));
}

function releaseHeld(call: Call, instance: FlowInstance, hold: FlowStep | null): Reply {
  domainFor(call, 'APPROVE');
  if (!hold) return notWaiting(call, 'Nothing is held there');
  release(call.ctx, instance, hold);
  return text('OK');
}

function stopHeld(call: Call, instance: FlowInstance): Reply {
  domainFor(call, 'RUN');
  if (!isOpen(instance)) return notWaiting(call, `Flow instance ${instance.id} has ended as ${instance.status}`);
  stop(call.ctx, instance);
  return text('OK');
}

/** POST /runtime/{domain}/flow-instances/{id}/release */
export function releaseInstance(call: Call): Reply {
  const instance = instanceOf(call);
  return releaseHeld(call, instance, holdStepOf(call.state, instance));
}

/** POST /runtime/{domain}/flow-instances/{id}/stop */
export function stopInstance(call: Call): Reply {
  return stopHeld(call, instanceOf(call));
}

function inDomain(call: Call, step: FlowStep, domain: string): boolean {
  return call.state.flowInstances[step.flowInstanceId]?.domainId === domain;
}

/** GET /runtime/{domain}/flow-steps */
export function listSteps(call: Call): Reply {
  const domain = domainFor(call, 'READ').id;
  const fits = rowFilter(call, 'flowSteps');
  const rows = Object.values(call.state.flowSteps).filter((step) => inDomain(call, step, domain) && fits(step));
  return page(call, rows.toSorted(byAge), rowView);
}

/** The step of the path, with its instance. */
export function stepOf(call: Call): { step: FlowStep; instance: FlowInstance } {
  const domain = domainFor(call, 'READ').id;
  const step = call.state.flowSteps[param(call, 'id').toLowerCase()];
  const instance = step && call.state.flowInstances[step.flowInstanceId];
  if (!instance || !inDomain(call, step, domain)) throw notFound(`Flow step ${param(call, 'id')}`);
  return { step, instance };
}

/** GET /runtime/{domain}/flow-steps/{id} */
export function getStep(call: Call): Reply {
  return data(call, rowView(stepOf(call).step));
}

/** POST /runtime/{domain}/flow-steps/{id}/release */
export function releaseStep(call: Call): Reply {
  const { step, instance } = stepOf(call);
  return releaseHeld(call, instance, step.status === 'holding' ? step : null);
}

/** POST /runtime/{domain}/flow-steps/{id}/stop */
export function stopStep(call: Call): Reply {
  const { step, instance } = stepOf(call);
  return step.status === 'holding'
    ? stopHeld(call, instance)
    : notWaiting(call, `Flow step ${step.id} is ${step.status}`);
}

/** DELETE of jobs and flow instances: never needed, and refused. */
export function refuseDelete(call: Call): Reply {
  throw chosenRefusal(call, 'JOB_DELETE', CODES.FORBIDDEN, 'Jobs and flow instances are not deleted here');
}
