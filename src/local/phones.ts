/** People's phones in a local system. Apps register themselves with Tenure; there is no page for that yet, so the first start does it for the phones of the FCM stand-in. */
import { existsSync } from 'node:fs';
import { readEnv } from '../config/env.ts';
import { createLedger } from '../ledger/index.ts';
import { writeWhole, type LocalJson } from './files.ts';
import type { Secrets } from './secrets.ts';

type Phone = { token: string; user: string; platform: 'android' | 'ios' };
type User = { uuid: string; name: string; partition: string; attributes: { accountDisabled?: string[] } };

/** Partition whose people carry a phone of the company. */
const PARTITION = 'staff';

/**
 * Registers the phones of everybody in `staff` who is not disabled; later starts leave alone what became of them (`mark` says that it was done).
 * Nothing happens where no FCM runs.
 */
export async function registerPhones(mark: string, local: LocalJson, secrets: Secrets): Promise<void> {
  const { fcm, otds, ledger: url } = local;
  if (fcm === undefined || existsSync(mark)) return;
  const [phones, users] = await Promise.all([
    stateOf<Phone>(fcm.control, 'phones'),
    stateOf<User>(otds.control, 'users'),
  ]);
  const devices = await stateOf<{ token: string; project: string; status: string }>(fcm.control, 'devices');
  const works = new Set(
    devices.filter(({ status, project }) => status === 'live' && project === fcm.project).map(({ token }) => token),
  );
  const carriers = new Map(
    users
      .filter(({ partition, attributes }) => partition === PARTITION && attributes.accountDisabled?.[0] !== 'true')
      .map(({ uuid, name, partition }) => [`${name}@${partition}`, uuid]),
  );
  const ledger = createLedger({ url, poolSize: 2, sealKeys: readEnv({ ...secrets }).codec });
  try {
    for (const { token, user, platform } of phones) {
      const person = carriers.get(user);
      if (person === undefined || !works.has(token)) continue;
      await ledger.devices.register({ person, driver: 'fcm', platform, token });
    }
  } finally {
    await ledger.close();
  }
  writeWhole(mark, `${JSON.stringify({ registered: new Date().toISOString() })}\n`);
}

/** A collection of a stand-in's own state. */
async function stateOf<Row>(control: string, collection: string): Promise<Row[]> {
  const reply = await fetch(`${control}/state/${collection}`);
  if (!reply.ok) throw new Error(`A stand-in does not show its ${collection}: HTTP ${reply.status} of ${control}.`);
  return Object.values((await reply.json()) as Record<string, Row>); // our own stand-ins
}
