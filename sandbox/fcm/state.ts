import { company, generate } from '../company.ts';
import type { Selected } from '../common/choices.ts';
import { carriersOf, deviceTokenOf } from '../push/people.ts';
import { newPhone } from '../push/phones.ts';
import type { Phone } from '../push/phones.ts';

/** The key of a service account, as its key file has it; here only the public half. */
export type Account = { email: string; keyId: string; publicKey: string; project: string };

/** `live`; `gone` = the app was removed (UNREGISTERED); `noApns` = the project's APNs credentials fail for it. */
export type Device = { token: string; project: string; status: 'live' | 'gone' | 'noApns' };

type Bearer = { email: string; scopes: string[]; expires: string };

/** One request to send, refused and failed ones too; addresses as digests. */
export type Sending = {
  at: string;
  account: string;
  project: string;
  nid: string | null;
  target: string | null;
  reached: number;
  outcome: string;
  status: number;
};

export type State = {
  chosen: Selected;
  projects: Record<string, { id: string; perMinute: number; sends: Record<string, number> }>;
  accounts: Record<string, Account>;
  /** By digest: the tokens themselves are given out once and kept nowhere. */
  bearers: Record<string, Bearer>;
  devices: Record<string, Device>;
  phones: Record<string, Phone>;
  requests: Record<string, Sending>;
  serial: number;
  scanner: boolean;
};

export const PROJECT = 'northwind-notices';
/** Another project of the company: its devices are foreign to ours. */
export const OTHER_PROJECT = 'northwind-intranet';
export const ACCOUNT_EMAIL = `tenure-push@${PROJECT}.iam.gserviceaccount.com`;
const PER_MINUTE = 600_000;

/** Device tokens that stand for a case; the same after every reset. */
export const TOKENS = {
  live: deviceTokenOf('ada.byrne@staff'),
  gone: deviceTokenOf('tom.weber@staff'),
  foreign: deviceTokenOf('omar.haddad@staff on the intranet'),
  noApns: deviceTokenOf('mei.chen@staff with a broken certificate'),
};

/** A phone for everybody in the company; the leaver's is gone, one is of another project, one has no working APNs. */
export function seed(account: Account, o: { seed?: string; people?: number }): State {
  const people = (o.people === undefined ? company : generate(o.people, o.seed)).people;
  const devices: Record<string, Device> = {};
  const phones: Record<string, Phone> = {};
  const add = (token: string, user: string, platform: 'android' | 'ios', rest: Partial<Device> = {}): void => {
    devices[token] = { token, project: account.project, status: 'live', ...rest };
    phones[token] = newPhone(token, user, platform);
  };
  for (const { user, platform } of carriersOf(people)) add(deviceTokenOf(user), user, platform);
  add(TOKENS.gone, 'tom.weber@staff', 'android', { status: 'gone' });
  add(TOKENS.foreign, 'omar.haddad@staff', 'android', { project: OTHER_PROJECT });
  add(TOKENS.noApns, 'mei.chen@staff', 'ios', { status: 'noApns' });
  return {
    chosen: {},
    projects: {
      [account.project]: { id: account.project, perMinute: PER_MINUTE, sends: {} },
      [OTHER_PROJECT]: { id: OTHER_PROJECT, perMinute: PER_MINUTE, sends: {} },
    },
    accounts: { [account.email]: account },
    bearers: {},
    devices,
    phones,
    requests: {},
    serial: 0,
    scanner: false,
  };
}
