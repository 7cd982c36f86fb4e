import type { Phone } from '../push/phones.ts';
import type { Answer, Options } from '../push/trial.ts';
import { startTrial, Trial } from '../push/trial.ts';
import { otagStandIn } from './standIn.ts';
import { APP, clientIdOf, USUAL_KEY } from './state.ts';

/** For tests: the AppWorks Gateway on free ports. */

export type Body = {
  success: boolean;
  currentMinSeq: number;
  currentMaxSeq: number;
  key: string;
  errorMessage: string;
  entity: string | null;
  status: number;
};

export const BASE = `/deployments/notifications/${APP}`;
export const OWN = { otagAppKey: USUAL_KEY };

export class OtagTrial extends Trial<Body> {
  push(
    body: unknown = { users: ['ada.byrne@staff'], title: 'Access' },
    { headers = {}, ...o }: Options & { path?: string } = {},
  ): Promise<Answer<Body>> {
    return this.send('POST', o.path ?? `${BASE}/push`, { body, headers: { ...OWN, ...headers } });
  }

  phone(user = 'ada.byrne@staff'): Promise<Phone> {
    return this.state<Phone>(`phones/${clientIdOf(user)}`);
  }

  async titles(user?: string): Promise<(string | null)[]> {
    return (await this.phone(user)).inbox.map((message) => message.title);
  }

  /** Everybody whose phone shows something of that title. */
  async readers(title: string): Promise<string[]> {
    const phones = Object.values(await this.state<Record<string, Phone>>('phones'));
    return phones
      .filter(({ inbox }) => inbox.some((m) => m.title === title))
      .map((phone) => phone.user)
      .sort();
  }
}

export async function startOtag(o: { strict?: boolean; dataDir?: string } = {}): Promise<OtagTrial> {
  const trial = await startTrial(otagStandIn({ strict: o.strict === true }), o.dataDir);
  return new OtagTrial({ url: trial.url, control: trial.controlUrl, close: trial.close });
}
