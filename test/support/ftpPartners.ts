/** Two partners, acme and globex, whose lists lie on one real proftpd behind a proxy that can break. */
import { existsSync, readFileSync, rmSync, readdirSync, writeFileSync, chmodSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { ftpBlock, type FtpConfig } from '../../src/systems/ftp/block.ts';
import { createFtp, type FtpDeps } from '../../src/systems/ftp/target.ts';
import type { Target } from '../../src/systems/port.ts';
import type { Daemon } from './daemons.ts';
import { startFtpProxy, type FtpProxy } from './ftpProxy.ts';
import { PASSWORD, startProftpd, USER, type FtpServer } from './ftpServers.ts';

export type Partner = 'acme' | 'globex';
type Block = Parameters<typeof ftpBlock.parse>[0];

export type Partners = {
  server: FtpServer;
  proxy: FtpProxy;
  /** The block of tenure.yaml for both; `over` is merged into each partner. */
  config: (over?: object, block?: object) => FtpConfig;
  target: (
    config?: FtpConfig,
    options?: { password?: string; secret?: FtpDeps['secret']; choices?: FtpDeps['choices'] },
  ) => Target;
  path: (partner: Partner) => string;
  /** The list as it lies on the disk. */
  text: (partner: Partner) => string;
  /** Writes it past the server, as the partner's own administrator would. */
  write: (partner: Partner, text: string) => void;
  /** Cells of the first column, without the header. */
  names: (partner: Partner) => string[];
  /** Publications since the last call: those that changed a list, and those that did not. */
  publications: () => { made: number; needless: number };
  /** Seed lists, no parts, no fault. */
  reset: () => void;
  close: () => Promise<void>;
};

export const SEED: Record<Partner, string> = {
  acme: '# Kept by Acme. Ask bob before you change rows of theirs.\r\nuser,mail,name,note\r\nold.hand@acme,oh@acme.example,"Hand, Old",keep\r\n',
  globex: 'mail;user;name\nboss@globex.example;boss@globex;Boss\n',
};

export async function openPartners(proftpd: Daemon, extra: readonly string[] = []): Promise<Partners> {
  const server = await startProftpd(proftpd, extra);
  const proxy = await startFtpProxy(server.ports.ftp);
  const path = (partner: Partner): string => join(server.home, `${partner}.csv`);
  const text = (partner: Partner): string => readFileSync(path(partner), 'utf8');
  const count = { made: 0, needless: 0 };
  let from = '';
  proxy.before = (command) => {
    if (command.startsWith('RNFR ')) from = command.slice(5);
    if (!command.startsWith('RNTO ') || !existsSync(from)) return;
    const to = command.slice(5);
    const same = existsSync(to) && readFileSync(to).equals(readFileSync(from));
    count[same ? 'needless' : 'made']++;
  };
  const partner = (list: object, over: object): object => ({
    protocol: 'ftp',
    allowPlain: true,
    host: `127.0.0.1:${proxy.port}`,
    user: USER,
    password: 'env:FTP_PASSWORD',
    sessions: 4,
    list,
    ...over,
  });
  const config = (over: object = {}, block: object = {}): FtpConfig =>
    ftpBlock.parse({
      mode: 'enforce',
      limits: { perSecond: 1_000 },
      ...block,
      partners: {
        acme: partner({ path: path('acme'), columns: { mail: 'email', name: 'displayName' } }, over),
        globex: partner(
          { path: path('globex'), delimiter: ';', columns: { mail: 'email', name: 'displayName' } },
          over,
        ),
      },
    } satisfies Block);
  const write = (which: Partner, content: string): void => {
    writeFileSync(path(which), content);
    chmodSync(path(which), 0o666);
  };
  return {
    server,
    proxy,
    config,
    path,
    text,
    write,
    target: (block = config(), { password = PASSWORD, secret = () => password, choices = {} } = {}) =>
      createFtp(block, { secret, choices }).target,
    names: (which) => {
      const delimiter = which === 'acme' ? ',' : ';';
      const rows = parse(text(which), { columns: true, delimiter, comment: '#', comment_no_infix: true });
      return (rows as Record<string, string>[]).map((row) => row['user'] ?? '');
    },
    publications: () => {
      const since = { ...count };
      Object.assign(count, { made: 0, needless: 0 });
      return since;
    },
    reset: () => {
      proxy.fault = undefined;
      proxy.commands.length = 0;
      Object.assign(count, { made: 0, needless: 0 });
      for (const name of readdirSync(server.home)) rmSync(join(server.home, name), { recursive: true });
      write('acme', SEED.acme);
      write('globex', SEED.globex);
    },
    close: async () => {
      await proxy.close();
      await server.close();
    },
  };
}
