import { isObject } from '../common/fields.ts';
import type { Context, Reply, StandInRequest } from '../common/types.ts';
import type { Call } from '../push/router.ts';
import type { Shape } from '../push/shape.ts';
import { problems } from '../push/shape.ts';
import { digest, fromBase64, textOr } from '../push/values.ts';
import { authorise } from './auth.ts';
import { CHOSEN } from './chosen.ts';
import { MraRefusal } from './errors.ts';
import { start } from './jobs.ts';
import { SUBMITS } from './shapes.ts';
import type { Account, Channel, Job, State, Submit } from './state.ts';
import { ADDRESS } from './state.ts';

/** Planned faults that a submit takes with it (README). */
const QUIRKS = [
  ...[
    'stuckJob',
    'neverDelivered',
    'deliveredTwice',
    'deliveredLate',
    'oneFails',
    'jobError',
    'jobCancelled',
    'jobExpired',
  ],
  ...['webhookLost', 'webhookDoubled', 'webhookReordered', 'webhookForged', 'webhookUnknownJob'],
];

/** What a submit says, whatever the channel. */
export type Content = Pick<Job, 'subject' | 'text' | 'tracking' | 'lifeS' | 'push'> & {
  options: Record<string, unknown>;
  destinations: { address: string; ref: string | null }[];
};

const THREE_DAYS_S = 259_200;

/** POST {base}/outbound/{channel}, and the WhatsApp template. */
export function submit(call: Call<State>, channel: Exclude<Channel, 'push'>, form: keyof typeof SUBMITS): Reply {
  return logged(call, channel, (account, row) => {
    const body = readBody(call, SUBMITS[form]);
    return accept(call, { account, channel, row }, contentOf(body, channel));
  });
}

/** The JSON body if it fits the shape; else 400. */
export function readBody({ req, strict }: Call<State>, shape: Shape): Record<string, unknown> {
  if (strict && !(req.headers['content-type'] ?? '').startsWith('application/json'))
    throw new MraRefusal(400, 'The header Content-Type must be application/json.');
  const body = req.json();
  const wrong = problems(body, shape, strict);
  if (!isObject(body) || wrong.length > 0) throw new MraRefusal(400, `${wrong.join('; ')}.`);
  return body;
}

/** Runs a submit and writes it down, refused or not. */
export function logged(call: Call<State>, channel: Channel, run: (account: Account, row: Submit) => Reply): Reply {
  const { req, ctx, state } = call;
  const account = authorise(req, ctx, channel);
  const submitId = req.headers['x-mra-submitid'] ?? null;
  const row: Submit = {
    ...{ at: ctx.now().toISOString(), account: account.user, path: req.path, job: null, submitId },
    ...{ message_id: null, recipients: [], outcome: 'accepted', status: 200 },
  };
  state.serial += 1;
  state.requests[String(state.serial).padStart(6, '0')] = row;
  try {
    const reply = run(account, row);
    row.status = reply.status;
    return submitId === null ? reply : { ...reply, headers: { 'X-MRA-SubmitId': submitId } };
  } catch (error) {
    if (error instanceof MraRefusal) Object.assign(row, { outcome: 'refused', status: error.status });
    throw error;
  }
}

/** A new job, or the first one of a repeated `message_id`. */
export function accept(
  call: Call<State>,
  { account, channel, row }: { account: Account; channel: Channel; row: Submit },
  content: Content,
): Reply {
  const { ctx, state, req } = call;
  const message_id = textOr(content.options['message_id']);
  const recipients = content.destinations.map(({ address }) => digest(address));
  Object.assign(row, { message_id, recipients });
  checkLimits(call, content, message_id);
  const key = `${account.user}/${message_id ?? ''}`;
  const first = message_id === null ? undefined : state.messageIds[key];
  if (message_id !== null && CHOSEN.use(ctx, 'MESSAGE_ID') === 'first' && first !== undefined) {
    Object.assign(row, { job: first, outcome: 'repeated' });
    ctx.write({ object: 'job', id: first, before: {}, after: {} });
    return { status: 200, body: { job_id: first } };
  }
  const job = newJob(ctx, req, account, channel, content);
  row.job = job.id;
  if (message_id !== null) state.messageIds[key] ??= job.id;
  const after = { channel, account: account.user, message_id, recipients, submitId: job.submitId };
  ctx.write({ object: 'job', id: job.id, before: null, after });
  start(ctx, job);
  return { status: 200, body: { job_id: job.id } };
}

