import type { Context } from '../common/types.ts';
import { callOut } from '../push/calls.ts';
import { deliver, show } from '../push/phones.ts';
import { digest } from '../push/values.ts';
import { CHOSEN } from './chosen.ts';
import type { Channel, Delivery, Inbox, Job, State } from './state.ts';
import { tellReceiver } from './webhook.ts';

const KIND: Record<Channel, string> = { sms: 'text', emails: 'mail', faxes: 'fax', whatsapp: 'whatsapp', push: 'push' };
/** Ends other than success, by the planned fault of the job. */
const ENDS: Record<string, { state: string; attempt: string }> = {
  jobError: { state: 'Error', attempt: 'Error' },
  jobCancelled: { state: 'Cancelled', attempt: 'Cancelled' },
  jobExpired: { state: 'Expired', attempt: 'Error' },
};

/** A new job starts on its way. */
export function start(ctx: Context<State>, job: Job): void {
  ctx.state.jobs[job.id] = job;
  ctx.state.open[job.id] = true;
  schedule(ctx, job);
}

function schedule(ctx: Context<State>, job: Job): void {
  const stepMs = CHOSEN.count(ctx.state, 'STEP_MS');
  job.due = new Date(ctx.now().getTime() + stepMs).toISOString();
  ctx.later(stepMs, (later) => advanceIfDue(later, job.id));
}

/** Takes every open job as far as its time has come; needed after a restart, which forgets what was scheduled. */
export function settle(ctx: Context<State>): void {
  for (const id of Object.keys(ctx.state.open)) advanceIfDue(ctx, id);
}

function advanceIfDue(ctx: Context<State>, id: string): void {
  const job = ctx.state.jobs[id];
  if (job && job.due !== null && job.due <= ctx.now().toISOString()) advance(ctx, job);
  if (!job || job.due === null) delete ctx.state.open[id];
}

function advance(ctx: Context<State>, job: Job): void {
  job.due = null;
  job.step += 1;
  if (job.step === 1) {
    job.state = ['InProcess'];
    for (const delivery of job.deliveries) delivery.attempt.state = 'InProcess';
    if (!job.quirks.includes('stuckJob')) schedule(ctx, job);
  } else if (job.step === 2) {
    end(ctx, job);
    if (job.channel === 'sms' && job.deliveries.some((d) => d.attempt.state === 'Sent')) schedule(ctx, job);
  } else {
    const silent = job.quirks.includes('neverDelivered');
    for (const delivery of job.deliveries)
      if (delivery.attempt.state === 'Sent' && !silent) delivery.confirmed = ctx.now().toISOString();
  }
  ctx.write({ object: 'job', id: job.id, before: { step: job.step - 1 }, after: { step: job.step, state: job.state } });
  tellReceiver(ctx, job);
}

function end(ctx: Context<State>, job: Job): void {
  const now = ctx.now().toISOString();
  const bad = job.quirks.flatMap((quirk) => ENDS[quirk] ?? [])[0];
  job.state = bad ? [bad.state] : ['Complete', 'Posted'];
  job.ended = now;
  for (const [i, delivery] of job.deliveries.entries()) {
    const fails = (i === 0 && job.quirks.includes('oneFails')) || !reachable(ctx.state, job, delivery);
    delivery.attempt.state = bad ? bad.attempt : fails ? 'Error' : 'Sent';
    if (delivery.attempt.state !== 'Sent') continue;
    delivery.attempt.delivery_time = now;
    bring(ctx, job, delivery);
  }
}

function reachable(state: State, job: Job, { address }: Delivery): boolean {
  return job.channel !== 'push' || (state.phones[address] !== undefined && !state.gone.includes(address));
}

function bring(ctx: Context<State>, job: Job, delivery: Delivery): void {
  if (job.quirks.includes('neverDelivered')) return;
  const copies = job.quirks.includes('deliveredTwice') ? 2 : 1;
  const late = job.quirks.includes('deliveredLate');
  for (let i = 0; i < copies; i++) {
    if (late) ctx.later((job.lifeS + 1) * 1000, (later) => hand(later, job.id, delivery.address, true));
    else hand(ctx, job.id, delivery.address, false);
  }
}

/** The effect: the message is on the phone, at the number, in the mailbox. */
function hand(ctx: Context<State>, jobId: string, address: string, late: boolean): void {
  const job = ctx.state.jobs[jobId];
  if (!job) return;
  const phone = ctx.state.phones[address];
  if (job.push && phone) {
    const expires = new Date(Date.parse(job.entered) + job.lifeS * 1000).toISOString();
    (late ? show : deliver)(ctx, phone, { ...job.push, sent: job.entered, expires });
    return;
  }
  const inbox = inboxOf(ctx.state, job.channel, address);
  const { message_id } = job.options;
  inbox.letters.push({ at: ctx.now().toISOString(), job: job.id, message_id, subject: job.subject, text: job.text });
  const id = `${digest(address)}/${job.id}/${inbox.letters.length}`;
  ctx.write({ object: 'letter', id, before: null, after: { channel: job.channel, to: digest(address), message_id } });
  ctx.outbox({ to: address, kind: KIND[job.channel], subject: job.subject, text: job.text, job: job.id });
  if (ctx.state.scanner) for (const url of linksIn(job.text)) follow(ctx, inbox, 'scanner', url);
  if (ctx.state.scanner && job.tracking) openMail(ctx, job, address);
}

export function inboxKey(channel: Channel, address: string): string {
  return `${channel}/${address}`;
}

function inboxOf(state: State, channel: Channel, address: string): Inbox {
  return (state.inboxes[inboxKey(channel, address)] ??= { channel, address, letters: [], taps: [] });
}

export function linksIn(text: string): string[] {
  return text.match(/https?:\/\/[^\s"'<>]+/g) ?? [];
}

/** Somebody, or a scanner, opens a link of a message; what came of it stands in the inbox's `taps`. */
export function follow(ctx: Context<State>, { channel, address }: Inbox, by: 'link' | 'scanner', url: string): void {
  callOut(ctx, { url, method: 'GET' }, (later, status) => {
    const inbox = inboxOf(later.state, channel, address);
    inbox.taps.push({ at: later.now().toISOString(), by, url, status });
    const id = `${digest(address)}/${inbox.taps.length}`;
    later.write({ object: 'tap', id, before: null, after: { by, status } });
  });
}

/** The images of a mail are loaded, by a person or by a scanner: the vendor cannot tell. */
export function openMail(ctx: Context<State>, job: Job, address: string): void {
  const delivery = job.deliveries.find((one) => one.address === address);
  if (!delivery || !job.tracking) return;
  delivery.opens.push(ctx.now().toISOString());
  const before = { opens: delivery.opens.length - 1 };
  ctx.write({ object: 'open', id: `${job.id}/${digest(address)}`, before, after: { opens: delivery.opens.length } });
  tellReceiver(ctx, job);
}
