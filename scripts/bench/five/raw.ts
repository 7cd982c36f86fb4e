/** The same pages as a target's `list`, without any of our code: what the rate of a pass is compared with. */
import { Writable } from 'node:stream';
import { Client } from 'basic-ftp';
import { LISTS } from './partners.ts';
import type { World } from './world.ts';

/** Both lists fetched over one session, bytes thrown away. Milliseconds. */
export async function rawLists({ partners: { env } }: World): Promise<number> {
  const [host = '', port = ''] = (env['FTP_HOST'] ?? '').split(':');
  const began = performance.now();
  const client = new Client();
  try {
    await client.access({ host, port: Number(port), user: env['FTP_USER'] ?? '', password: env['FTP_PASSWORD'] ?? '' });
    for (const name of LISTS) {
      const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
      await client.downloadTo(nowhere, `${env['FTP_HOME']}/${name}.csv`);
    }
    return performance.now() - began;
  } finally {
    client.close();
  }
}

const PAGE = 500;

/** Every page of the registry's table. Milliseconds. */
export async function rawDevices({ wired: { ledger } }: World): Promise<number> {
  const began = performance.now();
  let after: string | undefined;
  do {
    const rows = await ledger.devices.holders(after, PAGE);
    after = rows.length < PAGE ? undefined : rows.at(-1)?.person;
  } while (after !== undefined);
  return performance.now() - began;
}
