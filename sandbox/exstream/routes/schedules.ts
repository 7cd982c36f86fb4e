import { randomUUID } from 'node:crypto';
import { recordEffect } from '../../common/effects.ts';
import { isObject } from '../../common/fields.ts';
import type { Reply } from '../../common/types.ts';
import { notFound } from '../errors.ts';
import type { Call } from '../kit.ts';
import { badInput, bodyOf, created, data, deleted, list, param, requiredText, text } from '../kit.ts';
import { domainFor } from '../rules/rights.ts';
import { expire, startRun } from '../rules/runs.ts';
import type { CronJob } from '../state.ts';
import { modelNamed } from './inputs.ts';

/** Section 5.3: schedules. They run when they are triggered; the stand-in does not watch the clock for them. */

const TYPES = [
  'markDeleted',
  'wipe',
  'startJob',
  'updateExpirationTime',
  'wipeSortingAssets',
  'expireSortingAssets',
  'sortingAndBundling',
];
const KINDS: Record<string, string> = {
  cronExpression: 'string',
  serviceName: 'string',
  channelName: 'string',
  inputPath: 'string',
  mode: 'string',
  enabled: 'boolean',
  startDateStart: 'string',
  startDateEnd: 'string',
  endDateStart: 'string',
  endDateEnd: 'string',
  statuses: 'object',
  headers: 'object',
};
export const CRON_BODY = ['id', 'domainId', 'name', 'cronType', ...Object.keys(KINDS)];
/** Five fields, as UNIX cron has them. */
const CRON = /^(\S+\s+){4}\S+$/;

/** GET /cron-jobs/{domain} */
export function listCronJobs(call: Call): Reply {
  const domain = domainFor(call, 'READ').id;
  return list(
    call,
    Object.values(call.state.cronJobs).filter((row) => row.domainId === domain),
  );
}

function cronJobOf(call: Call, domain: string): CronJob {
  const row = call.state.cronJobs[param(call, 'id').toLowerCase()];
  if (row?.domainId !== domain) throw notFound(`Cron job ${param(call, 'id')}`);
  return row;
}

function rowFrom(call: Call, id: string, domainId: string): CronJob {
  const body = bodyOf(call);
  const name = requiredText(call, body, 'name');
  const cronType = requiredText(call, body, 'cronType');
  if (!TYPES.includes(cronType)) throw badInput(call, `cronType must be one of ${TYPES.join(', ')}`);
  const row: CronJob = { id, domainId, name, cronType };
  for (const [field, kind] of Object.entries(KINDS)) {
    const value = body[field];
    if (value === undefined || value === null) continue;
    if (typeof value !== kind) throw badInput(call, `${field} must be of type ${kind}`);
    row[field] = value as CronJob[string]; // its kind was checked
  }
  if (typeof row['cronExpression'] === 'string' && !CRON.test(row['cronExpression'].trim())) {
    throw badInput(call, 'cronExpression must have five fields, as UNIX cron has');
  }
  if (row['mode'] !== undefined && row['mode'] !== 'BATCH' && row['mode'] !== 'ONDEMAND') {
    throw badInput(call, 'mode must be BATCH or ONDEMAND');
  }
  return row;
}

/** GET /cron-jobs/{domain}/{id} */
export function getCronJob(call: Call): Reply {
  return data(call, cronJobOf(call, domainFor(call, 'READ').id));
}

/** POST /cron-jobs/{domain} */
export function postCronJob(call: Call): Reply {
  const row = rowFrom(call, randomUUID(), domainFor(call, 'ADMIN').id);
  call.state.cronJobs[row.id] = row;
  recordEffect(call.ctx, 'cronJob', row.id, null, row);
  return created(call, row);
}

/** PUT /cron-jobs/{domain}/{id}: the whole row */
export function putCronJob(call: Call): Reply {
  const before = cronJobOf(call, domainFor(call, 'ADMIN').id);
  const after = rowFrom(call, before.id, before.domainId);
  call.state.cronJobs[after.id] = after;
  recordEffect(call.ctx, 'cronJob', after.id, before, after);
  return data(call, after);
}

/** DELETE /cron-jobs/{domain}/{id} */
export function deleteCronJob(call: Call): Reply {
  const row = cronJobOf(call, domainFor(call, 'ADMIN').id);
  delete call.state.cronJobs[row.id];
  recordEffect(call.ctx, 'cronJob', row.id, row, null);
  return deleted(call);
}

/** POST /cron-jobs/{domain}/{id}/trigger: `startJob` starts a run, `markDeleted` clears finished jobs away. */
export function trigger(call: Call): Reply {
  const row = cronJobOf(call, domainFor(call, 'RUN').id);
  if (row.cronType === 'startJob') startScheduled(call, row);
  if (row.cronType === 'markDeleted') markDeleted(call, row);
  return text('OK');
}

function startScheduled(call: Call, row: CronJob): void {
  const service = String(row['serviceName'] ?? '');
  const model = modelNamed(call.state, row.domainId, service);
  if (!model) throw notFound(`Service ${service} in ${row.domainId}`);
  const sent = isObject(row['headers']) ? row['headers'] : {};
  const headers = Object.fromEntries(Object.entries(sent).map(([name, value]) => [name.toLowerCase(), String(value)]));
  const communicationId = headers['communicationid'] ?? approvedCommunication(call, row.domainId);
  const body = JSON.stringify({ inputPath: row['inputPath'] ?? '' });
  startRun(call.ctx, {
    domain: row.domainId,
    mode: row['mode'] === 'ONDEMAND' ? 'ONDEMAND' : 'BATCH',
    channel: String(row['channelName'] ?? service),
    triggeredBy: call.me.user,
    externalId: '',
    model,
    input: { communicationId, service, mimeType: 'application/json', body, headers },
  });
}

function approvedCommunication(call: Call, domain: string): string {
  const found = Object.values(call.state.resources).find(
    (asset) =>
      asset.type === 'exstrapplication' &&
      asset.domains.includes(domain) &&
      asset.versions.some((v) => v.state === 'APPROVED'),
  );
  if (!found) throw notFound(`An approved communication in ${domain}`);
  return found.id;
}

function markDeleted(call: Call, row: CronJob): void {
  const statuses = Array.isArray(row['statuses']) ? row['statuses'] : ['complete', 'canceled', 'error'];
  for (const job of Object.values(call.state.jobs)) {
    if (job.domainId === row.domainId && job.endDate !== null && statuses.includes(job.status)) expire(call.ctx, job);
  }
}
