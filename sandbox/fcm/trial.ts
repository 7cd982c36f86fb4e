import { createSign } from 'node:crypto';
import type { Phone } from '../push/phones.ts';
import type { Answer, Options } from '../push/trial.ts';
import { startTrial, Trial } from '../push/trial.ts';
import type { ServiceAccount } from './keys.ts';
import { newServiceAccount } from './keys.ts';
import { fcmStandIn } from './standIn.ts';
import { PROJECT, TOKENS } from './state.ts';

/** For tests: FCM on free ports, with a key made once. */

export type Body = {
  name: string;
  access_token: string;
  expires_in: number;
  token_type: string;
  error: { code: number; message: string; status: string; details: Record<string, unknown>[] };
};

const SERVICE: ServiceAccount = newServiceAccount(PROJECT);
export const SEND = `/v1/projects/${PROJECT}/messages:send`;
const SCOPE = 'https://www.googleapis.com/auth/firebase.messaging';

/** A JWT signed by our account, with some claims of its own. */
export function assertion(claims: Record<string, unknown>, key = SERVICE.privateKey): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const usual = { iss: SERVICE.account.email, scope: SCOPE, iat: now, exp: now + 3600 };
  const signed = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ ...usual, ...claims })}`;
  return `${signed}.${createSign('sha256').update(signed).sign(key).toString('base64url')}`;
}

export class FcmTrial extends Trial<Body> {
  #bearer = '';

  exchange(claims: Record<string, unknown> = {}, form: Record<string, string> = {}): Promise<Answer<Body>> {
    const grant_type = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
    const all = { aud: `${this.url}/token`, ...claims };
    return this.send('POST', '/token', { form: { grant_type, assertion: assertion(all), ...form } });
  }

  /** Sends a message to the live phone unless it says another target, with our access token. */
  async push(
    message: Record<string, unknown> = {},
    rest: Record<string, unknown> = {},
    o: Options & { path?: string } = {},
  ) {
    if (this.#bearer === '') this.#bearer = (await this.exchange()).body.access_token;
    const aimed = 'token' in message || 'topic' in message || 'condition' in message;
    const body = o.body ?? { message: aimed ? message : { token: TOKENS.live, ...message }, ...rest };
    const headers = { authorization: `Bearer ${this.#bearer}`, ...o.headers };
    return this.send('POST', o.path ?? SEND, { body, headers });
  }

  /** Takes a new access token with the next push. */
  forget(): void {
    this.#bearer = '';
  }
}

export async function startFcm(o: { strict?: boolean; dataDir?: string } = {}): Promise<FcmTrial> {
  const def = fcmStandIn({ account: SERVICE.account, strict: o.strict === true });
  const trial = await startTrial(def, o.dataDir);
  return new FcmTrial({ url: trial.url, control: trial.controlUrl, close: trial.close });
}

/** The inbox of a phone as the control address shows it. */
export async function inboxOf(fcm: FcmTrial, token: string): Promise<Phone['inbox']> {
  return (await fcm.state<Phone>(`phones/${encodeURIComponent(token)}`)).inbox;
}

export async function newestOf(fcm: FcmTrial, token: string): Promise<Phone['inbox'][number] | undefined> {
  return (await inboxOf(fcm, token)).at(-1);
}