const MESSAGE_ID_MAX = 80;

function checkLimits({ ctx, state, strict }: Call<State>, { destinations }: Content, message_id: string | null): void {
  const most = CHOSEN.count(state, 'DESTINATIONS_MAX');
  if (destinations.length > most) {
    CHOSEN.use(ctx, 'DESTINATIONS_MAX');
    throw new MraRefusal(400, `At most ${most} destinations, not ${destinations.length}.`);
  }
  if (strict && (message_id?.length ?? 0) > MESSAGE_ID_MAX)
    throw new MraRefusal(400, `options.message_id is longer than ${MESSAGE_ID_MAX} characters.`);
}

function newJob(ctx: Context<State>, req: StandInRequest, account: Account, channel: Channel, content: Content): Job {
  const { destinations, options, ...said } = content;
  const entered = ctx.now().toISOString();
  const attempt = { state: 'Pending', first_attempt: entered, delivery_time: null };
  return {
    id: newId(ctx),
    account: account.user,
    channel,
    entered,
    state: ['Pending'],
    step: 0,
    due: null,
    ended: null,
    options: {
      message_id: textOr(options['message_id']),
      billing_code: textOr(options['billing_code']),
      customer_reference: textOr(options['customer_reference']),
    },
    submitId: req.headers['x-mra-submitid'] ?? null,
    ...said,
    quirks: QUIRKS.filter((name) => ctx.special(name)),
    deliveries: destinations.map((one) => ({ ...one, attempt: { ...attempt }, confirmed: null, opens: [] })),
  };
}

function newId(ctx: Context<State>): string {
  return `${String(CHOSEN.use(ctx, 'JOB_ID'))}-${String(4_000_000_000 + ctx.state.serial)}`;
}

function contentOf(body: Record<string, unknown>, channel: Exclude<Channel, 'push'>): Content {
  const options = isObject(body['options']) ? body['options'] : {};
  const mail = isObject(options['email_options']) ? options['email_options'] : {};
  const days = mail['expiration_days'];
  return {
    options,
    destinations: rows(body['destinations']).map((row) => ({
      address: String(row[ADDRESS[channel]]),
      ref: textOr(row['ref']),
    })),
    subject: textOr(mail['subject']),
    text: textIn(body, channel),
    tracking: textOr(mail['html_open_tracking']) !== null,
    lifeS: typeof days === 'number' ? days * 86_400 : THREE_DAYS_S,
    push: null,
  };
}

function rows(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function textIn(body: Record<string, unknown>, channel: Channel): string {
  if (channel === 'sms') return String(body['sms_text']);
  if (channel === 'whatsapp') return whatsappText(body);
  return rows(body[channel === 'emails' ? 'body' : 'documents'])
    .map(fileText)
    .join('\n');
}

function fileText({ name, data }: Record<string, unknown>): string {
  const text = fromBase64(String(data));
  if (text === null) throw new MraRefusal(400, `The data of "${String(name)}" are not base64.`);
  return text;
}

/** What a person reads of a WhatsApp message: exactly one kind of message must be there. */
function whatsappText({ whatsapp_message, whatsapp_template_message }: Record<string, unknown>): string {
  const message = isObject(whatsapp_message) ? whatsapp_message : undefined;
  if (!message) return JSON.stringify(whatsapp_template_message);
  const kinds = Object.keys(message).filter((kind) => message[kind] !== null);
  if (kinds.length !== 1) throw new MraRefusal(400, 'whatsapp_message must hold exactly one kind of message.');
  const only = message[kinds[0] ?? ''];
  return isObject(only) && typeof only['text'] === 'string' ? only['text'] : JSON.stringify(only);
}
