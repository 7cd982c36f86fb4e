import { randomUUID } from 'node:crypto';
import { recordEffect } from '../../common/effects.ts';
import type { Context } from '../../common/types.ts';
import { digest } from '../ids.ts';
import type { OutputFile, RunInput, State } from '../state.ts';
import { latest } from './assets.ts';
import { manifestOf, setOf } from './graph.ts';
import type { Queue } from './graph.ts';
import { pdf } from './pdf.ts';
import { variable } from './routing.ts';

export const EMPOWER_TYPE = 'application/vnd.exstream-empower';

/** The output queues of a communication; one for PDF where its set names none. */
export function queuesOf(state: State, communicationId: string): Queue[] {
  const set = setOf(state, communicationId);
  const queues = set ? manifestOf(state, set).queueList : [];
  return queues.length > 0 ? queues : [{ id: '', name: 'PDF', driver: 'PDF', prodFile: 'PDF', use: 'output' }];
}

/**
 * Produces a communication: one file per queue (or for one channel), and one more render in the ledger. `domain` is
 * where; `job` the job it belongs to, null where none is left.
 */
export function produce(
  ctx: Context<State>,
  o: { domain: string; job: string | null; input: RunInput; channel?: string },
): OutputFile[] {
  const { communicationId } = o.input;
  const asset = ctx.state.resources[communicationId];
  const name = asset ? latest(asset).name : communicationId;
  const driverDataDigest = digest(o.input.body);
  countRender(ctx, { communicationId, communication: name, domain: o.domain, driverDataDigest, job: o.job });
  const customerNumber = variable(o.input, 'customerNumber', true) ?? variable(o.input, 'recipient.id', false) ?? '1';
  const queues = queuesOf(ctx.state, communicationId);
  return queues.map((queue) => {
    const file = { fileName: name.replace(/\W+/g, '_'), queueName: o.channel ?? queue.name, customerNumber };
    if (queue.driver !== 'Empower') return { ...file, ...rendered(queue.driver, name, driverDataDigest) };
    const documentId = randomUUID();
    const document = { communicationId, domain: o.domain, driverDataDigest };
    ctx.state.documents[documentId] = document;
    recordEffect(ctx, 'document', documentId, null, document);
    return { ...file, mimeType: EMPOWER_TYPE, base64: base64(JSON.stringify({ documentId })) };
  });
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function rendered(driver: string, name: string, driverData: string): { mimeType: string; base64: string } {
  const lines = [name, `driver data sha256 ${driverData}`, 'Made by a stand-in of Exstream'];
  if (!driver.startsWith('HTML')) return { mimeType: 'application/pdf', base64: base64(pdf(lines)) };
  const escaped = lines.map((line) => line.replace(/[<&]/g, (c) => (c === '<' ? '&lt;' : '&amp;')));
  return {
    mimeType: 'text/html',
    base64: base64(`<!DOCTYPE html><html><body><p>${escaped.join('</p><p>')}</p></body></html>`),
  };
}

function countRender(
  ctx: Context<State>,
  o: { communicationId: string; communication: string; domain: string; driverDataDigest: string; job: string | null },
): void {
  const { job, ...what } = o;
  const key = `${o.communicationId}:${o.driverDataDigest}`;
  const before = ctx.state.renders[key] ?? null;
  const jobs = [...(before?.jobs ?? []), ...(job === null ? [] : [job])];
  const after = { ...what, count: (before?.count ?? 0) + 1, jobs };
  ctx.state.renders[key] = after;
  recordEffect(ctx, 'render', key, before, after);
}
