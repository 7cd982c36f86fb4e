import { randomUUID } from 'node:crypto';
import { recordEffect } from '../../common/effects.ts';
import type { Context } from '../../common/types.ts';
import { CHOSEN } from '../chosen.ts';
import { iso, uuidOf } from '../ids.ts';
import { nextN } from '../kit.ts';
import type { FlowInstance, FlowModel, FlowNode, FlowStep, Job, Mode, OutputFile, RunInput, State } from '../state.ts';
import { produce } from './output.ts';
import { wayThrough } from './routing.ts';

/** Section 5: a run is a job with a flow instance, whose steps follow the flow model. */

export type Order = {
  domain: string;
  mode: Mode;
  channel: string;
  triggeredBy: string;
  externalId: string;
  /** Null for the built-in on-demand flow: input, communication, output. */
  model: FlowModel | null;
  input: RunInput;
};

export type Run = { job: Job; instance: FlowInstance; files: OutputFile[] };

type Ctx = Context<State>;

/** The id under which the built-in on-demand flow is shown. */
const BUILT_IN_FLOW = uuidOf('flow:on demand');

export function startRun(ctx: Ctx, order: Order): Run {
  const job = newJob(ctx, order);
  ctx.state.jobs[job.id] = job;
  recordEffect(ctx, 'job', job.id, null, job);
  return { job, ...startInstance(ctx, job, order.model, order.input) };
}

function newJob(ctx: Ctx, order: Order): Job {
  return {
    id: randomUUID(),
    n: nextN(ctx.state),
    domainId: order.domain,
    channel: order.channel,
    mode: order.mode,
    status: 'started',
    flowModelType: 'COMMUNICATION',
    msg: '',
    externalId: order.externalId,
    triggeredBy: order.triggeredBy,
    startDate: iso(ctx.now()),
    endDate: null,
    expirationDate: null,
  };
}

/** One flow instance of a job, carried on until it is held or done. */
export function startInstance(
  ctx: Ctx,
  job: Job,
  model: FlowModel | null,
  input: RunInput,
): { instance: FlowInstance; files: OutputFile[] } {
  const flowModelId = model?.id ?? BUILT_IN_FLOW;
  const instance: FlowInstance = {
    id: randomUUID(),
    n: nextN(ctx.state),
    jobId: job.id,
    flowModelId,
    flowModelSnapshotId: uuidOf(`snapshot:${flowModelId}:${model?.version ?? 1}`),
    domainId: job.domainId,
    status: 'started',
    startDate: iso(ctx.now()),
    endDate: null,
    expirationDate: null,
    msg: '',
    externalId: job.externalId,
    flowModelType: 'COMMUNICATION',
    inputRetrievable: true,
    executingLongRunningOp: false,
    steps: [],
  };
  ctx.state.flowInstances[instance.id] = instance;
  ctx.state.inputs[instance.id] = input;
  const { steps: _steps, ...fields } = instance; // told by the steps' own entries
  recordEffect(ctx, 'flowInstance', instance.id, null, fields);
  const before = partBefore(ctx, model, input);
  for (const { node, branch } of before) addStep(ctx, instance, stepOf(node, branch));
  const mayHold = model?.holds === true && CHOSEN.value(ctx.state, 'HOLD_SERVICES') === 'holding';
  if (model?.holds === true) ctx.chosen('HOLD_SERVICES');
  if (mayHold) {
    addStep(ctx, instance, {
      stepType: 'hold',
      stepName: 'hold',
      displayName: 'Release by a person',
      status: 'holding',
    });
    settle(ctx, instance, 'holding');
    return { instance, files: [] };
  }
  return { instance, files: finish(ctx, instance) };
}

function modelOf(ctx: Ctx, instance: FlowInstance): FlowModel | null {
  return ctx.state.flowModels[instance.flowModelId] ?? null;
}

function headersCount(ctx: Ctx): boolean {
  return CHOSEN.value(ctx.state, 'HEADERS_BECOME_VARIABLES') === true;
}

type Passed = { node: FlowNode; branch: string };

/** What a run passes before its communication: the input and the deciders. */
function partBefore(ctx: Ctx, model: FlowModel | null, input: RunInput): Passed[] {
  if (!model)
    return [
      {
        node: { id: 'input', displayName: input.service, type: 'input', subtype: 'https_channel', connections: [] },
        branch: '',
      },
    ];
  return wayThrough(model, input, headersCount(ctx)).filter(
    ({ node }) => node.type === 'input' || node.type === 'decider',
  );
}

/** The output channels that the deciders led to. */
function channels(ctx: Ctx, model: FlowModel, input: RunInput): FlowNode[] {
  return wayThrough(model, input, headersCount(ctx))
    .map(({ node }) => node)
    .filter(({ type }) => type === 'output');
}

type StepStart = Pick<FlowStep, 'stepType' | 'stepName' | 'displayName' | 'status'> & { msg?: string };

function stepOf(node: FlowNode, branch: string): StepStart {
  const stepType = node.type;
  return { stepType, stepName: node.id, displayName: node.displayName, status: 'complete', msg: branch };
}

function stepsOf(state: State, instance: FlowInstance): FlowStep[] {
  return instance.steps.map((id) => state.flowSteps[id]).filter((step) => step !== undefined);
}

