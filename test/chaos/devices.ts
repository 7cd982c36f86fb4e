/** Phones of people: registered as their app would do it. */
import { createLedger, type PostgresLedger } from '../../src/ledger/index.ts';
import { asked } from './company.ts';

export class Devices {
  readonly #ledger: PostgresLedger;
  readonly #fcm: string;
  #made = 0;

  /** `fcm`: control address of the stand-in of FCM. */
  constructor(url: string, key: { id: string; key: Uint8Array }, fcm: string) {
    this.#ledger = createLedger({ url, sealKeys: { current: key, old: [] } });
    this.#fcm = fcm;
  }

  /** A new token each time, as after a new installation. */
  async register(who: string, person: string): Promise<void> {
    const token = `${`chaos${++this.#made}`.padEnd(22, 'x')}:APA91b${'y'.repeat(134)}`;
    await asked(`${this.#fcm}/act`, 'POST', {}, { action: 'register', user: who, token });
    await this.#ledger.devices.register({ person, driver: 'fcm', platform: 'android', token });
  }

  async close(): Promise<void> {
    await this.#ledger.close();
  }
}
