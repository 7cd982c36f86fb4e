/** The partners' lists of the benchmarks: two files on one real proftpd, reached through a proxy that can be slow or broken. */
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { provideDaemons } from '../../../src/local/daemons/provide.ts';
import { findDaemon } from '../../../test/support/daemons.ts';
import { startFtpProxy, type FtpProxy } from '../../../test/support/ftpProxy.ts';
import { PASSWORD, startProftpd, USER } from '../../../test/support/ftpServers.ts';

export type Partners = {
  env: Readonly<Record<string, string>>;
  proxy: FtpProxy;
  /** Both lists anew, with a row for each of these: name and mail. */
  write: (rows: readonly { who: string; mail: string }[]) => void;
  close: () => Promise<void>;
};

export const LISTS = ['acme', 'printco'] as const;

/** Unpacks proftpd where it is not there yet. @throws with a sentence where that cannot be done. */
export async function startPartners(say: (line: string) => void): Promise<Partners> {
  provideDaemons(say);
  const found = findDaemon('proftpd');
  if ('missing' in found) throw new Error(`The benchmark needs proftpd: ${found.missing}`);
  const server = await startProftpd(found);
  const proxy = await startFtpProxy(server.ports.ftp);
  const write: Partners['write'] = (rows) => {
    for (const name of LISTS) {
      const file = join(server.home, `${name}.csv`);
      const lines = rows.map(({ who, mail }) => (name === 'acme' ? `${who},${mail}` : who));
      writeFileSync(file, [name === 'acme' ? 'user,mail' : 'user', ...lines, ''].join('\n'));
      chmodSync(file, 0o666);
    }
  };
  write([]);
  return {
    env: { FTP_HOST: `127.0.0.1:${proxy.port}`, FTP_USER: USER, FTP_PASSWORD: PASSWORD, FTP_HOME: server.home },
    proxy,
    write,
    close: async () => {
      await proxy.close();
      await server.close();
    },
  };
}
