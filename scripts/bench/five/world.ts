/** Everything that a benchmark over the five systems runs against, wired as a worker is, under a configuration and a policy of its own. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createLogger } from '../../../src/log.ts';
import { ROOT } from '../../../src/local/files.ts';
import type { Hooks } from '../../../src/provisioning/engine.ts';
import { loadSettings } from '../../../src/workers/settings.ts';
import { wire, type Wired } from '../../../src/workers/wire.ts';
import { startPartners, type Partners } from './partners.ts';
import { startStandIns, type StandIns } from './standIns.ts';

export type World = {
  standIns: StandIns;
  partners: Partners;
  wired: Wired;
  close(): Promise<void>;
};

export type WorldOptions = {
  /** URL of an empty ledger. */
  ledger: string;
  /** For logs. */
  folder: string;
  /** People in OTDS. */
  people: number;
  hooks?: Hooks;
  say: (line: string) => void;
};

export async function openWorld({ ledger, folder, people, hooks, say }: WorldOptions): Promise<World> {
  const ends: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const end of ends.reverse()) await end().catch(() => undefined);
  };
  try {
    const standIns = await startStandIns(folder);
    ends.push(standIns.close);
    const partners = await startPartners(say);
    ends.push(partners.close);
    await furnish(standIns, people);
    const env = {
      ...standIns.env,
      ...partners.env,
      DATABASE_URL: ledger,
      TENURE_CONFIG: join(ROOT, 'scripts', 'bench', 'five', 'tenure.yaml'),
      TENURE_CODEC_KEY: randomBytes(32).toString('base64'),
    };
    const settings = loadSettings({ env, local: undefined, data: undefined });
    const wired = await wire(settings, { log: createLogger({ level: 'silent' }), ...(hooks && { hooks }) });
    ends.push(() => wired.close());
    return { standIns, partners, wired, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** People of a shop where Exstream and the groups that carry its roles are set up, and an account with room for calls. */
async function furnish({ control }: StandIns, people: number): Promise<void> {
  await control('otds', 'POST', '/reset', { people });
  await control('cloudinary', 'POST', '/act', { action: 'choose', constant: 'accountPerHour', value: 1_000_000 });
}
