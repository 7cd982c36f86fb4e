import { fields } from '../common/fields.ts';
import type { Context, Json } from '../common/types.ts';
import { Refusal } from '../common/types.ts';
import type { Actions, Input } from '../push/phoneActs.ts';
import { actWith, phoneOf } from '../push/phoneActs.ts';
import { textOr } from '../push/values.ts';
import { CHOSEN } from './chosen.ts';
import { replyOnWhatsapp } from './inbound.ts';
import { follow, inboxKey, linksIn, openMail } from './jobs.ts';
import type { Account, Channel, Inbox, State } from './state.ts';
import { CHANNELS } from './state.ts';

const COMMON = { as: 'string?', action: 'string' } as const;

/** What people do with phones and mails, what the vendor's onboarding sets, and the switches of the stand-in. */
export function act(input: Input, ctx: Context<State>): Json {
  return actWith('notifications', ACTIONS, input, ctx);
}

const ACTIONS: Actions<State> = {
  choose: (input, ctx) => CHOSEN.act(input, ctx),
  /** The status webhook of an account (`url` null: off). How it is registered at the vendor is not public. */
  webhook(input, ctx) {
    const { url, account } = fields('webhook', input, { ...COMMON, account: 'string?', url: 'any' });
    if (url !== null && typeof url !== 'string') throw new Refusal('url must be a text, or null for none.');
    const owner = accountOf(ctx.state, account);
    owner.receiver = url;
    return { account: owner.user, url };
  },
  /** The images of a mail are loaded. */
  openMail(input, ctx) {
    const f = fields('openMail', input, { ...COMMON, mailbox: 'string' });
    const inbox = existing(ctx.state, 'emails', f['mailbox']);
    const job = ctx.state.jobs[inbox.letters.at(-1)?.job ?? ''];
    if (!job) throw new Refusal('There is no mail in it.', 404);
    openMail(ctx, job, inbox.address);
    return { job: job.id, counted: job.tracking };
  },
  /** Somebody opens the link in the newest message of a number or mailbox. */
  openLink(input, ctx) {
    const f = fields('openLink', input, { ...COMMON, channel: 'string', address: 'string' });
    const inbox = existing(ctx.state, f['channel'], f['address']);
    const url = linksIn(inbox.letters.at(-1)?.text ?? '')[0];
    if (url === undefined) throw new Refusal('The newest message has no link.', 404);
    follow(ctx, inbox, 'link', url);
    return { opened: true };
  },
  /** Somebody answers on WhatsApp, with a text or by tapping a choice. */
  reply(input, ctx) {
    const f = fields('reply', input, {
      ...COMMON,
      account: 'string?',
      from: 'string',
      text: 'string?',
      choice: 'string?',
    });
    const { user } = accountOf(ctx.state, f['account']);
    return replyOnWhatsapp(ctx, {
      user,
      from: String(f['from']),
      text: textOr(f['text']),
      choice: textOr(f['choice']),
    });
  },
  /** Somebody removes the app: pushes to that token end in Error. */
  uninstall(input, ctx) {
    const { phone } = fields('uninstall', input, { ...COMMON, phone: 'string' });
    const { token } = phoneOf(ctx.state, phone);
    if (!ctx.state.gone.includes(token)) ctx.state.gone.push(token);
    return { gone: ctx.state.gone.length };
  },
  expireBearers(input, ctx) {
    fields('expireBearers', input, COMMON);
    const expired = Object.keys(ctx.state.bearers).length;
    ctx.state.bearers = {};
    return { expired };
  },
};

function accountOf(state: State, name: unknown): Account {
  const account = typeof name === 'string' ? state.accounts[name] : Object.values(state.accounts)[0];
  if (!account) throw new Refusal(`There is no account ${JSON.stringify(name)}.`, 404);
  return account;
}

function existing(state: State, channel: unknown, address: unknown): Inbox {
  const known: Channel | undefined = CHANNELS.find((one) => one === channel);
  const inbox = known && state.inboxes[inboxKey(known, String(address))];
  if (!inbox)
    throw new Refusal(`There is no inbox ${String(channel)}/${String(address)}; see GET /state/inboxes.`, 404);
  return inbox;
}
