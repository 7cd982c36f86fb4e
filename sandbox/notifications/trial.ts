import type { Phone } from '../push/phones.ts';
import { deviceTokenOf } from '../push/people.ts';
import type { Answer, Options } from '../push/trial.ts';
import { startTrial, Trial, until } from '../push/trial.ts';
import { toBase64 } from '../push/values.ts';
import { notificationsStandIn } from './standIn.ts';
import type { Inbox } from './state.ts';
import { TENANT, USUAL_SECRETS } from './state.ts';

/** For tests: OpenText Notifications on free ports. */

type Delivery = {
  ref_base64: string;
  sms: string;
  delivery_attempts: { state: string; first_attempt: string; delivery_time: string; gamma_code: number }[];
  events: { sms_delivery_events: { status: string }[]; email_delivery_events: { html_open: object[] } };
};

export type Body = {
  job_id: string;
  job_state: string[];
  entry_time: string;
  billing_code_base64: string;
  customer_reference_base64: string;
  html_open_tracking: { total_open_count: number; distinct_open_count: number };
  deliveries: Delivery[];
  error_code: number;
  error_message: string;
  error: string;
  access_token: string;
  expires_in: number;
  token_type: string;
  url: string;
};

const BASE = '/mra/v1';
export const TOKEN = deviceTokenOf('ada.byrne@staff');
const NUMBER = '00447700900123';

export function basic(user: string, password: string): Record<string, string> {
  return { authorization: `Basic ${toBase64(`${user}:${password}`)}` };
}

/** The stand-in's own inner request file. */
export function inner(more: Record<string, unknown> = {}): Record<string, unknown> {
  const usual = { standin_fake_schema: 1, nid: 'n1', tokens: [TOKEN], title: 'Access', body: 'Something changed' };
  return { ...usual, data: { nid: 'n1' }, ttl_s: 3600, priority: 'high', ...more };
}

export class MraTrial extends Trial<Body> {
  /** A request below the base as our account, unless the headers say somebody else. */
  mra(method: string, path: string, { headers = {}, ...rest }: Options = {}): Promise<Answer<Body>> {
    const own = basic(USUAL_SECRETS.user, USUAL_SECRETS.password);
    return this.send(method, `${BASE}${path}`, { ...rest, headers: { ...own, ...headers } });
  }

  sms(more: Record<string, unknown> = {}, o: Options = {}): Promise<Answer<Body>> {
    const body = { destinations: [{ sms: NUMBER, ref: 'r1' }], sms_text: 'Access changed', ...more };
    return this.mra('POST', '/outbound/sms', { body, ...o });
  }

  mail(more: Record<string, unknown> = {}): Promise<Answer<Body>> {
    const file = { name: 'notice.txt', type: 'text', charset: 'UTF-8', data: toBase64('Søren, your access changed') };
    const destinations = [{ email: 'ada.byrne@northwind.example', ref: 'r1' }];
    const options = { email_options: { subject: 'Access', html_open_tracking: 'top' } };
    return this.mra('POST', '/outbound/emails', { body: { destinations, body: [file], options, ...more } });
  }

  push(file: unknown = inner(), more: Record<string, unknown> = {}, o: Options = {}): Promise<Answer<Body>> {
    const data = toBase64(typeof file === 'string' ? file : JSON.stringify(file));
    const body = { domain: 'MR', filename: 'n1.json', data, ...more };
    return this.mra('POST', '/utils/parser', { body, ...o });
  }

  status(channel: string, job: string): Promise<Answer<Body>> {
    return this.mra('GET', `/outbound/${channel}/status?job_id=${job}`);
  }

  /** Asks for the status until the job is in that state. */
  ended(channel: string, job: string, state = 'Complete'): Promise<Answer<Body>> {
    return until(
      () => this.status(channel, job),
      ({ body }) => body.job_state.includes(state),
    );
  }

  token(form: Record<string, string> = { grant_type: 'client_credentials' }, tenant = TENANT): Promise<Answer<Body>> {
    const headers = basic(USUAL_SECRETS.clientId, USUAL_SECRETS.clientSecret);
    return this.send('POST', `/tenants/${tenant}/oauth2/token`, { form, headers });
  }

  async letters(channel: string, address: string): Promise<Inbox['letters']> {
    const inboxes = await this.state<Record<string, Inbox>>('inboxes');
    return inboxes[`${channel}/${address}`]?.letters ?? [];
  }

  texts(): Promise<Inbox['letters']> {
    return this.letters('sms', NUMBER);
  }

  async phone(token = TOKEN): Promise<Phone> {
    return this.state<Phone>(`phones/${encodeURIComponent(token)}`);
  }
}

/** Steps of a job take no time unless `stepMs` says so. */
export async function startMra(o: { strict?: boolean; dataDir?: string; stepMs?: number } = {}): Promise<MraTrial> {
  const trial = await startTrial(notificationsStandIn({ strict: o.strict === true }), o.dataDir);
  const mra = new MraTrial({ url: trial.url, control: trial.controlUrl, close: trial.close });
  await mra.choose('STEP_MS', o.stepMs ?? 0);
  return mra;
}