function addStep(ctx: Ctx, instance: FlowInstance, start: StepStart): FlowStep {
  const at = iso(ctx.now());
  const done = start.status !== 'holding';
  const step: FlowStep = {
    id: randomUUID(),
    n: nextN(ctx.state),
    previousStepId: instance.steps.at(-1) ?? null,
    flowInstanceId: instance.id,
    queueDate: at,
    startDate: at,
    executeDate: done ? at : null,
    endDate: done ? at : null,
    expirationDate: null,
    externalId: instance.externalId,
    deliveryFileRetrievable: false,
    messageFileRetrievable: false,
    msg: '',
    ...start,
  };
  ctx.state.flowSteps[step.id] = step;
  instance.steps.push(step.id);
  recordEffect(ctx, 'flowStep', step.id, null, step);
  return step;
}

/** The communication and its outputs: what is left of a run after its input, deciders and release. */
function finish(ctx: Ctx, instance: FlowInstance): OutputFile[] {
  const input = ctx.state.inputs[instance.id];
  const model = modelOf(ctx, instance);
  if (!input) return [];
  const outputs = model ? channels(ctx, model, input) : [null];
  if (outputs.length === 0) return noRoute(ctx, instance);
  addStep(ctx, instance, {
    stepType: 'communication',
    stepName: 'communication',
    displayName: input.communicationId,
    status: 'complete',
  });
  const files: OutputFile[] = [];
  for (const node of outputs) {
    const order = { domain: instance.domainId, job: instance.jobId, input };
    const made = produce(ctx, node ? { ...order, channel: node.displayName } : order);
    const displayName = node?.displayName ?? made[0]?.queueName ?? 'output';
    const step = addStep(ctx, instance, {
      stepType: 'output',
      stepName: node?.id ?? 'output',
      displayName,
      status: 'complete',
    });
    if (made.length > 0) set(ctx, 'flowStep', step, { deliveryFileRetrievable: true });
    ctx.state.deliveries[step.id] = made;
    files.push(...made);
  }
  settle(ctx, instance, 'complete');
  return files;
}

function noRoute(ctx: Ctx, instance: FlowInstance): OutputFile[] {
  const isError = CHOSEN.use(ctx, 'NO_ROUTE') === 'error';
  const status = isError ? 'error' : 'filtered';
  addStep(ctx, instance, { stepType: 'output', stepName: 'none', displayName: 'No branch fits', status });
  settle(ctx, instance, isError ? 'error' : 'complete');
  return [];
}

/** Gives instance and job their status; those that ended get an end and an expiry. */
function settle(ctx: Ctx, instance: FlowInstance, status: 'holding' | 'complete' | 'canceled' | 'error'): void {
  const ended = status !== 'holding';
  const at = iso(ctx.now());
  const expires = iso(new Date(ctx.now().getTime() + CHOSEN.count(ctx.state, 'JOB_RETENTION_S') * 1000));
  const after = { status, endDate: ended ? at : null, expirationDate: ended ? expires : null };
  set(ctx, 'flowInstance', instance, after);
  const job = ctx.state.jobs[instance.jobId];
  const holding = Object.values(ctx.state.flowInstances).some(
    (one) => one.jobId === job?.id && one.status === 'holding',
  );
  if (job) set(ctx, 'job', job, holding ? { status: 'holding', endDate: null, expirationDate: null } : after);
}

function set<T extends FlowInstance | Job | FlowStep>(ctx: Ctx, object: string, row: T, fields: Partial<T>): void {
  const before = structuredClone(row);
  Object.assign(row, fields);
  recordEffect(ctx, object, row.id, before, row);
}

export function holdStepOf(state: State, instance: FlowInstance): FlowStep | null {
  return stepsOf(state, instance).find((step) => step.status === 'holding') ?? null;
}

/** Lets a held run go on. */
export function release(ctx: Ctx, instance: FlowInstance, hold: FlowStep): void {
  const at = iso(ctx.now());
  set(ctx, 'flowStep', hold, { status: 'complete', executeDate: at, endDate: at });
  finish(ctx, instance);
}

/** Ends a run that has not ended. */
export function stop(ctx: Ctx, instance: FlowInstance): void {
  for (const step of stepsOf(ctx.state, instance)) {
    if (step.status === 'holding' || step.status === 'waiting')
      set(ctx, 'flowStep', step, { status: 'canceled', endDate: iso(ctx.now()) });
  }
  settle(ctx, instance, 'canceled');
}

/** The clean-up: finished jobs past their expiry are deleted, with their inputs and files. */
export function cleanUp(ctx: Ctx): void {
  const now = ctx.now().getTime();
  for (const job of Object.values(ctx.state.jobs)) {
    if (job.status === 'deleted' || job.expirationDate === null || Date.parse(job.expirationDate) > now) continue;
    expire(ctx, job);
  }
}

export function expire(ctx: Ctx, job: Job): void {
  ctx.chosen('JOB_RETENTION_S');
  set(ctx, 'job', job, { status: 'deleted' });
  for (const instance of Object.values(ctx.state.flowInstances).filter((one) => one.jobId === job.id)) {
    set(ctx, 'flowInstance', instance, { inputRetrievable: false });
    delete ctx.state.inputs[instance.id];
    for (const step of stepsOf(ctx.state, instance)) {
      if (step.deliveryFileRetrievable) set(ctx, 'flowStep', step, { deliveryFileRetrievable: false });
      delete ctx.state.deliveries[step.id];
    }
  }
}
