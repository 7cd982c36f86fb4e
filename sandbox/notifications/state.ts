import { company, generate } from '../company.ts';
import type { Selected } from '../common/choices.ts';
import { carriersOf, deviceTokenOf } from '../push/people.ts';
import type { Message, Phone, Tap } from '../push/phones.ts';
import { newPhone } from '../push/phones.ts';

export const CHANNELS = ['sms', 'emails', 'faxes', 'whatsapp', 'push'] as const;
export type Channel = (typeof CHANNELS)[number];

/** The field that holds the address of a destination, by channel. */
export const ADDRESS: Record<Channel, string> = {
  sms: 'sms',
  emails: 'email',
  faxes: 'fax',
  whatsapp: 'whatsapp',
  push: 'token',
};

/** `receiver` gets the status of jobs, `inbound` the replies on WhatsApp. */
export type Account = {
  user: string;
  password: string;
  channels: Channel[];
  receiver: string | null;
  inbound: string | null;
};

export type Client = { id: string; secret: string; tenant: string; account: string };

type Attempt = { state: string; first_attempt: string; delivery_time: string | null };

export type Delivery = {
  address: string;
  ref: string | null;
  attempt: Attempt;
  /** When a receipt came in (SMS). */
  confirmed: string | null;
  /** When the mail was opened, by whomever. */
  opens: string[];
};

export type Job = {
  id: string;
  account: string;
  channel: Channel;
  entered: string;
  state: string[];
  /** 0 pending, 1 in process, 2 ended, 3 confirmed. */
  step: number;
  /** When the next step is due; null = none. */
  due: string | null;
  ended: string | null;
  options: { message_id: string | null; billing_code: string | null; customer_reference: string | null };
  submitId: string | null;
  subject: string | null;
  text: string;
  /** Whether opens are counted. */
  tracking: boolean;
  /** Seconds after which the message is worth nothing. */
  lifeS: number;
  /** The push, where it is one. */
  push: Omit<Message, 'sent' | 'expires'> | null;
  /** Planned faults of this job (README). */
  quirks: string[];
  deliveries: Delivery[];
};

export type Letter = { at: string; job: string; message_id: string | null; subject: string | null; text: string };

/** What a number or a mailbox received. */
export type Inbox = { channel: Channel; address: string; letters: Letter[]; taps: Tap[] };

/** One submit, refused and repeated ones too; recipients as digests. */
export type Submit = {
  at: string;
  account: string;
  path: string;
  job: string | null;
  submitId: string | null;
  message_id: string | null;
  recipients: string[];
  outcome: string;
  status: number;
};

export type State = {
  chosen: Selected;
  accounts: Record<string, Account>;
  clients: Record<string, Client>;
  /** By digest. */
  bearers: Record<string, { account: string; expires: string }>;
  jobs: Record<string, Job>;
  /** Jobs with a step to come. */
  open: Record<string, true>;
  /** `<account>/<message_id>` → job. */
  messageIds: Record<string, string>;
  inboxes: Record<string, Inbox>;
  phones: Record<string, Phone>;
  /** Device tokens whose app was removed. */
  gone: string[];
  requests: Record<string, Submit>;
  serial: number;
  scanner: boolean;
};

export type Secrets = { user: string; password: string; clientId: string; clientSecret: string };

/** Of use here only. */
export const USUAL_SECRETS: Secrets = {
  user: 'northwind',
  password: 'notifications-sandbox',
  clientId: 'tenure-messaging',
  clientSecret: 'notifications-sandbox-secret',
};
export const TENANT = 'northwind-tenant';
/** A second account that may send texts only. */
export const TEXTS_ONLY = { user: 'northwind-texts', password: 'notifications-sandbox-texts' };
export const GONE_TOKEN = deviceTokenOf('tom.weber@staff');

/** Two accounts, a phone for everybody in the company (the leaver's is gone), no message yet. */
export function seed(secrets: Secrets, o: { seed?: string; people?: number }): State {
  const people = (o.people === undefined ? company : generate(o.people, o.seed)).people;
  const phones: Record<string, Phone> = {};
  for (const { user, platform } of carriersOf(people)) {
    const token = deviceTokenOf(user);
    phones[token] = newPhone(token, user, platform);
  }
  return {
    chosen: {},
    ...accountsOf(secrets),
    bearers: {},
    jobs: {},
    open: {},
    messageIds: {},
    inboxes: {},
    phones,
    gone: [GONE_TOKEN],
    requests: {},
    serial: 0,
    scanner: false,
  };
}

/** Accounts and OAuth clients by these secrets. */
export function accountsOf({ user, password, clientId, clientSecret }: Secrets): Pick<State, 'accounts' | 'clients'> {
  const none = { receiver: null, inbound: null };
  return {
    accounts: {
      [user]: { user, password, channels: [...CHANNELS], ...none },
      [TEXTS_ONLY.user]: { ...TEXTS_ONLY, channels: ['sms'], ...none },
    },
    clients: {
      [clientId]: { id: clientId, secret: clientSecret, tenant: TENANT, account: user },
      [user]: { id: user, secret: password, tenant: TENANT, account: user },
    },
  };
}
