import { toBase64 } from '../push/values.ts';
import { CHOSEN } from './chosen.ts';
import type { Delivery, Job, State } from './state.ts';
import { ADDRESS } from './state.ts';

const HOUR_S = 3600;

/**
 * A job as the status call and the webhook tell it (contract section 2.5). Optional fields are absent where nothing was given, as in
 * the vendor's published replies. `odd`: planned faults of this reply (`missingRef`, `timeSkew`, `unknownJobState`).
 */
export function statusOf(state: State, job: Job, odd: string[] = []): object {
  const { billing_code, customer_reference } = job.options;
  const opens = job.deliveries.flatMap((d) => d.opens);
  const skewS = odd.includes('timeSkew') ? HOUR_S : CHOSEN.count(state, 'TIME_SKEW');
  const distinct = job.deliveries.filter((d) => d.opens.length > 0).length;
  return {
    job_id: job.id,
    entry_time: shifted(job.entered, skewS),
    job_state: odd.includes('unknownJobState') ? ['Marinating'] : job.state,
    ...(billing_code === null ? {} : { billing_code_base64: toBase64(billing_code) }),
    ...(customer_reference === null ? {} : { customer_reference_base64: toBase64(customer_reference) }),
    ...(job.tracking ? { html_open_tracking: { total_open_count: opens.length, distinct_open_count: distinct } } : {}),
    deliveries: job.deliveries.map((delivery) => deliveryOf(state, job, delivery, odd.includes('missingRef'))),
  };
}

function deliveryOf(state: State, job: Job, delivery: Delivery, withoutRef: boolean): object {
  const { state: attemptState, first_attempt, delivery_time } = delivery.attempt;
  const gamma = CHOSEN.value(state, 'GAMMA');
  const attempt = {
    state: attemptState,
    first_attempt,
    ...(delivery_time === null ? {} : { delivery_time }),
    ...(gamma === 'absent' ? {} : { gamma_code: gamma }),
  };
  return {
    ...(delivery.ref === null || withoutRef ? {} : { ref_base64: toBase64(delivery.ref) }),
    [ADDRESS[job.channel]]: delivery.address,
    delivery_attempts: [attempt],
    ...eventsOf(job, delivery),
  };
}

function eventsOf(job: Job, { confirmed, opens }: Delivery): object {
  if (job.channel === 'sms' && confirmed !== null)
    return { events: { sms_delivery_events: [{ event_time: confirmed, status: 'Confirmed' }] } };
  if (job.channel === 'emails' && opens.length > 0)
    return { events: { email_delivery_events: { html_open: opens.map((event_time) => ({ event_time })) } } };
  return {};
}

function shifted(iso: string, seconds: number): string {
  return new Date(Date.parse(iso) + seconds * 1000).toISOString();
}
